from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.units import (
    format_duration,
    format_estimate,
    format_interval,
    format_quantity,
    format_time,
    moment_of,
    seconds_of,
    shortened,
)

FACTORS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "B", "0 B"),
        (999, "B", "999 B"),
        (999.4, "B", "999 B"),
        (999.6, "B", "1.00 kB"),
        (999_600, "B/s", "1.00 MB/s"),
        (1_000_000, "B/s", "1 MB/s"),
        (1e-9, "s", "1e-09 s"),
        (1234.5, "", "1,234"),
        (99.99, "× mean", "100 × mean"),
        (1_234_567, "B/s", "1.23 MB/s"),
        (45_000_000_000, "B/s", "45 GB/s"),
        (12_345, "records/s", "12.3 k records/s"),
        (-1_500, "B", "-1.50 kB"),
        (0.254, "%", "25.4 %"),
        (1, "%", "100 %"),
        (1.2345, "", "1.23"),
        (12_345, "partitions", "12,345 partitions"),
        (0.000123, "s", "0.000123 s"),
        (None, "B", "unknown"),
        (math.nan, "B", "unknown"),
        (math.inf, "%", "unknown"),
    ],
)
def test_numbers_are_written_as_people_read_them(value, unit, text):
    assert format_quantity(value, unit) == text


@given(st.floats(1, 9e17))
def test_bytes_keep_three_digits(value):
    number, prefix = re.fullmatch(r"([\d.,]+) ([kMGTP]?)B", format_quantity(value, "B")).groups()
    assert float(number.replace(",", "")) * FACTORS[prefix] == pytest.approx(value, rel=0.005)
    assert len(re.sub(r"[.,]|^0\.0*", "", number)) <= 3 or "." not in number


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3599.6, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (None, "unknown"),
        (math.nan, "unknown"),
    ],
)
def test_durations_in_their_two_largest_units(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        ((0,), "0 s"),
        ((119.4,), "119 s"),
        ((119.6,), "2 min"),
        ((47 * 3600,), "47 h"),
        ((48 * 3600,), "2 d"),
        ((120, 60, 240), "2 min (1 to 4 min)"),
        ((120, 10, 240), "2 min (10 s to 4 min)"),
        ((120, 60, 20 * 3600), "2 min (1 min to 20 h)"),
        ((120, 115, 125), "2 min"),
        ((120, 60, None), "2 min (at least 1 min)"),
        ((120, 60, math.inf), "2 min (at least 1 min)"),
        ((120, None, 240), "2 min (at most 4 min)"),
        ((None, 60, 240), "unknown"),
        ((math.inf,), "unknown"),
    ],
)
def test_estimates_are_in_one_unit(estimate, text):
    assert format_estimate(*estimate) == text


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ((722.0, 720.0, 724.0), "about 12 min"),
        ((722.0, 722.0, 722.0), "12 min 2 s (12 min 2 s to 12 min 2 s)"),
        ((722.0, 600.0, 800.0), "12 min 2 s (10 min 0 s to 13 min 20 s)"),
        ((50.0, 50.0, 51.0), "50 s (50 s to 51 s)"),
    ],
)
def test_an_interval_that_says_no_more_than_its_middle_is_about_it(interval, text):
    assert format_interval(*interval) == text


def test_times_are_utc():
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert format_time(noon) == "2026-01-01 10:00:00 UTC"
    assert format_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 00:00:00 UTC"
    assert format_time(None) == "unknown"


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_a_moment_is_exact_to_the_millisecond(ms):
    assert (moment_of(ms) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1) == ms


@given(st.integers(0, 10**6), st.sampled_from(["s", "min", "h", "d"]))
def test_a_duration_is_as_many_seconds_as_it_says(number, unit):
    days = {"s": 86400, "min": 1440, "h": 24, "d": 1}[unit]
    assert seconds_of(f"{number} {unit}") * days == number * 86400


def test_what_is_no_duration_is_told():
    with pytest.raises(ValueError, match=r"^'soon' is not a duration; write 15s"):
        seconds_of("soon")


@given(st.text(max_size=60), st.integers(1, 40))
def test_a_shortened_text_fits_and_begins_alike(text, most):
    short = shortened(text, most)
    assert len(short) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.waves.options import DAYS, WaveOptions
from kafka_analysis.plan.waves.schedule import Amount, backfill_s, copied_at, next_cutover, schedule

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def options(**given):
    return WaveOptions(
        start=START, **{"replication_bytes_per_s": 2e6, "soak_s": 3600, "cutover_s": 3600} | given
    )


def hours(moment):
    return None if moment is None else (moment - START) / HOUR


def test_a_wave_is_copied_cut_over_and_watched_before_the_next_cut_over():
    first, second = schedule([Amount(3.6e9, 1e6), Amount(3.6e9, 0.0)], options(bandwidth_uncertainty=0.0))
    # 3.6 GB at 1 MB/s left is an hour; nothing arriving, half an hour.
    assert [hours(x) for x in first] == [0, 0.5, 1, 1, 1, 2, 3]
    assert [hours(x) for x in second] == [2, 2.5, 2.5, 2.5, 3, 4, 5]


def test_a_cutover_waits_for_the_copy_at_less_bandwidth():
    (slot,) = schedule([Amount(3.6e9, 1e6)], options(bandwidth_uncertainty=0.25))
    assert hours(slot.backfill_high) == 2  # 1.5 − 1 MB/s left
    assert hours(slot.cutover_start) == 2


def test_in_parallel_the_next_copy_begins_at_once_and_shares_the_bandwidth():
    given = options(bandwidth_uncertainty=0.0, replicate_in_parallel=True, soak_s=0, cutover_hours=(4, 8))
    first, second = schedule([Amount(3.6e9, 1e6), Amount(18e9, 0.0)], given)
    assert hours(first.cutover_start) == 4
    assert hours(second.replication_start) == 1
    # Until 4 o'clock 1 MB/s are left: 10.8 GB; the other 7.2 GB at 2 MB/s take an hour.
    assert hours(second.backfill_end) == pytest.approx(5)
    assert hours(second.cutover_start) == pytest.approx(5, abs=1 / 60)


def test_unknown_sizes_and_bandwidths_leave_the_copy_unknown():
    for amount, more in ((Amount(None, 1.0), {}), (Amount(5.0, 1.0), {"replication_bytes_per_s": None})):
        first, second = schedule([amount, amount], options(**more))
        assert first.backfill_end is None
        assert hours(first.cutover_start) == 0
        assert hours(second.cutover_start) == 2


def test_times_are_whole_minutes():
    (slot,) = schedule([Amount(30e6, 0.0)], options(bandwidth_uncertainty=0.0))
    assert slot.cutover_start == START + timedelta(minutes=1)


def test_a_copy_is_stored_bytes_over_what_bandwidth_is_left():
    assert backfill_s(6e12, bandwidth_bytes_per_s=80e6, arriving_bytes_per_s=20e6) == 100_000
    with pytest.raises(
        InputError,
        match="20 MB/s arrives and 20 MB/s is copied, so the copy never finishes; give more than 20 MB/s",
    ):
        backfill_s(1.0, bandwidth_bytes_per_s=20e6, arriving_bytes_per_s=20e6)
    with pytest.raises(InputError, match="more than ten years; give a bandwidth of at least 3"):
        backfill_s(1e12, bandwidth_bytes_per_s=1.0, arriving_bytes_per_s=0.0)


def test_waves_that_leave_no_bandwidth_are_waited_for():
    end = copied_at(START, 7.2e9, bandwidth_bytes_per_s=2e6, arriving_bytes_per_s=0.0,
                    mirrored=[(START + HOUR, 1.5e6), (START + 2 * HOUR, 1e6)])  # fmt: skip
    assert hours(end) == pytest.approx(2.5)  # an hour with nothing left, one at 1 MB/s, half of one at 2 MB/s


def test_a_calendar_without_end_is_refused():
    with pytest.raises(InputError, match="ends after the year 9999"):
        schedule([Amount(1.0, 0.0)], options(freezes=[("2026-01-01", "9999-12-31T23:59")]))


MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("options", "ready", "found"),
    [
        ({}, "2026-01-05T13:37", "2026-01-05T13:37"),
        ({"cutover_hours": (1, 5)}, "2026-01-05T00:00", "2026-01-05T01:00"),
        ({"cutover_hours": (1, 5)}, "2026-01-05T02:30", "2026-01-05T02:30"),
        ({"cutover_hours": (1, 5)}, "2026-01-05T03:01", "2026-01-06T01:00"),  # two hours are needed
        ({"cutover_hours": (22, 4)}, "2026-01-06T01:00", "2026-01-06T01:00"),  # Monday's night goes on
        ({"cutover_hours": (22, 4), "cutover_days": ["Tue"]}, "2026-01-06T01:00", "2026-01-06T22:00"),
        ({"cutover_days": ["Sat", "Sun"]}, "2026-01-05T00:00", "2026-01-10T00:00"),
        ({"cutover_days": ["Sat", "Sun"]}, "2026-01-10T23:00", "2026-01-10T23:00"),  # over midnight into Sunday
        ({"cutover_days": ["Sat"]}, "2026-01-10T23:00", "2026-01-17T00:00"),
        ({"freezes": [("2026-01-05T12:00", "2026-01-08")]}, "2026-01-05T10:00", "2026-01-05T10:00"),  # just before
        ({"freezes": [("2026-01-05T12:00", "2026-01-08")]}, "2026-01-05T10:01", "2026-01-08T00:00"),
        ({"freezes": [("2026-01-05", "2026-01-06"), ("2026-01-06", "2026-01-07")]},
         "2026-01-05T01:00", "2026-01-07T00:00"),
    ],
)  # fmt: skip
def test_the_next_cutover_is_the_first_that_may_be(options, ready, found):
    assert next_cutover(at(ready), WaveOptions(start="2026-01-05", **options)) == at(found)


@given(
    st.integers(0, 20_000),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 200)), max_size=4),
    st.tuples(st.integers(0, 23), st.integers(3, 24)),
    st.sets(st.sampled_from(DAYS), min_size=1),
)
def test_it_is_never_frozen_never_closed_and_none_is_passed_over(minutes, freezes, hours, days):
    spans = [(MONDAY + timedelta(hours=a), MONDAY + timedelta(hours=a + b)) for a, b in freezes]
    hours = (hours[0], (hours[0] + hours[1] - 1) % 24 + 1)
    options = WaveOptions(
        start=MONDAY, freezes=spans, cutover_hours=hours, cutover_days=tuple(days), cutover_s=7200
    )
    ready = MONDAY + timedelta(minutes=minutes)
    found = next_cutover(ready, options)
    assert allowed(found, spans, options)
    tried = ready
    while tried < found:
        assert not allowed(tried, spans, options)
        tried += timedelta(minutes=30)


def allowed(start, spans, options):
    """Judge a cut-over minute by minute of half an hour: open hours of an allowed day, and no freeze."""
    end = start + timedelta(hours=2)
    if any(a < end and start < b for a, b in spans):
        return False
    first, last = options.open_hours
    steps = [start + timedelta(minutes=m) for m in range(0, 120, 5)] + [end - timedelta(seconds=1)]
    return all(
        any(
            first <= (step - midnight).total_seconds() / 3600 < last
            and DAYS[midnight.weekday()] in options.cutover_days
            for midnight in (day(step), day(step) - timedelta(days=1))
        )
        for step in steps
    ) and (last - first == 24 or same_window(start, end, options))


def same_window(start, end, options):
    first, last = options.open_hours
    return any(
        midnight + timedelta(hours=first) <= start and end <= midnight + timedelta(hours=last)
        and DAYS[midnight.weekday()] in options.cutover_days
        for midnight in (day(start), day(start) - timedelta(days=1))
    )  # fmt: skip


def day(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import typer

from kafka_analysis.cli.times import parse_duration, parse_time


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (" 2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.250-05:00", datetime(2026, 1, 31, 17, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(text, moment):
    assert parse_time(text) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "1767225600"])
def test_anything_else_is_told(text):
    with pytest.raises(typer.BadParameter, match="is not a time; write 2026-01-31"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15s", 15), ("15", 15), (" 1.5m ", 90), ("10min", 600), ("2 h", 7200), ("1d", 86400), ("0s", 0)],
)
def test_durations_are_read_as_people_write_them(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "ten", "-5s", "1e3s", "5ms", "5 weeks", "1h30m", "nan", "٣s"])
def test_anything_else_is_refused_in_one_line(text):
    with pytest.raises(typer.BadParameter, match="write 15s, 10m, 2h or 1d"):
        parse_duration(text)

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import typer

from kafka_analysis.cli.times import parse_time


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

from __future__ import annotations

import pytest
import typer

from kafka_analysis.cli.durations import parse_duration


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

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from matplotlib.dates import date2num

from kafka_analysis.plots.drawing import styled
from kafka_analysis.plots.time_axes import mark_durations, utc_axis

T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def axes():
    with styled(6, 3) as figure:
        return figure.subplots()


def test_the_axis_reaches_from_start_to_end(axes):
    utc_axis(axes, T0, T0 + timedelta(hours=6))
    assert axes.get_xlim() == (date2num(T0), pytest.approx(date2num(T0) + 0.25))


def test_around_one_moment_there_is_a_minute(axes):
    utc_axis(axes, T0, T0)
    left, right = axes.get_xlim()
    assert (right - left) * 86400 == pytest.approx(60, abs=1e-3)


@pytest.mark.parametrize(
    ("longest", "labels"),
    [
        (1, ["0 s", "1 s"]),
        (50, ["0 s", "15 s", "30 s", "45 s"]),
        (100, ["0 s", "30 s", "1 min", "1 min 30 s"]),
        (1000, ["0 s", "5 min", "10 min", "15 min"]),
        (9000, ["0 s", "1 h", "2 h"]),
        (400_000, ["0 s", "1 d", "2 d", "3 d", "4 d"]),
    ],
)
def test_durations_are_round(axes, longest, labels):
    axes.set_ylim(0, longest)
    mark_durations(axes.yaxis, longest, most_ticks=5 if longest == 400_000 else 4)
    ticks = [tick for tick in axes.get_yticks() if 0 <= tick <= longest]
    assert [axes.yaxis.get_major_formatter()(tick) for tick in ticks] == labels


@pytest.mark.parametrize("longest", [0.5, 7.0, 80.0, 3000.0, 90_000.0, 4e6, 1e9])
def test_there_are_few_ticks_however_long_it_is(axes, longest):
    axes.set_ylim(0, max(longest, 1))
    mark_durations(axes.yaxis, max(longest, 1), most_ticks=4)
    assert 2 <= len([tick for tick in axes.get_yticks() if 0 <= tick <= max(longest, 1)]) <= 6

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from matplotlib.dates import date2num

from kafka_analysis.plots import wave_gantt
from kafka_analysis.plots.migration.wave_gantt import MOST_WAVES

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEMA = {name: pl.Datetime("ms", "UTC") for name in ("start", "end", "end_low", "end_high")}


def steps(waves=2, *, known=True):
    rows = []
    for wave in range(1, waves + 1):
        at = START + (wave - 1) * 30 * HOUR
        if known:
            rows.append((wave, "backfill", at, at + 2 * HOUR, at + HOUR, at + 3 * HOUR))
            rows.append((wave, "catch-up", at + 2 * HOUR, at + 3 * HOUR, None, None))
        rows.append((wave, "cut-over", at + 3 * HOUR, at + 5 * HOUR, None, None))
        rows.append((wave, "soak", at + 5 * HOUR, at + 29 * HOUR, None, None))
    return pl.DataFrame(rows, schema={"wave": pl.Int32, "phase": pl.String, **SCHEMA}, orient="row")


def test_bars_begin_and_end_when_phases_do():
    axes = wave_gantt(steps(1)).axes[0]
    bars = [(bar.get_x(), bar.get_width()) for bar in axes.patches]
    assert bars[0] == pytest.approx((date2num(START), 2 / 24))
    assert bars[2] == pytest.approx((date2num(START + 3 * HOUR), 2 / 24))
    assert list(axes.lines[0].get_xdata()) == [START + HOUR, START + 3 * HOUR]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["wave 1"]


def test_frames_of_any_kind_are_drawn(frame):
    assert (
        len(wave_gantt(frame(steps().to_dict(as_series=False), schema=steps().schema)).axes[0].patches) == 8
    )


def test_freezes_are_shaded_as_far_as_the_time_goes():
    drawing = wave_gantt(
        steps(), freezes=[(START + 10 * HOUR, START + 20 * HOUR), (START + 900 * HOUR, START + 901 * HOUR)]
    )
    assert len(drawing.axes[0].patches) == 8 + 1
    assert "Shaded: 2 freezes without cut-overs." in drawing.caption


def test_what_is_told_is_what_is_drawn():
    drawing = wave_gantt(steps())
    assert drawing.caption == (
        "Waves over time (UTC): 2 waves; the first cut-over begins 2026-01-05 03:00:00 UTC, "
        "the last 2026-01-06 09:00:00 UTC."
    )
    assert wave_gantt(steps(known=False)).caption.endswith("How long the copy of 2 waves takes is unknown.")


def test_of_many_waves_the_first_are_drawn():
    drawing = wave_gantt(steps(MOST_WAVES + 3))
    assert len(drawing.axes[0].get_yticks()) == MOST_WAVES
    assert drawing.caption.endswith(f"The first {MOST_WAVES} are drawn.")


def test_without_waves_it_says_so():
    assert wave_gantt(steps(0)).caption == "Nothing to show: no waves."


@pytest.mark.parametrize("waves", [1, 2, 3, 9, 30, 60])
def test_it_is_shown_whole(assert_whole, waves):
    assert_whole(wave_gantt(steps(waves), freezes=[(START, START + HOUR)]))

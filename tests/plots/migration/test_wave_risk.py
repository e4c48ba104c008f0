from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import wave_risk

WAVES = {
    "wave": [1, 2, 3],
    "share_of_bytes_in": [0.1, 0.6, 0.3],
    "share_of_clients": [0.5, 0.25, 0.5],
    "clients_bridged": [2, 4, 0],
}


def test_bars_are_shares_and_the_line_is_what_has_moved(frame):
    above, below = wave_risk(frame(WAVES)).axes
    assert [bar.get_height() for bar in above.patches] == [0.1, 0.6, 0.3, 0.5, 0.25, 0.5]
    assert above.lines[0].get_ydata().tolist() == pytest.approx([0.1, 0.7, 1.0])
    assert [bar.get_height() for bar in below.patches] == [2, 4, 0]


def test_it_is_told_which_waves_are_largest(frame):
    assert wave_risk(frame(WAVES)).caption == (
        "Share affected by each of 3 waves; most bytes in at once: wave 2, 60 %; most clients at once: wave 1, 50 %; "
        "after wave 2, 4 clients on both clusters."
    )


def test_unknown_shares_are_not_drawn():
    rows = pl.DataFrame(WAVES).with_columns(
        share_of_bytes_in=pl.lit(None, pl.Float64), clients_bridged=pl.lit(0)
    )
    drawing = wave_risk(rows)
    assert len(drawing.axes[0].patches) == 3
    assert len(drawing.axes[0].lines) == 0
    assert drawing.caption.endswith("no client is on both clusters between waves.")


def test_without_waves_it_says_so():
    assert wave_risk(pl.DataFrame(WAVES).clear()).caption == "Nothing to show: no waves."


@pytest.mark.parametrize("count", [1, 3, 70])
def test_it_is_shown_whole(assert_whole, count):
    rows = pl.DataFrame(
        {
            "wave": range(1, count + 1),
            "share_of_bytes_in": 1 / count,
            "share_of_clients": 0.5,
            "clients_bridged": 9,
        }
    )
    drawing = wave_risk(rows)
    assert_whole(drawing)
    assert len(drawing.axes[1].get_xticks()) <= 20

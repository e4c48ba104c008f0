from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis import plots

ROWS = pl.DataFrame(
    {
        "profile": ["i3en.2xlarge", "i3en.2xlarge", "kafka.m5.large", "kafka.m7g.large", "kafka.m7g.large"],
        "family": ["self-managed", "self-managed", "standard", "standard", "standard"],
        "resource": ["disk", "storage", "disk", "disk", "storage"],
        "used": [0.2, None, 1.5, 1.25, 0.01],
        "first": [True, False, True, True, False],
    }
)


def labels(drawing):
    return [label.get_text() for label in drawing.axes[0].get_yticklabels()]


def test_marks_lie_where_the_frame_says():
    axes = plots.hardware_shift(ROWS).axes[0]
    disk, rings = axes.lines[0], axes.lines[5]
    assert disk.get_xdata().tolist() == [0.2, 1.25]
    assert list(disk.get_ydata()) == [1, 0]
    assert rings.get_xdata().tolist() == [0.2, 1.25]
    assert axes.get_xscale() == "log"


def test_the_older_generation_is_left_out_unless_asked_for():
    assert labels(plots.hardware_shift(ROWS)) == ["kafka.m7g.large", "i3en.2xlarge"]
    assert labels(plots.hardware_shift(ROWS, leave_out=())) == [
        "kafka.m7g.large",
        "kafka.m5.large",
        "i3en.2xlarge",
    ]


def test_the_caption_names_what_comes_first():
    told = plots.hardware_shift(ROWS).caption
    assert "First limit: hosts: disk on 1 of 1; Standard: disk on 1 of 1." in told


@pytest.mark.parametrize("rows", [ROWS.clear(), ROWS.with_columns(used=pl.lit(None, pl.Float64))])
def test_nothing_known_is_said(rows):
    assert "nothing to show" in plots.hardware_shift(rows).alt


def test_pandas_will_do():
    assert len(plots.hardware_shift(ROWS.to_pandas()).axes) == 1

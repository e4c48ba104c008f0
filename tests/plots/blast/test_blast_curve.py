from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis import plots

CURVE = {
    "cells": [1, 2, 4, 8],
    "worst_client_share": [1.0, 0.5, 0.25, None],
    "monthly_usd": [500.0, 900.0, 1800.0, None],
    "accounts": [1, 1, 2, None],
    "chosen": [False, True, False, False],
    "impossible": [None, None, None, "no split was found"],
}


def labels(axes):
    return [text.get_text() for text in axes.texts]


def test_a_point_per_number_of_cells_and_a_star_for_the_plan(frame):
    axes = plots.blast_curve(frame(CURVE)).axes[0]
    line, star = axes.lines
    assert line.get_xdata().tolist() == [500.0, 900.0, 1800.0]
    assert line.get_ydata().tolist() == [1.0, 0.5, 0.25]
    assert (star.get_xdata().tolist(), star.get_ydata().tolist()) == ([900.0], [0.5])


def test_the_label_says_where_an_account_more_is_needed():
    drawing = plots.blast_curve(pl.DataFrame(CURVE))
    assert labels(drawing.axes[0]) == ["1 cell", "2 cells", "4 cells, 2 accounts"]
    assert "From 4 cells on, the broker quota requires more than one account." in drawing.caption
    assert drawing.caption.endswith("No split was found for 8 cells.")
    assert "2 cells (this plan): 50 % of the clients, 900 USD a month" in drawing.caption


def test_without_costs_the_number_of_cells_takes_their_place():
    rows = pl.DataFrame(CURVE).with_columns(
        monthly_usd=pl.lit(None, pl.Float64), accounts=pl.lit(None, pl.Int64)
    )
    axes = plots.blast_curve(rows).axes[0]
    assert axes.lines[0].get_xdata().tolist() == [1, 2, 4]
    assert axes.get_xlabel() == "Cells"


def test_what_is_accepted_is_a_line():
    axes = plots.blast_curve(pl.DataFrame(CURVE), accepted=0.3).axes[0]
    assert axes.lines[-1].get_ydata() == [0.3, 0.3]


def test_nothing_is_said():
    assert "nothing to show" in plots.blast_curve(pl.DataFrame(CURVE).clear()).alt
    assert "nothing to show" in plots.blast_curve(pl.DataFrame(CURVE).tail(1)).alt


@pytest.mark.parametrize("count", [1, 4, 30])
def test_it_is_shown_whole(assert_whole, count):
    rows = pl.DataFrame({"cells": range(1, count + 1), "worst_client_share": [1 / n for n in range(1, count + 1)],
                         "monthly_usd": [460.0 * n for n in range(1, count + 1)], "impossible": None,
                         "accounts": [1 + n // 10 for n in range(count)], "chosen": False})  # fmt: skip
    assert_whole(plots.blast_curve(rows))

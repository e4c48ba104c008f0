from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import polars as pl
import pytest

from kafka_analysis.tables.base import Column, build

HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "B", "unknown"),
        (1500.0, "B", "1.50 kB"),
        (12345, "", "12,345"),
        (1.23456, "", "1.23"),
        ("a", None, "a"),
        (True, None, "yes"),
        (False, None, "no"),
        ([1, 2], None, "1, 2"),
        (datetime(2026, 1, 1, tzinfo=UTC), None, "2026-01-01 00:00:00 UTC"),
    ],
)
def test_cells_are_written_with_their_unit(value, unit, text):
    table = build("f", "T", pl.DataFrame({"x": [value]}), [Column("x", "X", unit)])
    assert table.cells.rows() == [(text,)]


def test_missing_may_have_a_word_of_its_own():
    table = build("f", "T", pl.DataFrame({"x": [None]}), [Column("x", "X", missing="none")])
    assert table.cells.rows() == [("none",)]


def test_nan_of_pandas_is_unknown():
    table = build("f", "T", pd.DataFrame({"x": [1.0, None]}), [Column("x", "X", "B")])
    assert table.cells["X"].to_list() == ["1 B", "unknown"]


def test_columns_come_in_their_order_and_absent_ones_are_left_out():
    columns = [Column("b", "B"), Column("absent", "C"), Column("a", "A")]
    table = build("f", "T", pl.DataFrame({"a": ["1"], "b": ["2"], "c": ["3"]}), columns)
    assert table.cells.columns == ["B", "A"]


@pytest.mark.parametrize("rows", [pl.DataFrame({"x": []}), pl.DataFrame()])
def test_without_rows_it_says_so(rows):
    assert "nothing to show" in build("f", "T", rows, [Column("x", "X", "B")]).html()


def test_text_read_from_a_cluster_stays_text():
    table = build("f", "T", pl.DataFrame({"x": [HOSTILE]}), [Column("x", "X")])
    assert HOSTILE not in table.html()
    assert "&lt;script&gt;" in table.html()


def test_the_function_and_the_note_are_told():
    shown = build("f", "T", pl.DataFrame({"x": [1]}), [Column("x", "X")], "Mind.").html()
    assert "Mind." in shown
    assert "Table by kafka_analysis.tables.f" in shown


def test_rows_left_out_are_counted_in_a_line_of_their_own():
    frame, columns = pl.DataFrame({"x": [1]}), [Column("x", "X")]
    shown = build("f", "T", frame, columns, "Mind.", left_out=1200).html()
    assert ">1,200 more rows: see the table file of the report.</div>" in shown
    assert ">1 more row: see" in build("f", "T", frame, columns, left_out=1).html()
    assert "more row" not in build("f", "T", frame, columns, left_out=-3).html()


def test_as_text_it_is_short():
    table = build("f", "Things", pl.DataFrame({"x": [1, 2]}), [Column("x", "X")])
    assert repr(table) == "Things: 2 rows [kafka_analysis.tables.f]"
    assert table._repr_html_() == table.html()


def test_the_number_and_the_unit_of_a_duration_stay_on_one_line():
    table = build("f", "T", pl.DataFrame({"x": ["at least 3 min 20 s", "5 days"]}), [Column("x", "X")])
    assert "at least 3\u00a0min 20\u00a0s<" in table.html()
    assert "5 days<" in table.html()
    assert table.cells["X"][0] == "at least 3 min 20 s"

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.tables import replication_advice

ADVICE = {
    "tool": ["a", "b", "c", "d", "e"],
    "pattern": ["fan-out", "fan-out", "fan-out", "fan-out", None],
    "verdict": ["does not fit", "unknown", "fits with care", "fits", "fits with care"],
    "reasons": [
        ["x [1]", "y [2]", "z [3]", "w [4]"],
        ["x [no fact]"],
        ["y [2]", "z [3]"],
        ["z [3]"],
        ["v [5]"],
    ],
}


def test_the_best_tool_comes_first_with_symbol_and_word():
    assert replication_advice(pl.DataFrame(ADVICE)).cells.rows() == [
        ("d", "fan-out", "✔ fits", "z [3]"),
        ("c", "fan-out", "▲ fits with care", "y [2]; z [3]"),
        ("e", "not given", "▲ fits with care", "v [5]"),
        ("b", "fan-out", "? unknown", "x [no fact]"),
        ("a", "fan-out", "✖ does not fit", "x [1]; y [2]; z [3]; and 1 more"),
    ]


def test_as_many_reasons_are_shown_as_asked_for():
    cells = replication_advice(pl.DataFrame(ADVICE), top_n=4).cells
    assert cells["Reasons"].to_list()[-1] == "x [1]; y [2]; z [3]; w [4]"


def test_a_verdict_that_nobody_knows_is_an_error():
    with pytest.raises(pl.exceptions.InvalidOperationError):
        replication_advice(pl.DataFrame(ADVICE).with_columns(verdict=pl.lit("perhaps")))


def test_texts_are_escaped_and_the_note_says_what_stands_in_brackets():
    html = replication_advice(pl.DataFrame(ADVICE).with_columns(tool=pl.lit("<b>a$b$</b>"))).html()
    assert "&lt;b&gt;a$b$&lt;/b&gt;" in html
    assert "the fact behind a reason" in html

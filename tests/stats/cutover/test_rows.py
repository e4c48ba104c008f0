from __future__ import annotations

import polars as pl

from kafka_analysis.stats.cutover.rows import CHECK_ROWS, CHECKS, check_rows, no_rows


def test_columns_that_are_missing_are_null_and_others_are_left_out() -> None:
    rows = check_rows("counts", pl.DataFrame({"topic": ["t"], "other": 1}), state="ok")
    assert rows.schema == pl.Schema(CHECK_ROWS)
    assert rows.row(0, named=True) == dict.fromkeys(CHECK_ROWS) | {
        "check": "counts",
        "topic": "t",
        "state": "ok",
    }


def test_what_is_given_stands_in_every_row_and_before_what_the_rows_say() -> None:
    found = check_rows(
        "counts", pl.DataFrame({"topic": ["t", "u"], "state": "ok"}), state=None, detail=pl.col("topic")
    )
    assert found.select("state", "detail").rows() == [(None, "t"), (None, "u")]


def test_no_place_gives_no_row() -> None:
    for rows in (pl.DataFrame(), pl.DataFrame(schema={"topic": pl.String}), no_rows()):
        found = check_rows("counts", rows, state="ok", detail="said")
        assert found.schema == pl.Schema(CHECK_ROWS)
        assert found.is_empty()


def test_no_check_has_two_places_in_the_order() -> None:
    assert len(set(CHECKS)) == len(CHECKS)

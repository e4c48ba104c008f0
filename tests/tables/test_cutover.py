"""Tables of a cut-over check: what stands first, what is unknown, and text of clusters."""

from __future__ import annotations

import polars as pl
import pytest
from bs4 import BeautifulSoup

from kafka_analysis import tables
from kafka_analysis.plan.cutover.mends import with_mends
from kafka_analysis.stats.cutover.rows import STATES, check_rows

ODD = "<b>x</b>\n|'\"$(y)"


def blocking(*rows: dict) -> pl.DataFrame:
    place = {"source": "a", "target": "b", "topic": "t", "state": "blocks", "finding": "f", "detail": "d"}
    empty = dict.fromkeys(("partition", "group", "name", "mend", "undo"))
    made = [{"wave": 1, "check": "replica"} | empty | place | row for row in rows]
    texts = dict.fromkeys(("topic", "target", "group", "name", "mend", "undo"), pl.String)
    return pl.DataFrame(made, schema_overrides=texts | {"partition": pl.Int32}, infer_schema_length=None)


def test_verdicts_have_a_symbol_a_word_and_their_reasons() -> None:
    rows = pl.DataFrame(
        {
            "wave": [1, 2, None], "target": "b", "verdict": ["go", "no-go", "not enough data"],
            "blocking": [[], ["x", "y"], []], "missing": [[], ["counts"], ["records", "parity"]],
        }
    )  # fmt: skip
    assert tables.cutover_verdicts(rows).cells.rows() == [
        ("1", "b", "✔ go", "", ""),
        ("2", "b", "✖ no-go", "x; y", "counts"),
        ("all", "b", "? not enough data", "", "records, parity"),
    ]


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_check_has_words(state) -> None:
    counts = {
        "looked_at": [3],
        "blocks": int(state == "blocks"),
        "unknown": 2 * (state == "unknown"),
        "notes": 0,
    }
    row = {"wave": [1], "target": "b", "check": "counts", "state": state, "finding": "f", "detail": "d"}
    (shown,) = tables.cutover_checklist(pl.DataFrame(row | counts)).cells.rows()
    assert (
        shown[3:]
        == {
            "ok": ("✔ passed", "3", "", "f: d"),
            "note": ("✔ passed, with a note", "3", "", "f: d"),
            "unknown": ("? not enough data", "3", "2 unknown", "f: d"),
            "blocks": ("✖ blocks", "3", "1 block", "f: d"),
        }[state]
    )


def test_what_blocks_stands_before_what_is_unknown_and_places_of_a_topic_are_one_row() -> None:
    rows = blocking(
        {"state": "unknown", "finding": "u", "topic": None, "name": "disk"},
        {"partition": 0}, {"partition": 3},
        {"partition": 7, "topic": "other"},
        {"topic": None, "group": "g"},
        {"topic": None, "target": None},
    )  # fmt: skip
    assert tables.cutover_blocking(rows).cells.select("Finding", "Where").rows() == [
        ("✖ f", "t, 2 partitions"),
        ("✖ f", "other-7"),
        ("✖ f", "group g"),
        ("✖ f", "unknown"),
        ("? u", "disk"),
    ]
    assert len(tables.cutover_blocking(rows, top_n=2).cells) == 2
    assert "3 more" in tables.cutover_blocking(rows, top_n=2).html()


def test_text_of_clusters_is_text() -> None:
    place = pl.DataFrame(
        {"source": ["a"], "target": ODD, "topic": ODD, "name": ODD, "group": ODD, "partition": 0}
    )
    rows = check_rows("replica", place, state="blocks", finding="replica behind", detail=ODD)
    none = pl.DataFrame(
        schema=dict.fromkeys(("source", "target", "topic", "name", "mend", "undo"), pl.String)
    )
    html = tables.cutover_blocking(with_mends(rows, none).with_columns(wave=pl.lit(1))).html()
    page = BeautifulSoup(html, "html.parser")
    assert page.find("b") is None or ODD[:5] not in str(page.find("b"))
    assert "<b>x</b>" not in html
    assert "<b>x</b>" in page.get_text()


def twice(**changed: object) -> tuple:
    row = {
        "source": ["a"], "target": "b", "group": "g", "partitions": 3, "unknown": 0, "is_active": False,
        "twice_low": 1200, "twice_high": 1200, "skipped": 0,
    }  # fmt: skip
    return tables.records_read_twice(pl.DataFrame(row | changed)).cells.row(0)


def test_records_read_twice_are_a_number_a_range_or_unknown() -> None:
    assert twice()[2:] == ("stopped", "3", "1,200", "0")
    assert twice(is_active=True, twice_low=0)[2:] == ("still reads", "3", "0 to 1,200", "0")
    unknown = {"unknown": 1, "twice_low": None, "twice_high": None, "skipped": None}
    assert twice(**unknown)[2:] == ("stopped", "3, 1 of them unknown", "unknown", "unknown")


def test_groups_of_which_nothing_is_known_come_first_then_those_that_read_most_twice() -> None:
    rows = pl.DataFrame(
        {
            "source": "a", "target": "b", "group": ["few", "unknown", "many"], "partitions": 1, "unknown": 0,
            "is_active": False, "twice_low": [1, None, 9], "twice_high": [1, None, 9], "skipped": 0,
        }
    )  # fmt: skip
    assert tables.records_read_twice(rows).cells["Group"].to_list() == ["unknown", "many", "few"]


def test_differences_say_what_they_are_of_and_what_is_absent() -> None:
    row = {"source": "a", "target": "b", "what": ["user", "acl"], "topic": [None, "t"], "name": [None, "n"],
           "at_source": [None, "1"], "at_target": ["2", None], "kind": "must fix", "why": "w"}  # fmt: skip
    assert tables.end_differences(pl.DataFrame(row)).cells.rows() == [
        ("must fix", "user", "b", "absent", "2", "w"),
        ("must fix", "t: n", "b", "1", "absent", "w"),
    ]

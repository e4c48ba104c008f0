from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from kafka_analysis.stats.cutover.moving import TOPICS
from kafka_analysis.stats.cutover.rows import CHECK_ROWS, CHECKS, STATES, no_rows
from kafka_analysis.stats.cutover.summary import SUMMARY, summarised, verdicts, with_waves
from tests.cutover_frames import ODD, moved

MOVING = moved(
    ("t", None, "b", "a", 1), ("u", None, "b", "a", 2), ("v", None, "c", "a", 2), ("w", None, "b", "d", 3),
    groups=[("g", "t", 0, 5), ("h", "t", 0, 5), ("h", "u", 0, 5), ("i", "v", 0, 5)],
)  # fmt: skip


def rows(*given: dict[str, Any]) -> pl.DataFrame:
    place = {"check": "counts", "source": "a", "target": "b", "state": "ok"}
    return pl.DataFrame([dict.fromkeys(CHECK_ROWS) | place | row for row in given], schema=CHECK_ROWS)


@pytest.mark.parametrize(
    ("row", "waves"),
    [
        ({"topic": "t"}, [(1, "b")]),
        ({"topic": "u", "group": "h"}, [(2, "b")]),
        ({"topic": "v", "target": "c"}, [(2, "c")]),
        ({"topic": "v", "target": None}, [(2, "c")]),
        ({}, [(1, "b"), (2, "b"), (3, "b")]),
        ({"source": None}, [(1, "b"), (2, "b"), (3, "b")]),
        ({"target": None}, [(1, "b"), (2, "b"), (2, "c")]),
        ({"group": "g"}, [(1, "b")]),
        ({"group": "h"}, [(1, "b"), (2, "b")]),
        ({"group": "z"}, [(1, "b"), (2, "b"), (3, "b")]),  # whose it is is not known
        ({"group": "i", "target": "c"}, [(2, "c")]),
    ],
)
def test_a_row_belongs_to_the_waves_of_its_topic_or_group_or_of_its_cell(given, row, waves) -> None:
    topics, groups = given(MOVING.topics), given(MOVING.groups)
    found = with_waves(rows(row), topics, groups=groups)
    assert found.select("wave", "target").rows() == waves or found.select("wave").rows() == [
        (w,) for w, _ in waves
    ]
    assert found.columns == ["wave", *CHECK_ROWS]


def test_without_a_plan_all_is_of_no_wave() -> None:
    topics = MOVING.topics.with_columns(wave=pl.lit(None, pl.Int32))
    groups = MOVING.groups.with_columns(wave=pl.lit(None, pl.Int32))
    found = with_waves(rows({"topic": "t"}, {}, {"group": "h"}), topics, groups=groups)
    assert found["wave"].to_list() == [None, None, None]


def test_a_topic_without_a_source_keeps_its_wave() -> None:
    topics = pl.DataFrame([(4, None, "b", ODD, None)], schema=TOPICS, orient="row")
    found = with_waves(rows({"source": None, "topic": ODD}), topics, groups=MOVING.groups)
    assert found["wave"].to_list() == [4]


def test_rows_are_in_the_order_of_checks_whatever_order_they_came_in() -> None:
    given = rows(*({"check": check, "topic": "t"} for check in reversed(CHECKS)))
    assert with_waves(given, MOVING.topics, groups=MOVING.groups)["check"].to_list() == list(CHECKS)


WAVES = pl.DataFrame({"wave": [1, 2], "target": "b"}, schema_overrides={"wave": pl.Int32})


def short(*given: tuple[int, str, str | None], asked=("counts", "records")) -> pl.DataFrame:
    made = [
        {"check": check, "state": state, "finding": state, "detail": f"{n}"}
        for n, (_, check, state) in enumerate(given)
    ]
    waved = rows(*made).with_columns(wave=pl.Series([wave for wave, _, _ in given], dtype=pl.Int32))
    return summarised(waved, waves=WAVES, asked=asked)


def test_the_worst_place_stands_for_a_check() -> None:
    found = short(
        (1, "counts", "ok"),
        (1, "counts", "unknown"),
        (1, "counts", "blocks"),
        (1, "counts", "note"),
        (1, "counts", "blocks"),
    )
    assert found.row(0, named=True) == {
        "wave": 1, "target": "b", "check": "counts", "state": "blocks", "looked_at": 5, "blocks": 2, "unknown": 1,
        "notes": 1, "finding": "blocks", "detail": "2",
    }  # fmt: skip
    assert found.schema == pl.Schema(SUMMARY)


def test_what_is_not_asked_does_not_count_and_what_looked_at_nothing_is_ready() -> None:
    found = short((1, "headroom", "blocks"), (2, "counts", "unknown"))
    assert found.select("wave", "check", "state", "looked_at").rows() == [
        (1, "counts", "ok", 0), (1, "records", "ok", 0), (2, "counts", "unknown", 1), (2, "records", "ok", 0),
    ]  # fmt: skip


def test_a_state_that_is_missing_is_unknown() -> None:
    assert short((1, "counts", None), (1, "counts", "ok"))["state"][0] == "unknown"


def test_no_row_at_all() -> None:
    found = summarised(
        no_rows().with_columns(wave=pl.lit(None, pl.Int32)), waves=WAVES.clear(), asked=["counts"]
    )
    assert found.is_empty()
    assert verdicts(found).columns == ["wave", "target", "verdict", "blocking", "missing"]


@examples(
    st.lists(
        st.tuples(st.sampled_from([1, 2]), st.sampled_from(["counts", "records"]), st.sampled_from(STATES)),
        min_size=1,
    )
)
def test_go_is_said_only_where_no_place_blocks_or_is_unknown(given) -> None:
    found = {wave: verdict for wave, _, verdict, *_ in verdicts(short(*given)).iter_rows()}
    for wave in (1, 2):
        states = {state for number, _, state in given if number == wave}
        expected = "no-go" if "blocks" in states else "not enough data" if "unknown" in states else "go"
        assert found[wave] == expected


def test_too_few_answers_of_a_cell_are_no_go_and_do_not_hide_what_blocks() -> None:
    found = short((1, "counts", "blocks"))
    assert verdicts(found, uncovered=["b"])["verdict"].to_list() == ["no-go", "not enough data"]
    assert verdicts(found, uncovered=["c"])["verdict"].to_list() == ["no-go", "go"]


def test_the_order_of_rows_does_not_matter(given) -> None:
    one = short((1, "counts", "ok"), (1, "records", "unknown"))
    assert verdicts(given(one)).rows() == verdicts(given(one.reverse())).sort("wave").rows()

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats.cutover.clients import consumer_checks, producer_checks
from tests.cutover_frames import ODD, answers, at, ends, frame, moved, seen, states

NAMES = ("active_producers", "transactions", "record_reads", "group_members")
PRODUCERS, TRANSACTIONS, READS, MEMBERS = map(empty_table, NAMES)


def produced(*rows: tuple, moving=None, producers=PRODUCERS, transactions=TRANSACTIONS) -> pl.DataFrame:
    return producer_checks(moving or moved(), answers(*rows), producers, transactions)


def wrote(*rows: tuple) -> pl.DataFrame:
    timed = [("a", topic, number, of, None if s is None else at(s)) for topic, number, of, s in rows]
    return frame("active_producers", timed, "cluster", "topic", "partition", "producer_id", "last_written_at")


@pytest.mark.parametrize(
    ("ends_of", "state"),
    [
        ([(0, 5), (30, 5)], "ok"),
        ([(30, 5), (0, 5)], "ok"),
        ([(0, 5), (30, 6)], "blocks"),
        ([(30, 6), (0, 5)], "blocks"),
        ([(0, 5), (10, 5), (20, 9)], "blocks"),
        ([(0, 5)], "unknown"),
        ([], "unknown"),
        ([(0, None), (30, None)], "unknown"),
        ([(0, 5), (30, None)], "unknown"),
        ([(0, 5), (0, 5)], "unknown"),
        ([(0, 5), (30, 3)], "unknown"),
        ([(0, 5), (15, 3), (30, 9)], "unknown"),
    ],
)
def test_a_source_that_grows_has_a_producer(given, ends_of, state) -> None:
    rows = answers(*((s, "a", "t", 0, end) for s, end in ends_of), (0, "b", "t", 0, 0), (30, "b", "t", 0, 9))
    assert states(producer_checks(moved(), given(rows), PRODUCERS, TRANSACTIONS)) == [state]


def test_who_wrote_is_named_by_what_the_brokers_remember() -> None:
    ids = frame(
        "transactions",
        [("a", "tx", 7), ("a", "tx", 7), ("a", None, 8)],
        "cluster",
        "transactional_id",
        "producer_id",
    )
    found = produced(
        (10, "a", "t", 0, 5), (30, "a", "t", 0, 8),
        producers=wrote(("t", 0, 7, 20), ("t", 0, 8, 20), ("t", 0, 9, 5), ("t", 0, 10, None), ("u", 0, 11, 20)),
        transactions=ids,
    )  # fmt: skip
    assert seen(found, "value", "detail") == [
        (3.0, "3 records were written within 20 s, by producer 7 (tx), producer 8"),
    ]


def test_a_producer_that_nobody_remembers_is_said_to_be_unnamed() -> None:
    found = produced((0, "a", "t", 0, 5), (30, "a", "t", 0, 8))
    assert found["detail"].to_list() == [
        "3 records were written within 30 s, by a producer that the brokers do not name"
    ]


def test_each_partition_is_judged_and_one_that_moves_to_two_cells_once() -> None:
    moving = moved(("t", None, "b"), ("t", None, "c"), (ODD,), partitions=2)
    rows = [(s, "a", t, n, 5 + s * n) for s in (0, 1) for t in ("t", ODD) for n in (0, 1)]
    found = produced(*rows, moving=moving)
    assert sorted(seen(found, "topic", "partition", "state")) == [
        (ODD, 0, "ok"), (ODD, 1, "blocks"), ("t", 0, "ok"), ("t", 1, "blocks"),
    ]  # fmt: skip


def listed(*rows: tuple) -> pl.DataFrame:
    return frame("groups", rows, "cluster", "group", "state")


def of_group(offset: int | None = 5, name: str = "g") -> Any:
    return moved(groups=[(name, "t", 0, offset)])


def consumed(
    moving: Any, groups: pl.DataFrame, *, end: int | None = 5, reads=READS, may_lag: bool = False
) -> pl.DataFrame:
    return consumer_checks(
        moving, groups, ends(("a", "t", 0, 0, end)), reads, members=MEMBERS, may_lag=may_lag
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("EMPTY", "ok"), ("Empty", "ok"), ("DEAD", "ok"), ("STABLE", "blocks"), ("PREPARING_REBALANCE", "blocks"),
        ("UNKNOWN", "blocks"), (None, "unknown"), ("", "blocks"),
    ],
)  # fmt: skip
def test_a_group_has_left_when_it_has_no_members(given, state, expected) -> None:
    rows = given(listed(("a", "g", state), ("b", "g", "STABLE"), ("a", "h", "EMPTY")))
    found = consumer_checks(
        of_group(), rows, given(ends(("a", "t", 0, 0, 5))), READS, members=MEMBERS, may_lag=False
    )
    assert seen(found, "topic", "state") == [(None, expected), ("t", "ok")]


def test_a_group_that_is_not_listed_is_unknown() -> None:
    assert seen(consumed(of_group(), listed()))[0] == ("unknown", "group unknown")


@pytest.mark.parametrize(
    ("committed", "end", "may_lag", "expected"),
    [
        (5, 5, False, ("ok", None, 0.0)),
        (9, 5, False, ("ok", None, 0.0)),  # committed after the log was answered about
        (4, 5, False, ("blocks", "records unread at the source", 1.0)),
        (4, 5, True, ("note", None, 1.0)),
        (-1, 5, False, ("blocks", "records unread at the source", 6.0)),
        (4, None, True, ("unknown", "unread records unknown", None)),
        (None, 5, True, ("unknown", "unread records unknown", None)),
    ],
)
def test_a_group_has_read_everything_or_may_lag(committed, end, may_lag, expected) -> None:
    found = consumed(of_group(committed), listed(("a", "g", "EMPTY")), end=end, may_lag=may_lag)
    assert seen(found.filter(pl.col("topic") == "t"), "state", "finding", "value") == [expected]


@pytest.mark.parametrize(
    ("ended", "wanted", "following", "state"),
    [
        ("end of log", 4, 4, "ok"),
        ("end of log", 4, None, "ok"),
        ("end of log", 4, 5, "blocks"),
        ("end of log", 3, 3, "blocks"),
        ("out of time", 4, 4, "blocks"),
    ],
)
def test_markers_behind_a_committed_offset_are_no_records(ended, wanted, following, state) -> None:
    row = ("a", "t", 0, "committed offset", wanted, following, ended)
    reads = frame(
        "record_reads",
        [row, row],
        "cluster",
        "topic",
        "partition",
        "purpose",
        "wanted_offset",
        "next_offset",
        "ended",
    )
    found = consumed(of_group(4), listed(("a", "g", "EMPTY")), reads=reads)
    assert states(found.filter(pl.col("topic") == "t")) == [state]


def test_without_groups_there_is_nothing_to_look_at() -> None:
    assert consumed(moved(), listed(("a", "h", "STABLE"))).is_empty()


def test_a_group_that_reads_other_topics_only_has_left() -> None:
    members = frame("group_members", [("a", "g", ["u-0"])], "cluster", "group", "assignments")
    rows = listed(("a", "g", "STABLE"))
    found = consumer_checks(
        of_group(), rows, ends(("a", "t", 0, 0, 5)), READS, members=members, may_lag=False
    )
    assert states(found) == ["ok", "ok"]

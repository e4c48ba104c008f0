from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats.cutover.starts import group_starts
from kafka_analysis.stats.cutover.uncommitted import (
    uncommitted_checks,
    uncommitted_readers,
    uncommitted_reads,
    unseen_readers,
)
from tests.cutover_frames import NONE, ODD, ends, frame, moved, seen

MOVING = moved(("t", "a.t"), (ODD,), partitions=2, groups=[("g", "t", 0, 5)])
MARKS = {
    "source": pl.String, "target": pl.String, "group": pl.String, "topic": pl.String, "partition": pl.Int32,
    "upstream_offset": pl.Int64, "downstream_offset": pl.Int64,
}  # fmt: skip


def listed(*rows: tuple) -> pl.DataFrame:
    """Return groups of source a: (group, state, kind)."""
    whole = [("a", *row, *(None,) * (3 - len(row))) for row in rows]
    return frame("groups", whole, "cluster", "group", "state", "kind")


def members(*rows: tuple[str, list[str]], cluster: str = "a") -> pl.DataFrame:
    return frame("group_members", [(cluster, *row) for row in rows], "cluster", "group", "assignments")


def commits(*groups: str, cluster: str = "a") -> pl.DataFrame:
    return frame("group_offsets", [(cluster, group) for group in groups], "cluster", "group")


@pytest.mark.parametrize(
    ("state", "assigned", "reads"),
    [
        ("STABLE", ["t-0"], []),  # it has committed there
        ("STABLE", ["t-1"], [("g", "t", "a.t", 1)]),
        ("Stable", ["t-0", "t-1", "z-0"], [("g", "t", "a.t", 1)]),
        ("STABLE", [f"{ODD}-0"], [("g", ODD, ODD, 0)]),
        ("STABLE", ["z-0", "t-7"], []),  # nothing of it moves
        ("PREPARING_REBALANCING", ["t-1"], [("g", "t", "a.t", 1)]),
        (None, ["t-1"], [("g", "t", "a.t", 1)]),  # its state was not seen
        ("EMPTY", ["t-1"], []),
        ("Dead", ["t-1"], []),
        ("STABLE", [], []),
    ],
)
def test_what_a_group_is_assigned_and_has_not_committed(given, state, assigned, reads) -> None:
    rows = members(("g", assigned))
    states = given(listed(("g", state))) if state else listed()
    found = uncommitted_reads(MOVING, groups=states, members=given(rows) if assigned else rows)
    assert seen(found, "group", "topic", "remote_topic", "partition") == reads
    assert found["committed_offset"].null_count() == len(found)
    assert found.columns == MOVING.groups.columns


def test_members_of_the_target_and_those_who_hold_a_partition_together_count_once() -> None:
    twice = members(("h", ["t-1"]), ("h", ["t-1"]))
    found = uncommitted_reads(MOVING, groups=listed(("h", "STABLE")), members=twice)
    assert seen(found, "group", "partition") == [("h", 1)]
    away = members(("h", ["t-1"]), cluster="b")
    assert uncommitted_reads(MOVING, groups=listed(("h", "STABLE")), members=away).is_empty()


def test_a_topic_that_goes_to_two_cells_is_read_for_both() -> None:
    moving = moved(("t", None, "b"), ("t", None, "c"), groups=[])
    found = uncommitted_reads(moving, groups=listed(("g", "STABLE")), members=members(("g", ["t-0"])))
    assert seen(found, "target", "topic") == [("b", "t"), ("c", "t")]


def started(log: tuple, *, own: int | None = None) -> pl.DataFrame:
    """Return where a group without a commit would start in a log of the target, by an offset set there or by none."""
    reads = uncommitted_reads(MOVING, groups=listed(("h", "STABLE")), members=members(("h", ["t-1"])))
    set_there = [] if own is None else [("b", "h", "a.t", 1, own)]
    columns = ("cluster", "group", "topic", "partition", "committed_offset")
    return group_starts(
        MOVING._replace(groups=reads),
        checkpoints=pl.DataFrame(schema=MARKS),
        commits=frame("group_offsets", set_there, *columns),
        logs=ends(("b", "a.t", 1, *log)),
    )


@pytest.mark.parametrize(
    ("log", "blind", "state", "finding", "value"),
    [
        ((2, 9), (), "blocks", "no committed offset", 7.0),
        ((None, None), (), "blocks", "no committed offset", None),
        ((4, 4), (), "note", None, 0.0),
        ((2, 9), ("a",), "unknown", "offsets unknown", 7.0),
        ((2, 9), ("b",), "blocks", "no committed offset", 7.0),
    ],
)
def test_where_it_starts_is_left_to_auto_offset_reset(given, log, blind, state, finding, value) -> None:
    unread = pl.DataFrame({"cluster": blind}, schema={"cluster": pl.String})
    rows = started(log)
    found = uncommitted_checks(given(rows) if log[0] is not None else rows, unread=unread)
    assert seen(found, "check", "state", "finding", "value") == [("offsets", state, finding, value)]
    (detail,) = found["detail"]
    assert detail
    assert ("auto.offset.reset" in detail) is (state != "unknown")
    if state == "blocks":
        assert "earliest" in detail
        assert "latest" in detail
        assert ("7 records" if value else "all records") in detail


@pytest.mark.parametrize(
    ("group", "state"),
    [
        ("console-consumer-4711", "note"),
        ("console-consumer-billing", "blocks"),
        ("my-console-consumer-1", "blocks"),
    ],
)
def test_a_console_consumer_without_a_group_of_its_own_keeps_nothing_back(group, state) -> None:
    held = members((group, ["t-0", "t-1"]))
    reads = uncommitted_reads(MOVING, groups=listed((group, "STABLE")), members=held)
    rows = started((2, 9)).with_columns(group=pl.lit(group))
    found = uncommitted_checks(rows, unread=pl.DataFrame(schema={"cluster": pl.String}))
    assert set(found["state"]) == {state}
    assert uncommitted_readers(reads).is_empty() is (state == "note")


def test_an_offset_that_is_set_at_the_target_is_where_it_starts() -> None:
    assert seen(started((2, 9), own=5), "start_offset", "known_by") == [(5, "offset at the target")]


def test_it_is_said_of_each_topic_how_much_of_it_is_still_read() -> None:
    held = members(("h", ["t-0", "t-1"]), ("h", [f"{ODD}-1"]))
    reads = uncommitted_reads(MOVING, groups=listed(("h", "STABLE")), members=held)
    found = uncommitted_readers(reads)
    assert seen(found, "check", "group", "topic", "state") == [
        ("consumers", "h", ODD, "blocks"),
        ("consumers", "h", "t", "blocks"),
    ]
    assert [detail.split(" and ")[0] for detail in found["detail"]] == [
        "its members are assigned 1 partition",
        "its members are assigned 2 partitions",
    ]
    assert uncommitted_readers(reads.clear()).is_empty()


@pytest.mark.parametrize(
    ("group", "assigned", "committed", "state"),
    [
        (("h", "PREPARING_REBALANCING", "classic"), [], (), "unknown"),
        (("h", "Reconciling", "consumer"), [], (), "unknown"),
        (("h", "UNKNOWN", None), [], (), "unknown"),
        (("h", "PREPARING_REBALANCING", None), ["z-0"], (), None),
        (("h", "PREPARING_REBALANCING", None), [], ("h",), None),
        (("h", "STABLE", "classic"), [], (), None),  # subscribed to what is not there
        (("h", "EMPTY", "classic"), [], (), None),
        (("h", "DEAD", None), [], (), None),
        (("h", "STABLE", "streams"), [], (), "unknown"),
        (("h", "STABLE", "streams"), [], ("h",), None),
        (("h", "EMPTY", "streams"), [], (), None),
        (("h", "STABLE", "share"), [], (), "note"),
        (("h", "EMPTY", "share"), [], (), "note"),
        (("h", "DEAD", "share"), [], (), None),
    ],
)
def test_a_group_of_which_nothing_says_what_it_reads(given, group, assigned, committed, state) -> None:
    rows = members(("h", assigned))
    found = unseen_readers(
        MOVING,
        groups=given(listed(group)),
        members=given(rows) if assigned else rows,
        commits=commits(*committed),
    )
    assert seen(found, "group", "topic", "state") == ([] if state is None else [("h", None, state)])
    assert found["detail"].null_count() == 0
    assert [finding == "group unknown" for finding in found["finding"]] == [state == "unknown"] * len(found)


def test_groups_of_a_target_are_not_those_that_move() -> None:
    away = listed(("h", "UNKNOWN")).with_columns(cluster=pl.lit("b"))
    none = empty_table("group_members")
    assert unseen_readers(MOVING, groups=away, members=none, commits=commits()).is_empty()
    assert uncommitted_checks(started((0, 9)).clear(), unread=NONE).is_empty()

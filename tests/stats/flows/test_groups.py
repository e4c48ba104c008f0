"""The groups of a cluster over a window: none is lost because one list lacked it, and none that has gone is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.stats.flows.groups import describe_groups, describe_unread, groups_in, present_groups
from kafka_analysis.stats.scope.windows import Window

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


@pytest.fixture
def snapshots(frame):
    """Return a function that makes the table of snapshots: minute → groups, DEAD ones marked by a dash."""

    def make(*moments: tuple[float, str], cluster: str = "c", kind: str | None = "classic"):
        seen = [(at(minute), name) for minute, names in moments for name in names.split()]
        return frame(
            {
                "ts": [ts for ts, _ in seen],
                "cluster": [cluster] * len(seen),
                "group": [name.removesuffix("-") for _, name in seen],
                "state": ["DEAD" if name.endswith("-") else "STABLE" for _, name in seen],
                "kind": [kind] * len(seen),
            }
        )

    return make


def test_a_last_snapshot_without_those_whose_coordinator_moves_does_not_hide_them(snapshots, rows):
    names = "a b c d e f g h i j k l"
    table = snapshots((0, names), (1, names), (2, "a b c d e f g"))
    found = groups_in(table, {"c": Window(at(0), at(2))})
    assert len(rows(found)) == 12
    assert rows(found, "group", "in_last")[6:8] == [("g", True), ("h", False)]
    (said,) = describe_groups(found)
    assert said.startswith("c: 5 groups are not in the last snapshot (h, last seen 12:01:00 UTC; i, ")


def test_one_that_has_gone_is_not_counted_and_not_said_to_be_absent(snapshots, rows):
    found = groups_in(snapshots((0, "a b"), (1, "a b-")), {"c": Window(at(0), at(1))})
    assert rows(present_groups(found), "group") == [("a",)]
    assert describe_groups(found) == []


def test_one_that_was_dead_when_last_seen_is_not_said_to_be_absent(snapshots):
    found = groups_in(snapshots((0, "a b"), (1, "a b-"), (2, "a")), {"c": Window(at(0), at(2))})
    assert found["in_last"].to_list() == [True, False]
    assert describe_groups(found) == []


def test_one_that_came_again_is_there(snapshots, rows):
    found = groups_in(snapshots((0, "a b"), (1, "a b-"), (2, "a b")), {"c": Window(at(0), at(2))})
    assert rows(found, "group", "state", "in_last") == [("a", "STABLE", True), ("b", "STABLE", True)]


def test_only_the_window_counts_and_the_snapshot_before_it(snapshots, rows):
    table = snapshots((0, "old"), (1, "before"), (2, "inside"), (5, "after"))
    found = groups_in(table, {"c": Window(at(1.5), at(3))})
    assert rows(found, "group", "in_last") == [("before", False), ("inside", True)]


def test_each_cluster_has_its_own_last_snapshot_and_others_are_left_out(frame, rows):
    table = frame({"ts": [at(0), at(1), at(0)], "cluster": ["c", "d", "e"], "group": "g", "state": "EMPTY"})
    found = groups_in(table, {name: Window(at(0), at(1)) for name in "cd"})
    assert rows(found, "cluster", "in_last") == [("c", True), ("d", True)]


def test_no_snapshot_at_all_is_no_group(snapshots, rows):
    found = groups_in(snapshots(), {"c": Window(at(0), at(1))})
    assert rows(found) == []
    assert describe_groups(found) == []
    assert describe_unread(found) == []


def test_share_groups_are_said_but_for_those_declared_and_gone(snapshots):
    table = snapshots((0, "q r s"), (1, "q r s-"), kind="share")
    (said,) = describe_unread(table, known=["r"])
    assert said.startswith("c: 1 share group (q) reads topics that committed offsets do not show")
    assert "(q, r)" in describe_unread(table)[0]


@pytest.mark.parametrize("kind", ["classic", "consumer", "streams", None])
def test_groups_that_commit_offsets_are_not(snapshots, kind):
    assert describe_unread(snapshots((0, "a"), kind=kind)) == []


def test_many_are_cut_short(snapshots):
    (said,) = describe_unread(snapshots((0, "a b c d e f g"), kind="share"))
    assert "7 share groups (a, b, c, d, e and 2 more) read topics" in said

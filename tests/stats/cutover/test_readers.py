from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats.cutover.readers import MOVING, NOTHING, OTHERS, reading_groups
from tests.cutover_frames import ODD, frame, moved, seen

GROUPS = moved(("t",), (ODD,), partitions=2, groups=[("g", "t", 0, 5), (ODD, ODD, 1, 5)])


def listed(*rows: tuple) -> pl.DataFrame:
    return frame("groups", rows, "cluster", "group", "state")


def members(*assignments: list[str] | None, group: str = "g", cluster: str = "a") -> pl.DataFrame:
    return frame(
        "group_members", [(cluster, group, of) for of in assignments], "cluster", "group", "assignments"
    )


@pytest.mark.parametrize(
    ("state", "assigned", "reads"),
    [
        ("STABLE", [["t-0"]], MOVING),
        ("Stable", [["u-0"], ["t-1", "u-1"]], MOVING),
        ("STABLE", [["u-0"], ["u-1"]], OTHERS),
        ("STABLE", [["t-7"]], OTHERS),  # no partition that moves
        ("STABLE", [[], ["u-0"]], OTHERS),
        ("STABLE", [[]], MOVING),  # what it reads is not known
        ("STABLE", [], MOVING),
        ("PREPARING_REBALANCE", [["u-0"], []], MOVING),
        ("EMPTY", [["t-0"]], NOTHING),
        ("Dead", [], NOTHING),
    ],
)
def test_a_group_reads_what_its_members_are_assigned(given, state, assigned, reads) -> None:
    rows = members(*assigned)
    found = reading_groups(GROUPS, given(listed(("a", "g", state))), given(rows) if any(assigned) else rows)
    assert found.filter(group="g")["reads"].to_list() == [reads]


def test_members_of_another_cluster_or_group_do_not_count() -> None:
    rows = pl.concat([members(["t-0"], cluster="b"), members(["t-0"], group="h"), members(["u-0"])])
    found = reading_groups(GROUPS, listed(("a", "g", "STABLE"), ("b", "g", "EMPTY")), rows)
    assert seen(found.filter(group="g"), "state", "reads") == [("STABLE", OTHERS)]


def test_a_group_that_was_not_seen_is_unknown_and_names_are_no_patterns() -> None:
    rows = members([f"{ODD}-1"], group=ODD)
    found = reading_groups(GROUPS, listed(("a", ODD, "STABLE")), rows)
    assert sorted(seen(found, "group", "reads")) == [(ODD, MOVING), ("g", None)]
    assert reading_groups(moved(), listed(), empty_table("group_members")).is_empty()

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats import group_failures

NONE = pl.DataFrame(schema=dict.fromkeys(("source", "target", "what", "name", "reason"), pl.String))


def marks(*offsets: int | None, way: str = "ab", group: str = "g") -> pl.DataFrame:
    columns = {"source": way[0], "target": way[1], "group": group, "topic": "t"}
    rows = [columns | {"partition": n, "downstream_offset": offset} for n, offset in enumerate(offsets)]
    return pl.DataFrame(rows)


def stored(*offsets: int | None, topic: str = "t", cluster: str = "b") -> pl.DataFrame:
    rows = [
        {"cluster": cluster, "group": "g", "topic": topic, "partition": n, "committed_offset": offset}
        for n, offset in enumerate(offsets)
    ]
    schema = {"cluster": pl.String, "group": pl.String, "topic": pl.String, "partition": pl.Int64}
    return pl.DataFrame(rows, schema=schema | {"committed_offset": pl.Int64})


def states(at_source: str | None, at_target: str | None) -> pl.DataFrame:
    rows = [("a", "g", at_source), ("b", "g", at_target)]
    kept = [row for row in rows if row[2] is not None]
    return pl.DataFrame(kept, schema=dict.fromkeys(("cluster", "group", "state"), pl.String), orient="row")


def found(checkpoints, groups, committed, not_copied=NONE) -> list[tuple[str, str, int | None]]:
    rows = group_failures(not_copied, checkpoints=checkpoints, groups=groups, committed=committed)
    return rows.select("failure", "group", "records").rows()


def test_a_group_on_the_target_that_is_behind_its_checkpoint() -> None:
    active = states("EMPTY", "STABLE")
    assert found(marks(9, 5), active, stored(4, 5)) == [("group_active_on_target", "g", 5)]
    # of a partition that it has not committed yet all is behind
    assert found(marks(9, 5), active, stored(9)) == [("group_active_on_target", "g", 5)]


@pytest.mark.parametrize("at_source", ["EMPTY", "DEAD", None, "STABLE"])
def test_a_group_at_both_ends_is_early_even_if_nothing_is_behind(at_source) -> None:
    expected = [("group_active_on_target", "g", 0)] if at_source == "STABLE" else []
    assert found(marks(9), states(at_source, "Stable"), stored(9)) == expected


@pytest.mark.parametrize("at_target", ["EMPTY", "Empty", "DEAD", "UNKNOWN", None])
def test_without_members_on_the_target_its_offsets_are_synced(at_target) -> None:
    assert found(marks(9), states("STABLE", at_target), stored(4)) == []


def test_a_group_that_moved_for_good_is_none() -> None:
    assert found(marks(9, 5), states("EMPTY", "STABLE"), stored(100, 5)) == []


def test_a_group_that_reads_other_topics_on_the_target_is_none() -> None:
    assert found(marks(9), states("STABLE", "STABLE"), stored(4, topic="u")) == []
    assert found(marks(9), states("STABLE", "STABLE"), stored(4, cluster="c")) == []


def test_where_both_ways_are_mirrored_groups_read_at_both_ends() -> None:
    both = pl.concat([marks(9), marks(7, way="ba")])
    here = pl.concat([stored(4), stored(7, cluster="a")])
    assert found(both, states("STABLE", "STABLE"), here) == []
    assert found(both, states("EMPTY", "STABLE"), here) == [("group_active_on_target", "g", 5)]


def left_out(name: str, reason: str = "left out by groups.exclude", what: str = "group") -> pl.DataFrame:
    return pl.DataFrame({"source": ["a"], "target": "b", "what": what, "name": name, "reason": reason})


@pytest.mark.parametrize(
    ("row", "count"),
    [
        (left_out("connect-s3"), 1),
        (left_out("console-consumer-1"), 0),
        (left_out("my-connect-s3"), 0),
        (left_out("connect-s3", "not among groups"), 0),
        (left_out("connect-s3", what="topic"), 0),
    ],
)
def test_groups_of_sink_connectors(row, count) -> None:
    expected = [("sink_connector_group", "connect-s3", None)] * count
    assert found(marks(9).clear(), states(None, None), stored(), row) == expected

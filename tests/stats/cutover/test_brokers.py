from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.brokers import broker_checks
from kafka_analysis.stats.cutover.rows import CHECK_ROWS
from tests.cutover_frames import ODD, frame, moved, seen, states

COLUMNS = ("cluster", "topic", "partition", "leader", "replicas", "isr")
EMPTY = frame("partitions", [], *COLUMNS)


def held(*rows: tuple) -> pl.DataFrame:
    return frame("partitions", rows, *COLUMNS)


@pytest.mark.parametrize(
    ("leader", "replicas", "isr", "state", "finding"),
    [
        (1, [1, 2, 3], [2, 1, 3], "ok", None),
        (1, [1, 2, 3], [1], "blocks", "replicas out of sync"),
        (-1, [1], [], "blocks", "no leader"),
        (-1, [1], [1], "blocks", "no leader"),
        (1, [], [], "unknown", "partition unknown"),
        (None, None, None, "unknown", "partition unknown"),
        (1, None, [1], "unknown", "partition unknown"),
        (1, [1], None, "unknown", "partition unknown"),
    ],
)
def test_a_partition_is_ready_with_a_leader_and_all_replicas(
    given, leader, replicas, isr, state, finding
) -> None:
    rows = held(("a", "t", 0, 1, [1], [1]), ("b", "t", 0, leader, replicas, isr))
    found = broker_checks(moved(), given(rows)).filter(name="b")
    assert seen(found) == [(state, finding)]


def test_a_partition_of_which_nothing_was_seen_is_unknown_at_both_ends() -> None:
    found = broker_checks(moved(), EMPTY)
    assert seen(found, "name", "state") == [("a", "unknown"), ("b", "unknown")]
    assert found.schema == pl.Schema(CHECK_ROWS)


def test_a_topic_that_nothing_copies_is_unknown_at_the_target() -> None:
    moving = moved()
    topics = moving.topics.with_columns(remote_topic=pl.lit(None, pl.String))
    parts = moving.partitions.with_columns(remote_topic=pl.lit(None, pl.String))
    rows = held(("a", "t", 0, 1, [1], [1]), ("b", "t", 0, 1, [1], [1]))
    found = broker_checks(moving._replace(topics=topics, partitions=parts), rows)
    assert seen(found, "name", "state") == [("a", "ok"), ("b", "unknown")]


def test_a_source_without_leader_blocks_every_cell_that_the_topic_moves_to() -> None:
    moving = moved(("t", None, "b"), ("t", None, "c"))
    rows = held(("a", "t", 0, -1, [1], []), ("b", "t", 0, 1, [1], [1]), ("c", "t", 0, 1, [1], [1]))
    found = broker_checks(moving, rows)
    assert sorted(seen(found.filter(state="blocks"), "target", "name")) == [("b", "a"), ("c", "a")]


def test_topics_of_one_name_from_two_sources_are_two_places_at_the_target() -> None:
    moving = moved(("t", "a.t", "b", "a"), ("t", "d.t", "b", "d"))
    good = [(c, t, 0, 1, [1], [1]) for c, t in (("a", "t"), ("d", "t"), ("b", "a.t"))]
    found = broker_checks(moving, held(*good, ("b", "d.t", 0, -1, [1], [])))
    assert seen(found.filter(state="blocks"), "source", "name") == [("d", "b")]
    assert len(found) == 4


def test_names_are_no_patterns() -> None:
    rows = held(("a", ODD, 0, 1, [1], [1]), ("b", f"a.{ODD}", 0, 1, [1], [1]))
    assert states(broker_checks(moved((ODD, f"a.{ODD}")), rows)) == ["ok", "ok"]


def test_partitions_are_judged_one_by_one_and_say_how_many_replicas_are_in_sync() -> None:
    rows = held(*((c, "t", n, 1, [1, 2], [1, 2][: 2 - n]) for c in "ab" for n in (0, 1)))
    found = broker_checks(moved(partitions=2), rows).filter(name="b")
    assert seen(found, "partition", "state", "value", "limit") == [(0, "ok", 2, 2), (1, "blocks", 1, 2)]

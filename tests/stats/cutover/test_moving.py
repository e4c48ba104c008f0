from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.moving import TOPICS, moving, moving_topics
from tests.cutover_frames import ODD, frame, moved

ROLES = pl.DataFrame({"cluster": ["a", "d", "b", "c"], "role": ["source", None, "target", "target"]})
HELD = pl.DataFrame({"cluster": ["a", "a", "b", "d", "d"], "topic": ["t", "u", "t", "u", "w"]})


def remote(*rows: tuple) -> pl.DataFrame:
    names = ("source", "target", "topic", "remote_topic")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def planned(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"topic": pl.String, "cell": pl.String, "wave": pl.Int64}, orient="row")


COPIED = remote(("a", "b", "t", "a.t"), ("a", "c", "t", "t"), ("a", "b", "t", "a.t"))


def test_without_a_plan_all_that_is_replicated_moves_once(given) -> None:
    found = moving_topics(None, given(COPIED), topics=given(HELD), sources=given(ROLES))
    assert found.schema == pl.Schema(TOPICS)
    assert found.rows() == [(None, "a", "b", "t", "a.t"), (None, "a", "c", "t", "t")]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (("t", "b", 1), (1, "a", "b", "t", "a.t")),  # not what is copied to c
        (("u", "b", 2), (2, "a", "b", "u", None)),  # nothing copies it: the source is where the role says
        (("w", "b", 2), (2, "d", "b", "w", None)),
        (("t", "a", 1), (1, "b", "a", "t", "t")),  # besides the target itself
        (("x", "b", 1), (1, None, "b", "x", None)),
        ((ODD, "b", 1), (1, None, "b", ODD, None)),
    ],
)
def test_a_planned_topic_has_its_source_and_its_name_at_the_target(given, plan, expected) -> None:
    found = moving_topics(given(planned(plan)), given(COPIED), topics=given(HELD), sources=given(ROLES))
    assert found.rows() == [expected]


def test_a_topic_that_two_sources_copy_to_a_cell_moves_from_both() -> None:
    copied = remote(("a", "b", "t", "a.t"), ("d", "b", "t", "d.t"))
    found = moving_topics(planned(("t", "b", 1)), copied, topics=HELD, sources=ROLES)
    assert found["remote_topic"].to_list() == ["a.t", "d.t"]


def test_empty_frames_move_nothing() -> None:
    for plan in (None, planned()):
        found = moving_topics(plan, remote(), topics=HELD.clear(), sources=ROLES.clear())
        assert found.is_empty()
        assert found.schema == pl.Schema(TOPICS)


def test_partitions_are_those_of_the_source_and_groups_those_that_read_there(given) -> None:
    topics = moved(("t", "a.t")).topics
    held = frame(
        "partitions",
        [("a", "t", 1), ("a", "t", 0), ("a", "t", 0), ("b", "a.t", 7)],
        "cluster",
        "topic",
        "partition",
    )
    stored = frame(
        "group_offsets",
        [("a", "g", "t", 0, 4), ("b", "g", "a.t", 0, 3), ("a", "h", "u", 0, 1), ("a", ODD, "t", 1, -1)],
        "cluster", "group", "topic", "partition", "committed_offset",
    )  # fmt: skip
    found = moving(topics, partitions=given(held), commits=given(stored))
    assert found.partitions["partition"].to_list() == [0, 1]
    assert found.groups.select("group", "partition", "committed_offset").rows() == [(ODD, 1, -1), ("g", 0, 4)]

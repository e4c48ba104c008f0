from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis import tables
from kafka_analysis.analyses import inventory
from tests.small import HOSTILE, at, table


def figures(answer) -> dict[str, float]:
    (result,) = answer.results
    return {figure.name: figure.value for figure in result.figures}


def test_what_is_there_is_counted(recorded) -> None:
    answer = inventory(recorded, cluster="old")
    assert figures(answer) == {"brokers": 3, "topics": 3, "partitions": 4, "size_bytes": 4000, "groups": 1}
    assert answer.topics.filter(topic="orders").select(
        "partitions", "replication_factor", "size_bytes"
    ).rows() == [(2, 2, 2000.0)]
    assert answer.groups["group"].to_list() == ["billing"]


@pytest.mark.parametrize(
    ("options", "topics", "stored"),
    [
        ({"include_internal": False}, {"orders", HOSTILE}, 3000),
        ({"topics_exclude": ["orders"]}, {HOSTILE, "__consumer_offsets"}, 2000),
    ],
)
def test_topics_left_out_count_nowhere(recorded, options, topics, stored) -> None:
    answer = inventory(recorded, cluster="old", **options)
    assert set(answer.topics["topic"]) == set(answer.partitions["topic"]) == topics
    assert figures(answer)["size_bytes"] == answer.brokers["size_bytes"].sum() == stored


def test_groups_that_are_gone_or_cannot_be_read_are_noted(changed) -> None:
    seen = [(0, "gone", "classic"), (0, "queue", "share"), (15, "queue", "share")]
    seen.append((15, "amazon.msk.canary.group.broker-1", "classic"))
    groups = pl.concat(
        table("groups", [{"group": name, "state": "STABLE", "kind": kind}], ts=at(seconds))
        for seconds, name, kind in seen
    )
    capture = changed(groups=groups)
    answer = inventory(capture, cluster="old", start=at(0), end=at(50))
    assert "old: 1 group is not in the last snapshot (gone, last seen 12:00:00 UTC)" in "\n".join(
        answer.notes
    )
    assert any(note.startswith("old: 1 share group (queue) reads topics") for note in answer.notes)
    assert figures(answer)["groups"] == answer.groups.height == 3
    own = inventory(capture, cluster="old", start=at(0), end=at(50), include_internal=False)
    assert set(own.groups["group"]) == {"gone", "queue"}


def test_a_topic_without_partitions_is_none_where_partitions_are_known(changed) -> None:
    old = table("topics", [{"topic": name, "internal": False} for name in ("orders", "deleted")])
    new = table("topics", [{"topic": "orders", "internal": False}], cluster="new")
    answer = inventory(changed(topics=pl.concat([old, new])))
    listed = answer.topics.select("cluster", "topic").rows()
    assert ("old", "orders") in listed
    assert ("old", "deleted") not in listed
    assert ("new", "orders") in listed  # nobody asked it for partitions


def test_a_cluster_that_was_not_scraped_is_unknown_and_not_empty(recorded) -> None:
    answer = inventory(recorded, cluster="new")
    assert set(figures(answer).values()) == {None}
    assert answer.results[0].verdict.light.value == "grey"


def test_few_scrapes_are_noted_and_leave_placement_judged(recorded) -> None:
    few = inventory(recorded, cluster="old", start=at(0), end=at(120), coverage_required=1.0)
    enough = inventory(recorded, cluster="old", start=at(0), end=at(120), coverage_required=0.5)
    assert few.results[0].verdict == enough.results[0].verdict
    noted = [
        [note for note in answer.notes if "fewer scrapes than required" in note] for answer in (few, enough)
    ]
    assert [len(notes) for notes in noted] == [0 if few.coverage["old"].sufficient else 1, 0]


def test_the_source_comes_before_the_cells(changed) -> None:
    states = [{"group": name, "state": "STABLE", "kind": "classic"} for name in ("a", "b")]
    groups = pl.concat(table("groups", states, cluster=name, ts=at(0)) for name in ("new", "old"))
    answer = inventory(changed(groups=groups), start=at(0), end=at(50))
    assert answer.clusters == ["old", "new"]
    assert answer.groups["cluster"].to_list() == ["old", "old", "new", "new"]
    assert tables.groups(answer.groups).cells["Cluster"].to_list() == ["old", "old", "new", "new"]
    ordered = [frame["cluster"].unique(maintain_order=True).to_list() for frame in answer.frames.values()]
    assert all(names in (["old", "new"], ["old"]) for names in ordered)

from __future__ import annotations

import polars as pl

from kafka_analysis.stats.blast.shares import SUBJECTS, blast_shares

FLAGS = ("unavailable", "not_writable", "interrupted", "leader_moves", "reading_waits")


def places(**flags):
    columns = {"cluster": "c", "topic": ["a", "b", "b"], "partition": [0, 0, 1]}
    return columns | {name: flags.get(name, [False] * 3) for name in FLAGS}


def test_a_client_counts_under_the_worst_it_meets(frame, rows):
    flows = frame({"client": ["p", "p"], "kind": "producer", "topic": ["a", "b"]})
    met = places(unavailable=[False, True, False], interrupted=[True, False, False])
    told = blast_shares(frame(met), flows, effects=["unavailable", "interrupted"])
    of = {(e, w): s for e, w, s in rows(told, "effect", "what", "share")}
    assert (of["unavailable", "producers"], of["interrupted", "producers"]) == (1.0, 0.0)
    assert of["interrupted", "partitions"] == 1 / 3


def test_a_client_with_a_partition_of_unknown_fate_is_unknown_unless_another_is_worse(frame, rows):
    flows = frame({"client": ["p", "q", "q"], "kind": "producer", "topic": ["b", "b", "a"]})
    met = places(unavailable=[True, None, False])
    told = blast_shares(frame(met), flows, effects=["unavailable"])
    producers = next(r for r in rows(told, "what", "affected", "total", "unknown") if r[0] == "producers")
    assert producers == ("producers", 1.0, 1.0, 1)


def test_a_client_of_a_topic_nobody_knows_is_unknown(frame, rows):
    flows = frame({"client": ["p"], "kind": ["producer"], "topic": ["nowhere"]})
    told = blast_shares(frame(places()), flows, effects=["loses_service"])
    assert rows(told, "what", "share", "unknown")[1] == ("producers", None, 1)


def test_a_topic_of_another_cluster_is_another_topic(frame, rows):
    flows = frame({"client": ["p"], "kind": ["producer"], "topic": ["a"], "cluster": ["d"]})
    told = blast_shares(frame(places(unavailable=[True] * 3)), flows, effects=["loses_service"])
    assert rows(told, "what", "share", "unknown")[1] == ("producers", None, 1)


def test_it_tells_each_effect_of_each_subject_in_order():
    told = blast_shares(pl.DataFrame(places()), pl.DataFrame({"client": [""], "kind": "group", "topic": "a"}))
    assert told["what"].to_list() == list(SUBJECTS) * 5
    assert told["effect"].unique(maintain_order=True).to_list() == [
        "loses_service", "unavailable", "not_writable", "interrupted", "leader_moves",
    ]  # fmt: skip

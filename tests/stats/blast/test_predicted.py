from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.stats.blast.predicted import MIN_ISR, partition_effects, predicted_blast

# Three brokers: a-0 is safe, b-0 needs both of its replicas, c-0 has one, d-0 has no replica in sync on broker 2.
PARTITIONS = {
    "cluster": "c",
    "topic": ["a", "b", "c", "d"],
    "partition": 0,
    "leader": [2, 1, 2, 1],
    "replicas": [[2, 1, 3], [1, 2], [2], [1, 2]],
    "isr": [[2, 1, 3], [1, 2], [2], [1]],
    "bytes_in_per_s": [40.0, 30.0, 20.0, 10.0],
    "bytes_out_per_s": [80.0, 30.0, 0.0, 10.0],
}
CONFIGS = {
    "cluster": "c",
    "topic": ["a", "b", "c", "d"],
    "name": MIN_ISR,
    "value": ["2", "2", "1", "1"],
}
FLOWS = {
    "client": ["pa", "pb", "pc", "pd", "reader", "reader", "auditor"],
    "kind": ["producer"] * 4 + ["group"] * 3,
    "topic": ["a", "b", "c", "d", "a", "b", "c"],
}


@pytest.fixture
def shares(frame, rows):
    def compute(lost, *, configs=True, **changes):
        told = predicted_blast(
            frame(PARTITIONS | changes), frame(FLOWS), lost=lost, configs=frame(CONFIGS) if configs else None
        )
        return {(e, w): (a, t) for e, w, a, t in rows(told, "effect", "what", "affected", "total")}

    return compute


def test_each_partition_meets_one_effect(frame, rows):
    told = partition_effects(frame(PARTITIONS), lost={"c": [2]}, configs=frame(CONFIGS))
    columns = ("topic", "isr_left", "unavailable", "not_writable", "interrupted", "leader_moves")
    assert rows(told, *columns) == [
        ("a", 2, False, False, True, True),
        ("b", 1, False, True, False, False),
        ("c", 0, True, False, False, False),
        ("d", 1, False, False, False, False),
    ]


def test_a_follower_that_is_lost_makes_others_wait_and_no_leader_move(frame, rows):
    told = partition_effects(frame(PARTITIONS), lost={"c": [3]}, configs=frame(CONFIGS))
    assert rows(told, "interrupted", "leader_moves", "reading_waits") == [
        (True, False, True),
        *[(False, False, False)] * 3,
    ]


def test_the_loss_of_a_broker_is_counted_by_partitions_clients_and_bytes(shares):
    told = shares({"c": [2]})
    assert told["loses_service", "partitions"] == (2.0, 4.0)
    assert told["loses_service", "producers"] == (2.0, 4.0)
    assert told["loses_service", "groups"] == (1.0, 2.0)  # the auditor; the reader still reads b
    assert told["loses_service", "starved_groups"] == (2.0, 2.0)  # but gets nothing new of it
    assert told["loses_service", "bytes_in_per_s"] == (50.0, 100.0)
    assert told["unavailable", "bytes_in_per_s"] == (20.0, 100.0)
    assert told["not_writable", "bytes_out_per_s"] == (0.0, 120.0)
    assert told["interrupted", "bytes_in_per_s"] == (40.0, 100.0)
    assert told["interrupted", "producers"] == (1.0, 4.0)
    assert told["interrupted", "groups"] == (1.0, 2.0)


def test_the_loss_of_all_brokers_takes_all(shares):
    told = shares({"c": None})
    whats = ("partitions", "producers", "groups", "bytes_in_per_s", "bytes_out_per_s")
    assert {told["unavailable", what] for what in whats} == {
        (4.0, 4.0), (2.0, 2.0), (100.0, 100.0), (120.0, 120.0),
    }  # fmt: skip


def test_another_cluster_is_spared_and_counts_in_the_total(frame, rows):
    two = pl.DataFrame({**PARTITIONS, "cluster": ["x", "x", "y", "y"]})
    configs = pl.DataFrame({**CONFIGS, "cluster": ["x", "x", "y", "y"]})
    told = predicted_blast(
        frame(two.to_dict(as_series=False)),
        frame(FLOWS),
        lost={"y": None},
        configs=frame(configs.to_dict(as_series=False)),
    )
    lost = [row for row in rows(told, "effect", "what", "share") if row[0] == "unavailable"]
    assert lost[:3] == [
        ("unavailable", "partitions", 0.5),
        ("unavailable", "producers", 0.5),
        ("unavailable", "groups", 0.5),
    ]


def test_without_configs_nobody_knows_what_can_be_written(frame, rows):
    told = predicted_blast(frame(PARTITIONS), frame(FLOWS), lost={"c": [2]})
    found = {(e, w): (s, u) for e, w, s, u in rows(told, "effect", "what", "share", "unknown")}
    assert found["unavailable", "partitions"] == (0.25, 0)
    assert found["not_writable", "partitions"] == (0.0, 2)
    assert found["loses_service", "producers"] == (0.5, 2)


def test_what_could_not_be_written_before_is_not_taken_along(frame, rows):
    below = {
        "cluster": ["c"],
        "topic": ["t"],
        "partition": [0],
        "leader": [1],
        "replicas": [[1, 2, 3]],
        "isr": [[1, 2]],
    }
    configs = {"cluster": ["c"], "topic": ["t"], "name": [MIN_ISR], "value": ["3"]}
    told = partition_effects(frame(below), lost={"c": [2]}, configs=frame(configs))
    assert rows(told, "not_writable", "interrupted") == [(False, True)]


def test_bytes_that_are_unknown_are_not_nothing(shares, frame, rows):
    unknown = PARTITIONS | {"bytes_in_per_s": [None] * 4}
    made = frame(unknown, schema_overrides={"bytes_in_per_s": pl.Float64})
    told = predicted_blast(made, frame(FLOWS), lost={"c": [2]}, configs=frame(CONFIGS))
    bytes_in = [row for row in rows(told, "what", "share", "unknown") if row[0] == "bytes_in_per_s"]
    assert bytes_in[0] == ("bytes_in_per_s", None, 4)


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        ({"d": [1]}, "unknown cluster lost 'd'"),
        ({"c": [9]}, "unknown broker lost of c '9'.* Allowed: 1, 2, 3"),
    ],
)
def test_what_is_not_there_cannot_be_lost(shares, lost, message):
    with pytest.raises(InputError, match=message):
        shares(lost)


@st.composite
def clusters(draw):
    """Draw partitions on up to 5 brokers, with their in-sync replicas and min.insync.replicas."""
    brokers = list(range(1, draw(st.integers(2, 5)) + 1))
    rows = []
    for number in range(draw(st.integers(1, 6))):
        replicas = draw(st.permutations(brokers))[: draw(st.integers(1, len(brokers)))]
        isr = [b for i, b in enumerate(replicas) if i == 0 or draw(st.booleans())]
        rows.append((f"t{number}", replicas, isr, str(draw(st.integers(1, 3)))))
    topics, replicas, isr, least = zip(*rows, strict=True)
    partitions = pl.DataFrame(
        {"topic": topics, "leader": [r[0] for r in replicas], "replicas": replicas, "isr": isr}
    )
    placed = partitions.with_columns(cluster=pl.lit("c"), partition=pl.lit(0), bytes_in_per_s=pl.lit(1.0))
    configs = pl.DataFrame({"cluster": "c", "topic": topics, "name": MIN_ISR, "value": least})
    flows = pl.DataFrame({"client": topics, "kind": "producer", "topic": topics})
    held = sorted({b for r in replicas for b in r})
    return placed, configs, flows, held


@given(clusters(), st.data())
def test_losing_more_brokers_never_takes_less(cluster, data):
    placed, configs, flows, brokers = cluster
    few = data.draw(st.sets(st.sampled_from(brokers)))
    more = few | data.draw(st.sets(st.sampled_from(brokers)))
    told = [
        predicted_blast(placed, flows, lost={"c": lost}, configs=configs).filter(effect="loses_service")[
            "share"
        ]
        for lost in (few, more, brokers)
    ]
    for less, much, all_ in zip(*(shares.to_list() for shares in told), strict=True):
        assert less is None or less <= much <= all_ == 1.0


@given(clusters(), st.data())
def test_effects_exclude_each_other(cluster, data):
    placed, configs, _, brokers = cluster
    lost = data.draw(st.sets(st.sampled_from(brokers)))
    told = partition_effects(placed, lost={"c": lost}, configs=configs)
    flags = told.select(pl.sum_horizontal("unavailable", "not_writable", "interrupted")).to_series()
    assert flags.max() <= 1
    assert told.filter("leader_moves").filter(~pl.col("interrupted")).is_empty()

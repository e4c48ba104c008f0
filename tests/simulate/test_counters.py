"""Two brokers, a topic of two partitions (10 B a record) and one of a single partition (5 B), two copies each."""

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.simulate.counters import Counters


@pytest.fixture
def counters():
    made = Counters(
        2,
        2,
        topic=np.array([0, 0, 1]),
        record_bytes=np.array([10, 10, 5]),
        replicas=np.array([[0, 1], [1, 0], [0, 1]]),
    )
    made.lead(np.array([0, 1, 0]))
    return made


def step(counters, *records, reads=(0, 0, 0)):
    return counters.advance(np.array([records]), np.array([reads]))


def series(counted, metric="bytes_in_total"):
    return {
        (int(b), int(t)): int(v)
        for b, t, v in zip(counted.broker, counted.topic, counted.topics[metric][-1], strict=True)
    }


def test_leaders_count_their_topics_and_followers_what_they_copy(counters):
    counted = step(counters, 1, 2, 3, reads=(4, 0, 2))
    assert series(counted) == {(0, 0): 10, (0, 1): 15, (1, 0): 20}
    assert series(counted, "bytes_out_total") == {(0, 0): 40, (0, 1): 10, (1, 0): 0}
    aggregates = {name: values[-1].tolist() for name, values in counted.brokers.items()}
    assert aggregates == {
        "messages_in_total": [4, 2],
        "bytes_in_total": [25, 20],
        "bytes_out_total": [50, 0],
        "replication_bytes_in_total": [20, 25],
        "replication_bytes_out_total": [25, 20],
    }


def test_counters_run_on(counters):
    counted = counters.advance(np.array([[1, 0, 0], [1, 0, 0]]), np.zeros((2, 3), dtype=int))
    assert counted.brokers["bytes_in_total"].tolist() == [[10, 0], [20, 0]]
    assert series(step(counters, 1, 0, 0))[0, 0] == 30


def test_a_broker_that_leads_no_longer_drops_the_topic_and_keeps_its_aggregate(counters):
    step(counters, 1, 1, 1)
    counters.lead(np.array([1, 1, 0]))
    counted = step(counters, 1, 0, 0)
    assert series(counted) == {(0, 1): 5, (1, 0): 20}
    assert counted.brokers["bytes_in_total"][-1].tolist() == [15, 20]
    counters.lead(np.array([0, 1, 0]))
    assert series(step(counters, 1, 0, 0))[0, 0] == 10


def test_a_restart_sets_all_of_a_broker_to_0(counters):
    step(counters, 1, 1, 1)
    counters.restart(0)
    counted = step(counters, 0, 0, 1)
    assert series(counted) == {(0, 0): 0, (0, 1): 5, (1, 0): 10}
    assert counted.brokers["bytes_in_total"][-1].tolist() == [5, 10]
    assert counted.brokers["replication_bytes_in_total"][-1].tolist() == [0, 20]


def test_counters_from_before_add_up(counters):
    counters.begin(np.array([3, 5]), np.array([1, 1, 1]), np.array([0, 0, 0]))
    counted = step(counters, 0, 0, 0)
    assert series(counted) == {(0, 0): 30, (0, 1): 15, (1, 0): 50}
    assert counted.brokers["bytes_in_total"][-1].tolist() == [45, 50]


def test_a_partition_that_is_not_there_counts_nowhere(counters):
    counters.lead(np.array([0, -1, -1]))
    assert series(step(counters, 1, 7, 7)) == {(0, 0): 10}

from __future__ import annotations

import numpy as np
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.simulate.plan import plan_of
from kafka_analysis.simulate.rates import partition_rates


def rates(topics=2, **planted):
    plan = plan_of({"brokers": 4, "partitions": 16, "topics": topics, "bytes_per_s": 800, **planted})
    number, each = np.arange(16), 16 // topics
    topic, partition = number // each, number % each
    found = partition_rates(plan, weights=1.0 + number, topic=topic, partition=partition, leader=number % 4)
    return found, np.bincount(number % 4, weights=found), topic


def test_brokers_are_even_unless_they_are_hot():
    assert rates()[1] == pytest.approx([200] * 4)
    assert rates(hot_brokers=["2:2.5"])[1] == pytest.approx([100, 500, 100, 100])
    assert rates(hot_brokers=["4:0.5"])[1] == pytest.approx([700 / 3] * 3 + [100])


def test_a_hot_partition_takes_its_share_and_brokers_keep_theirs():
    found, load, topic = rates(hot_brokers=["1:1.6"], skewed_topics=["topic-2:0.5"])
    assert found[8] / found[topic == 1].sum() == pytest.approx(0.5, rel=1e-4)
    assert load == pytest.approx([320, 160, 160, 160], rel=1e-4)
    assert (found > 0).all()


def test_too_much_at_once_is_refused():
    with pytest.raises(InputError, match="cannot carry"):
        rates(topics=1, hot_brokers=["1:0.01"], skewed_topics=["topic-1:0.9"])


def test_a_topic_of_one_partition_cannot_be_skewed():
    with pytest.raises(InputError, match="topic-01 has a single partition"):
        rates(topics=16, skewed_topics=["topic-01:0.5"])

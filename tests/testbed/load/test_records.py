from __future__ import annotations

from collections import Counter

import pytest

from testbed.load.records import Records, allowance
from testbed.scenario import TopicSpec, load_scenario


def spec(**changes: object) -> TopicSpec:
    fields = {"name": "t", "team": "a", "shape": "keyed", "partitions": 4, "placement": ((1,),)}
    return TopicSpec.model_validate({**fields, "bytes_per_s": 1000, "record_bytes": 100, **changes})


def test_same_seed_same_records() -> None:
    one, same, other = (Records(spec(), seed=seed) for seed in (1, 1, 2))
    first = [one.next() for _ in range(50)]
    assert first == [same.next() for _ in range(50)]
    assert first != [other.next() for _ in range(50)]


def test_the_first_key_is_hot() -> None:
    records = Records(spec(keys=100), seed=1)
    (key, count), (_, second) = Counter(records.next().key for _ in range(2000)).most_common(2)
    assert key == b"a-0"
    assert count > 1.5 * second


def test_records_without_keys_have_the_size_asked_for_on_average() -> None:
    records = Records(spec(shape="plain"), seed=1)
    sent = [records.next() for _ in range(500)]
    assert {record.key for record in sent} == {None}
    assert sum(len(record.value) for record in sent) / 500 == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize("topic", load_scenario("full").topics, ids=lambda topic: topic.name)
def test_allowance_keeps_the_rate_over_a_whole_number_of_bursts(topic: TopicSpec) -> None:
    assert allowance(topic, 240) == pytest.approx(240 * topic.bytes_per_s / topic.record_bytes)

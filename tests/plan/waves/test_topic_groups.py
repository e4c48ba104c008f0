from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.waves.topic_groups import topic_groups_of

FLOWS = pl.DataFrame(
    {
        "client": ["etl", "etl", "pay", "a"],
        "kind": ["group", "group", "producer", "group"],
        "topic": ["a", "c", "d", "b"],
    }
)


@pytest.mark.parametrize(
    ("together", "groups"),
    [
        ([], [0, 1, 2, 3]),
        ([{"b", "d"}], [0, 1, 2, 1]),
        ([{"etl"}], [0, 1, 0, 2]),
        ([{"b", "c"}, {"c", "d"}], [0, 1, 1, 1]),
        ([{"etl", "pay"}], [0, 1, 0, 0]),
        ([{"topic:a", "b"}], [0, 0, 1, 2]),
        ([{"group:a", "d"}], [0, 1, 2, 1]),
    ],
)
def test_sets_with_a_member_in_common_are_one(together, groups):
    assert topic_groups_of(["a", "b", "c", "d"], FLOWS, together).tolist() == groups


def test_a_topic_that_stays_is_passed_over():
    assert topic_groups_of(["a", "b"], FLOWS, [{"etl"}]).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"nobody"}, "together: 'nobody' is neither a topic nor a client"),
        ({"producer:etl"}, "together: 'producer:etl' is neither"),
        ({"a"}, "'a' is both a topic and a client; write topic:a, group:a or producer:a"),
    ],
)
def test_names_that_mean_nothing_or_two_things_are_refused(names, message):
    with pytest.raises(InputError, match=message):
        topic_groups_of(["a", "b"], FLOWS, [names])

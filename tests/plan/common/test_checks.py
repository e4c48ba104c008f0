from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.checks import check_replicas, named, with_columns_needed


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_a_frame_of_any_kind_is_taken(frame):
    rows = with_columns_needed(frame({"wave": [1], "topic": ["t"]}), "waves", ["topic", "wave"])
    assert rows.rows() == [(1, "t")]


def test_a_missing_column_is_named_with_those_that_are_needed():
    with pytest.raises(InputError, match=r"waves.*'wave'.*topic, wave"):
        with_columns_needed(pl.DataFrame({"topic": ["t"]}), "waves", ["topic", "wave"])


@pytest.mark.parametrize(
    ("numbers", "names"),
    [([0], "partition t-0 is"), ([0, 0], "partition t-0 is"), ([1, 0], "partitions t-0, t-1 are")],
)
def test_one_partition_is_singular_however_often_it_is_listed(numbers, names):
    rows = pl.DataFrame({"topic": "t", "partition": numbers})
    assert named(rows, " is", " are") == names


@pytest.mark.parametrize(
    ("topics", "replicas", "message"),
    [
        (["t"], [[]], "partition t-0 of the cluster has no replica; list"),
        (
            ["t", "u"],
            [[1, 1], [2, 2]],
            "partitions t-0, u-0 of the cluster have two replicas on one broker; list",
        ),
        (["t", "t"], [[1], [2]], "partition t-0 of the cluster is listed twice; list"),
        (["t"], [[1, None]], "partition t-0 of the cluster has a replica without a broker; list"),
    ],
)
def test_what_is_wrong_with_replicas_is_one_sentence(topics, replicas, message):
    kinds = {"topic": pl.String, "partition": pl.Int32, "replicas": pl.List(pl.Int32)}
    rows = pl.DataFrame({"topic": topics, "partition": 0, "replicas": replicas}, schema=kinds)
    with pytest.raises(InputError, match=message):
        check_replicas(rows)

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.reassignment import ASSIGNMENT, changed, read_reassignment, reassignment_json


def table(*rows: tuple[str, int, list[int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=ASSIGNMENT, orient="row")


def written(*rows: tuple[str, object, object], **more: object) -> str:
    partitions = [dict(zip(ASSIGNMENT, row, strict=True)) for row in rows]
    return json.dumps({"version": 1, "partitions": partitions} | more)


replicas = st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5, unique=True)
places = st.dictionaries(st.tuples(st.text(min_size=1, max_size=9), st.integers(0, 9)), replicas, max_size=6)


@given(places)
def test_what_is_written_is_read_again_and_is_json(rows):
    assignment = table(*((topic, partition, row) for (topic, partition), row in rows.items()))
    text = reassignment_json(assignment)
    assert read_reassignment(text).equals(assignment.sort("topic", "partition"))
    told = json.loads(text)
    assert told["version"] == 1
    assert all(len(one["log_dirs"]) == len(one["replicas"]) for one in told["partitions"])


def test_log_directories_and_what_else_there_is_are_passed_over():
    text = '{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[2,1],"log_dirs":["any","any"]}],"x":1}'
    assert read_reassignment(text).rows() == [("t", 0, [2, 1])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Invalid JSON"),
        ("<html>", "Invalid JSON"),
        ("[]", "should be an object"),
        ('{"version": 2, "partitions": []}', "version: Input should be 1"),
        ('{"version": 1}', "partitions: Field required"),
        (written(("t", 0, [])), r"partitions.0.replicas: .* at least 1 item"),
        (written(("t", -1, [1])), "partitions.0.partition: .* greater than or equal to 0"),
        (written(("t", "0", [1])), "partitions.0.partition: Input should be a valid integer"),
        (written(("t", 0, [1, 1])), "t-0 has two replicas on one broker; list"),
        (written(("t", 0, [1]), ("t", 0, [2])), "t-0 is listed twice; list"),
    ],
)
def test_what_is_no_reassignment_is_told_in_one_line(text, message):
    with pytest.raises(InputError, match=message) as caught:
        read_reassignment(text)
    assert "\n" not in str(caught.value)


def test_only_what_changes_is_kept_and_an_order_is_a_change():
    before = table(("t", 0, [1, 2]), ("t", 1, [1, 2]), ("t", 2, [1, 2]))
    after = table(("t", 2, [1, 3]), ("t", 0, [2, 1]), ("t", 1, [1, 2]))
    assert changed(before, after).rows() == [("t", 0, [2, 1]), ("t", 2, [1, 3])]


def test_a_partition_the_cluster_has_not_is_named():
    with pytest.raises(InputError, match="u-0 is not a partition of the cluster; remove it"):
        changed(table(("t", 0, [1])), table(("u", 0, [1])))

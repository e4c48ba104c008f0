from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Finding, Light
from kafka_analysis.stats.load.inventory_results import inventory_results, inventory_verdict

FULL = {"c": Coverage(expected=10, seen=10)}
POOR = {"c": Coverage(expected=10, seen=5)}
PARTITIONS = {
    "cluster": pl.String, "topic": pl.String, "partition": pl.Int32, "leader": pl.Int32,
    "replicas": pl.List(pl.Int32), "isr": pl.List(pl.Int32),
}  # fmt: skip


def figures(result) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in result.figures}


@pytest.fixture
def brokers(frame):
    rows = [("c", 1, "a"), ("c", 2, "b"), ("c", 3, "z"), ("other", 9, "a")]
    return frame(rows, schema=["cluster", "broker", "rack"], orient="row")


@pytest.fixture
def partitions(frame):
    rows = [
        ("c", "t", 0, 1, [1, 2, 3], [1, 2, 3]),
        ("c", "t", 1, 2, [2, 3, 1], [2, 3, 1]),
        ("other", "u", 0, 9, [9], [9]),
    ]
    return frame(rows, schema=PARTITIONS, orient="row")


@pytest.fixture
def inventory(frame, brokers):
    def answer(placed, sizes=(5.0, 5.0, 5.0), coverage=FULL, clusters=("c",)):
        load = frame({"cluster": ["c"] * len(sizes), "size_bytes": list(sizes)})
        groups = frame({"cluster": ["c", "c", "other"], "group": ["g", "g", "h"], "state": "EMPTY"})
        return inventory_results(
            clusters=clusters, coverage=coverage, brokers=brokers, partitions=placed, load=load, groups=groups
        )[0]

    return answer


def test_an_inventory_counts_one_cluster_only(inventory, partitions):
    result = inventory(partitions)
    assert result.verdict.light is Light.GREEN
    assert figures(result) == {"brokers": 3, "topics": 1, "partitions": 2, "size_bytes": 15.0, "groups": 1}


def test_what_is_unsafe_is_found_and_decides(inventory, frame):
    result = inventory(frame([("c", "t", 0, -1, [1, 2, 3], [])], schema=PARTITIONS, orient="row"))
    assert result.verdict.light is Light.RED
    assert [finding.light for finding in result.findings] == [Light.RED, Light.RED]


def test_a_size_that_one_broker_did_not_tell_makes_the_sum_unknown(inventory, partitions):
    assert figures(inventory(partitions, sizes=(5.0, None)))["size_bytes"] is None


def test_placement_is_judged_however_few_scrapes_there_are(inventory, frame, partitions):
    lost = frame([("c", "t", 0, -1, [1, 2, 3], [])], schema=PARTITIONS, orient="row")
    assert inventory(lost, coverage=POOR).verdict.light is Light.RED
    assert inventory(partitions, coverage={}).verdict.light is Light.GREEN


def test_where_no_partition_is_known_nothing_is_judged(inventory, partitions):
    result = inventory(partitions, clusters=("gone",), coverage={"gone": POOR["c"]})
    assert (result.verdict.light, result.findings) == (Light.GREY, ())
    assert "50 % of the expected scrapes" in result.verdict.sentence


ALL_SEEN = Coverage(expected=100, seen=100)


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


def finding(light: str) -> Finding:
    return Finding(light=Light(light), title=f"a {light} thing")


@pytest.mark.parametrize(
    ("lights", "expected"),
    [
        (["amber"], ("amber", "a amber thing.")),
        (["amber", "red"], ("red", "a red thing (and 1 more finding).")),
        (["grey", "green", "amber"], ("amber", "a amber thing (and 2 more findings).")),
        (["green", "grey"], ("grey", "a grey thing (and 1 more finding).")),
    ],
)
def test_the_worst_finding_judges_the_inventory(lights, expected):
    assert told(inventory_verdict([finding(n) for n in lights], coverage=ALL_SEEN, partitions=3)) == expected


def test_an_inventory_without_findings_is_sound():
    assert told(inventory_verdict([], coverage=ALL_SEEN, partitions=12))[0] == "green"


def test_an_inventory_of_nothing_is_not_judged():
    assert told(inventory_verdict([], coverage=ALL_SEEN, partitions=0)) == (
        "grey",
        "no verdict: the cluster had none of the chosen topics in the window.",
    )

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Light
from kafka_analysis.stats.skew.results import skew_results, skew_verdict

FULL = {"c": Coverage(expected=10, seen=10)}
POOR = {"c": Coverage(expected=10, seen=5)}
PARTITIONS = {
    "cluster": pl.String, "topic": pl.String, "partition": pl.Int32, "leader": pl.Int32,
    "replicas": pl.List(pl.Int32), "isr": pl.List(pl.Int32),
}  # fmt: skip
LOAD = {
    "cluster": pl.String, "broker": pl.Int32, "rack": pl.String, "size_bytes": pl.Float64,
    "bytes_in_per_s": pl.Float64, "bytes_out_per_s": pl.Float64, "leaders": pl.Int64, "replicas": pl.Int64,
}  # fmt: skip


CAUSES = {
    "cluster": pl.String, "resource": pl.String, "cause": pl.String, "excess": pl.Float64, "share": pl.Float64,
    "names": pl.String, "evidence": pl.String,
}  # fmt: skip


def figures(result) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in result.figures}


@pytest.fixture
def skew(frame):
    def answer(*brokers, coverage=FULL, records=(1.0, 1.0), causes=(), **options):
        shares = frame(
            [("c", "bytes_in_per_s", 1, "orders", 30.0)],
            schema=["cluster", "resource", "broker", "topic", "value"],
            orient="row",
        )
        partitions = frame(
            {
                "cluster": "c",
                "topic": "t",
                "partition": list(range(len(records))),
                "records_per_s": list(records),
            }
        )
        load = frame(list(brokers), schema=LOAD, orient="row")
        found = frame(list(causes), schema=CAUSES, orient="row")
        return skew_results(
            load, clusters=["c"], coverage=coverage, shares=shares, partitions=partitions, causes=found,
            placed=frame([], schema=PARTITIONS, orient="row"), **options,
        )[0]  # fmt: skip

    return answer


UNEVEN = (("c", 1, "a", 9.0, 30.0, 3.0, 1, 3), ("c", 2, "b", 9.0, 10.0, 3.0, 1, 3))
EVEN = (("c", 1, "a", 9.0, 10.0, 3.0, 1, 3), ("c", 2, "b", 9.0, 10.0, 3.0, 1, 3))


def test_the_fullest_broker_decides_and_its_topics_are_told(skew):
    result = skew(*UNEVEN)
    assert result.verdict.light is Light.RED
    assert "broker 1 carries 1.50 × the mean of bytes in" in result.verdict.sentence
    assert "orders" in result.findings[0].detail
    assert figures(result) == {
        "bytes_in_per_s_max_over_mean": 1.5, "bytes_out_per_s_max_over_mean": 1.0,
        "size_bytes_max_over_mean": 1.0, "leaders_max_over_mean": 1.0, "size_bytes_net_imbalance": 0.0,
    }  # fmt: skip


def test_thresholds_are_the_reader_s(skew):
    assert skew(*UNEVEN, amber=1.4, red=1.6).verdict.light is Light.AMBER
    assert skew(*UNEVEN, amber=1.6, red=1.8).verdict.light is Light.GREEN
    assert skew(*UNEVEN, amber=1.6, red=1.8).findings == ()


def test_an_even_cluster_may_still_have_a_hot_partition(skew):
    result = skew(*EVEN, records=(8.0, 1.0, 1.0))
    assert result.verdict.light is Light.GREEN
    assert [finding.light for finding in result.findings] == [Light.AMBER]


def test_a_resource_nobody_measured_is_unknown_in_its_figure(skew):
    blind = [(*row[:4], None, *row[5:]) for row in EVEN]
    assert figures(skew(*blind))["bytes_in_per_s_max_over_mean"] is None


def test_the_least_to_move_is_told_in_bytes(skew):
    full = [(*row[:3], size, *row[4:]) for row, size in zip(EVEN, (30.0, 10.0), strict=True)]
    assert figures(skew(*full))["size_bytes_net_imbalance"] == 10.0
    unknown = [(*row[:3], None, *row[4:]) for row in EVEN]
    assert figures(skew(*unknown))["size_bytes_net_imbalance"] is None


def test_the_largest_cause_is_in_the_verdict_and_comes_first(skew):
    causes = [("c", "bytes_in_per_s", "leaders", 10.0, 0.8, "broker 1", "measured"),
              ("other", "bytes_in_per_s", "racks", 10.0, 0.9, "rack a", "measured")]  # fmt: skip
    result = skew(*UNEVEN, causes=causes)
    assert "the mean of bytes in (80 % of the excess: unbalanced leaders);" in result.verdict.sentence
    assert [f.title for f in result.findings] == [
        "unbalanced leaders: 80 % of the excess of bytes in", "broker 1 carries 1.50 × the mean of bytes in",
    ]  # fmt: skip


def test_without_coverage_the_causes_are_kept_and_not_judged(skew):
    causes = [("c", "bytes_in_per_s", "leaders", 10.0, 0.8, "broker 1", "measured")]
    result = skew(*UNEVEN, coverage=POOR, causes=causes)
    assert result.verdict.light is Light.GREY
    assert "unbalanced leaders" in result.findings[0].title


def test_a_cluster_nobody_scraped_is_not_judged(skew):
    assert skew(*UNEVEN, coverage={}).verdict.light is Light.GREY


ALL_SEEN = Coverage(expected=100, seen=100)
SKEW = {"resource": pl.String, "n": pl.Int64, "top": pl.String, "max_over_mean": pl.Float64}


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


@pytest.fixture
def judged_skew(frame):
    def judge(*rows, coverage=ALL_SEEN, **options):
        return told(skew_verdict(frame(rows, schema=SKEW, orient="row"), coverage=coverage, **options))

    return judge


def test_the_most_uneven_resource_decides(judged_skew):
    assert judged_skew(("leaders", 3, "1", 1.3), ("size_bytes", 3, "2", 1.6), ("replicas", 3, "3", 1.0)) == (
        "red",
        "broker 2 carries 1.60 × the mean of bytes stored; 2 of 3 measures exceed the 1.20 × limit.",
    )


def test_between_the_thresholds_it_is_amber(judged_skew):
    assert judged_skew(("leaders", 3, "1", 1.49))[0] == "amber"
    assert judged_skew(("leaders", 3, "1", 1.49), red=1.4)[0] == "red"
    assert judged_skew(("leaders", 3, "1", 1.49), amber=1.495)[0] == "green"


def test_an_even_cluster_is_green(judged_skew):
    assert judged_skew(("leaders", 3, "1", 1.1), ("replicas", 3, "2", 1.0)) == (
        "green",
        "even: no broker carries more than 1.10 × the mean of leaders.",
    )


@pytest.mark.parametrize(
    "row", [("leaders", 1, "1", 1.0), ("leaders", 3, None, None), ("leaders", 0, None, None)]
)
def test_one_broker_or_no_load_cannot_be_uneven(judged_skew, row):
    reason = "no verdict: fewer than two brokers carried any load in the window."
    assert judged_skew(row) == ("grey", reason)
    assert judged_skew() == ("grey", reason)


def test_of_equally_uneven_resources_the_first_is_told(judged_skew):
    assert "mean of leaders" in judged_skew(("leaders", 2, "1", 2.0), ("replicas", 2, "1", 2.0))[1]

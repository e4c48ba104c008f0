from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Light
from kafka_analysis.stats.scope.results import capture_results

METRICS = ("bytes_in_total", "bytes_out_total", "messages_in_total", "log_size_bytes")
FULL = {"c": Coverage(expected=10, seen=10)}
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
def capture(frame, brokers, partitions):
    def answer(gaps=(), metrics=METRICS, coverage=FULL, clusters=("c",)):
        found = capture_results(
            clusters=clusters,
            coverage=coverage,
            gaps=frame({"cluster": list(gaps)}, schema={"cluster": pl.String}),
            metrics=frame({"cluster": ["c"] * len(metrics), "metric": list(metrics)}),
            brokers=brokers,
            partitions=partitions,
            minutes=40.0,
        )
        return found[0] if len(clusters) == 1 else found

    return answer


def test_a_capture_without_gaps_and_with_all_metrics_is_good(capture):
    result = capture()
    assert result.verdict.light is Light.GREEN
    assert figures(result) == {"minutes": 40.0, "scrapes_seen": 1.0, "gaps": 0, "brokers": 3, "partitions": 2}


def test_rates_that_brokers_report_stand_in_for_counters(capture):
    reported = [name.replace("_total", "_per_s") for name in METRICS]
    assert capture(metrics=reported).verdict.light == Light.GREEN
    assert (
        "bytes_out_total" in capture(metrics=[m for m in reported if m != "bytes_out_per_s"]).verdict.sentence
    )


def test_gaps_are_those_of_the_cluster(capture):
    result = capture(gaps=["c", "other", "c"])
    assert (result.verdict.light, figures(result)["gaps"]) == (Light.AMBER, 2)


def test_a_missing_metric_is_named(capture):
    result = capture(metrics=["bytes_in_total", "bytes_out_total", "log_size_bytes"])
    assert result.verdict.light is Light.RED
    assert "messages_in_total" in result.verdict.sentence


def test_a_cluster_nobody_scraped_has_unknown_counts_and_is_not_judged(capture):
    known, unknown = capture(clusters=("c", "gone"))
    assert known.verdict.light is Light.GREEN
    assert unknown.verdict.light is Light.GREY
    assert "broker numbers unknown" in unknown.verdict.sentence
    assert (figures(unknown)["brokers"], figures(unknown)["partitions"]) == (None, None)

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Evidence, Finding, Light
from kafka_analysis.stats import answers
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.traffic.kinds import FLOWS

METRICS = ("bytes_in_total", "bytes_out_total", "messages_in_total", "log_size_bytes")
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
def capture(frame, brokers, partitions):
    def answer(gaps=(), metrics=METRICS, coverage=FULL, clusters=("c",)):
        found = answers.capture_answers(
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
    assert "no broker of it was scraped" in unknown.verdict.sentence
    assert (figures(unknown)["brokers"], figures(unknown)["partitions"]) == (None, None)


@pytest.fixture
def inventory(frame, brokers):
    def answer(placed, sizes=(5.0, 5.0, 5.0), coverage=FULL, clusters=("c",)):
        load = frame({"cluster": ["c"] * len(sizes), "size_bytes": list(sizes)})
        groups = frame({"cluster": ["c", "c", "other"], "group": ["g", "g", "h"], "state": "EMPTY"})
        return answers.inventory_answers(
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


def test_without_coverage_the_findings_are_kept_and_not_judged(inventory, frame):
    lost = frame([("c", "t", 0, -1, [1, 2, 3], [])], schema=PARTITIONS, orient="row")
    result = inventory(lost, coverage=POOR)
    assert result.verdict.light is Light.GREY
    assert result.findings


TRAFFIC = {"cluster": pl.String, "kind": pl.String, **dict.fromkeys(FLOWS, pl.Float64), "evidence": pl.String}


@pytest.fixture
def throughput(frame):
    def answer(
        after, before=(("old", "business", 100.0, 50.0, 10.0, "measured"),), change=0.0, targets=("new",), **o
    ):
        rows = [(flow, 100.0, 100.0 * (1 + change), change) for flow in FLOWS]
        schema = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}
        return answers.throughput_answer(
            frame(rows, schema=schema, orient="row"),
            before=frame(list(before), schema=TRAFFIC, orient="row"),
            after=frame(list(after), schema=TRAFFIC, orient="row"),
            targets=targets,
            coverage=o.pop("coverage", FULL["c"]),
            **o,
        )

    return answer


MOVED = (
    ("new", "business", 75.0, 0.0, 1.0, "estimated"),
    ("new", "migration", 20.0, 0.0, 1.0, "estimated"),
    ("old", "business", 25.0, 0.0, 1.0, "measured"),
)


def test_what_the_targets_carry_is_a_share_of_the_business(throughput):
    result = throughput(MOVED)
    assert result.cluster == answers.ALL_CLUSTERS
    assert result.verdict.light is Light.GREEN
    assert figures(result)["share_on_targets"] == 0.75
    assert figures(result)["migration_after"] == 20.0


def test_a_figure_of_estimates_says_so(throughput):
    evidence = {figure.name: figure.evidence for figure in throughput(MOVED).figures}
    assert evidence["bytes_in_before"] is Evidence.MEASURED
    assert evidence["bytes_in_after"] is Evidence.ESTIMATED
    assert evidence["migration_after"] is Evidence.ESTIMATED


def test_without_targets_or_traffic_no_share_is_known(throughput):
    assert figures(throughput(MOVED, targets=()))["share_on_targets"] is None
    nothing = throughput((), targets=("new",))
    assert figures(nothing)["share_on_targets"] is None
    assert figures(nothing)["migration_after"] is None


def test_without_migration_traffic_there_was_none(throughput):
    assert figures(throughput(MOVED[2:]))["migration_after"] == 0.0


def test_traffic_that_fell_is_told(throughput):
    assert throughput(MOVED, change=-0.5).verdict.light is Light.RED


def test_guessed_windows_are_shown_and_not_judged(throughput):
    t = datetime(2026, 1, 1, tzinfo=UTC)
    result = throughput(MOVED, change=-0.5, windows=[Window(t, t), Window(t, t, guessed=True)])
    assert result.verdict.light is Light.GREY
    assert "no event says" in result.verdict.sentence
    assert figures(result)["bytes_in_after"] == 50.0


LOST = Finding(light=Light.AMBER, title="1 topic lost 20 % or more of its bytes in (t)")


def test_a_topic_that_lost_is_a_finding_and_turns_the_light(throughput):
    result = throughput(MOVED, findings=[LOST])
    assert result.verdict.light is Light.AMBER
    assert result.findings == (LOST,)


def test_where_nothing_is_judged_there_are_no_findings(throughput):
    t = datetime(2026, 1, 1, tzinfo=UTC)
    assert throughput(MOVED, findings=[LOST], coverage=Coverage(expected=9, seen=1)).findings == ()
    assert throughput(MOVED, findings=[LOST], windows=[Window(t, t, guessed=True)]).findings == ()

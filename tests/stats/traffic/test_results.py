from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Evidence, Finding, Light
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.traffic.kinds import FLOWS
from kafka_analysis.stats.traffic.results import ALL_CLUSTERS, throughput_result

FULL = {"c": Coverage(expected=10, seen=10)}


def figures(result) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in result.figures}


TRAFFIC = {"cluster": pl.String, "kind": pl.String, **dict.fromkeys(FLOWS, pl.Float64), "evidence": pl.String}


@pytest.fixture
def throughput(frame):
    def answer(
        after, before=(("old", "business", 100.0, 50.0, 10.0, "measured"),), change=0.0, targets=("new",), **o
    ):
        rows = [(flow, 100.0, 100.0 * (1 + change), change) for flow in FLOWS]
        schema = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}
        return throughput_result(
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
    assert result.cluster == ALL_CLUSTERS
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

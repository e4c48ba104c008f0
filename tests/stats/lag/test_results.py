from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage
from kafka_analysis.stats import describe_pace, lag_results

ROW = {
    "cluster": "c", "group": "g", "condition": "keeps up", "lag_records": 9, "lag_seconds": 5.0, "is_at_least": False,
    "retention_used": 0.01, "seconds_to_loss": None, "lost_records": 0,
}  # fmt: skip


def result(*rows: dict, seen: int = 10):
    overrides = {"seconds_to_loss": pl.Float64, "lag_seconds": pl.Float64, "lag_records": pl.Int64}
    table = pl.DataFrame([{**ROW, **row} for row in rows] or [ROW], schema_overrides=overrides)
    coverage = {"c": Coverage(expected=10, seen=seen, required_ratio=0.5)}
    (done,) = lag_results(table if rows else table.clear(), coverage=coverage)
    return done


@pytest.mark.parametrize(
    ("rows", "light", "words"),
    [
        ([{}], "green", "1 group with members keeps up; farthest behind is g: 9 records, 5 s behind."),
        (
            [{"condition": "stuck"}],
            "red",
            "1 group reads nothing although records are waiting (g); farthest behind is g",
        ),
        (
            [{"condition": "unknown", "lag_records": None, "lag_seconds": None}],
            "grey",
            "the lag of every group is unknown",
        ),
        (
            [{}, {"group": "s", "condition": "unknown", "lag_records": None, "lag_seconds": None}],
            "green",
            "1 group with",
        ),
        ([{"condition": "empty", "lag_records": 0, "lag_seconds": 0.0}], "green", "no group has members"),
        ([], "grey", "the lag of every group is unknown"),
        ([{"lag_records": 0, "lag_seconds": 0.0}], "green", "1 group with members keeps up."),
    ],
)
def test_the_verdict_is_that_of_the_worst_finding(rows, light, words) -> None:
    verdict = result(*rows).verdict
    assert (verdict.light.value, words in verdict.sentence) == (light, True)


def test_too_few_answers_judge_nothing() -> None:
    verdict = result({"condition": "stuck"}, seen=4).verdict
    assert verdict.sentence == "no verdict: only 40 % of the expected scrapes are there; 50 % are required."


def test_figures_count_groups_with_members_and_say_unknown_for_none() -> None:
    done = result({}, {"group": "old", "condition": "empty", "lag_records": 500, "lag_seconds": 99.0})
    figures = {figure.name: figure.value for figure in done.figures}
    assert figures == {
        "groups_known": 2, "lag_records": 9.0, "lag_seconds_max": 5.0, "retention_used_max": 0.01, "lost_records": 0.0,
    }  # fmt: skip
    nobody = {figure.name: figure.value for figure in result({"condition": "empty"}).figures}
    assert (nobody["lag_records"], nobody["lag_seconds_max"]) == (None, None)


def test_the_pace_is_said_for_each_cluster() -> None:
    assert describe_pace(pl.DataFrame(schema={"ts": pl.Datetime("ms", "UTC"), "cluster": pl.String})) == []

"""Figures and findings of a rebalance."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Evidence, Light
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.rebalance.results import rebalance_results

SEEN = {"c": Coverage(expected=10, seen=10)}
STORED = ("size_bytes", 2.0, 1.08, 0.5, 0.95, "FIXED")
TRAFFIC = ("bytes_out_per_s", 1.4, 1.3, 0.7, 0.8, "VIOLATED")


def answer(plan, coverage=SEEN):
    (result,) = rebalance_results([Outcome("c", plan)], coverage=coverage)
    return result


def figures(plan):
    return {f.name: (f.value, f.unit, f.evidence.value) for f in answer(plan).figures}


def steps(*rows):
    schema = {"kind": pl.String, "worst": pl.Float64, "worst_resource": pl.String, "leader_changes": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_five_figures_with_units_and_what_they_rest_on(made_up):
    assert figures(made_up(STORED)) == {
        "bytes_to_move": (12e9, "B", "measured"),
        "minutes": (15.0, "min", "estimated"),
        "fullest_before": (2.0, "× mean", "measured"),
        "fullest_after": (1.08, "× mean", "measured"),
        "lower_bound_bytes": (11.6e9, "B", "measured"),
    }


def test_estimated_traffic_is_told(made_up):
    found = figures(made_up(STORED, TRAFFIC, estimated=True))
    assert found["fullest_before"][2] == "measured"  # sizes are worst now
    assert found["fullest_after"] == (1.3, "× mean", "estimated")
    assert found["lower_bound_bytes"][2] == "estimated"
    assert figures(made_up(STORED, TRAFFIC))["fullest_after"][2] == "measured"


def test_without_a_plan_every_figure_is_unknown():
    (found,) = rebalance_results([Outcome("c", unknown="nothing is known")], coverage=SEEN)
    assert {figure.value for figure in found.figures} == {None}
    assert found.findings == ()
    assert found.verdict.light is Light.GREY


def test_a_cluster_that_was_not_scraped_is_grey(made_up):
    assert "broker numbers unknown" in answer(made_up(STORED), coverage={}).verdict.sentence


def test_a_plan_is_a_finding_with_what_to_do(made_up):
    (found,) = answer(made_up(STORED)).findings
    assert found.light is Light.RED
    assert found.title == "a plan of 3 batches is ready; it changes 3 replicas and 1 preferred leader"
    assert found.detail == "12 GB are copied. It meets: bytes stored."
    assert found.action.startswith("Follow plan.md below")


def test_a_plan_of_leaders_copies_nothing(made_up):
    (found,) = answer(made_up(STORED, movements=0, leaders=2, batches=1)).findings
    assert found.title == "a plan of 1 batch is ready; it changes 2 preferred leaders"
    assert found.detail.startswith("Nothing is copied.")


def test_nothing_to_do_is_no_finding(made_up):
    even = ("replicas", 1.0, 1.0, 1.0, 1.0, "NO-ACTION")
    assert answer(made_up(even, movements=0, leaders=0)).findings == ()


@pytest.mark.parametrize(("leaders", "count"), [(1.5, 1), (1.96, 0)])
def test_leaders_that_help_by_themselves_are_a_finding(made_up, leaders, count):
    curve = steps(("now", 2.0, "size_bytes", 0), ("leaders", leaders, "replicas", 7))
    titles = [f.title for f in answer(made_up(STORED, trade_off=curve)).findings]
    assert (
        len(
            [
                t
                for t in titles
                if t == f"leaders alone bring the fullest broker from 2.00 to {leaders:.2f} × the mean"
            ]
        )
        == count
    )


def test_rules_are_findings_whether_they_are_mended_or_not(made_up):
    rules = (
        ("as many racks as possible", 1, 0, None, None, "FIXED"),
        ("as many copies", 4, 2, None, None, "VIOLATED"),
    )
    found = answer(made_up(STORED, rules=rules)).findings[1:]
    assert [(f.light, f.title, f.detail) for f in found] == [
        (
            Light.RED,
            "1 partition violates the rule 'replicas in as many racks as possible'",
            "The plan fixes all of them.",
        ),
        (
            Light.RED,
            "4 partitions violate the rule 'the requested replication factor'",
            "After the plan: 2 partitions.",
        ),
    ]


@pytest.mark.parametrize(
    ("options", "bound", "action"),
    [
        ({"leaders_only": True}, 1e9, "Let replicas move"),
        ({}, None, "Allow a larger tolerance, or split"),
        ({"max_moved_bytes": 1e9}, 1e9, "Allow more bytes or movements"),
        ({"tolerance": 0.2}, 1e9, "Allow a larger tolerance, or let more topics move"),
    ],
)
def test_goals_that_are_not_met_are_one_finding_with_a_way_out(made_up, options, bound, action):
    found = answer(made_up(STORED, TRAFFIC, options=options, bound=bound)).findings[-1]
    asked = "20 %" if "tolerance" in options else "10 %"
    assert found.title == f"after the plan, still more than {asked} off the mean: bytes out with replication"
    assert (
        found.detail
        == "Emptiest to fullest broker, × the mean: bytes out with replication 0.80 to 1.30 (now 0.70 to 1.40)."
    )
    assert found.action.startswith(action)


def test_what_must_be_looked_at_before_the_start_is_a_finding(made_up):
    plan = made_up(STORED)
    warned = replace(
        plan, execution=replace(plan.execution, warnings=("Disks are full.", "Racks are unknown."))
    )
    assert answer(warned).findings[-1].detail == "Disks are full. Racks are unknown."


def test_a_plan_that_cannot_start_says_why(made_up):
    found = answer(made_up(STORED, execution=None, held="partition t-0 is under-replicated"))
    assert (found.findings[0].light, found.findings[0].detail) == (
        Light.RED,
        "partition t-0 is under-replicated.",
    )
    assert found.figures[1].value is None
    assert found.figures[1].evidence is Evidence.ESTIMATED

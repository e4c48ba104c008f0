from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Evidence, Light
from kafka_analysis.plan import size_cluster, sizing_notes, sizing_results
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.sizing.clusters import ClusterSizing

FULL = {"c": Coverage(expected=10, seen=10)}
WEEK = 7 * 86400.0


def answer(workload, **more):
    one = Outcome("c", ClusterSizing(workload, size_cluster(workload), seconds=WEEK, **more))
    (found,) = sizing_results([one], coverage=FULL)
    return found


def titles(found):
    return [one.title for one in found.findings]


def test_figures_of_the_cheapest(known):
    found = answer(known("A"))
    values = {one.name: one.value for one in found.figures}
    assert values == pytest.approx(
        {
            "monthly_usd": 30195.5475, "brokers": 54, "brokers_s1": 12, "tightest_headroom": 0.0518519,
            "bytes_in_per_s_peak": 500 * 2**20,
        }
    )  # fmt: skip
    assert {one.evidence for one in found.figures[:4]} == {Evidence.ESTIMATED}


def test_findings_say_what_to_do(known):
    told = titles(answer(known("A", traffic_high=1.1)))
    assert told[0] == "54 × kafka.m7g.xlarge for 30,196 USD a month would carry the load"
    assert "the two models disagree: 54 brokers by AWS's script, 12 by its formula" in told
    assert "between 54 and 57 brokers, depending on the peak you plan for" in told
    assert told[-1] == "102 × kafka.m7g.large would be cheaper (29,302 USD a month), but a quota forbids it"


def test_provisioned_throughput_is_said(known):
    work = known("A")
    options = size_cluster(work).filter(pl.col("broker_type") == "kafka.m7g.2xlarge")
    (found,) = sizing_results([Outcome("c", ClusterSizing(work, options, seconds=WEEK))], coverage=FULL)
    assert "675 USD of that is for provisioned throughput" in titles(found)


def test_nothing_fits(known):
    found = answer(known("C", growth=2.0))
    assert titles(found) == ["no broker type carries the load within the quotas"]
    assert [one.value for one in found.figures[:4]] == [None] * 4
    assert found.findings[0].light is Light.RED


def test_a_cluster_that_was_not_scraped_is_grey_unless_declared(known):
    work = known("A")
    one = Outcome("d", ClusterSizing(work, size_cluster(work), seconds=WEEK))
    (found,) = sizing_results([one], coverage=FULL)
    assert (
        found.verdict.sentence
        == "no verdict: broker numbers unknown; add endpoints to the profile, or ingest again with --broker N."
    )


def test_notes_say_what_it_rests_on(known):
    workload = known("A", basis="P99 of 9 intervals")
    sizing = ClusterSizing(workload, size_cluster(workload), retention_evidence="estimated")
    assert sizing_notes([Outcome("c", sizing)]) == [
        (
            "c: sized for 524 MB/s in (P99 of 9 intervals), with a mean retention of 720 h, partly estimated from "
            "stored bytes."
        ),
        "c: not captured, so not checked: open connections and the busiest partition.",
    ]
    workload = known("A", connections=5, partition_bytes_in_per_s=5.0)
    assert len(sizing_notes([Outcome("c", ClusterSizing(workload, size_cluster(workload)))])) == 1

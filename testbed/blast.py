"""Outages of a recorded migration: what was predicted, what the capture shows, and what really happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from kafka_analysis.capture.read import Capture
from kafka_analysis.stats.blast.comparison import OUTAGE_METRICS, compare_outages, outage_baseline_s
from kafka_analysis.stats.blast.outages import find_outages
from testbed.blast_truth import acknowledged_effects, starved_groups
from testbed.scenario import Scenario
from testbed.timeline import LEAST_BASELINE_S

EDGE_S = 2.0  # the load has begun again by then
KEYS = ["outage", "effect", "what"]
TRUE = {"outage": pl.Int32, "what": pl.String, "effect": pl.String, "true": pl.Float64}


def compare(capture: Capture, scenario: Scenario) -> pl.DataFrame:
    """Return what `compare_outages` says of a capture, with the shares by the load's own record as `true`."""
    told = compare_outages(
        capture.table("events"), flows_of(scenario), clusters=capture.cluster_table,
        partitions=capture.table("partitions"), configs=capture.table("topic_configs"),
        offsets=capture.table("offsets"), counters=capture.samples(*OUTAGE_METRICS),
        baseline_s=baseline_s(scenario),
    )  # fmt: skip
    outages = find_outages(capture.table("events")).iter_rows(named=True)
    true = [row for outage in outages for row in _true(capture.table("truth"), scenario, outage)]
    judged = pl.DataFrame(true, schema=TRUE, orient="row")
    return told.join(judged, on=KEYS, how="left", maintain_order="left")


def baseline_s(scenario: Scenario) -> float:
    """Return how many seconds before a fault say what is usual."""
    return max(outage_baseline_s(scenario.scrape_interval_s), LEAST_BASELINE_S - EDGE_S)


def flows_of(scenario: Scenario) -> pl.DataFrame:
    """Return which client uses which topic, as the scenario declares it; groups that stopped are left out."""
    rows = [(f"{topic.team}.{topic.name}.producer", "producer", topic.name) for topic in scenario.topics]
    running = [group for group in scenario.groups if group.behaviour != "stopped"]
    rows += [(group.name, "group", topic) for group in running for topic in group.topics]
    return pl.DataFrame(rows, schema=["client", "kind", "topic"], orient="row")


def _true(
    truth: pl.DataFrame, scenario: Scenario, outage: Mapping[str, Any]
) -> Iterator[tuple[int, str, str, float | None]]:
    """Yield the shares by the load's own record."""
    window = {"start": outage["start"], "end": outage["end"], "baseline_s": baseline_s(scenario)}
    acks = acknowledged_effects(truth, **window)
    flags = pl.col("stopped", "paused").any(ignore_nulls=False)
    producers = acks.group_by("topic").agg(flags).with_columns(paused=pl.col("paused") & ~pl.col("stopped"))
    starved = starved_groups(truth, **window)["starved"]
    shares = {
        "partitions": (acks["stopped"].mean(), acks["paused"].mean()),
        "producers": (producers["stopped"].mean(), producers["paused"].mean()),
        "starved_groups": (starved.mean(), None),
        "bytes_in_per_s": (_weighed(acks, "stopped"), _weighed(acks, "paused")),
    }
    for what, (stopped, paused) in shares.items():
        yield outage["outage"], what, "loses_service", stopped
        yield outage["outage"], what, "interrupted", paused


def _weighed(acks: pl.DataFrame, flag: str) -> float | None:
    known = acks.drop_nulls(flag)
    total = known["per_s"].sum()
    return known.filter(flag)["per_s"].sum() / total if total else None

"""Write predicted, measured and true blast radius side by side as Markdown."""

from __future__ import annotations

import polars as pl

from kafka_analysis.capture.read import Capture
from kafka_analysis.plan.split.summary import blast_of
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows
from kafka_analysis.stats.blast.outages import find_outages
from testbed.blast import compare, flows_of
from testbed.jars import kafka_version
from testbed.markdown import table
from testbed.scenario import Scenario

SHOWN = ("partitions", "producers", "starved_groups", "bytes_in_per_s")
WORDS = {"starved_groups": "groups that get nothing new", "bytes_in_per_s": "bytes in"}
INTRODUCTION = """What an outage takes along, before a split and after it: predicted by `stats.predicted_blast` from
where replicas lie, measured by `stats.measured_blast` from the log end offsets of a capture, and as it really was
by the record that the load generators kept of what was acknowledged and read. On real brokers, a broker of the
source is killed, then, after the split into two cells, a broker of a cell, and at last the whole cell. Written by
`python -m testbed blast --out docs/blast_radius.md`; tests/testbed/test_blast.py does the same on one small
cluster.
"""
LOSES = """A partition loses service when nobody leads it, or when fewer replicas are in sync than
min.insync.replicas asks for, so that producers with acks=all are refused. The record knows of both that no record
was acknowledged from the kill to the return. A client is counted when it meets that in one of its partitions.
Shares are of all clusters together; bytes are those that flowed just before. What the capture cannot tell is left
out of its share: 2 of 23 partitions, say, where 2 of 24 were predicted.
"""
MONOLITH = """The source has three topics that are unsafe on purpose: audit.trail has a single replica, ledger has
two and needs both, clicks has two and needs one. What the broker takes along of the first two was predicted.
MirrorMaker gives topics of a cell three replicas, so that the loss of one broker of a cell takes nothing along:
that is better replication, and not the split. What the split does shows in the last outage.
"""
INTERRUPTED = """Until the controller has noticed that a broker is lost (broker.session.timeout.ms, 9 s), every
partition that has it among its in-sync replicas waits: those it leads for a new leader, those it follows because
acks=all, and readers, wait for all in-sync replicas. More may wait than
predicted: one request of a producer holds batches for several partitions of one leader, and is answered when the
slowest of them is. Fewer do when the loss is noticed sooner; no test holds these figures. A transaction waits for
all its partitions. Groups are on record in stretches of 10 s, too long for this. Of the capture, intervals count in
which less than half of what was usual came: it shows no interruption that is shorter than an interval, and takes an
unsteady load for one.
"""
CELLS = """What the loss of each cluster takes along, by the declared clients: before the split there was one
cluster, and its loss took all.
"""
LIMITS = """- Brokers, clients and the recording share two cores: answers come late, and more pauses than the outages
  make pause.
- Brokers share one machine: a rack, a network or a disk that fails was not tried.
- A broker that hangs and does not die, and a controller that is lost, were not tried.
- Which groups lose their coordinator is not predicted; they are interrupted too, until another broker has its place.
- Committed offsets are recorded once a minute. What groups met is derived from the partitions they read (estimated).
"""


def report(capture: Capture, scenario: Scenario) -> str:
    """Return the whole document."""
    compared = compare(capture, scenario)
    parts = [
        "# Blast radius: predicted, measured and true",
        INTRODUCTION,
        _provenance(scenario, capture),
        "## The outages",
        table(_outages(capture)),
        "## What lost service",
        LOSES,
        table(shares(compared, "loses_service")),
        MONOLITH,
        "## Before the split and after it",
        CELLS,
        table(_cells(scenario)),
        "## What was interrupted",
        INTERRUPTED,
        table(shares(compared, "interrupted")),
        "## What this does not show",
        LIMITS,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _provenance(scenario: Scenario, capture: Capture) -> str:
    sizes = ", ".join(f"{spec.name} {spec.brokers}" for spec in scenario.clusters)
    return (
        f"Kafka {kafka_version()}, {capture.start:%Y-%m-%d}, capture {capture.manifest.capture_id}, "
        f"scenario `{scenario.name}`. Brokers: "
        f"{sizes}. {len(scenario.topics)} topics with a producer each, {len(scenario.groups)} groups, a scrape every "
        f"{scenario.scrape_interval_s:g} s."
    )


def _outages(capture: Capture) -> pl.DataFrame:
    seconds = (pl.col("end") - pl.col("start")).dt.total_milliseconds() / 1000
    brokers = pl.col("brokers").cast(pl.List(pl.String)).list.join(", ")
    return find_outages(capture.table("events")).select(
        "outage", "cluster", "name", brokers, seconds=seconds.round(0)
    )


def shares(compared: pl.DataFrame, effect: str) -> pl.DataFrame:
    """Return the shares that had one effect, as they are shown."""
    rows = compared.filter(pl.col("effect") == effect, pl.col("what").is_in(SHOWN))
    return rows.select(
        "outage",
        what=pl.format("{}: {}", "cluster", "name"),
        split="split",
        of_all=pl.col("what").replace(WORDS),
        predicted=_percent("predicted"),
        measured=_percent("measured"),
        truth=_percent("true"),
        not_measured="unknown",
        evidence="evidence",
    ).rename({"what": "what happened", "of_all": "of all", "not_measured": "not told by the capture"})


def _cells(scenario: Scenario) -> pl.DataFrame:
    topics = pl.DataFrame(
        {
            "topic": [t.name for t in scenario.topics],
            "bytes_in_per_s": [t.bytes_per_s for t in scenario.topics],
        }
    )
    estate = TopicsAndFlows(topics, flows_of(scenario), ("bytes_in_per_s",))
    source = scenario.source.name
    parts = []
    for split in ("before", "after"):
        homes = [(t.cell if split == "after" else None) or source for t in scenario.topics]
        cells = topics.select("topic", cell=pl.Series(homes))
        told = {
            "cluster lost": "cell",
            "clients": _percent("client_share"),
            "bytes in": _percent("byte_share"),
        }
        parts.append(blast_of(estate, cells).select(pl.lit(split).alias("split"), **told))
    return pl.concat(parts)


def _percent(name: str) -> pl.Expr:
    return pl.format("{} %", (pl.col(name) * 100).round(1))

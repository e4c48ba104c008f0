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
WORDS = {"starved_groups": "groups without new records", "bytes_in_per_s": "bytes in"}
INTRODUCTION = """The effect of an outage before and after a split: predicted by `stats.predicted_blast` from the
placement of replicas, measured by `stats.measured_blast` from the log end offsets of a capture, and true by the record
that the load generators kept of what was acknowledged and read. On real brokers, a broker of the source is killed;
after the split into two cells, a broker of a cell is killed, and finally all brokers of the cell. Written by `python -m
testbed blast --out docs/blast_radius.md`; tests/testbed/test_blast.py does the same on one small cluster.
"""
LOSES = """A partition loses service when it has no leader, or when fewer replicas are in sync than
min.insync.replicas requires, so that producers with acks=all are refused. In both cases the record shows that nothing
was acknowledged from the kill to the return. A client counts if that affects one of its partitions.
Shares are of all clusters together; bytes are those of the time just before. What is unknown from the capture is left
out of its share: for instance 2 of 23 partitions, where 2 of 24 were predicted.
"""
MONOLITH = """The source has three topics that are unsafe on purpose: audit.trail has a single replica, ledger has
two and needs both, clicks has two and needs one. The effect on the first two was predicted.
MirrorMaker gives topics of a cell three replicas, so the loss of one broker of a cell has no effect:
that is due to better replication, not to the split. The effect of the split shows in the last outage.
"""
INTERRUPTED = """Until the controller notices that a broker is lost (broker.session.timeout.ms, 9 s), every partition
with that broker among its in-sync replicas waits: partitions that it leads wait for a new leader; in partitions that it
follows, producers with acks=all and consumers wait for all in-sync replicas. More partitions may wait than predicted: a
request of a producer holds batches for several partitions of one leader, and is answered with the slowest of them.
Fewer wait when the loss is noticed sooner; no test checks these figures. A transaction waits for all its partitions.
Groups are recorded in steps of 10 s, which is too long for this. In the capture, an interval counts as interrupted if
less than half of the usual records arrived: interruptions shorter than an interval do not show, and an unsteady load
may look like one.
"""
CELLS = """The effect of the loss of each cluster on the declared clients: before the split there was one
cluster, and its loss affected all of them.
"""
LIMITS = """- Brokers, clients and the recording share two cores: answers are late, and some pauses are not caused by
  the outages.
- Brokers share one machine: failures of a rack, a network or a disk were not tested.
- A broker that hangs without dying and the loss of a controller were not tested.
- Which groups lose their coordinator is not predicted; they are interrupted, too, until another broker takes over.
- Committed offsets are recorded once a minute. The effect on groups is derived from their partitions (estimated).
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
    ).rename({"what": "what happened", "of_all": "of all", "not_measured": "unknown from the capture"})


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

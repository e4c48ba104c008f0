"""A small capture that can be checked by hand, written with the project's own writer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.manifest import ClusterInfo, Gap, LineCounts, SourceInfo
from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.model.tables import empty_table

T0 = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"
BROKERS = ((1, "az1"), (2, "az2"), (3, "az3"))
PLACES = (("orders", 0, 1), ("orders", 1, 2), (HOSTILE, 0, 1), ("__consumer_offsets", 0, 3))
BYTES_PER_SCRAPE = {"orders": 1000, HOSTILE: 200, "__consumer_offsets": 50}
SCRAPES = 12
INTERVAL_S = 10


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def samples(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(SAMPLES) | row for row in rows], schema=SAMPLES)


def table(name: str, rows: list[dict[str, Any]], *, ts: datetime = T0, cluster: str = "old") -> pl.DataFrame:
    schema = empty_table(name).schema
    return pl.DataFrame([{"ts": ts, "cluster": cluster, **row} for row in rows], schema=schema)


def counters() -> pl.DataFrame:
    """Bytes in: each topic's leader counts it, and each broker counts the sum without a topic."""
    rows = []
    for scrape in range(SCRAPES):
        own = {"ts": at(scrape * INTERVAL_S), "cluster": "old"}
        for broker, _ in BROKERS:
            led = [topic for topic, _, leader in PLACES if leader == broker]
            for metric in ("bytes_in_total", "bytes_out_total", "messages_in_total"):
                one = {**own, "broker": broker, "metric": metric}
                rows += [{**one, "topic": t, "value": float(BYTES_PER_SCRAPE[t] * scrape)} for t in led]
                rows.append({**one, "value": float(sum(BYTES_PER_SCRAPE[t] for t in led) * scrape)})
        for topic, partition, leader in PLACES:
            size = {**own, "metric": "log_size_bytes", "topic": topic, "partition": partition, "value": 500.0}
            rows += [{**size, "broker": broker} for broker in {leader, leader % 3 + 1}]
    return samples(rows)


def tables() -> dict[str, pl.DataFrame]:
    topics = sorted({topic for topic, _, _ in PLACES})
    events = [("baseline:start", "load", 20), ("baseline:end", "load", 50), ("after:start", "load", 60)]
    events += [("after:end", "load", 100)]
    return {
        "brokers": table(
            "brokers", [{"broker": b, "host": "h", "port": 9092, "rack": r} for b, r in BROKERS]
        ),
        "topics": table("topics", [{"topic": t, "internal": t.startswith("__")} for t in topics]),
        "topic_configs": table(
            "topic_configs",
            [
                {
                    "topic": "orders",
                    "name": "cleanup.policy",
                    "value": "delete",
                    "is_default": True,
                    "source": "DEFAULT",
                }
            ],
        ),
        "partitions": table(
            "partitions",
            [
                {"topic": t, "partition": p, "leader": b, "replicas": [b, b % 3 + 1], "isr": [b, b % 3 + 1]}
                for t, p, b in PLACES
            ],
        ),
        "offsets": pl.concat(
            table(
                "offsets",
                [
                    {"topic": t, "partition": p, "log_start_offset": 0, "log_end_offset": 10 * i}
                    for t, p, _ in PLACES
                ],
                ts=at(i * INTERVAL_S),
            )
            for i in range(SCRAPES)
        ),
        "groups": table(
            "groups", [{"group": "billing", "state": "STABLE", "protocol": "range", "coordinator": 1}]
        ),
        "group_offsets": table(
            "group_offsets", [{"group": "billing", "topic": "orders", "partition": 0, "committed_offset": 5}]
        ),
        "events": pl.concat(table("events", [{"name": n, "kind": k}], ts=at(s)) for n, k, s in events),
    }


def sources() -> list[SourceInfo]:
    lines = LineCounts(read=100, stored=60, not_catalogued=40)
    answered = [
        SourceInfo(
            kind="jmx", cluster="old", broker=b, address=f"http://h:{b}/metrics", dialect="msk", interval_s=INTERVAL_S,
            attempts=SCRAPES, ok=SCRAPES, failed=0, lines=lines,
        )
        for b, _ in BROKERS
    ]  # fmt: skip
    gap = Gap(start=at(0), end=at(30), reason="no connection: Connection refused")
    silent = SourceInfo(
        kind="jmx", cluster="old", address="http://mirror/metrics", attempts=12, ok=9, failed=3, gaps=(gap,)
    )
    return [*answered, silent]


def write_small_capture(path: Path) -> Path:
    with CaptureWriter(path, notes=["Made up by a test."]) as writer:
        writer.add_samples(counters())
        for name, rows in tables().items():
            writer.add_table(name, rows)
        clusters = [ClusterInfo(cluster="new", role="target"), ClusterInfo(cluster="old", role="source")]
        writer.finish(window=(at(0), at(SCRAPES * INTERVAL_S)), clusters=clusters, sources=sources())
    return path

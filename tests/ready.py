"""A capture of a wave that is ready in every way: the topic ``orders`` of ``prod`` moves to ``cell``, and group ``g``.

Each log holds 720 records, one a second; offset, key and time of a record are the same at both ends. ``g`` has read 700
of them and would start at 690.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.manifest import ClusterInfo, SourceInfo
from tests import small
from tests.in_memory import InMemory, in_memory, streams_of

END_S, RECORDS, COMMITTED, START = 720, 720, 700, 690
PLACE = {"topic": "orders", "partition": 0}
CONFIGS = {
    "cleanup.policy": "delete",
    "retention.ms": "604800000",
    "message.timestamp.type": "CreateTime",
    "message.timestamp.before.max.ms": "9223372036854775807",
}
BOTH = ("prod", "cell")
KINDS = ("admin", "access", "groups", "records", "transactions", "certificates")
CLUSTERS = [
    ClusterInfo(cluster="prod", role="source", kafka_cluster_id="P"),
    ClusterInfo(cluster="cell", role="target", kafka_cluster_id="C"),
]


def record(offset: int) -> dict[str, Any]:
    """Return a row of ``record_checks``, but for its place."""
    return {
        "offset": offset, "written_at": small.at(offset), "time_kind": "CreateTime",
        "key_hash": f"k{offset % 3}", "record_hash": f"r{offset}",
    }  # fmt: skip


def at_both(name: str, rows: list[dict[str, Any]], *, seconds: tuple[int, ...] = (END_S,)) -> pl.DataFrame:
    return pl.concat(small.table(name, rows, ts=small.at(s), cluster=c) for c in BOTH for s in seconds)


def read(cluster: str, stretch: int, first: int, until: int, **more: Any) -> pl.DataFrame:
    row = {
        **PLACE, "purpose": "sample", "stretch": stretch, "first_offset": first, "next_offset": until,
        "records": until - first, "bytes": 10 * (until - first), "seconds": 0.1, "ended": "enough",
    }  # fmt: skip
    return small.table("record_reads", [row | more], ts=small.at(END_S), cluster=cluster)


def checked(cluster: str, stretch: int, first: int, until: int) -> pl.DataFrame:
    rows = [PLACE | {"stretch": stretch} | record(offset) for offset in range(first, until)]
    return small.table("record_checks", rows, ts=small.at(END_S), cluster=cluster)


def tables() -> dict[str, pl.DataFrame]:
    """Return the tables of the capture, by name."""
    minutes = tuple(range(0, END_S + 1, 60))
    own = {"group": "g"}
    about = {"peer": "old", "connector": "MirrorSourceConnector"}
    settings = {
        "source.cluster.alias": "old", "target.cluster.alias": "cell", "topics": ".*",
        "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
    }  # fmt: skip
    connectors = [about | {"name": n, "value": v, "kind": "config"} for n, v in settings.items()]
    connectors.append(about | {"task": 0, "name": "state", "value": "RUNNING", "kind": "state"})
    wanted = {"purpose": "committed offset", "group": "g", "wanted_offset": COMMITTED}
    position = PLACE | {"connector": "MirrorSourceConnector", "source": "old", "position": RECORDS}
    of_commit = PLACE | own | {"committed_offset": COMMITTED}
    checkpoint = PLACE | own | {"source": "old", "upstream_offset": START, "downstream_offset": START}
    configs = [{"name": n, "value": v, "is_default": False, "source": "DYNAMIC"} for n, v in CONFIGS.items()]
    broker = {"broker": 1, "host": "h", "port": 9092, "rack": "az1", "instance_type": "kafka.m7g.large"}
    valid = {"broker": 1, "address": "h:9092", "kind": "broker", "valid_until": small.at(90 * 86400)}
    return {
        "topics": at_both("topics", [{"topic": "orders", "internal": False}], seconds=(0, END_S)),
        "partitions": at_both(
            "partitions", [PLACE | {"leader": 1, "replicas": [1, 2], "isr": [1, 2]}], seconds=(0, END_S)
        ),
        "offsets": at_both(
            "offsets", [PLACE | {"log_start_offset": 0, "log_end_offset": RECORDS}], seconds=minutes
        ),
        "mirror_positions": pl.concat(
            small.table(
                "mirror_positions", [position | {"committed_at": small.at(s)}], ts=small.at(s), cluster="cell"
            )
            for s in minutes
        ),
        "connectors": small.table("connectors", connectors, ts=small.at(END_S), cluster="cell"),
        "groups": at_both("groups", [own | {"state": "EMPTY", "protocol": "range"}]),
        "group_offsets": pl.concat(
            small.table(
                "group_offsets",
                [of_commit | {"committed_offset": COMMITTED if cluster == "prod" else START}],
                ts=small.at(s),
                cluster=cluster,
            )
            for cluster in BOTH
            for s in minutes
        ),
        "checkpoints": small.table("checkpoints", [checkpoint], ts=small.at(END_S), cluster="cell"),
        "topic_configs": at_both("topic_configs", [{"topic": "orders"} | row for row in configs]),
        "broker_configs": at_both(
            "broker_configs",
            [{"broker": 1, "name": "authorizer.class.name", "value": "", "is_default": True, "source": "DEFAULT"}],
        ),
        "brokers": at_both("brokers", [broker, broker | {"broker": 2}]),
        "offsets_at": at_both(
            "offsets_at", [PLACE | {"at": small.at(s), "offset": s} for s in (60, 300, 600)]
        ),
        "record_reads": pl.concat(
            [
                read("prod", 0, 100, 110),
                read("cell", 0, 100, 120),
                read("prod", 1, COMMITTED - 3, COMMITTED + 5, **wanted),
                read("cell", 1, COMMITTED - 3, COMMITTED + 15, **wanted),
            ]
        ),
        "record_checks": pl.concat(
            [
                checked("prod", 0, 100, 110),
                checked("cell", 0, 100, 120),
                checked("prod", 1, COMMITTED - 3, COMMITTED + 5),
                checked("cell", 1, COMMITTED - 3, COMMITTED + 15),
            ]
        ),
        "transactions": small.table(
            "transactions", [{"transactional_id": "tx", "state": "Empty", "producer_id": 7}],
            ts=small.at(END_S), cluster="prod",
        ),
        "active_producers": small.table(
            "active_producers",
            [{"topic": "orders", "partition": 0, "producer_id": 9, "last_written_at": small.at(-60)}],
            ts=small.at(END_S), cluster="prod",
        ),
        "certificates": at_both("certificates", [valid]),
    }  # fmt: skip


def counters() -> pl.DataFrame:
    """Return the counters of the brokers: the topic's leader counts it, and each broker all of its traffic."""
    rows = []
    for scrape in range(END_S // 30 + 1):
        for cluster in BOTH:
            own = {"ts": small.at(30 * scrape), "cluster": cluster}
            for broker in (1, 2):
                for metric in ("bytes_in_total", "bytes_out_total", "messages_in_total"):
                    one = own | {"broker": broker, "metric": metric, "value": 1000.0 * scrape * (2 - broker)}
                    rows.append(one)
                    if broker == 1:
                        rows.append(one | {"topic": "orders"})
                size = {"metric": "log_size_bytes", "topic": "orders", "partition": 0, "value": 500.0}
                rows.append(own | size | {"broker": broker})
    return small.samples(rows)


def sources(*, without: tuple[str, ...] = ()) -> list[SourceInfo]:
    asked = {"attempts": 13, "ok": 13, "failed": 0, "interval_s": 60}
    of_brokers = [
        SourceInfo(
            kind="jmx", cluster=c, broker=b, address=f"http://h:{b}/m", dialect="msk",
            attempts=25, ok=25, failed=0, interval_s=30,
        )
        for c in BOTH
        for b in (1, 2)
    ]  # fmt: skip
    kinds = [kind for kind in KINDS if kind not in without]
    return of_brokers + [
        SourceInfo(kind=k, cluster=c, address="h:9092", **asked) for c in BOTH for k in kinds
    ]


def write_ready(
    folder: Path, *, without: tuple[str, ...] = (), unasked: tuple[str, ...] = (), **changed: pl.DataFrame
) -> Path:
    """Write the capture; tables that are named are left out, tables that are given stand in place of its own."""
    with CaptureWriter(folder) as writer:
        if "samples" not in without:
            writer.add_samples(counters())
        for name, table in (tables() | changed).items():
            if name not in without and len(table):
                writer.add_table(name, table)
        end = small.at(END_S)
        writer.finish(window=(small.at(0), end), clusters=CLUSTERS, sources=sources(without=unasked))
    return folder


@cache
def _streams() -> dict[str, pl.DataFrame]:
    return streams_of(tables(), counters())


def ready_in_memory(
    *, without: tuple[str, ...] = (), unasked: tuple[str, ...] = (), **changed: pl.DataFrame
) -> InMemory:
    """Return what ``write_ready`` would have written, in memory."""
    left_out = {"samples/prod", "samples/cell"} if "samples" in without else set()
    left_out |= {f"tables/{name}" for name in (*without, *changed)}
    kept = {stream: rows for stream, rows in _streams().items() if stream not in left_out}
    given = {name: rows for name, rows in changed.items() if name not in without}
    return in_memory(
        kept | streams_of(given, None),
        window=(small.at(0), small.at(END_S)),
        clusters=CLUSTERS,
        sources=sources(without=unasked),
    )

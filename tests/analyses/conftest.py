"""Captures and files that analyses are asked of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.manifest import ClusterInfo, SourceInfo
from tests.in_memory import in_memory, streams_of


@pytest.fixture(scope="session")
def recorded(small, tmp_path_factory):
    """Return a small capture, open: ``old`` was scraped, ``new`` was not."""
    return read_capture(small.write_small_capture(tmp_path_factory.mktemp("analyses") / "capture"))


@pytest.fixture
def families(tmp_path) -> dict[str, str]:
    """Return options: files of two topics of one application of Kafka Streams, whose clients have nothing in common."""
    rows = "".join(f"x-sum-{kind},1e6,1e6,9e9,9\n" for kind in ("changelog", "repartition"))
    texts = {
        "topics": f"topic,bytes_in_per_s,bytes_out_per_s,size_bytes,partitions\n{rows}",
        "flows": "client,kind,topic,bytes_per_s\np,group,x-sum-changelog,1e6\nq,group,x-sum-repartition,1e6\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return {name: str(tmp_path / f"{name}.csv") for name in texts}


@pytest.fixture
def changed(small, tmp_path):
    """Return a function that makes the small capture, but for what is given, in memory.

    Rows of samples are added to its own; tables, clusters and sources stand in place of its own.
    """

    def write(*rows, clusters=None, sources=None, **tables):
        own = small.counters()
        return in_memory(
            streams_of(small.tables() | tables, pl.concat([own, small.samples(list(rows))]) if rows else own),
            path=tmp_path / "changed",
            window=(small.at(0), small.at(small.SCRAPES * small.INTERVAL_S)),
            clusters=clusters or [ClusterInfo(cluster="old", role="source"), ClusterInfo(cluster="new")],
            sources=sources or small.sources(),
        )

    return write


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> SimpleNamespace:
    """Return the paths of plain files: topics, flows, cells; and flows of the small capture's topics."""
    folder = tmp_path_factory.mktemp("files")
    texts = {
        "topics": "topic,bytes_in_per_s,bytes_out_per_s,size_bytes,partitions\na,1e6,2e6,9e9,9\nb,1e6,2e6,9e9,9\n",
        "flows": "client,kind,topic,bytes_per_s\np,group,a,1e6\nq,producer,b,1e6\n",
        "cells": "topic,cell\na,cell-1\nb,cell-2\n",
        "declared": "client,kind,topic\nshop,producer,orders\nshop,producer,__consumer_offsets\n",
        "of_orders": "topic,cell\norders,cell-1\n__consumer_offsets,cell-1\n",
        "owners": "pattern,kind,team,criticality\norders,topic,checkout,critical\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return SimpleNamespace(**{name: str(Path(folder, f"{name}.csv")) for name in texts})


@pytest.fixture
def mirrored(small, tmp_path):
    """Return a function that makes a capture of a mirror that keeps up, but for tables that are given, in memory.

    MirrorMaker 2 copies the topic ``orders`` of ``prod``, which it calls ``old``, to ``cell`` under the same name; each
    minute the log grows by 60 records, and the position is stored.
    """
    minutes = range(13)

    def each(name, row, cluster):
        return pl.concat(small.table(name, [row(n)], ts=small.at(60 * n), cluster=cluster) for n in minutes)

    def connectors(**states):
        settings = {
            "source.cluster.alias": "old", "target.cluster.alias": "cell", "topics": ".*",
            "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
        }  # fmt: skip
        about = {"peer": "old", "connector": "MirrorSourceConnector"}
        rows = [about | {"name": name, "value": value, "kind": "config"} for name, value in settings.items()]
        state = {"name": "state", "value": "RUNNING", "kind": "state"} | states
        return small.table(
            "connectors", [*rows, about | {"task": 0} | state], ts=small.at(720), cluster="cell"
        )

    def held(name, rows, clusters=("prod", "cell")):
        return pl.concat(
            small.table(name, rows, ts=small.at(s), cluster=c) for c in clusters for s in (0, 720)
        )

    def healthy():
        log = {"topic": "orders", "partition": 0, "log_start_offset": 0}
        place = {"topic": "orders", "partition": 0, "connector": "MirrorSourceConnector", "source": "old"}
        partition = {"topic": "orders", "partition": 0, "leader": 1, "replicas": [1], "isr": [1]}
        return {
            "topics": held("topics", [{"topic": "orders", "internal": False}]),
            "partitions": held("partitions", [partition]),
            "offsets": pl.concat(
                each("offsets", lambda n: log | {"log_end_offset": 60 * n}, cluster)
                for cluster in ("prod", "cell")
            ),
            "mirror_positions": each(
                "mirror_positions",
                lambda n: place | {"position": 60 * n, "committed_at": small.at(60 * n)},
                "cell",
            ),
            "connectors": connectors(),
        }

    def write(*rows, names=("prod", "cell"), folder="mirrored", **tables):
        roles = {"prod": "source", "cell": "target"}
        asked = {"attempts": 13, "ok": 13, "failed": 0, "interval_s": 60}
        return in_memory(
            streams_of(
                {
                    name: table.filter(pl.col("cluster").is_in(names))
                    for name, table in (healthy() | tables).items()
                },
                small.samples(list(rows)) if rows else None,
            ),
            path=tmp_path / folder,
            window=(small.at(0), small.at(720)),
            clusters=[ClusterInfo(cluster=name, role=roles.get(name)) for name in names],
            sources=[SourceInfo(kind="admin", cluster=n, address="h:9092", **asked) for n in names],
        )

    return SimpleNamespace(
        write=write,
        healthy=healthy,
        connectors=connectors,
        table=small.table,
        at=small.at,
        samples=small.samples,
    )

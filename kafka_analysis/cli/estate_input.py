"""What splits and waves are planned from on the command line: plain files, or a capture and the files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kafka_analysis.cli.plan_input import read_bytes
from kafka_analysis.model.errors import InputError

if TYPE_CHECKING:
    from kafka_analysis.plan.common.topics_and_clients import TopicsAndClients


def estate_input(
    capture: Path | None,
    *,
    cluster: str | None,
    topics: Path | None,
    flows: Path | None,
    ownership: Path | None,
) -> TopicsAndClients:
    """Read topics and flows from files, or from a capture.

    Raises
    ------
    InputError
        Neither or both are given, or what is given is not what it should be.
    """
    if capture is not None and topics is None:
        return recorded_input(capture, cluster, flows=flows, ownership=ownership)
    if capture is None and topics is not None and flows is not None:
        return plain_input(topics, flows)
    raise InputError("give a CAPTURE, or --topics and --flows")


def plain_input(topics: Path, flows: Path) -> TopicsAndClients:
    """Read topics and flows of one cluster from CSV.

    Raises
    ------
    InputError
        A file cannot be read, or is not what it should be.
    """
    import polars as pl

    from kafka_analysis import stats
    from kafka_analysis.plan.common.topics_and_clients import TopicsAndClients
    from kafka_analysis.plan.files.plain_tables import read_table

    named = pl.lit("source").alias("cluster")
    rows = read_table("topics", read_bytes(topics)).with_columns(named)
    used = read_table("flows", read_bytes(flows)).with_columns(named)
    return TopicsAndClients(rows, used, stats.internal_families(rows, flows=used))


def recorded_input(
    capture: Path, cluster: str | None, *, flows: Path | None, ownership: Path | None
) -> TopicsAndClients:
    """Measure topics and flows of a capture's source; producers and owners come from files beside it or given.

    Raises
    ------
    InputError
        There is no such cluster, or several that might be the source.
    """
    from kafka_analysis import stats
    from kafka_analysis.capture.ownership import flows_of, ownership_of
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.plan.common.topics_and_clients import METRICS_READ, TABLES_READ, topics_and_clients

    recorded = read_capture(capture)
    table = recorded.cluster_table
    chosen = _source(table.select("cluster", "role").rows(), cluster)
    windows = stats.choose_windows(
        recorded.table("events"), clusters=stats.select_cluster(table, chosen), start=None, end=None,
        capture_start=recorded.start, capture_end=recorded.end,
    )  # fmt: skip
    topics = stats.select_topics(
        stats.select_cluster(recorded.known_topics(), chosen), exclude=[], include_internal=False
    )
    log_dirs = recorded.table("log_dirs")  # answers before and after the window count
    recorded = recorded.window(*stats.span(windows))
    tables = recorded.tables(*TABLES_READ) | {"log_dirs": log_dirs}
    return topics_and_clients(
        windows, topics=topics, tables=tables, samples=recorded.samples(*METRICS_READ),
        ownership=ownership_of(capture, ownership), declared=flows_of(capture, flows),
    )  # fmt: skip


def _source(clusters: Sequence[tuple[str, str | None]], name: str | None) -> str:
    """Return the cluster chosen, else the only one that may be the source."""
    names = [cluster for cluster, _ in clusters]
    if name is not None:
        if name not in names:
            raise InputError.unknown("cluster", name, names)
        return name
    sources = [cluster for cluster, role in clusters if role == "source"] or names
    if len(sources) != 1:
        message = f"the capture has {len(sources)} possible sources; give --cluster: {', '.join(sources)}"
        raise InputError(message)
    return sources[0]

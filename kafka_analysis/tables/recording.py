"""Tables of what was recorded: clusters, targets, metrics and events."""

from typing import Any

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build

_CLUSTERS = (
    Column("role", "Role", missing="not declared"),
    Column("flavour", "Flavour", missing="not declared"),
    Column("kafka_version", "Kafka", missing="not declared"),
    Column("kafka_cluster_id", "Cluster id"),
)


def clusters(frame: Any) -> Table:
    """List the clusters that were recorded.

    Parameters
    ----------
    frame
        ``cluster``, ``role``, ``flavour``, ``kafka_version``, ``kafka_cluster_id``: a capture's ``cluster_table``.

    Examples
    --------
    >>> import polars as pl
    >>> "monolith" in clusters(pl.DataFrame({"cluster": ["monolith"], "role": ["source"]})).html()
    True
    """
    return build("clusters", "Clusters", frame, _CLUSTERS)


_EVENTS = (
    Column("ts", "When"),
    Column("cluster", "Cluster"),
    Column("kind", "Kind"),
    Column("name", "What"),
    Column("wave", "Wave", missing=""),
    Column("detail", "Detail", missing=""),
)


def events(frame: Any) -> Table:
    """List the events in order of time.

    Parameters
    ----------
    frame
        The capture's ``events`` table.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"ts": [datetime(2026, 1, 2, tzinfo=UTC)], "kind": ["fault"], "name": ["broker killed"]})
    >>> "2026-01-02 00:00:00 UTC" in events(rows).html()
    True
    """
    return build("events", "Events", to_polars(frame).sort("ts"), _EVENTS)


_METRICS_SEEN = (
    Column("metric", "Metric"),
    Column("kind", "Kind"),
    Column("clusters", "Clusters", ""),
    Column("series", "Series", ""),
    Column("samples", "Samples", ""),
)


def metrics_seen(frame: Any) -> Table:
    """List the canonical metrics with the number of their series and samples.

    Parameters
    ----------
    frame
        Result of a capture's ``metrics()``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"metric": ["bytes_in_total"], "kind": ["counter"], "samples": [12345]})
    >>> "12,345" in metrics_seen(rows).html()
    True
    """
    return build("metrics_seen", "Metrics in this capture", frame, _METRICS_SEEN)


_SCRAPE_TARGETS = (
    Column("target", "Target"),
    Column("dialect", "Dialect", missing=""),
    Column("attempts", "Scrapes", ""),
    Column("ok", "Answered", ""),
    Column("gaps", "Gaps", ""),
    Column("samples_stored", "Samples", "", missing=""),
    Column("rejected", "Rejected lines", "", missing=""),
)


def scrape_targets(frame: Any) -> Table:
    """List the targets with how often each answered.

    Parameters
    ----------
    frame
        A capture's ``targets``.

    Examples
    --------
    >>> import polars as pl
    >>> "jmx of broker 1" in scrape_targets(pl.DataFrame({"target": ["jmx of broker 1"], "ok": [4]})).html()
    True
    """
    return build("scrape_targets", "Scrape targets", frame, _SCRAPE_TARGETS)

"""Table of the clusters of a capture."""

from __future__ import annotations

from typing import Any

from kafka_analysis.tables.base import Column, Table, build

_COLUMNS = (
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
    return build(frame, _COLUMNS, function="clusters", title="Clusters")

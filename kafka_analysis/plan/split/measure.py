"""Measure any split: load of each cell, clients that use it, and traffic between cells."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows, names_of

CLIENTS = {
    "client": pl.String, "kind": pl.String, "cells": pl.List(pl.String), "home_cell": pl.String,
    "extra_cells": pl.Int64, "bytes_per_s": pl.Float64, "cross_cell_bytes_per_s": pl.Float64,
}  # fmt: skip


def clients_of(source: TopicsAndFlows, cells: Frame) -> pl.DataFrame:
    """Say of every client which cells it touches.

    Parameters
    ----------
    source
        Topics and flows.
    cells
        ``topic``, ``cell`` of every topic.

    Returns
    -------
    polars.DataFrame
        By client. ``kind``: producer, group, or both. ``home_cell``: where most of its bytes flow, or most of its
        topics are where bytes are unknown. ``extra_cells``: cells but one. ``cross_cell_bytes_per_s``: flows to other
        cells than home; null where no flow of it is known.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": "c", "kind": "group", "topic": ["a", "b"], "bytes_per_s": [3.0, 1.0]})
    >>> source = TopicsAndFlows(pl.DataFrame({"topic": ["a", "b"]}), flows, ())
    >>> cells = pl.DataFrame({"topic": ["a", "b"], "cell": ["cell-1", "cell-2"]})
    >>> clients_of(source, cells).rows()
    [('c', 'group', ['cell-1', 'cell-2'], 'cell-1', 1, 4.0, 1.0)]
    """
    placed = source.flows.join(to_polars(cells).select("topic", "cell"), on="topic", maintain_order="left")
    if placed.is_empty():
        return pl.DataFrame(schema=CLIENTS)
    rate = pl.col("bytes_per_s")
    in_cells = placed.group_by("client", "cell").agg(
        known=rate.is_not_null().any(), bytes=rate.sum(), topics=pl.col("topic").n_unique()
    )
    by_size = in_cells.sort(["client", "bytes", "topics", "cell"], descending=[False, True, True, False])
    clients = by_size.group_by("client", maintain_order=True).agg(
        cells=pl.col("cell").sort(),
        home_cell=pl.col("cell").first(),
        extra_cells=pl.len().cast(pl.Int64) - 1,
        bytes_per_s=pl.when(pl.col("known").any()).then(pl.col("bytes").sum()),
        cross_cell_bytes_per_s=pl.when(pl.col("known").any()).then(
            pl.col("bytes").sum() - pl.col("bytes").first()
        ),
    )
    kinds = placed.group_by("client").agg(kind=pl.col("kind").unique().sort())
    several = pl.col("kind").list.len() > 1
    kinds = kinds.with_columns(
        kind=pl.when(several).then(pl.lit("both")).otherwise(pl.col("kind").list.first())
    )
    return clients.join(kinds, on="client").select(*CLIENTS).sort("client")


def loads_of(source: TopicsAndFlows, cells: Frame) -> pl.DataFrame:
    """Add up what every cell carries of each resource.

    Returns
    -------
    polars.DataFrame
        ``cell``, ``topics`` and a column per resource; by cell.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "partitions": [1.0, 2.0]})
    >>> source = TopicsAndFlows(topics, pl.DataFrame(), ("partitions",))
    >>> loads_of(source, pl.DataFrame({"topic": ["a", "b"], "cell": ["x", "x"]})).rows()
    [('x', 2, 3.0)]
    """
    placed = source.topics.join(to_polars(cells).select("topic", "cell"), on="topic", maintain_order="left")
    missing = placed.filter(pl.col("cell").is_null())["topic"]
    if len(missing):
        message = f"topics {names_of(missing)} are in no cell; give a cell for every topic"
        raise InputError(message)
    sums = [pl.col(name).sum() for name in source.resources]
    return placed.group_by("cell").agg(pl.len().cast(pl.Int64).alias("topics"), *sums).sort("cell")


def blast_of(source: TopicsAndFlows, cells: Frame) -> pl.DataFrame:
    """Say what share of clients and of bytes loses service when a cell is lost.

    A client loses service in a cell when it touches it, so the shares of clients add up to more than 1. Bytes are what
    topics receive and send; a client's bytes in other cells go on.

    Returns
    -------
    polars.DataFrame
        ``cell``, ``clients``, ``client_share``, ``byte_share``; a share is null where nothing is known to share.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": ["c", "d"], "kind": "group", "topic": ["a", "b"], "bytes_per_s": [3.0, 1.0]})
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "bytes_in_per_s": [9.0, 1.0]})
    >>> cells = pl.DataFrame({"topic": ["a", "b"], "cell": ["cell-1", "cell-2"]})
    >>> blast_of(TopicsAndFlows(topics, flows, ("bytes_in_per_s",)), cells).rows()
    [('cell-1', 1, 0.5, 0.9), ('cell-2', 1, 0.5, 0.1)]
    """
    touching = source.flows.join(to_polars(cells).select("topic", "cell"), on="topic")
    counted = touching.group_by("cell").agg(clients=pl.col("client").n_unique().cast(pl.Int64))
    loads = loads_of(source, cells)
    rates = [name for name in ("bytes_in_per_s", "bytes_out_per_s") if name in source.resources]
    total, all_clients = sum(loads[name].sum() for name in rates), source.flows["client"].n_unique()
    clients = pl.col("clients").fill_null(0)
    return loads.join(counted, on="cell", how="left", maintain_order="left").select(
        "cell",
        clients,
        client_share=clients / all_clients if all_clients else pl.lit(None, pl.Float64),
        byte_share=pl.sum_horizontal(rates) / total if total else pl.lit(None, pl.Float64),
    )

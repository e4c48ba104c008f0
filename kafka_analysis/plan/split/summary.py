"""What a split comes to: loads against limits, blast radius before and after, what goes between cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.split.cell_limits import Limits
from kafka_analysis.plan.split.sizes import SIZES, accounts_needed
from kafka_analysis.plan.split.topics_and_flows import TopicsAndFlows, names_of

LOADS = {
    "cell": pl.String, "resource": pl.String, "load": pl.Float64, "limit": pl.Float64, "used": pl.Float64,
    "share": pl.Float64,
}  # fmt: skip

CURVE = {
    "cells": pl.Int64, "worst_client_share": pl.Float64, "worst_byte_share": pl.Float64,
    "clients_in_extra_cells": pl.Int64, "cross_cell_share": pl.Float64, "brokers": pl.Int64, "accounts": pl.Int64,
    "monthly_usd": pl.Float64, "impossible": pl.String,
}  # fmt: skip


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
        topics are where bytes are unknown. ``extra_cells``: number of cells − 1. ``cross_cell_bytes_per_s``: flows to
        other cells than home; null where no flow of it is known.

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
        raise InputError(f"topics without a cell: {names_of(missing)}; give every topic a cell")
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


@dataclass(frozen=True)
class SplitSummary:
    """The figures of a split.

    ``loads``: cell, resource, ``load``, ``limit`` (null: none), ``used`` = load ÷ limit, ``share`` of all.
    ``blast``: cell, ``clients``, ``client_share``, ``byte_share`` lost with it. ``clients_in_extra_cells``: Σ over
    clients of cells − 1. ``cross_cell_bytes_per_s``: flows to other cells than the client's home; ``cross_cell_share``
    of all known flows. ``flows_known``: share of the flows whose bytes are known. ``moved_topics``: of the plan before;
    null without. ``sizes``: brokers and dollars of each cell.
    """

    topics: int
    clients: int
    cells: int
    loads: pl.DataFrame
    blast: pl.DataFrame
    clients_in_extra_cells: int
    clients_in_one_cell: int
    cross_cell_bytes_per_s: float | None
    cross_cell_share: float | None
    flows_known: float | None
    moved_topics: int | None
    sizes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SIZES))

    @property
    def worst_client_share(self) -> float | None:
        """Return the share of clients that the loss of the worst cell reaches; before the split it is all: 1."""
        return self.blast["client_share"].max()

    @property
    def worst_byte_share(self) -> float | None:
        """Return the share of bytes that the loss of the worst cell reaches; before the split it is all: 1."""
        return self.blast["byte_share"].max()

    @property
    def brokers(self) -> int | None:
        """Return the brokers of all cells; null where a cell's size is not known."""
        return self._total("brokers")

    @property
    def monthly_usd(self) -> float | None:
        """Return what all cells cost a month; null where a cell's size is not known."""
        return self._total("monthly_usd")

    @property
    def accounts(self) -> int | None:
        """Return into how many accounts the quota of brokers divides the cells."""
        return accounts_needed(self.sizes)

    def _total(self, name: str) -> float | None:
        all_sized = len(self.sizes) == self.cells and not self.sizes[name].null_count()
        return self.sizes[name].sum() if all_sized else None

    @property
    def fullest(self) -> float | None:
        """Return the highest load ÷ limit of any cell and resource."""
        return self.loads["used"].max()


def summarise(
    source: TopicsAndFlows,
    cells: pl.DataFrame,
    limits: Limits,
    *,
    sizes: pl.DataFrame | None = None,
    previous: Mapping[str, str] | None = None,
) -> SplitSummary:
    """Work out the figures of a split.

    Examples
    --------
    >>> import numpy as np
    >>> flows = pl.DataFrame({"client": "c", "kind": "group", "topic": ["a", "b"], "bytes_per_s": [3.0, 1.0]})
    >>> source = TopicsAndFlows(pl.DataFrame({"topic": ["a", "b"], "partitions": [1.0, 2.0]}), flows, ("partitions",))
    >>> cells = pl.DataFrame({"topic": ["a", "b"], "cell": ["cell-1", "cell-2"]})
    >>> limits = Limits(("cell-1", "cell-2"), {"partitions": np.array([4.0, 4.0])}, 9, frozenset())
    >>> found = summarise(source, cells, limits)
    >>> found.clients_in_extra_cells, found.cross_cell_share, found.fullest
    (1, 0.25, 0.5)
    """
    clients = clients_of(source, cells)
    total = clients["bytes_per_s"].sum()
    cross = clients["cross_cell_bytes_per_s"].sum()
    bytes_known = source.flows["bytes_per_s"].is_not_null()
    was = previous or {}
    moved = sum(was.get(topic, cell) != cell for topic, cell in cells.select("topic", "cell").iter_rows())
    return SplitSummary(
        topics=len(source.topics),
        clients=len(clients),
        cells=cells["cell"].n_unique(),
        loads=_against(loads_of(source, cells), source, limits),
        blast=blast_of(source, cells),
        clients_in_extra_cells=int(clients["extra_cells"].sum()),
        clients_in_one_cell=int((clients["extra_cells"] == 0).sum()),
        cross_cell_bytes_per_s=cross if total else None,
        cross_cell_share=cross / total if total else None,
        flows_known=bytes_known.mean(),
        moved_topics=moved if previous is not None else None,
        sizes=pl.DataFrame(schema=SIZES) if sizes is None else sizes,
    )


def _against(loads: pl.DataFrame, source: TopicsAndFlows, limits: Limits) -> pl.DataFrame:
    if not source.resources:
        return pl.DataFrame(schema=LOADS)
    long = loads.unpivot(source.resources, index="cell", variable_name="resource", value_name="load")
    most = pl.DataFrame(
        [(cell, name, amount) for name in source.resources for cell, amount in limits.of(name).items()],
        schema=["cell", "resource", "limit"],
        orient="row",
    )
    total = pl.col("load").sum().over("resource")
    limited = long.join(most, on=["cell", "resource"], how="left", maintain_order="left")
    return limited.with_columns(limit=pl.when(pl.col("limit").is_finite()).then("limit")).select(
        "cell", "resource", "load", "limit",
        used=pl.when(pl.col("limit") > 0).then(pl.col("load") / pl.col("limit")),
        share=pl.when(total > 0).then(pl.col("load") / total),
    ).sort("cell", "resource")  # fmt: skip

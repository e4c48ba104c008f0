"""The splits of all sources as frames, a graph and files: what figures, tables and other tools are made of."""

import json
from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.checks import first_few
from kafka_analysis.plan.common.outcome import Outcome, plans_of, stacked
from kafka_analysis.plan.split.alternatives import ALTERNATIVES
from kafka_analysis.plan.split.plan import SplitPlan
from kafka_analysis.plan.split.reasons import REASONS
from kafka_analysis.plan.split.summary import CLIENTS, CURVE, LOADS

CELLS = {
    "cell": pl.String, "topics": pl.Int64, "clients": pl.Int64, "client_share": pl.Float64, "byte_share": pl.Float64,
    "broker_type": pl.String, "brokers": pl.Int64, "feasible": pl.Boolean, "binding_constraint": pl.String,
    "monthly_usd": pl.Float64, "shortfall": pl.String,
}  # fmt: skip
TOPICS = {**REASONS, "bytes_in_per_s": pl.Float64, "bytes_out_per_s": pl.Float64, "size_bytes": pl.Float64,
    "partitions": pl.Int64, "team": pl.String}  # fmt: skip
FLOWS = {"client": pl.String, "kind": pl.String, "topic": pl.String, "bytes_per_s": pl.Float64, "evidence": pl.String,
    "cell": pl.String, "home_cell": pl.String}  # fmt: skip
BLAST = {"cell": pl.String, "what": pl.String, "share": pl.Float64}
_FIGURES = (
    "topics", "clients", "cells", "clients_in_extra_cells", "clients_in_one_cell", "cross_cell_bytes_per_s",
    "cross_cell_share", "worst_client_share", "worst_byte_share", "fullest", "brokers", "accounts", "monthly_usd",
    "moved_topics",
)  # fmt: skip
EVIDENCE = {"kind": pl.String, "evidence": pl.String, "flows": pl.Int64, "clients": pl.Int64,
    "bytes_per_s": pl.Float64}  # fmt: skip


GRAPH = {
    "what": pl.String, "name": pl.String, "kind": pl.String, "cell": pl.String, "other_cell": pl.String,
    "bytes_per_s": pl.Float64,
}  # fmt: skip


def split_graph(topics: Frame, clients: Frame, flows: Frame) -> pl.DataFrame:
    """List topics and clients with their cells, and what clients exchange with cells that are not their home.

    Parameters
    ----------
    topics
        ``topic``, ``cell``, ``bytes_in_per_s``, ``bytes_out_per_s``.
    clients
        ``client``, ``kind``, ``home_cell``, ``bytes_per_s``.
    flows
        ``client``, ``topic``, ``bytes_per_s``, ``cell`` of the topic, ``home_cell`` of the client.

    Returns
    -------
    polars.DataFrame
        ``what`` (topic, client, link), ``name`` (of a link: the client), ``kind`` of a client, ``cell`` (of a client
        and of a link: its home), ``other_cell`` of a link, ``bytes_per_s`` (of a topic: in and out; null: unknown).

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "cell": ["x", "y"], "bytes_in_per_s": 1.0, "bytes_out_per_s": 2.0})
    >>> clients = pl.DataFrame({"client": ["c"], "kind": "group", "home_cell": "x", "bytes_per_s": 4.0})
    >>> flows = pl.DataFrame({"client": "c", "topic": ["a", "b"], "bytes_per_s": [3.0, 1.0], "cell": ["x", "y"],
    ...     "home_cell": "x"})
    >>> split_graph(topics, clients, flows).rows()[-1]
    ('link', 'c', None, 'x', 'y', 1.0)
    """
    amount = pl.sum_horizontal("bytes_in_per_s", "bytes_out_per_s")
    dots = to_polars(topics).select("cell", what=pl.lit("topic"), name="topic", bytes_per_s=amount)
    marks = to_polars(clients).select(
        "kind", "bytes_per_s", what=pl.lit("client"), name="client", cell="home_cell"
    )
    rate = pl.col("bytes_per_s")
    across = (
        to_polars(flows)
        .filter(pl.col("cell") != pl.col("home_cell"))
        .group_by(name="client", cell="home_cell", other_cell="cell")
        .agg(bytes_per_s=pl.when(rate.is_not_null().any()).then(rate.sum()))
        .with_columns(what=pl.lit("link"))
    )
    rows = pl.concat([pl.DataFrame(schema=GRAPH), dots, marks, across], how="diagonal_relaxed")
    order = pl.col("what").replace_strict({"topic": 0, "client": 1, "link": 2})
    return rows.select(*GRAPH).sort(order, "cell", "name", "other_cell")


def split_frames(outcomes: Sequence[Outcome[SplitPlan]]) -> dict[str, pl.DataFrame]:
    """Return the plans as frames, each with ``cluster`` first.

    Returns
    -------
    dict
        ``cells`` (a row per cell: topics, clients, blast radius, brokers, dollars), ``loads`` (cell and resource
        against its limit), ``topics`` (where, and why), ``clients``, ``flows`` (``cell`` of the topic, ``home_cell`` of
        the client), ``alternatives``, ``curve`` (``chosen``: the number planned for), ``evidence``, ``graph`` (topics,
        clients, and links between cells, for the picture), ``blast`` (what the loss of each cell takes along).

    Examples
    --------
    >>> frames = split_frames([])
    >>> list(frames), frames["cells"].height
    (['cells', 'loads', 'topics', 'clients', 'flows', 'alternatives', 'curve', 'evidence', 'graph', 'blast'], 0)
    """
    return {
        "cells": stacked(outcomes, _cells, CELLS),
        "loads": stacked(outcomes, lambda plan: plan.summary.loads, LOADS),
        "topics": stacked(outcomes, _topics, TOPICS),
        "clients": stacked(outcomes, lambda plan: plan.clients, CLIENTS),
        "flows": stacked(outcomes, _flows, FLOWS),
        "alternatives": stacked(outcomes, lambda plan: plan.alternatives, ALTERNATIVES),
        "curve": stacked(outcomes, _curve, {**CURVE, "chosen": pl.Boolean}),
        "evidence": stacked(outcomes, lambda plan: plan.evidence, EVIDENCE),
        "graph": stacked(
            outcomes, lambda plan: split_graph(_topics(plan), plan.clients, _flows(plan)), GRAPH
        ),
        "blast": stacked(outcomes, _blast, BLAST),
    }


def _cells(plan: SplitPlan) -> pl.DataFrame:
    topics = plan.cells.group_by("cell").agg(topics=pl.len().cast(pl.Int64))
    cells = plan.summary.blast.join(topics, on="cell", how="left").join(
        plan.summary.sizes, on="cell", how="left"
    )
    return cells.select(*CELLS).sort("cell")


def _blast(plan: SplitPlan) -> pl.DataFrame:
    """Return what each cell's loss takes along: clients, and bytes in and out."""
    wide = plan.summary.blast.select("cell", clients="client_share", bytes="byte_share")
    return wide.unpivot(index="cell", variable_name="what", value_name="share")


def _topics(plan: SplitPlan) -> pl.DataFrame:
    topics = plan.topics.with_columns(pl.col("partitions").cast(pl.Int64))
    return plan.reasons.join(topics, on="topic", how="left", maintain_order="left").select(*TOPICS)


def _flows(plan: SplitPlan) -> pl.DataFrame:
    homes = plan.clients.select("client", "home_cell")
    placed = plan.flows.join(plan.cells, on="topic", maintain_order="left")
    return placed.join(homes, on="client", maintain_order="left").select(*FLOWS)


def _curve(plan: SplitPlan) -> pl.DataFrame:
    return plan.curve.with_columns(chosen=pl.col("cells") == plan.summary.cells)


def split_notes(outcomes: Sequence[Outcome[SplitPlan]]) -> list[str]:
    """Return what the plans take for granted and what rests on what, a sentence each.

    Examples
    --------
    >>> split_notes([])
    []
    """
    notes = []
    for cluster, plan in plans_of(outcomes).items():
        if plan.left_out:
            missing = f"load or size of {len(plan.left_out):,} topics is unknown ({first_few(plan.left_out)})"
            notes.append(f"{cluster}: {missing}, so they are in no cell.")
        notes += [f"{cluster}: {note}" for note in plan.notes]
        if (ratio := plan.options.peak_ratio) > 1:
            notes.append(f"{cluster}: brokers are sized for {ratio:.2f} × the mean traffic.")
    return notes


def split_files(outcomes: Sequence[Outcome[SplitPlan]]) -> dict[str, dict[str, str]]:
    """Return the files of each plan: cluster → name → text.

    ``cells.csv`` (topic, cell) and ``flows.csv`` (client, kind, topic) are what ``plan waves`` and ``routing build``
    start from; ``clients.csv`` and ``reasons.csv`` are to be read; ``split.json`` has the figures.

    Examples
    --------
    >>> split_files([])
    {}
    """
    return {cluster: _files(plan) for cluster, plan in plans_of(outcomes).items()}


def _files(plan: SplitPlan) -> dict[str, str]:
    figures = {name: getattr(plan.summary, name) for name in _FIGURES}
    document = {
        **figures,
        "cells": _cells(plan).to_dicts(),
        "number_of_cells": plan.summary.cells,
        "notes": list(plan.notes),
    }
    clients = plan.clients.with_columns(cells=pl.col("cells").list.join(";"))
    return {
        "cells.csv": plan.cells.write_csv(),
        "clients.csv": clients.write_csv(),
        "flows.csv": _flows(plan).select("client", "kind", "topic", "bytes_per_s", "evidence").write_csv(),
        "reasons.csv": plan.reasons.write_csv(),
        "split.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
    }

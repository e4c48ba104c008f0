"""The splits of all sources as frames and files: what figures, tables and other tools are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import polars as pl

from kafka_analysis.plan.split.alternatives import ALTERNATIVES
from kafka_analysis.plan.split.clusters import SourceSplit
from kafka_analysis.plan.split.curve import CURVE
from kafka_analysis.plan.split.graph import GRAPH, split_graph
from kafka_analysis.plan.split.measure import CLIENTS
from kafka_analysis.plan.split.reasons import REASONS
from kafka_analysis.plan.split.summary import LOADS

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
EVIDENCE = {"kind": pl.String, "evidence": pl.String, "flows": pl.Int64, "clients": pl.Int64,
    "bytes_per_s": pl.Float64}  # fmt: skip


def split_frames(splits: Sequence[SourceSplit]) -> dict[str, pl.DataFrame]:
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
    >>> found = split_frames([])
    >>> list(found), found["cells"].height
    (['cells', 'loads', 'topics', 'clients', 'flows', 'alternatives', 'curve', 'evidence', 'graph', 'blast'], 0)
    """
    ready = [one for one in splits if one.plan is not None]
    return {
        "cells": _stacked(ready, [_cells(one) for one in ready], CELLS),
        "loads": _stacked(ready, [one.plan.summary.loads for one in ready], LOADS),
        "topics": _stacked(ready, [_topics(one) for one in ready], TOPICS),
        "clients": _stacked(ready, [one.plan.clients for one in ready], CLIENTS),
        "flows": _stacked(ready, [_flows(one) for one in ready], FLOWS),
        "alternatives": _stacked(ready, [one.plan.alternatives for one in ready], ALTERNATIVES),
        "curve": _stacked(ready, [_curve(one) for one in ready], {**CURVE, "chosen": pl.Boolean}),
        "evidence": _stacked(ready, [one.plan.evidence for one in ready], EVIDENCE),
        "graph": _stacked(
            ready, [split_graph(_topics(one), one.plan.clients, _flows(one)) for one in ready], GRAPH
        ),
        "blast": _stacked(ready, [_blast(one) for one in ready], BLAST),
    }


def _stacked(
    splits: Sequence[SourceSplit], frames: Sequence[pl.DataFrame], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"cluster": pl.String, **schema})
    named = [
        frame.select(
            pl.lit(one.cluster).alias("cluster"), *(pl.col(name).cast(kind) for name, kind in schema.items())
        )
        for one, frame in zip(splits, frames, strict=True)
    ]
    return pl.concat([empty, *named])


def _cells(one: SourceSplit) -> pl.DataFrame:
    summary = one.plan.summary
    topics = one.plan.cells.group_by("cell").agg(topics=pl.len().cast(pl.Int64))
    return (
        summary.blast.join(topics, on="cell", how="left")
        .join(summary.sizes, on="cell", how="left")
        .sort("cell")
    )


def _blast(one: SourceSplit) -> pl.DataFrame:
    """Return what each cell's loss takes along: clients, and bytes in and out."""
    shares = {"clients": "client_share", "bytes": "byte_share"}
    wide = one.plan.summary.blast.select("cell", **shares)
    return wide.unpivot(index="cell", variable_name="what", value_name="share")


def _topics(one: SourceSplit) -> pl.DataFrame:
    team = [] if "team" in one.topics.columns else [pl.lit(None, pl.String).alias("team")]
    return one.plan.reasons.join(one.topics.with_columns(team), on="topic", how="left", maintain_order="left")


def _flows(one: SourceSplit) -> pl.DataFrame:
    known = [name for name in ("kind", "evidence") if name not in one.flows.columns]
    flows = one.flows.with_columns(pl.lit(None, pl.String).alias(name) for name in known)
    homes = one.plan.clients.select("client", "home_cell")
    return flows.join(one.plan.cells, on="topic", maintain_order="left").join(
        homes, on="client", maintain_order="left"
    )


def _curve(one: SourceSplit) -> pl.DataFrame:
    return one.curve.with_columns(chosen=pl.col("cells") == one.plan.summary.cells)


def split_notes(splits: Sequence[SourceSplit]) -> list[str]:
    """Return what the plans take for granted and what rests on what, a sentence each.

    Examples
    --------
    >>> split_notes([])
    []
    """
    found = []
    for one in splits:
        if one.left_out:
            names = ", ".join(one.left_out[:3]) + (" and more" if len(one.left_out) > 3 else "")
            found.append(
                f"{one.cluster}: load or size of {len(one.left_out):,} topics is not known ({names}): no cell."
            )
        if one.plan is not None:
            found += [f"{one.cluster}: {note}" for note in one.plan.notes]
            if (ratio := one.options.get("peak_ratio", 1.0)) > 1:
                found.append(f"{one.cluster}: brokers are sized for {ratio:.2f} × the mean traffic.")
    return found


def split_files(splits: Sequence[SourceSplit]) -> dict[str, dict[str, str]]:
    """Return the files of each plan: cluster → name → text.

    ``cells.csv`` (topic, cell) and ``flows.csv`` (client, kind, topic) are what ``plan waves`` and ``routing build``
    start from; ``clients.csv`` and ``reasons.csv`` are to be read; ``split.json`` has the figures.

    Examples
    --------
    >>> split_files([])
    {}
    """
    return {one.cluster: _files(one) for one in splits if one.plan is not None}


def _files(one: SourceSplit) -> dict[str, str]:
    plan, summary = one.plan, one.plan.summary
    clients = plan.clients.with_columns(cells=pl.col("cells").list.join(";"))
    figures = {
        name: getattr(summary, name)
        for name in (
            "topics", "clients", "cells", "clients_in_extra_cells", "clients_in_one_cell", "cross_cell_bytes_per_s",
            "cross_cell_share", "worst_client_share", "worst_byte_share", "fullest", "brokers", "accounts",
            "monthly_usd", "moved_topics",
        )
    }  # fmt: skip
    told = {
        **figures,
        "cells": _cells(one).to_dicts(),
        "number_of_cells": summary.cells,
        "notes": list(plan.notes),
    }
    return {
        "cells.csv": plan.cells.write_csv(),
        "clients.csv": clients.write_csv(),
        "flows.csv": _flows(one).select("client", "kind", "topic", "bytes_per_s", "evidence").write_csv(),
        "reasons.csv": plan.reasons.write_csv(),
        "split.json": json.dumps(told, indent=2, ensure_ascii=False) + "\n",
    }

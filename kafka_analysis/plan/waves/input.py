"""The frames waves are planned from, checked: what is wrong is named, what is missing is never taken for 0."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.common.checks import first_few, refuse, typed_columns
from kafka_analysis.plan.waves.options import LEVELS

CLIENT = ["client", "kind"]
KINDS = ("producer", "group")
_NO_NAME = r"[^\w.\-]|^$"  # what a topic's name never holds
_TOPIC_EXTRAS = {
    "team": pl.String, "retention_ms": pl.Float64, "cleanup_policy": pl.String, "replication_factor": pl.Float64,
}  # fmt: skip
_FLOW_EXTRAS = {"evidence": pl.String, "criticality": pl.String, "team": pl.String, "application": pl.String}


def check_cells(cells: Frame) -> pl.DataFrame:
    """Return the topics to be moved, by name, each with its cell.

    Raises
    ------
    InputError
        There is none, one has no cell, or one comes twice.

    Examples
    --------
    >>> check_cells(pl.DataFrame({"topic": ["b", "a"], "cell": ["cell-1", "cell-2"]})).rows()
    [('a', 'cell-2'), ('b', 'cell-1')]
    """
    rows = typed_columns(cells, "cells", {"topic": pl.String, "cell": pl.String})
    if rows.is_empty():
        raise InputError("cells is empty; give at least one topic with its cell")
    no_name = "use letters, digits, dots, dashes and underscores"
    for wrong, what, mend in (
        (pl.any_horizontal(pl.col("topic", "cell").is_null()), "without a name or a cell", "give both"),
        (pl.col("topic").str.contains(_NO_NAME), "not a valid topic name", no_name),
        (pl.col("topic").is_duplicated(), "listed more than once", "give each topic one cell"),
    ):
        refuse(rows, wrong, f"cells: {what}", mend)
    return rows.sort("topic")


def check_topics(topics: Frame, cells: pl.DataFrame, *, replication_factor: int) -> pl.DataFrame:
    """Return the topics to be moved with their load; ``stored_bytes`` is one copy.

    Parameters
    ----------
    topics
        ``topic``, ``bytes_in_per_s``, ``bytes_out_per_s``, ``size_bytes`` (all replicas); optional: ``team``,
        ``retention_ms`` (−1: without end), ``cleanup_policy``, ``replication_factor``.
    cells
        Result of :func:`check_cells`.
    replication_factor
        Copies of a topic for which none is told.

    Raises
    ------
    InputError
        A topic of ``cells`` is missing or comes twice, what it takes in is unknown, or an amount is negative.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a"], "bytes_in_per_s": 5.0, "bytes_out_per_s": None, "size_bytes": 9.0})
    >>> cells = pl.DataFrame({"topic": ["a"], "cell": ["cell-1"]})
    >>> check_topics(topics, cells, replication_factor=3)["stored_bytes"].item()
    3.0
    """
    amounts = dict.fromkeys(("bytes_in_per_s", "bytes_out_per_s", "size_bytes"), pl.Float64)
    rows = typed_columns(topics, "topics", {"topic": pl.String, **amounts}, _TOPIC_EXTRAS)
    refuse(rows, pl.col("topic").is_duplicated(), "topics: listed more than once", "list each topic once")
    if len(unknown := cells.join(rows, on="topic", how="anti")):
        message = f"cells: no load for {named(unknown['topic'])}; add it to topics, or leave it out"
        raise InputError(message)
    moved = cells.join(rows, on="topic", how="left", maintain_order="left")
    for name in amounts:
        wrong = (pl.col(name) < 0) | ~pl.col(name).is_finite()
        refuse(moved, wrong, f"topics: {name} below 0 or not finite", "give 0 or more")
    unknown, mend = pl.col("bytes_in_per_s").is_null(), "measure it, or leave them out of cells"
    refuse(moved, unknown, "topics: bytes_in_per_s unknown", mend)
    refuse(moved, pl.col("replication_factor") < 1, "topics: replication_factor below 1", "give 1 or more")
    copies = pl.col("replication_factor").fill_null(replication_factor)
    return moved.with_columns(stored_bytes=pl.col("size_bytes") / copies)


def check_flows(flows: Frame, topics: Frame) -> pl.DataFrame:
    """Return which client uses which topic, each pair once.

    Parameters
    ----------
    flows
        ``client``, ``kind``, ``topic``; optional: ``evidence``, ``criticality``, ``team``, ``application``.
    topics
        All topics that may be named.

    Raises
    ------
    InputError
        A kind, criticality or topic is unknown, or a name is missing.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": ["billing"] * 2, "kind": "group", "topic": ["a", "a"], "evidence": "measured"})
    >>> check_flows(flows, pl.DataFrame({"topic": ["a"]})).select("client", "kind", "topic", "evidence").rows()
    [('billing', 'group', 'a', 'measured')]
    """
    rows = typed_columns(flows, "flows", dict.fromkeys((*CLIENT, "topic"), pl.String), _FLOW_EXTRAS)
    if rows.select(pl.any_horizontal(pl.col(*CLIENT, "topic").is_null()).any()).item():
        raise InputError("flows: a row has no client, kind or topic; give all three in every row")
    for name, allowed in (("kind", KINDS), ("criticality", LEVELS)):
        wrong = rows.filter(~pl.col(name).is_in(allowed))[name]
        if len(wrong):
            what = f"{name} of flows"
            raise InputError.unknown(what, wrong[0], allowed)
    listed = to_polars(topics).select("topic")
    if len(unknown := rows.join(listed, on="topic", how="anti")):
        message = f"flows: unknown {named(unknown['topic'].unique().sort())}; add it to topics"
        raise InputError(message)
    ranked = rows.with_columns(rank=_rank()).sort(*CLIENT, "topic", "rank", nulls_last=True)
    once = ranked.group_by(*CLIENT, "topic", maintain_order=True).agg(
        pl.col(*_FLOW_EXTRAS).drop_nulls().first()
    )
    return once.sort(*CLIENT, "topic")


def named(names: Sequence[str], what: str = "topic") -> str:
    """Name topics, the first few of them.

    Examples
    --------
    >>> named(["a", "b", "c", "d", "e"]), named(["a"], "client")
    ('topics a, b, c and 2 more', 'client a')
    """
    return f"{what}{'s' if len(names) > 1 else ''} {first_few(names)}"


def _rank() -> pl.Expr:
    """Order criticalities, the gravest first."""
    order = {level: rank for rank, level in enumerate(reversed(LEVELS))}
    return pl.col("criticality").replace_strict(order, default=None, return_dtype=pl.Int8)

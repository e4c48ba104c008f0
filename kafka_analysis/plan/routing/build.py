"""Make the first routing table of a split: everything on the source, every way planned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame
from kafka_analysis.plan.common.checks import with_columns_needed
from kafka_analysis.plan.routing.table import RoutingTable
from kafka_analysis.plan.routing.text import validated

_CLIENT = ["client", "kind"]


def build_routing(
    cells: Frame,
    clients: Frame,
    flows: Frame,
    *,
    source: str,
    bootstrap: Mapping[str, str],
    waves: Frame | None = None,
    principals: Frame | None = None,
    transactional: Frame | None = None,
    security: Mapping[str, Mapping[str, str]] | None = None,
    version: int = 1,
    created_at: datetime | None = None,
) -> RoutingTable:
    """Make a routing table from a split plan: every topic and client on the source, in state ``source``.

    Parameters
    ----------
    cells
        ``topic``, ``cell``; a cell that is null means that the topic stays on the source.
    clients
        ``client``, ``kind`` (``producer`` or ``group``): every client of the split plan.
    flows
        ``client``, ``kind``, ``topic``: what each client writes or reads.
    source
        Name of the cluster that is being split.
    bootstrap
        Cluster → its bootstrap servers, comma-separated: of the source, and of every cell that exists already.
    waves
        ``topic``, ``wave``; None: no waves are planned yet.
    principals
        ``client``, ``kind``, ``principal``: whom clients log in as in their cells, where that is known.
    transactional
        ``client``, ``kind`` of the producers that use transactions: one of these cannot write to two clusters.
    security
        Cluster → ``protocol`` and ``mechanism`` of its listener. No credentials.
    version, created_at
        Those of the table.

    Returns
    -------
    RoutingTable
        Sorted by topic and client. Every topic's way back is the source.

    Raises
    ------
    InputError
        A column is missing, a topic or client comes twice, a flow names a topic or client that the plan does not have,
        an address is missing, or a name is not Kafka's.

    Examples
    --------
    >>> table = build_routing(
    ...     pl.DataFrame({"topic": ["orders", "audit"], "cell": ["cell-1", None]}),
    ...     pl.DataFrame({"client": ["billing"], "kind": ["group"]}),
    ...     pl.DataFrame({"client": ["billing"], "kind": ["group"], "topic": ["orders"]}),
    ...     source="monolith", bootstrap={"monolith": "old:9092", "cell-1": "new:9092"},
    ...     waves=pl.DataFrame({"topic": ["orders"], "wave": [1]}))
    >>> [(route.topic, route.cell, route.wave, route.state) for route in table.topics]
    [('audit', None, None, 'source'), ('orders', 'cell-1', 1, 'source')]
    >>> table.clients[0].client, table.clients[0].wave
    ('billing', 1)
    """
    topics = _topics(_columns(cells, "cells", ["topic", "cell"]), waves)
    names = {str(cell) for cell in topics["cell"].drop_nulls()}
    if source not in bootstrap:
        raise InputError(f"the source {source!r} has no bootstrap servers; give bootstrap={{{source!r}: …}}")
    for cluster in bootstrap.keys() - names - {source}:
        raise InputError.unknown("cluster of bootstrap", cluster, [source, *names])
    hints = security or {}
    content = {
        "version": version,
        "created_at": created_at,
        "source": {
            "cluster": source, "bootstrap_servers": bootstrap[source], "security": hints.get(source, {}),
        },
        "cells": {
            cell: {"bootstrap_servers": bootstrap.get(cell), "security": hints.get(cell, {})} for cell in sorted(names)
        },
        "topics": topics.to_dicts(),
        "clients": _clients(topics, clients, flows, principals=principals, transactional=transactional),
    }  # fmt: skip
    return validated(content)


def _topics(cells: pl.DataFrame, waves: Frame | None) -> pl.DataFrame:
    _once(cells, ["topic"], "cells")
    if waves is None:
        return cells.with_columns(wave=pl.lit(None, pl.Int32)).sort("topic")
    planned = _columns(waves, "waves", ["topic", "wave"])
    _once(planned, ["topic"], "waves")
    moving = cells.drop_nulls("cell")
    _all_in(moving, planned, ["topic"], "has no wave; give every topic that moves one")
    _all_in(planned, moving, ["topic"], "has a wave and no cell; give it one, or leave it out of the waves")
    return cells.join(planned, on="topic", how="left").sort("topic")


def _clients(
    topics: pl.DataFrame,
    clients: Frame,
    flows: Frame,
    *,
    principals: Frame | None,
    transactional: Frame | None,
) -> list[dict[str, Any]]:
    listed = _columns(clients, "clients", _CLIENT)
    _once(listed, _CLIENT, "clients")
    used = _columns(flows, "flows", [*_CLIENT, "topic"]).unique()
    _all_in(used, topics, ["topic"], "is in flows, but not in cells; give it a cell, or null if it stays")
    _all_in(used, listed, _CLIENT, "is in flows, but not in clients; add it to clients")
    _all_in(listed, used, _CLIENT, "has no flow; add its topics to flows")
    routed = used.join(topics, on="topic").sort("topic").group_by(_CLIENT, maintain_order=True)
    rows = routed.agg(pl.struct("topic").alias("topics"), pl.col("wave").max())
    if principals is not None:
        given = _columns(principals, "principals", [*_CLIENT, "principal"])
        _once(given, _CLIENT, "principals")
        _all_in(given, listed, _CLIENT, "has a principal, but is not in clients; correct its name or kind")
        rows = rows.join(given, on=_CLIENT, how="left")
    if transactional is not None:
        given = _columns(transactional, "transactional", _CLIENT).unique()
        _all_in(given, listed, _CLIENT, "is in transactional, but not in clients; correct its name or kind")
        rows = rows.join(given.with_columns(transactional=True), on=_CLIENT, how="left")
        rows = rows.with_columns(pl.col("transactional").fill_null(value=False))
    return rows.sort("kind", "client").to_dicts()


def _columns(frame: Frame, what: str, columns: list[str]) -> pl.DataFrame:
    return with_columns_needed(frame, what, columns).select(columns)


def _once(rows: pl.DataFrame, keys: list[str], what: str) -> None:
    twice = rows.filter(rows.select(keys).is_duplicated())
    if len(twice):
        raise InputError(f"{what}: {_named(twice, keys)} is listed twice; list it once")


def _all_in(rows: pl.DataFrame, allowed: pl.DataFrame, keys: list[str], what: str) -> None:
    missing = rows.join(allowed, on=keys, how="anti").sort(keys)
    if len(missing):
        raise InputError(f"{_named(missing, keys)} {what}")


def _named(rows: pl.DataFrame, keys: list[str]) -> str:
    return " ".join(str(rows.row(0, named=True)[key]) for key in reversed(keys))

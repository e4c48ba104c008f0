"""Tables of a split into cells: the cells, what lies where and why."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.tables.base import Column, Table, build, whole_dollars, with_texts

_FLOW_EVIDENCE = (
    Column("who", "Who"),
    Column("evidence", "Evidence"),
    Column("from", "Known from"),
    Column("clients", "Clients", ""),
    Column("flows", "Flows", ""),
    Column("bytes_per_s", "Bytes", "B/s"),
)
_WHO = {"producer": "producers", "group": "consumer groups"}
_FROM = {
    ("group", "measured"): "committed offsets",
    ("producer", "measured"): "client metrics",
    ("producer", "estimated"): "bytes of a topic, divided among its producers",
}


def flow_evidence(frame: Any) -> Table:
    """List how many flows of producers and of groups are measured, estimated or declared.

    Parameters
    ----------
    frame
        ``evidence`` of ``plan.split_frames``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "kind": "group", "evidence": "measured", "flows": 38, "clients": 21,
    ...     "bytes_per_s": 1.7e6})
    >>> flow_evidence(rows).cells.row(0)
    ('c', 'consumer groups', 'measured', 'committed offsets', '21', '38', '1.70 MB/s')
    """
    rows = to_polars(frame).sort("cluster", "kind", "evidence")
    note = "A declared flow can be wrong, and a measurement can miss one: ask the owners before the cut-over."
    return build(
        "flow_evidence",
        "Where these numbers come from",
        with_texts(rows, ["who", "from"], _flow_texts),
        _FLOW_EVIDENCE,
        note,
    )


def _flow_texts(row: dict[str, Any]) -> tuple[str, str]:
    kind = row["kind"]
    return _WHO.get(kind, kind), _FROM.get((kind, row["evidence"]), "declarations")


_SPLIT_ALTERNATIVES = (
    Column("alternative", "Split"),
    Column("clients_in_extra_cells", "Clients in extra cells", ""),
    Column("cross_cell_share", "Bytes that cross cells", "%"),
    Column("worst_client_share", "Worst cell affects, of clients", "%"),
    Column("worst_byte_share", "Of bytes", "%"),
    Column("fullest", "Fullest cell, of its limit", "%"),
    Column("keeps_limits", "Keeps limits"),
)


def split_alternatives(frame: Any) -> Table:
    """List the plan beside cells by team, by size alone and at random, as many of them.

    Parameters
    ----------
    frame
        ``alternatives`` of ``plan.split_frames``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "alternative": "by team", "clients_in_extra_cells": 7,
    ...     "cross_cell_share": 0.1, "worst_client_share": 0.5, "worst_byte_share": 0.6, "fullest": 1.2,
    ...     "keeps_limits": False})
    >>> split_alternatives(rows).cells.row(0)
    ('c', 'by team', '7', '10 %', '50 %', '60 %', '120 %', 'no')
    """
    shown = to_polars(frame).with_columns(pl.col("keeps_limits").cast(pl.Boolean))
    note = (
        "Topics that must stay together do so in all of them. By team: each team stays whole. By size "
        "only: clients are "
        "ignored. Above 100 % of a limit, the cells would be too full."
    )
    return build("split_alternatives", "Alternatives", shown, _SPLIT_ALTERNATIVES, note)


_SPLIT_CELLS = (
    Column("cell", "Cell", whole=True),
    Column("topics", "Topics", ""),
    Column("clients", "Clients", ""),
    Column("of_clients", "Loss affects, of clients", whole=True),
    Column("of_bytes", "Of bytes", whole=True),
    Column("type", "Brokers"),
    Column("usd", "USD a month", ""),
    Column("binding_constraint", "Decided by"),
    Column("shortfall", "Not possible because", missing=""),
)
_DECIDES = {"ingress": "bytes in", "egress": "bytes out", "minimum": "the minimum"}


def split_cells(frame: Any) -> Table:
    """List the cells of each source: what is in them, what their loss reaches, what they need and cost.

    Parameters
    ----------
    frame
        ``cells`` of ``plan.split_frames``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "cell": "cell-1", "topics": 5, "clients": 9, "client_share": 0.4,
    ...     "byte_share": 0.25, "broker_type": "kafka.m7g.large", "brokers": 3, "feasible": True,
    ...     "binding_constraint": "minimum", "monthly_usd": 464.2, "shortfall": None})
    >>> split_cells(rows).cells.row(0)[1:8]
    ('cell-1', '5', '9', '100 % → 40 %', '100 % → 25 %', '3 × kafka.m7g.large', '464')
    """
    rows = to_polars(frame).sort("cluster", "cell").with_columns(pl.col("brokers").cast(pl.Int64))
    texts = with_texts(rows, ["of_clients", "of_bytes", "binding_constraint", "type"], _cell_texts)
    is_short = rows["shortfall"].fill_null("").str.len_chars().gt(0).any()
    columns = [column for column in _SPLIT_CELLS if column.name != "shortfall" or is_short]
    shown = texts.with_columns(whole_dollars("monthly_usd"))
    note = (
        "Before → after the split. A client counts in every cell that it uses. Brokers by AWS's sizing script "
        "(S2), at list prices."
    )
    return build("split_cells", "Cells", shown, columns, note)


def _cell_texts(row: dict[str, Any]) -> tuple[str | None, ...]:
    decides = _DECIDES.get(row["binding_constraint"], row["binding_constraint"])
    shares = (_after(row["client_share"]), _after(row["byte_share"]))
    return *shares, decides, _brokers(row["brokers"], row["broker_type"])


def _after(share: float | None) -> str | None:
    return None if share is None else f"100 % → {format_quantity(share, '%')}"


def _brokers(brokers: int | None, broker_type: str | None) -> str | None:
    return None if brokers is None or broker_type is None else f"{brokers:,} × {broker_type}"


_SPREAD_CLIENTS = (
    Column("client", "Client"),
    Column("kind", "Kind"),
    Column("home_cell", "Home", whole=True),
    Column("others", "Also uses"),
    Column("bytes_per_s", "Total bytes", "B/s"),
    Column("cross_cell_bytes_per_s", "Bytes in other cells", "B/s"),
)


def spread_clients(frame: Any, *, top_n: int = 15) -> Table:
    """List the clients that use several cells, those of most cells first, then those with most bytes away from home.

    Parameters
    ----------
    frame
        ``clients`` of ``plan.split_frames``.
    top_n
        How many at most.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "client": ["x", "y"], "kind": "group", "cells": [["a"], ["a", "b"]],
    ...     "home_cell": "a", "extra_cells": [0, 1], "bytes_per_s": [5.0, 4.0], "cross_cell_bytes_per_s": [0.0, 1.0]})
    >>> spread_clients(rows).cells.row(0)
    ('c', 'y', 'group', 'a', 'b', '4 B/s', '1 B/s')
    """
    rows = to_polars(frame).filter(pl.col("extra_cells") > 0)
    order = rows.sort(
        "extra_cells", "cross_cell_bytes_per_s", "cluster", "client",
        descending=[True, True, False, False], nulls_last=True,
    )  # fmt: skip
    others = pl.col("cells").list.set_difference(pl.concat_list("home_cell")).list.sort()
    shown, title = order.head(top_n).with_columns(others=others), "Clients that use several cells"
    note = "Home: the cell with most of the client's bytes."
    return build("spread_clients", title, shown, _SPREAD_CLIENTS, note, left_out=len(rows) - top_n)


_TOPIC_REASONS = (
    Column("topic", "Topic"),
    Column("cell", "Cell", whole=True),
    Column("carries", "Bytes in and out", "B/s"),
    Column("why", "Why"),
    Column("next_best_cell", "Next best", missing="none has room"),
    Column("next_best_costs", "Extra cost", "", missing="–"),
)


def topic_reasons(frame: Any, *, top_n: int = 15) -> Table:
    """Say of the topics with most bytes why they are where they are, and what the next best cell would cost.

    Parameters
    ----------
    frame
        ``topics`` of ``plan.split_frames``.
    top_n
        How many at most.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": "c", "topic": ["t"], "cell": "a", "why": "this is the home of its only client",
    ...     "next_best_cell": "b", "next_best_costs": 1.25, "bytes_in_per_s": 1e6, "bytes_out_per_s": 2e6})
    >>> topic_reasons(rows).cells.row(0)[3:]
    ('3 MB/s', 'this is the home of its only client', 'b', '1.25')
    """
    rows = to_polars(frame).with_columns(carries=pl.sum_horizontal("bytes_in_per_s", "bytes_out_per_s"))
    order = rows.sort("carries", "cluster", "topic", descending=[True, False, False], nulls_last=True)
    shown, title = order.head(top_n), "Why topics are where they are"
    note = "Extra cost: how much worse the next best cell is, in clients that use one more cell."
    return build("topic_reasons", title, shown, _TOPIC_REASONS, note, left_out=len(rows) - top_n)

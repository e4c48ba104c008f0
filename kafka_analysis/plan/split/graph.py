"""A split as a graph of cells, topics and clients: what its picture is drawn from."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars

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

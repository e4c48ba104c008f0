"""The blast radius of every cell of a split: what loses service when the whole cell is lost."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.blast_shares import BYTES

_KINDS = {"clients": ("producer", "group"), "producers": ("producer",), "groups": ("group",)}


@same_kind
def cell_blast(cells: Frame, flows: Frame, *, topics: Frame) -> Frame:
    """Say for each cell which share of clients and of bytes loses service when the cell is lost.

    Parameters
    ----------
    cells
        ``topic``, ``cell``: where each topic is.
    flows
        ``client``, ``kind``, ``topic``. A client of several cells counts in each, so that clients' shares may come to
        more than 1; those of bytes come to 1.
    topics
        ``topic``, ``bytes_in_per_s``, ``bytes_out_per_s``.

    Returns
    -------
    frame of the kind given
        ``cell``, ``what`` (clients, producers, groups, bytes_in_per_s, bytes_out_per_s), ``affected``, ``total``,
        ``share`` = affected ÷ total (null: there are none, or a topic's bytes are unknown). Without a split, one
        cluster that is lost takes all: 1.

    Raises
    ------
    InputError
        When a flow is of a topic that is in no cell, or a topic is in two.

    Examples
    --------
    >>> cells = pl.DataFrame({"topic": ["a", "b"], "cell": ["cell-1", "cell-2"]})
    >>> flows = pl.DataFrame({"client": ["p", "g", "g"], "kind": ["producer", "group", "group"],
    ...     "topic": ["a", "a", "b"]})
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "bytes_in_per_s": [30.0, 10.0], "bytes_out_per_s": [30.0, None]})
    >>> cell_blast(cells, flows, topics=topics).select("cell", "what", "share").rows()[2:4]
    [('cell-1', 'groups', 1.0), ('cell-1', 'bytes_in_per_s', 0.75)]
    """
    _check(cells, flows)
    named = cells.select("cell").unique().sort("cell")
    clients = [_of_clients(named, cells, flows, what) for what in _KINDS]
    amounts = [_of_bytes(named, cells, topics, name) for name in BYTES]
    share = pl.when(pl.col("total") > 0).then(pl.col("affected") / pl.col("total"))
    order = pl.Enum([*_KINDS, *BYTES])
    rows = pl.concat([*clients, *amounts]).with_columns(share=share, what=pl.col("what").cast(order))
    return rows.sort("cell", "what").with_columns(pl.col("what").cast(pl.String))


def _check(cells: pl.DataFrame, flows: pl.DataFrame) -> None:
    twice = cells.unique().filter(pl.col("topic").is_duplicated())["topic"].sort()
    if len(twice):
        message = f"topic {twice[0]!r} is in two cells; leave it in one"
        raise InputError(message)
    homeless = flows.join(cells, on="topic", how="anti")["topic"].sort()
    if len(homeless):
        message = f"topic {homeless[0]!r} has clients and is in no cell; give it one"
        raise InputError(message)


def _of_clients(named: pl.DataFrame, cells: pl.DataFrame, flows: pl.DataFrame, what: str) -> pl.DataFrame:
    own = flows.filter(pl.col("kind").is_in(_KINDS[what])).select("client", "kind", "topic").unique()
    total = own.select("client", "kind").n_unique() if len(own) else 0
    met = own.join(cells, on="topic").unique(["client", "kind", "cell"])
    counted = met.group_by("cell").agg(affected=pl.len().cast(pl.Float64))
    rows = named.join(counted, on="cell", how="left").with_columns(pl.col("affected").fill_null(0.0))
    return rows.select("cell", what=pl.lit(what), affected="affected", total=pl.lit(float(total)))


def _of_bytes(named: pl.DataFrame, cells: pl.DataFrame, topics: pl.DataFrame, name: str) -> pl.DataFrame:
    both = cells.unique().join(topics.select("topic", name), on="topic", how="left")
    known = both[name].null_count() == 0
    total = float(both[name].sum()) if known else None
    sums = both.group_by("cell").agg(affected=pl.col(name).cast(pl.Float64).sum())
    affected = pl.col("affected") if known else pl.lit(None, pl.Float64)
    rows = named.join(sums, on="cell", how="left")
    return rows.select("cell", what=pl.lit(name), affected=affected, total=pl.lit(total, dtype=pl.Float64))

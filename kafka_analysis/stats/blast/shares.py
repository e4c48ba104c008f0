"""Count what an outage does: from its effect on each partition to shares of partitions, clients and bytes."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

EFFECTS = ("loses_service", "unavailable", "not_writable", "interrupted", "leader_moves")
MEASURED_EFFECTS = EFFECTS[:4]  # whether it was the leader or a follower that made others wait does not show
BYTES = ("bytes_in_per_s", "bytes_out_per_s")
SUBJECTS = ("partitions", "producers", "groups", "starved_groups", *BYTES)
_NUMBERS = ("affected", "total", "share")
_FLAGS = ("unavailable", "not_writable", "leader_moves", "interrupted")


@same_kind
def blast_shares(places: Frame, flows: Frame, *, effects: Sequence[str] = EFFECTS) -> Frame:
    """Count partitions, clients and bytes by the effect of an outage on the partitions.

    Parameters
    ----------
    places
        A row per partition: ``cluster``, ``topic``, ``partition``; ``unavailable``, ``not_writable``, ``interrupted``,
        ``leader_moves``, ``reading_waits``: true, false, or null for unknown; ``bytes_in_per_s`` and
        ``bytes_out_per_s`` where they are known.
    flows
        ``client``, ``kind``, ``topic``, and ``cluster`` where a topic is in several.
    effects
        Which of ``EFFECTS`` to count.

    Returns
    -------
    frame of the kind given
        ``effect``, ``what``, ``affected``, ``total``, ``share``, ``unknown``, as ``stats.predicted_blast`` says.
        Clients are counted under the worst that a partition of theirs meets. Groups, and bytes out, lose nothing where
        a partition is only not writable; ``starved_groups`` counts groups as their producers are, by what keeps new
        records from them.

    Examples
    --------
    >>> places = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "unavailable": [True, False],
    ...     "not_writable": False, "interrupted": False, "leader_moves": False, "reading_waits": False,
    ...     "bytes_in_per_s": [30.0, 70.0]})
    >>> flows = pl.DataFrame({"client": ["p"], "kind": ["producer"], "topic": ["t"]})
    >>> blast_shares(places, flows, effects=["unavailable"]).select("what", "share", "unknown").rows()
    [('partitions', 0.5, 0), ('producers', 1.0, 0), ('groups', None, 0), ('starved_groups', None, 0),
     ('bytes_in_per_s', 0.3, 0), ('bytes_out_per_s', None, 2)]
    """
    reading = places.with_columns(
        not_writable=pl.lit(value=False),
        interrupted=pl.col("reading_waits"),
        leader_moves=pl.col("leader_moves") & pl.col("reading_waits"),
    )
    each = pl.lit(1.0)
    parts = [
        _counted(places, each, "partitions"),
        _counted(_clients(places, flows, "producer"), each, "producers"),
        _counted(_clients(reading, flows, "group"), each, "groups"),
        _counted(_clients(places, flows, "group"), each, "starved_groups"),
        _counted(places, _amount(places, BYTES[0]), BYTES[0]),
        _counted(reading, _amount(places, BYTES[1]), BYTES[1]),
    ]
    order = pl.DataFrame({"effect": list(effects)})
    return order.join(pl.concat(parts), on="effect", how="inner", maintain_order="left_right")


def _amount(places: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64) if name in places.columns else pl.lit(None, pl.Float64)


def _clients(places: pl.DataFrame, flows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Return the effect on each client of a kind: the worst of those on the partitions of its topics."""
    keys = ["cluster", "topic"] if "cluster" in flows.columns else ["topic"]
    topics_of = flows.filter(kind=kind).select("client", *keys).unique()
    met = topics_of.join(places.select(*keys, *_FLAGS), on=keys, how="left")
    worst = met.group_by("client").agg(pl.col(flag).any(ignore_nulls=False) for flag in _FLAGS)
    spared = ~pl.col("unavailable")
    writable = spared & ~pl.col("not_writable")
    return worst.with_columns(
        not_writable=spared & pl.col("not_writable"),
        interrupted=writable & pl.col("interrupted"),
        leader_moves=writable & pl.col("leader_moves"),
    )


def _counted(rows: pl.DataFrame, amount: pl.Expr, what: str) -> pl.DataFrame:
    """Return a row per effect: the amount of what meets it, of all of which it is known, and how many are not."""
    flags = rows.with_columns(loses_service=pl.col("unavailable") | pl.col("not_writable"), _size=amount)
    parts = [_of_effect(flags.select(flag=effect, size="_size"), effect) for effect in EFFECTS]
    return pl.concat(parts).select("effect", pl.lit(what).alias("what"), *_NUMBERS, "unknown")


def _of_effect(both: pl.DataFrame, effect: str) -> pl.DataFrame:
    judged = both.drop_nulls()
    total = float(judged["size"].sum()) if len(judged) else None
    affected = float(judged.filter("flag")["size"].sum()) if len(judged) else None
    share = affected / total if affected is not None and total else None
    row = {"effect": effect, "affected": affected, "total": total, "share": share}
    schema = {"effect": pl.String, **dict.fromkeys(_NUMBERS, pl.Float64), "unknown": pl.Int64}
    return pl.DataFrame([row | {"unknown": len(both) - len(judged)}], schema=schema)

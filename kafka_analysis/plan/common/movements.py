"""What a reassignment moves, and what every broker carries before and after it."""

from collections.abc import Collection
from itertools import zip_longest

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.plan.common.checks import KEYS
from kafka_analysis.plan.files.reassignment import changed

OWN_SIZES = "replica_sizes_bytes"  # optional: what each replica takes, in the order of replicas
MOVEMENTS = {
    "topic": pl.String, "partition": pl.Int32, "kind": pl.String, "from": pl.Int32, "to": pl.Int32,
    "bytes": pl.Float64,
}  # fmt: skip


@same_kind
def movements(before: Frame, after: Frame) -> Frame:
    """List what it takes to get from one assignment to another.

    Parameters
    ----------
    before
        ``topic``, ``partition``, ``replicas`` and ``size_bytes`` of the partition's log; null: unknown.
    after
        ``topic``, ``partition``, ``replicas`` of the partitions that are to change; others may be among them.

    Returns
    -------
    frame of the kind given
        ``topic``, ``partition``, ``kind``: ``replica`` (a copy leaves ``from`` for ``to``; null where the number of
        copies changes) or ``leader`` (another preferred leader), and ``bytes`` that are copied: 0 for a leader and for
        a copy that only goes. Where ``before`` has ``replica_sizes_bytes``, those of the copy that leaves.

    Examples
    --------
    >>> one = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1, 2], [1, 2]], "size_bytes": [5.0, 7.0]})
    >>> two = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[2, 1], [3, 2]]})
    >>> movements(one, two).select("partition", "kind", "from", "to", "bytes").rows()
    [(0, 'leader', 1, 2, 0.0), (1, 'leader', 1, 3, 0.0), (1, 'replica', 1, 3, 7.0)]
    """
    now = changed(before.select(*KEYS, "replicas"), after.select(*KEYS, "replicas"))
    own_sizes = pl.col(OWN_SIZES) if OWN_SIZES in before.columns else pl.lit(None)
    both = now.join(before.select(*KEYS, "size_bytes", was="replicas", own_sizes=own_sizes), on=KEYS)
    rows = [change for row in both.iter_rows() for change in _of_partition(*row)]
    return pl.DataFrame(rows, schema=MOVEMENTS, orient="row").sort(*KEYS, "kind", "from", "to")


def _of_partition(
    topic: str,
    partition: int,
    will: list[int],
    size: float | None,
    was: list[int],
    own_sizes: list[float] | None,
) -> list[tuple]:
    sizes = dict(zip(was, own_sizes or [size] * len(was), strict=True))
    gone, come = [b for b in was if b not in will], [b for b in will if b not in was]
    rows = [(topic, partition, "leader", was[0], will[0], 0.0)] if was[0] != will[0] else []
    for source, target in zip_longest(gone, come):
        copied = 0.0 if target is None else sizes.get(source, size)
        rows.append((topic, partition, "replica", source, target, copied))
    return rows


@same_kind
def carried(partitions: Frame, *, others: Collection[str] = ()) -> Frame:
    """Compute what every broker carries under an assignment.

    Parameters
    ----------
    partitions
        ``topic``, ``partition``, ``replicas`` (the first leads), ``size_bytes``, ``bytes_in_per_s``,
        ``bytes_out_per_s`` (to consumers).
    others
        Further columns, which weigh on the leader.

    Returns
    -------
    frame of the kind given
        ``broker``, ``size_bytes`` and ``bytes_in_per_s`` of all its copies, ``bytes_out_per_s`` = for each partition it
        leads (copies − 1) × in + out, the others of those it leads, ``replicas``, ``leaders``. A sum with an unknown
        part is null.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[1, 2]], "size_bytes": [5.0],
    ...     "bytes_in_per_s": [2.0], "bytes_out_per_s": [3.0]})
    >>> carried(rows).rows()
    [(1, 5.0, 2.0, 5.0, 1, 1), (2, 5.0, 2.0, 0.0, 1, 0)]
    """
    count = pl.col("replicas").list.len()
    sent = (count - 1) * pl.col("bytes_in_per_s") + pl.col("bytes_out_per_s")
    copies = partitions.with_columns(leader=pl.col("replicas").list.first(), bytes_out_per_s=sent)
    lists = ["replicas", OWN_SIZES] if OWN_SIZES in partitions.columns else ["replicas"]
    copies = copies.explode(lists)
    if len(lists) > 1:
        copies = copies.with_columns(size_bytes=pl.col(OWN_SIZES))
    leads = pl.col("replicas") == pl.col("leader")
    led = ["bytes_out_per_s", *others]
    held = copies.with_columns(pl.when(leads).then(name).otherwise(0.0).alias(name) for name in led)
    sums = [
        pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)
        for name in ("size_bytes", "bytes_in_per_s", *led)
    ]
    counts = {"replicas": pl.len().cast(pl.Int64), "leaders": leads.sum().cast(pl.Int64)}
    return (
        held.group_by(pl.col("replicas").cast(pl.Int32).alias("broker")).agg(*sums, **counts).sort("broker")
    )


def sizes_after(cluster: pl.DataFrame) -> pl.Series:
    """Return each partition's replica sizes in the order of ``will`` (null: as it was): a copy keeps its size.

    Examples
    --------
    >>> frame = pl.DataFrame({"replicas": [[1, 2]], "will": [[3, 1]], "replica_sizes_bytes": [[5.0, 6.0]]})
    >>> sizes_after(frame).to_list()
    [[6.0, 5.0]]
    """
    rows = [
        sizes if will is None else _kept_sizes(was, will, sizes)
        for was, will, sizes in cluster.select("replicas", "will", OWN_SIZES).iter_rows()
    ]
    return pl.Series(OWN_SIZES, rows, dtype=pl.List(pl.Float64))


def _kept_sizes(was: list[int], will: list[int], sizes: list[float]) -> list[float]:
    of = dict(zip(was, sizes, strict=True))
    gone = [b for b in was if b not in will]
    come = [b for b in will if b not in was]
    of |= {new: of[old] for old, new in zip(gone, come, strict=False)}
    return [of.get(b, sizes[0]) for b in will]

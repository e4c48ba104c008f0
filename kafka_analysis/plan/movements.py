"""What a reassignment moves, and what every broker carries before and after it."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.plan.reassignment import changed

_KEYS = ["topic", "partition"]
_MOVEMENTS = {
    "topic": pl.String,
    "partition": pl.Int32,
    "kind": pl.String,
    "from_broker": pl.Int32,
    "to_broker": pl.Int32,
    "size_bytes": pl.Float64,
}


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
        ``topic``, ``partition``, ``kind``: ``replica`` (a copy leaves ``from_broker`` for ``to_broker``; null where the
        number of copies changes) or ``leader`` (another preferred leader), and ``size_bytes`` that are copied: 0 for a
        leader and for a copy that only goes.

    Examples
    --------
    >>> one = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1, 2], [1, 2]], "size_bytes": [5.0, 7.0]})
    >>> two = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[2, 1], [3, 2]]})
    >>> movements(one, two).select("partition", "kind", "from_broker", "to_broker", "size_bytes").rows()
    [(0, 'leader', 1, 2, 0.0), (1, 'leader', 1, 3, 0.0), (1, 'replica', 1, 3, 7.0)]
    """
    now = changed(before.select(*_KEYS, "replicas"), after.select(*_KEYS, "replicas"))
    both = now.join(before.select(*_KEYS, "size_bytes", was="replicas"), on=_KEYS)
    rows = [row for one in both.iter_rows(named=True) for row in _of_partition(one)]
    return pl.DataFrame(rows, schema=_MOVEMENTS, orient="row").sort(
        *_KEYS, "kind", "from_broker", "to_broker"
    )


def _of_partition(one: dict) -> list[tuple]:
    place, was, will = (one["topic"], one["partition"]), one["was"], one["replicas"]
    gone, come = [b for b in was if b not in will], [b for b in will if b not in was]
    length = max(len(gone), len(come))
    pairs = zip(gone + [None] * (length - len(gone)), come + [None] * (length - len(come)), strict=True)
    copies = [
        (*place, "replica", source, target, 0.0 if target is None else one["size_bytes"])
        for source, target in pairs
    ]
    leads = [(*place, "leader", was[0], will[0], 0.0)] if was[0] != will[0] else []
    return leads + copies


@same_kind
def carried(partitions: Frame) -> Frame:
    """Compute what every broker carries under an assignment.

    Parameters
    ----------
    partitions
        ``topic``, ``partition``, ``replicas`` (the first leads), ``size_bytes``, ``bytes_in_per_s``,
        ``bytes_out_per_s`` (to consumers).

    Returns
    -------
    frame of the kind given
        ``broker``, ``size_bytes`` and ``bytes_in_per_s`` of all its copies, ``bytes_out_per_s`` = for each partition it
        leads (copies − 1) × in + out, ``replicas``, ``leaders``. A sum with an unknown part is null.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[1, 2]], "size_bytes": [5.0],
    ...     "bytes_in_per_s": [2.0], "bytes_out_per_s": [3.0]})
    >>> carried(rows).rows()
    [(1, 5.0, 2.0, 5.0, 1, 1), (2, 5.0, 2.0, 0.0, 1, 0)]
    """
    count = pl.col("replicas").list.len()
    copies = partitions.with_columns(
        leader=pl.col("replicas").list.first(),
        sent=(count - 1) * pl.col("bytes_in_per_s") + pl.col("bytes_out_per_s"),
    ).explode("replicas")
    leads = pl.col("replicas") == pl.col("leader")
    held = copies.with_columns(bytes_out_per_s=pl.when(leads).then("sent").otherwise(0.0))
    sums = [
        pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)
        for name in ("size_bytes", "bytes_in_per_s", "bytes_out_per_s")
    ]
    counts = {"replicas": pl.len().cast(pl.Int64), "leaders": leads.sum().cast(pl.Int64)}
    return (
        held.group_by(pl.col("replicas").cast(pl.Int32).alias("broker")).agg(*sums, **counts).sort("broker")
    )

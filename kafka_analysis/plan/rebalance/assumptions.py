"""What a plan takes as given: resources it plans for, partitions that cannot be copied, the rest in sentences."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.plan.common.checks import KEYS, check_amounts, named, with_absent
from kafka_analysis.plan.common.copyable import lost_words
from kafka_analysis.plan.rebalance.options import COUNTS, RESOURCES, RebalanceOptions
from kafka_analysis.stats.load.replica_sizes import sized_by_log_dirs

_AMOUNTS = tuple(name for name in RESOURCES if name not in COUNTS)
_SENDING = "bytes_out_per_s"


def apart(
    lost: pl.DataFrame, rows: pl.DataFrame, brokers: pl.Series, options: RebalanceOptions
) -> tuple[pl.DataFrame, RebalanceOptions]:
    """Return the partitions to plan for, and the options that hold for them.

    What is on no broker that is there weighs on none and is taken out. What has replicas there and no leader weighs and
    is pinned; where its load is unknown, it counts as nothing: nobody writes to it.

    Parameters
    ----------
    lost
        Result of :func:`kafka_analysis.plan.common.copyable.without_source` of ``rows`` and ``brokers``.

    Raises
    ------
    GoalImpossibleError
        Nothing is left, or a broker that is to be emptied holds a partition that cannot be copied.

    Examples
    --------
    >>> from kafka_analysis.plan.rebalance.options import RebalanceOptions
    >>> rows = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[9], [1]]})
    >>> apart(rows.head(1), rows, pl.Series([1]), RebalanceOptions())[0]["partition"].to_list()
    [1]
    """
    if lost.is_empty():
        return rows, options
    there, leaving = (pl.lit(sorted(some), pl.List(pl.Int32)) for some in (brokers, options.remove_brokers))
    kept = pl.col("replicas").list.set_intersection(there).list.len() > 0
    headless, gone = lost.filter(kept), lost.filter(~kept)
    left = rows.join(gone, on=KEYS, how="anti", maintain_order="left")
    stuck = headless.filter(pl.col("replicas").list.set_intersection(leaving).list.len() > 0)
    if left.is_empty() or len(stuck):
        why = lost_words(stuck if len(stuck) else gone, brokers)[0]
        raise GoalImpossibleError("brokers that are there", f"{why}; bring a replica back first")
    is_headless = pl.struct(KEYS).is_in(headless.select(pl.struct(KEYS)).to_series().implode())
    amounts = [name for name in RESOURCES if name in rows.columns and name not in COUNTS]
    filled = [
        pl.when(is_headless).then(pl.col(name).fill_null(0)).otherwise(name).alias(name) for name in amounts
    ]
    return left.with_columns(filled), _options(gone, headless, left, options)


def _options(
    gone: pl.DataFrame, headless: pl.DataFrame, left: pl.DataFrame, options: RebalanceOptions
) -> RebalanceOptions:
    """Pin what has no leader; drop options for partitions and topics that were taken out."""
    pinned = (options.pinned - set(gone.select(KEYS).iter_rows())) | set(headless.select(KEYS).iter_rows())
    lost_topics = set(gone["topic"]) - set(left["topic"])
    factor = options.replication_factor
    wanted = factor and {topic: copies for topic, copies in factor.items() if topic not in lost_topics}
    return options.model_copy(update={"pinned": frozenset(pinned), "replication_factor": wanted})


def planned_resources(rows: pl.DataFrame, options: RebalanceOptions) -> tuple[tuple[str, ...], pl.DataFrame]:
    """Choose the resources that are planned for, and check their amounts.

    Returns
    -------
    tuple
        The resources; and the rows, with a column of nulls for every usual resource that nobody told.

    Raises
    ------
    InputError
        A resource that was asked for, or the size that movements cost, is not wholly known.

    Examples
    --------
    >>> from kafka_analysis.plan.rebalance.options import RebalanceOptions
    >>> rows = pl.DataFrame({"topic": ["t"], "partition": [0], "size_bytes": [1.0], "bytes_in_per_s": [None]})
    >>> planned_resources(rows, RebalanceOptions())[0]
    ('size_bytes', 'replicas', 'leaders')
    """
    rows = with_absent(rows, dict.fromkeys(_AMOUNTS, pl.Float64))
    if options.resources is None:
        planned = tuple(name for name in RESOURCES if name in COUNTS or not _needs(rows, name))
    else:
        planned = tuple(dict.fromkeys(options.resources))
        strange = [name for name in planned if name not in (*RESOURCES, *rows.columns)]
        if strange:
            raise InputError.unknown("resource", strange[0], (*RESOURCES, *_numbers(rows)))
    if not planned:
        raise InputError("resources is empty; name at least one, or give None for all known resources")
    sizes = () if options.leaders_only else ("size_bytes",)
    amounts = {name: check_amounts(rows, name) for name in (*sizes, *planned) if name not in COUNTS}
    if _SENDING in planned:
        amounts["bytes_in_per_s"] = check_amounts(rows, "bytes_in_per_s")
    if options.leaders_only and "size_bytes" not in amounts:
        amounts["size_bytes"] = rows["size_bytes"].cast(pl.Float64).fill_null(0.0)
    return planned, rows.with_columns(values.alias(name) for name, values in amounts.items())


def _needs(rows: pl.DataFrame, name: str) -> bool:
    """Say whether a resource, or what it is computed from, is not wholly known."""
    of = ("bytes_in_per_s", name) if name == _SENDING else (name,)
    return any(rows[column].null_count() for column in of)


def _numbers(rows: pl.DataFrame) -> list[str]:
    return [name for name, kind in rows.schema.items() if kind.is_numeric() and name != "partition"]


def assumptions(
    rows: pl.DataFrame,
    cluster: pl.DataFrame,
    *,
    planned: tuple[str, ...],
    options: RebalanceOptions,
    movable: np.ndarray,
) -> Iterator[str]:
    """Yield what was taken as given, a sentence each.

    Examples
    --------
    >>> from kafka_analysis.plan.rebalance.options import RebalanceOptions
    >>> rows = pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[1, 9]]})
    >>> cluster = pl.DataFrame({"broker": [1, 2], "rack": ["a", "a"]})
    >>> options = RebalanceOptions(resources=("replicas",))
    >>> for sentence in assumptions(rows, cluster, planned=("replicas",), options=options, movable=np.array([True])):
    ...     print(sentence)
    Brokers that hold replicas but are not in the broker list, treated as gone: 9.
    All brokers are in one rack, or their racks are unknown: the rack rule does not apply.
    """
    gone = rows["replicas"].explode().unique()
    gone = sorted(gone.filter(~gone.is_in(cluster["broker"].implode())).to_list())
    if gone:
        names = ", ".join(map(str, gone))
        yield f"Brokers that hold replicas but are not in the broker list, treated as gone: {names}."
        stuck = rows.filter(
            pl.Series(~movable) & pl.col("replicas").list.set_intersection(gone).list.len().gt(0)
        )
        if len(stuck):
            yield f"Pinned or excluded, so replicas stay on brokers that are gone: {named(stuck)}."
    if "cordoned" in cluster.columns and len(closed := cluster.filter("cordoned")["broker"]):
        yield f"Cordoned brokers, to which no replica moves: {', '.join(map(str, closed))}."
    if by_log_dirs := sized_by_log_dirs(rows):
        yield by_log_dirs
    left_out = [name for name in RESOURCES if name not in planned]
    if options.resources is None and left_out:
        yield f"Not balanced, because not known for every partition: {', '.join(left_out)}."
    racks = cluster["rack"].drop_nulls().n_unique()
    if racks < 2:
        yield "All brokers are in one rack, or their racks are unknown: the rack rule does not apply."
    elif cluster["rack"].null_count():
        yield "Brokers with unknown racks are treated as being in racks of their own."

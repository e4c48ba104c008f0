"""Judge any reassignment: what it moves, what it does to every broker, and which rules it mends or breaks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.resources import TOLERANCE
from kafka_analysis.plan.common.checks import KEYS, check_brokers
from kafka_analysis.plan.common.movements import OWN_SIZES, carried, movements, sizes_after
from kafka_analysis.plan.rebalance.balance_limits import band, fair_shares
from kafka_analysis.plan.rebalance.options import COUNTS, RESOURCES
from kafka_analysis.stats.load.placement_findings import sharing_racks

_ROUNDING = 1e-9
GOALS = {
    "goal": pl.String, "before": pl.Float64, "after": pl.Float64, "least_before": pl.Float64,
    "least_after": pl.Float64, "status": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Judgement:
    """What becomes of a cluster.

    ``brokers``: ``broker``, ``rack`` and each resource ``<name>_before`` and ``<name>_after``. ``goals``: ``goal``,
    ``before``, ``after``, ``least_before``, ``least_after``, ``status`` (FIXED, VIOLATED, NO-ACTION; null where a load
    is unknown). ``movements`` as of :func:`kafka_analysis.plan.common.movements.movements`; ``bytes_to_move``: their
    sum, None where a size is unknown.
    """

    brokers: pl.DataFrame
    goals: pl.DataFrame
    movements: pl.DataFrame
    bytes_to_move: float | None


def judge(
    partitions: Frame,
    brokers: Frame,
    reassignment: Frame,
    *,
    tolerance: float | Mapping[str, float] = TOLERANCE,
    resources: Collection[str] = RESOURCES,
    replication_factor: Mapping[str, int] | None = None,
) -> Judgement:
    """Judge a reassignment by anyone against the cluster it is for.

    Parameters
    ----------
    partitions
        The cluster as it is: ``topic``, ``partition``, ``replicas``, ``size_bytes``, ``bytes_in_per_s``,
        ``bytes_out_per_s``.
    brokers
        ``broker``, ``rack`` (null: unknown) of those that are to be there; optional ``<resource>_capacity``.
    reassignment
        ``topic``, ``partition``, ``replicas`` as they are to be; partitions that are not in it stay as they are.
    tolerance
        Fraction of its share by which a broker may carry more or less; a mapping gives it resource by resource.
    resources
        What is to be even; as for :func:`kafka_analysis.plan.rebalance.plan.plan_rebalance`.
    replication_factor
        How many copies a topic's partitions are to have; the others as many as before.

    Returns
    -------
    Judgement
        Goals: copies on brokers that are there, as many copies as asked for, as many racks as possible (all counted in
        partitions that break them); and of each resource the fullest broker ÷ its share (``before``, ``after``) and the
        emptiest ÷ its share (``least_…``). VIOLATED: broken afterwards. Counts (replicas, leaders) are not asked to be
        closer than whole numbers are.

    Raises
    ------
    InputError
        It names a partition the cluster has not.

    Notes
    -----
    A broker's outgoing load is, for each partition it leads, (copies − 1) × incoming + what consumers read.

    Examples
    --------
    >>> partitions = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1], [1]], "size_bytes": [4.0, 4.0],
    ...     "bytes_in_per_s": 1.0, "bytes_out_per_s": 1.0})
    >>> brokers = pl.DataFrame({"broker": [1, 2], "rack": ["a", "b"]})
    >>> found = judge(partitions, brokers, pl.DataFrame({"topic": ["t"], "partition": [1], "replicas": [[2]]}))
    >>> found.bytes_to_move, found.goals.filter(goal="size_bytes").row(0)
    (4.0, ('size_bytes', 2.0, 1.0, 0.0, 1.0, 'FIXED'))
    """
    before, plan = (to_polars(frame) for frame in (partitions, reassignment))
    if to_polars(brokers).is_empty():
        raise InputError("no brokers are known; judge the plan on a capture that holds the cluster's brokers")
    there = check_brokers(brokers)
    moved = movements(before, plan)
    after = _after(before, plan)
    others = [name for name in resources if name not in RESOURCES]
    loads = [_on_all(carried(frame, others=others), there) for frame in (before, after)]
    names = [*RESOURCES, *others]
    goals = [
        _counted("brokers that are there", *(_elsewhere(frame, there) for frame in (before, after))),
        _counted(
            "as many copies", *(_other_count(frame, before, replication_factor) for frame in (before, after))
        ),
        _counted(
            "as many racks as possible", *(len(sharing_racks(frame, there)) for frame in (before, after))
        ),
        *(
            _even(name, there, *(load[name] for load in loads), tolerance=_of(tolerance, name))
            for name in resources
        ),
    ]
    old, new = (
        load.rename({name: f"{name}_{when}" for name in names})
        for load, when in zip(loads, ("before", "after"), strict=True)
    )
    sizes = moved["bytes"]
    return Judgement(
        brokers=old.join(new.drop("rack"), on="broker").sort("broker"),
        goals=pl.DataFrame(goals, schema=GOALS, orient="row"),
        movements=moved,
        bytes_to_move=None if sizes.null_count() else float(sizes.sum()),
    )


def _of(tolerance: float | Mapping[str, float], name: str) -> float:
    return tolerance.get(name, TOLERANCE) if isinstance(tolerance, Mapping) else tolerance


def _after(before: pl.DataFrame, plan: pl.DataFrame) -> pl.DataFrame:
    """Return the cluster as it is to be."""
    will = plan.select(*KEYS, will="replicas", own=OWN_SIZES if OWN_SIZES in plan.columns else pl.lit(None))
    after = before.join(will, on=KEYS, how="left", maintain_order="left")
    if OWN_SIZES in before.columns:
        after = after.with_columns(pl.coalesce("own", sizes_after(after)).alias(OWN_SIZES))
    return after.with_columns(replicas=pl.coalesce("will", "replicas")).drop("will", "own")


def _on_all(load: pl.DataFrame, brokers: pl.DataFrame) -> pl.DataFrame:
    """Give brokers that hold nothing a row of nothing; brokers that are not there are in the rules, not here."""
    joined = brokers.select("broker", "rack").join(load.with_columns(holds=True), on="broker", how="left")
    none = pl.col("holds").is_null()
    filled = [pl.when(none).then(0).otherwise(pl.col(name)).alias(name) for name in load.columns[1:]]
    return joined.select("broker", "rack", *filled)


def _elsewhere(frame: pl.DataFrame, brokers: pl.DataFrame) -> int:
    gone = frame.explode("replicas").filter(~pl.col("replicas").is_in(brokers["broker"].implode()))
    return gone.select(KEYS).n_unique()


def _other_count(
    frame: pl.DataFrame, before: pl.DataFrame, replication_factor: Mapping[str, int] | None
) -> int:
    """Count partitions that have another number of copies than they are to have."""
    has = frame.select(*KEYS, has=pl.col("replicas").list.len())
    had = before.select(*KEYS, to_have=pl.col("replicas").list.len().cast(pl.Int64))
    if replication_factor:
        wanted = pl.col("topic").replace_strict(dict(replication_factor), default=None, return_dtype=pl.Int64)
        had = had.with_columns(to_have=pl.coalesce(wanted, "to_have"))
    return has.join(had, on=KEYS).filter(pl.col("has") != pl.col("to_have")).height


def _counted(name: str, before: int, after: int) -> tuple[str, float, float, None, None, str]:
    return name, float(before), float(after), None, None, _status(is_broken=after > 0, was_broken=before > 0)


def _even(
    name: str, brokers: pl.DataFrame, before: pl.Series, after: pl.Series, *, tolerance: float
) -> tuple[str, float | None, float | None, float | None, float | None, str | None]:
    """Compare brokers with their shares: even with nothing to carry, unknown with an unknown load."""
    share = fair_shares(brokers, name, [True] * len(brokers))
    ends = [_evenness(load, share, tolerance, is_count=name in COUNTS) for load in (before, after)]
    if None in ends:
        return name, None, None, None, None, None
    (old_least, old_most, was_broken), (new_least, new_most, is_broken) = ends
    status = _status(is_broken=is_broken, was_broken=was_broken)
    return name, old_most, new_most, old_least, new_least, status


def _evenness(
    load: pl.Series, share: np.ndarray, tolerance: float, *, is_count: bool
) -> tuple[float, float, bool] | None:
    """Return the emptiest and the fullest broker ÷ its share, and whether one is out of bounds."""
    if load.null_count():
        return None
    mean = float(load.mean())
    if not mean:
        return 1.0, 1.0, False
    carries = load.to_numpy() / mean
    low, high = band(share, tolerance, unit=1 / mean if is_count else None)
    is_out = (carries < low - _ROUNDING) | (carries > high + _ROUNDING)
    return float((carries / share).min()), float((carries / share).max()), bool(is_out.any())


def _status(*, is_broken: bool, was_broken: bool) -> str:
    if is_broken:
        return "VIOLATED"
    return "FIXED" if was_broken else "NO-ACTION"

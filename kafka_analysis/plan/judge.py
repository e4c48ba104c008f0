"""Judge any reassignment: what it moves, what it does to every broker, and which rules it mends or breaks."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.resources import TOLERANCE
from kafka_analysis.plan.movements import carried, movements
from kafka_analysis.stats.findings import sharing_racks

RESOURCES = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s", "replicas", "leaders")
_KEYS = ["topic", "partition"]
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Judgement:
    """What becomes of a cluster.

    ``brokers``: ``broker``, ``rack`` and each resource ``<name>_before`` and ``<name>_after``. ``goals``: ``goal``,
    ``before``, ``after``, ``status`` (FIXED, VIOLATED, NO-ACTION; null where a load is unknown). ``movements`` as of
    :func:`kafka_analysis.plan.movements.movements`; ``bytes_to_move``: their sum, None where a size is unknown.
    """

    brokers: pl.DataFrame
    goals: pl.DataFrame
    movements: pl.DataFrame
    bytes_to_move: float | None


def judge(
    partitions: Frame, brokers: Frame, reassignment: Frame, *, tolerance: float = TOLERANCE
) -> Judgement:
    """Judge a reassignment by anyone against the cluster it is for.

    Parameters
    ----------
    partitions
        The cluster as it is: ``topic``, ``partition``, ``replicas``, ``size_bytes``, ``bytes_in_per_s``,
        ``bytes_out_per_s``.
    brokers
        ``broker``, ``rack`` (null: unknown) of those that are there.
    reassignment
        ``topic``, ``partition``, ``replicas`` as they are to be; partitions that are not in it stay as they are.
    tolerance
        Fraction of the mean by which the fullest broker may exceed it.

    Returns
    -------
    Judgement
        Goals: copies on brokers that are there, as many copies as before, as many racks as possible (all counted in
        partitions that break them), and of each resource the fullest broker ÷ the mean. VIOLATED: broken afterwards.

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
    (4.0, ('size_bytes', 2.0, 1.0, 'FIXED'))
    """
    before, known, plan = (to_polars(frame) for frame in (partitions, brokers, reassignment))
    if known.is_empty():
        raise InputError("no broker is known; judge a plan on a capture with the cluster's brokers")
    moved = movements(before, plan)
    after = before.update(plan.select(*_KEYS, "replicas"), on=_KEYS)
    known = known.select(pl.col("broker").cast(pl.Int32), "rack").unique("broker").sort("broker")
    loads = [_on_all(carried(frame), known) for frame in (before, after)]
    goals = [
        _counted("brokers that are there", *(_elsewhere(frame, known) for frame in (before, after))),
        _counted("as many copies", 0, _other_count(before, after)),
        _counted(
            "as many racks as possible", *(len(sharing_racks(frame, known)) for frame in (before, after))
        ),
        *(_even(name, *(load[name] for load in loads), tolerance=tolerance) for name in RESOURCES),
    ]
    schema = {"goal": pl.String, "before": pl.Float64, "after": pl.Float64, "status": pl.String}
    old, new = (
        load.rename({name: f"{name}_{when}" for name in RESOURCES})
        for load, when in zip(loads, ("before", "after"), strict=True)
    )
    sizes = moved["size_bytes"]
    return Judgement(
        brokers=old.join(new, on=["broker", "rack"], nulls_equal=True).sort("broker"),
        goals=pl.DataFrame(goals, schema=schema, orient="row"),
        movements=moved,
        bytes_to_move=None if sizes.null_count() else float(sizes.sum()),
    )


def _on_all(load: pl.DataFrame, brokers: pl.DataFrame) -> pl.DataFrame:
    """Give brokers that hold nothing a row of nothing; brokers that are not there are in the rules, not here."""
    joined = brokers.join(load.with_columns(holds=True), on="broker", how="left")
    none = pl.col("holds").is_null()
    filled = [pl.when(none).then(0).otherwise(pl.col(name)).alias(name) for name in RESOURCES]
    return joined.select("broker", "rack", *filled)


def _elsewhere(frame: pl.DataFrame, brokers: pl.DataFrame) -> int:
    gone = frame.explode("replicas").filter(~pl.col("replicas").is_in(brokers["broker"].implode()))
    return gone.select(_KEYS).n_unique()


def _other_count(before: pl.DataFrame, after: pl.DataFrame) -> int:
    both = before.join(after, on=_KEYS, suffix="_after")
    return both.filter(pl.col("replicas").list.len() != pl.col("replicas_after").list.len()).height


def _counted(name: str, before: int, after: int) -> tuple[str, float, float, str]:
    return name, float(before), float(after), _status(is_broken=after > 0, was_broken=before > 0)


def _even(
    name: str, before: pl.Series, after: pl.Series, *, tolerance: float
) -> tuple[str, float | None, float | None, str | None]:
    """Compare the fullest broker with the mean; with nothing to carry it is even, with an unknown load nobody knows."""
    old, new = (_max_over_mean(load) for load in (before, after))
    if old is None or new is None:
        return name, old, new, None
    limit = 1 + tolerance + _ROUNDING
    return name, old, new, _status(is_broken=new > limit, was_broken=old > limit)


def _max_over_mean(load: pl.Series) -> float | None:
    if load.null_count():
        return None
    mean = float(load.mean())
    return float(load.max()) / mean if mean else 1.0


def _status(*, is_broken: bool, was_broken: bool) -> str:
    if is_broken:
        return "VIOLATED"
    return "FIXED" if was_broken else "NO-ACTION"

"""A plan for a cluster, or why there is none: the same value and the same loop for every planner."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import polars as pl

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.model.frames import Frame, to_polars

Plan = TypeVar("Plan")


class NotRecordedError(InputError):
    """What a plan needs was not recorded, or nothing of it happened in the window."""


@dataclass(frozen=True)
class Outcome(Generic[Plan]):
    """The plan of one cluster; None where ``unknown`` or ``impossible`` says why.

    ``unknown``: what was not recorded; ``impossible``: which limit or rule cannot be kept, and what would do.
    """

    cluster: str
    plan: Plan | None = None
    unknown: str | None = None
    impossible: str | None = None


def plan_each(
    clusters: Iterable[str], plan_one: Callable[..., Plan], **frames: Frame | None
) -> list[Outcome[Plan]]:
    """Plan for each cluster from its own rows of the frames.

    Parameters
    ----------
    clusters
        Names, in order.
    plan_one
        Takes a name and, by keyword, each frame's rows of that cluster without ``cluster`` (None stays None); returns
        a plan.
    **frames
        Each with ``cluster``.

    Returns
    -------
    list of Outcome
        One for each cluster. :class:`NotRecordedError` makes it unknown and ``GoalImpossibleError`` impossible.

    Raises
    ------
    InputError
        An option is wrong: no cluster has a plan then.

    Examples
    --------
    >>> def busiest(cluster, topics):
    ...     if topics.is_empty():
    ...         raise NotRecordedError("no topic was recorded")
    ...     return topics["topic"][0]
    >>> topics = pl.DataFrame({"cluster": ["a"], "topic": ["t"]})
    >>> for outcome in plan_each(["a", "b"], busiest, topics=topics): print(outcome)
    Outcome(cluster='a', plan='t', unknown=None, impossible=None)
    Outcome(cluster='b', plan=None, unknown='no topic was recorded', impossible=None)
    """
    tables = {name: None if frame is None else to_polars(frame) for name, frame in frames.items()}
    outcomes = []
    for cluster in clusters:
        rows = {
            name: None if table is None else table.filter(pl.col("cluster") == cluster).drop("cluster")
            for name, table in tables.items()
        }
        try:
            outcomes.append(Outcome(cluster, plan_one(cluster, **rows)))
        except NotRecordedError as error:
            outcomes.append(Outcome(cluster, unknown=str(error)))
        except GoalImpossibleError as error:
            outcomes.append(Outcome(cluster, impossible=str(error)))
    return outcomes


def plans_of(outcomes: Iterable[Outcome[Plan]]) -> dict[str, Plan]:
    """Return the plans that there are, by cluster.

    Examples
    --------
    >>> plans_of([Outcome("a", plan=1), Outcome("b", unknown="nothing was recorded")])
    {'a': 1}
    """
    return {outcome.cluster: outcome.plan for outcome in outcomes if outcome.plan is not None}


def stacked(
    outcomes: Iterable[Outcome[Plan]], frame_of: Callable[[Plan], pl.DataFrame], schema: Mapping[str, Any]
) -> pl.DataFrame:
    """Put a frame of every plan below one another, ``cluster`` first.

    Parameters
    ----------
    frame_of
        Returns the frame of a plan.
    schema
        Columns that are there even without a plan; a plan may add others.

    Examples
    --------
    >>> outcomes = [Outcome("a", plan=1), Outcome("b", unknown="nothing was recorded")]
    >>> stacked(outcomes, lambda plan: pl.DataFrame({"count": [plan]}), {"count": pl.Int64}).rows()
    [('a', 1)]
    """
    empty = pl.DataFrame(schema={"cluster": pl.String, **schema})
    frames = [
        frame_of(plan).select(pl.lit(cluster).alias("cluster"), pl.all())
        for cluster, plan in plans_of(outcomes).items()
    ]
    return pl.concat([empty, *frames], how="diagonal_relaxed")

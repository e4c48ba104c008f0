"""Plan a rebalance: the fewest bytes that bring every broker within its share, and keep every rule."""

import math
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from kafka_analysis.model.frames import Frame
from kafka_analysis.model.resources import goal_words
from kafka_analysis.plan.common.checks import KEYS, check_brokers, check_partitions
from kafka_analysis.plan.common.copyable import lost_words, without_source
from kafka_analysis.plan.common.movements import OWN_SIZES
from kafka_analysis.plan.files.reassignment import ASSIGNMENT, changed, reassignment_json
from kafka_analysis.plan.rebalance.assumptions import apart, assumptions, planned_resources
from kafka_analysis.plan.rebalance.judge import judge
from kafka_analysis.plan.rebalance.options import RebalanceOptions
from kafka_analysis.plan.rebalance.problem import Problem
from kafka_analysis.plan.rebalance.solve import Solution, assignment_of, solve


@dataclass(frozen=True)
class RebalanceSummary:
    """What a plan does.

    ``goals``: ``goal``, ``before``, ``after`` (partitions that break a rule; fullest broker ÷ its share),
    ``least_before``, ``least_after`` (emptiest broker ÷ its share), ``status`` (FIXED, VIOLATED, NO-ACTION).
    ``brokers``: each resource before and after. ``bytes_to_move``; ``lower_bound_bytes``: no plan that meets every goal
    moves less (None: it was proven that none can meet every goal). ``movements``: replicas that move;
    ``leader_changes``. ``assumptions``: what was taken as given, in sentences. ``left_out``: ``topic``, ``partition``,
    ``replicas`` of partitions that no reassignment can copy; ``cannot``: what no plan can do, and why, a clause each.
    """

    goals: pl.DataFrame
    brokers: pl.DataFrame
    bytes_to_move: float
    lower_bound_bytes: float | None
    movements: int
    leader_changes: int
    assumptions: tuple[str, ...]
    left_out: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ASSIGNMENT))
    cannot: tuple[str, ...] = ()


@dataclass(frozen=True)
class RebalancePlan:
    """A plan: ``assignment`` (all partitions: ``topic``, ``partition``, ``replicas``), ``movements``, ``summary``.

    ``movements``: ``topic``, ``partition``, ``kind`` (``replica`` or ``leader``), ``from``, ``to``, ``bytes``.
    """

    assignment: pl.DataFrame
    movements: pl.DataFrame
    summary: RebalanceSummary
    before: pl.DataFrame

    def changes(self) -> pl.DataFrame:
        """Return the partitions that change, as they are to be."""
        return changed(self.before, self.assignment)

    def reassignment_json(self) -> str:
        """Write the partitions that change as ``kafka-reassign-partitions`` takes them."""
        return reassignment_json(self.changes())

    def rollback_json(self) -> str:
        """Write the same partitions as they were before the plan."""
        return reassignment_json(self.before.join(self.changes(), on=KEYS, how="semi"))


def plan_rebalance(partitions: Frame, brokers: Frame, **options: Any) -> RebalancePlan:
    """Plan which replicas and leaders move, so that no broker carries too much or too little, for the fewest bytes.

    Parameters
    ----------
    partitions
        ``topic``, ``partition``, ``replicas`` (the first is the preferred leader), ``size_bytes``, ``bytes_in_per_s``,
        ``bytes_out_per_s`` (to consumers), and others that ``resources`` names. Optional: ``replica_sizes_bytes``, a
        list in the order of ``replicas``, where replicas differ in size; ``leader`` (below 0: none) and ``isr``, by
        which partitions are known that cannot be copied.
    brokers
        ``broker``, ``rack`` (null: unknown); optional ``<resource>_capacity`` (``disk_bytes`` will do for
        ``size_bytes``): a larger broker then has a larger share, and none is filled beyond it; optional ``cordoned``
        (true: it takes no replica).
    **options
        Those that follow; types and defaults are those of
        :class:`kafka_analysis.plan.rebalance.options.RebalanceOptions`.

    Other Parameters
    ----------------
    resources
        What is to be even: names of those columns, ``replicas``, ``leaders``; None = all that are known.
        ``size_bytes`` and ``bytes_in_per_s`` weigh on every replica, ``bytes_out_per_s`` on the leader as
        (copies − 1) × in + out; other columns weigh on the leader.
    tolerance
        Fraction of its share by which a broker may carry more or less; a mapping gives it resource by resource.
    max_moved_bytes, max_movements
        Do as much as that allows.
    leaders_only
        Move no replica. Where leaders are all that is planned for, or nothing else weighs on who leads, they become
        as even as replicas allow, with the fewest changes; else every resource is brought within its tolerance.
    include_topics, exclude_topics
        Shell patterns of the topics whose replicas and leaders may change; all count towards the load.
    remove_brokers, add_brokers
        Empty these; fill these, with no movement between the others.
    drain_above
        Only brokers that carry more than this × their share of a resource give replicas away, unless
        rules ask others to.
    pinned
        Partitions (topic, number) that stay as they are.
    replication_factor
        How many copies a topic's partitions are to have.
    seed
        Same input, same seed, same plan (unless ``time_limit`` cuts it short).
    time_limit
        Seconds after which what was found so far is taken.

    Returns
    -------
    RebalancePlan
        Read ``summary.goals`` first: what is VIOLATED afterwards could not be reached. ``summary.bytes_to_move`` beside
        ``summary.lower_bound_bytes`` says how far from the cheapest it can be.

    Raises
    ------
    InputError
        Rows, numbers or options are wrong or contradict each other.
    GoalImpossibleError
        A rule cannot be kept: copies, racks, capacities, brokers to be emptied; its ``goal`` names which.

    Notes
    -----
    Rules first: brokers that are gone or to be removed are emptied, replicas leave racks they share (as many racks as
    possible). Then leaders change, at no cost, then replicas, those first that mend most for their bytes, until nothing
    mends anything; then annealing trims bytes. Up to 1,000 brokers × partitions a mixed-integer program then looks for
    a cheaper plan that meets every goal, and raises the bound; a limit of nodes ends it. Where no placement meets every
    goal, what the search found stays: it lowers the sum of what brokers are off first, then the bytes. No resource's
    fullest (emptiest) broker is ever made fuller (emptier) for another resource's sake. A plan that was carried out,
    planned again, changes nothing, unless a limit had cut it short or a goal is still violated: then a search
    from there may find more.

    Examples
    --------
    >>> partitions = pl.DataFrame({"topic": "t", "partition": [0, 1, 2, 3], "replicas": [[1], [1], [1], [2]],
    ...     "size_bytes": [4.0, 6.0, 5.0, 5.0], "bytes_in_per_s": 1.0, "bytes_out_per_s": 0.0})
    >>> brokers = pl.DataFrame({"broker": [1, 2], "rack": ["a", "b"]})
    >>> plan = plan_rebalance(partitions, brokers)
    >>> plan.movements.rows()
    [('t', 0, 'leader', 1, 2, 0.0), ('t', 0, 'replica', 1, 2, 4.0)]
    >>> round(plan.summary.lower_bound_bytes, 3), plan.summary.goals.filter(goal="size_bytes")["status"].item()
    (4.0, 'FIXED')
    """
    chosen = RebalanceOptions(**options)
    deadline = math.inf if chosen.time_limit is None else time.monotonic() + chosen.time_limit
    everything, cluster = check_partitions(partitions), check_brokers(brokers)
    lost = without_source(everything, cluster["broker"])
    rows, chosen = apart(lost, everything, cluster["broker"], chosen)
    planned, rows = planned_resources(rows, chosen)
    solution = solve(rows, cluster, planned, chosen, deadline=deadline)
    return _result(rows, lost, cluster, planned, chosen, solution)


def _moved_replicas(rows: pl.DataFrame, problem: Problem) -> pl.DataFrame:
    """List which replica went where; where they differ in size, that is more than lists of brokers tell."""
    model, placement = problem.model, problem.placement
    moved = np.flatnonzero(placement.where != model.home)
    return rows[model.partition[moved]].select(
        *KEYS,
        pl.lit("replica").alias("kind"),
        pl.Series("from", problem.ids[model.home[moved]]),
        pl.Series("to", problem.ids[placement.where[moved]]),
        pl.Series("bytes", model.cost[moved] * problem.bytes_per_share),
    )


def _result(
    rows: pl.DataFrame,
    lost: pl.DataFrame,
    cluster: pl.DataFrame,
    planned: tuple[str, ...],
    options: RebalanceOptions,
    solution: Solution,
) -> RebalancePlan:
    problem, bound = solution.problem, None if len(lost) else solution.bound
    after = assignment_of(rows, problem)
    after = after if OWN_SIZES in rows.columns else after.drop(OWN_SIZES)
    gone = lost.join(rows, on=KEYS, how="anti")
    everything = pl.concat([rows, gone], how="diagonal_relaxed").sort(KEYS)
    after = pl.concat([after, gone.select(after.columns)], how="diagonal_relaxed").sort(KEYS)
    judged = judge(
        everything,
        cluster.filter(~pl.col("broker").is_in(options.remove_brokers)),
        after,
        tolerance={name: options.tolerance_of(name) for name in planned},
        resources=planned,
        replication_factor=options.replication_factor,
    )
    kinds, movable = judged.movements["kind"], problem.model.movable[problem.model.first[:-1]]
    summary = RebalanceSummary(
        goals=judged.goals,
        brokers=judged.brokers,
        bytes_to_move=judged.bytes_to_move or 0.0,
        lower_bound_bytes=None if bound is None else float(bound * problem.bytes_per_share),
        movements=int((kinds == "replica").sum()),
        leader_changes=int((kinds == "leader").sum()),
        assumptions=tuple(assumptions(rows, cluster, planned=planned, options=options, movable=movable)),
        left_out=lost.select(list(ASSIGNMENT)),
        cannot=(
            *lost_words(lost, cluster["broker"]),
            *(f"{goal_words(name)}: {why}" for name, why in solution.cannot.items()),
        ),
    )
    moved = judged.movements
    if OWN_SIZES in rows.columns and not options.replication_factor:
        moved = pl.concat([moved.filter(kind="leader"), _moved_replicas(rows, problem)]).sort(moved.columns)
    return RebalancePlan(
        after.select(*KEYS, "replicas"), moved, summary, everything.select(*KEYS, "replicas")
    )

"""Judge the reassignment of a recorded cluster, and put the result together."""

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.findings import Coverage, Evidence, Figure, Light, Result, Verdict
from kafka_analysis.model.resources import goal_words
from kafka_analysis.model.units import counted, format_interval, format_quantity
from kafka_analysis.plan.execution.limits import rules_of
from kafka_analysis.plan.execution.plan import plan_execution
from kafka_analysis.plan.rebalance.clusters import of_one_kind, what_is_unknown
from kafka_analysis.plan.rebalance.judge import Judgement, judge
from kafka_analysis.stats.scope.verdicts import not_covered

_ESTIMATED = {"better": "lower", "evidence": Evidence.ESTIMATED}


def judge_recorded(
    cluster: str,
    partitions: pl.DataFrame,
    brokers: pl.DataFrame,
    reassignment: pl.DataFrame,
    *,
    tolerance: float,
    flavour: str | None,
    coverage: Coverage | None,
) -> tuple[Judgement, Result]:
    """Judge a reassignment of one cluster.

    Parameters
    ----------
    partitions, brokers, reassignment, tolerance
        As for :func:`kafka_analysis.plan.rebalance.judge.judge`.
    flavour
        Of the cluster, as the manifest says it.
    coverage
        Scrapes seen of those expected.

    Returns
    -------
    judgement, result
        Figures of the result: bytes to copy (B), replicas that move, leaders that change, minutes it takes (estimated),
        goals violated afterwards. Amber where any is.

    Raises
    ------
    InputError
        Load or brokers are unknown, or the reassignment is for another cluster.
    """
    known = of_one_kind(brokers)
    unknown = what_is_unknown(partitions, known, flavour, leaders_only=True)
    if unknown:
        raise InputError(f"no plan for {cluster} can be judged: {unknown}")
    judgement = judge(partitions, known, reassignment, tolerance=tolerance)
    try:
        execution = plan_execution(partitions, known, reassignment, flavour=rules_of(flavour))
    except InputError as error:
        duration, minutes = f"cannot be carried out: {error}", None
    else:
        minutes = execution.seconds / 60
        duration = (
            f"takes {format_interval(execution.seconds, execution.seconds_low, execution.seconds_high)}"
        )
    moved = judgement.bytes_to_move
    copies, leaders = (judgement.movements.filter(kind=kind).height for kind in ("replica", "leader"))
    violated = [goal_words(goal) for goal in judgement.goals.filter(status="VIOLATED")["goal"]]
    left = f"; {', '.join(violated)} violated afterwards" if violated else "; no goal is violated"
    sentence = (
        f"{counted(copies, 'replica')} move, {format_quantity(moved, 'B')} to copy, "
        f"{counted(leaders, 'preferred leader')} change; {duration}{left}."
    )
    light = Light.AMBER if violated or minutes is None else Light.GREEN
    figures = (
        Figure(name="bytes_to_move", label="Bytes to copy", value=moved, unit="B", better="lower"),
        Figure(name="replicas_moved", label="Replicas that move", value=copies, better="lower"),
        Figure(name="leaders_changed", label="Preferred leaders that change", value=leaders),
        Figure(name="minutes", label="Duration", value=minutes, unit="min", **_ESTIMATED),
        Figure(name="goals_violated", label="Goals violated afterwards", value=len(violated), better="lower"),
    )
    verdict = not_covered(coverage) or Verdict(light=light, sentence=sentence)
    return judgement, Result(cluster=cluster, verdict=verdict, figures=figures, coverage=coverage)

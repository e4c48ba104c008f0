"""The verdict on a split: one sentence with cells, blast radius, what crosses cells, brokers and dollars."""

from collections.abc import Mapping

import polars as pl

from kafka_analysis.model.findings import Coverage, Light, Verdict
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.results import no_plan
from kafka_analysis.plan.sizing.verdict import ENOUGH_S
from kafka_analysis.plan.split.plan import SplitPlan
from kafka_analysis.plan.split.summary import SplitSummary

LARGE = 0.5  # share of the clients that the loss of one cell should not reach
MANY = 0.25  # share of the clients that may touch several cells before it is worth a look
IMPOSSIBLE = "no split keeps all limits"
FULL = 0.95  # of a limit: no room is left to grow


def split_verdict(
    outcome: Outcome[SplitPlan], coverage: Coverage, *, seconds: Mapping[str, float]
) -> Verdict:
    """Say how many cells there are, what the loss of one reaches, what crosses cells, and what all of it costs.

    Parameters
    ----------
    outcome
        One of the results of :func:`kafka_analysis.plan.split.clusters.plan_source_splits`.
    coverage
        Below what is required the verdict is grey.
    seconds
        How long the traffic of each cluster was looked at (not named: unknown); brokers count from a week on.

    Returns
    -------
    Verdict
        Red: no split keeps all limits. Amber: the loss of one cell reaches more than half of the clients, more
        than a quarter of them touch several cells, a limit asked for is nearly full, or a quota forbids the brokers of
        a cell. Grey: too little is covered or known. Green: none of that.

    Examples
    --------
    >>> nothing = Outcome("c", unknown="none of its clients is known")
    >>> split_verdict(nothing, Coverage(expected=1, seen=1), seconds={}).sentence
    'not planned: none of its clients is known.'
    """
    if verdict := no_plan(outcome, coverage, impossible=IMPOSSIBLE):
        return verdict
    plan = outcome.plan
    summary, seen_s = plan.summary, seconds.get(outcome.cluster)
    short_s = seen_s if seen_s is not None and seen_s < ENOUGH_S else None
    parts = [_reach_words(summary), _crossing_words(summary), _cost_words(summary, short_s)]
    sentence = f"{counted(summary.cells, 'cell')}: {'; '.join(part for part in parts if part)}."
    return Verdict(light=_light(plan), sentence=sentence)


def several(summary: SplitSummary) -> int:
    """Return how many clients touch more than one cell.

    Examples
    --------
    >>> none = pl.DataFrame()
    >>> several(SplitSummary(9, 5, 2, none, none, 3, 3, None, None, None, None))
    2
    """
    return summary.clients - summary.clients_in_one_cell


def full_limits(plan: SplitPlan) -> pl.DataFrame:
    """Return the loads of a plan that nearly fill a limit given as an option or by a profile.

    Limits that only keep cells even are left out: there is nothing to run into.
    """
    given = bool(plan.options.limits or plan.options.profile)
    return plan.summary.loads.filter(pl.lit(given) & (pl.col("used") >= FULL))


def _light(plan: SplitPlan) -> Light:
    summary = plan.summary
    too_much = (summary.worst_client_share or 0.0) > LARGE or several(summary) > MANY * summary.clients
    forbidden = not summary.sizes.filter(~pl.col("feasible")).is_empty()
    return Light.AMBER if too_much or forbidden or len(full_limits(plan)) else Light.GREEN


def _reach_words(summary: SplitSummary) -> str:
    if summary.cells == 1:
        return "its loss affects all clients, as it does now"
    if (summary.worst_client_share or 0.0) >= 1:
        return "the loss of one still affects all clients"
    share = format_quantity(summary.worst_client_share, "%")
    return f"the loss of one affects at most {share} of the clients instead of all"


def _crossing_words(summary: SplitSummary) -> str:
    if summary.cells == 1:
        return ""
    many = several(summary)
    if not many:
        return "no client uses more than one cell"
    share = summary.cross_cell_share
    bytes_ = (
        "how many bytes cross cells is unknown"
        if share is None
        else f"{format_quantity(share, '%')} of all bytes cross cells"
    )
    clients = counted(summary.clients, "client")
    return f"{many:,} of {clients} {'uses' if many == 1 else 'use'} more than one cell, and {bytes_}"


def _cost_words(summary: SplitSummary, seconds: float | None) -> str:
    """Say brokers, accounts and dollars; ``seconds``: of the traffic, where that was too short."""
    if summary.brokers is None:
        return "which brokers they need is unknown"
    forbidden = summary.sizes.filter(~pl.col("feasible"))["cell"].to_list()
    where = "" if summary.accounts is None else f" in {counted(summary.accounts, 'account')}"
    dear = "" if summary.monthly_usd is None else f", {summary.monthly_usd:,.0f} USD a month"
    beyond = f", more than a quota allows in {counted(len(forbidden), 'cell')}" if forbidden else ""
    after = "" if seconds is None else f", based on only {format_duration(seconds)} of traffic"
    return f"{counted(summary.brokers, 'broker')}{where}{dear}{beyond}{after}"

"""The verdict on a split: one sentence with cells, blast radius, what crosses cells, brokers and dollars."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.findings import Coverage, Light, Verdict
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.plan.split.plan import SplitPlan
from kafka_analysis.plan.split.source import SourceSplit
from kafka_analysis.plan.split.summary import SplitSummary
from kafka_analysis.stats.scope.verdicts import not_covered

LARGE = 0.5  # share of the clients that the loss of one cell should not reach
MANY = 0.25  # share of the clients that may touch several cells before it is worth a look
FULL = 0.95  # of a limit that was asked for: no room is left to grow


def split_verdict(one: SourceSplit, *, coverage: Coverage, seconds: float | None, enough_s: float) -> Verdict:
    """Say how many cells there are, what the loss of one reaches, what crosses cells, and what all of it costs.

    Parameters
    ----------
    one
        One of the results of :func:`kafka_analysis.plan.split.source.plan_source_splits`.
    coverage
        Below what is required the verdict is grey.
    seconds, enough_s
        How long traffic was looked at (None: not said), and how long it should be for brokers and dollars to count.

    Returns
    -------
    Verdict
        Red: no split keeps what was asked. Amber: the loss of one cell reaches more than half of the clients, more
        than a quarter of them touch several cells, a limit asked for is nearly full, or a quota forbids the brokers of
        a cell. Grey: too little is covered or known. Green: none of that.

    Examples
    --------
    >>> nobody = SourceSplit("c", pl.DataFrame(), pl.DataFrame(), unknown="no client of it is known")
    >>> full = Coverage(expected=1, seen=1)
    >>> split_verdict(nobody, coverage=full, seconds=60.0, enough_s=9.0).sentence
    'not planned: no client of it is known.'
    """
    grey = not_covered(coverage)
    if grey:
        return grey
    if one.impossible:
        return Verdict(light=Light.RED, sentence=f"no split keeps what was asked: {one.impossible}.")
    if one.plan is None:
        return Verdict(light=Light.GREY, sentence=f"not planned: {one.unknown}.")
    found = one.plan.summary
    short = seconds is not None and seconds < enough_s
    parts = [_reach_words(found), _crossing_words(found), _cost_words(found, seconds if short else None)]
    sentence = f"{counted(found.cells, 'cell')}: {'; '.join(part for part in parts if part)}."
    return Verdict(light=_light(one, one.plan), sentence=sentence)


def several(found: SplitSummary) -> int:
    """Return how many clients touch more than one cell.

    Examples
    --------
    >>> none = pl.DataFrame()
    >>> several(SplitSummary(9, 5, 2, none, none, 3, 3, None, None, None, None))
    2
    """
    return found.clients - found.clients_in_one_cell


def full_limits(one: SourceSplit) -> pl.DataFrame:
    """Return the loads of a plan that nearly fill a limit that was asked for, or follows from a profile.

    Limits that only keep cells even are left out: there is nothing to run into.

    Examples
    --------
    >>> full_limits(SourceSplit("c", pl.DataFrame(), pl.DataFrame())).height
    0
    """
    if one.plan is None:
        return pl.DataFrame()
    asked = bool(one.options.get("limits") or one.options.get("profile"))
    return one.plan.summary.loads.filter(pl.lit(asked) & (pl.col("used") >= FULL))


def _light(one: SourceSplit, plan: SplitPlan) -> Light:
    found = plan.summary
    too_much = (found.worst_client_share or 0.0) > LARGE or several(found) > MANY * found.clients
    forbidden = not found.sizes.filter(~pl.col("feasible")).is_empty()
    return Light.AMBER if too_much or forbidden or len(full_limits(one)) else Light.GREEN


def _reach_words(found: SplitSummary) -> str:
    if found.cells == 1:
        return "its loss reaches all clients, as it does now"
    if (found.worst_client_share or 0.0) >= 1:
        return "the loss of one still reaches all clients"
    share = format_quantity(found.worst_client_share, "%")
    return f"the loss of one reaches at most {share} of the clients instead of all"


def _crossing_words(found: SplitSummary) -> str:
    if found.cells == 1:
        return ""
    many = several(found)
    if not many:
        return "no client touches more than one cell"
    share = found.cross_cell_share
    bytes_ = (
        "how many bytes cross cells is unknown"
        if share is None
        else f"{format_quantity(share, '%')} of all bytes cross cells"
    )
    clients = counted(found.clients, "client")
    return f"{many:,} of {clients} {'touches' if many == 1 else 'touch'} more than one cell, and {bytes_}"


def _cost_words(found: SplitSummary, seconds: float | None) -> str:
    """Say brokers, accounts and dollars; ``seconds``: of the traffic, where that was too short."""
    if found.brokers is None:
        return "what brokers they need is unknown"
    forbidden = found.sizes.filter(~pl.col("feasible"))["cell"].to_list()
    where = "" if found.accounts is None else f" in {counted(found.accounts, 'account')}"
    dear = "" if found.monthly_usd is None else f", {found.monthly_usd:,.0f} USD a month"
    beyond = f", more than a quota allows in {counted(len(forbidden), 'cell')}" if forbidden else ""
    after = "" if seconds is None else f", as far as {format_duration(seconds)} of traffic can tell"
    return f"{counted(found.brokers, 'broker')}{where}{dear}{beyond}{after}"

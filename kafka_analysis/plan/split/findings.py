"""What a person should do about a split: findings."""

from collections.abc import Iterator

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.resources import words_of
from kafka_analysis.model.units import counted, format_duration, format_quantity, listed
from kafka_analysis.plan.sizing.verdict import ENOUGH_S
from kafka_analysis.plan.split.plan import SplitPlan
from kafka_analysis.plan.split.verdict import LARGE, MANY, full_limits, several

_NAMED = 3
_BINDING = {
    "ingress": "bytes in",
    "egress": "bytes out",
    "minimum": "the minimum of one broker per AZ",
}


def split_findings(plan: SplitPlan, *, seconds: float | None) -> Iterator[Finding]:
    """Yield what to do about a split, what matters most first.

    Parameters
    ----------
    seconds
        How long traffic was looked at; brokers and dollars count from a week on.
    """
    yield from _of_reach(plan)
    yield from _of_spread(plan)
    yield from _of_limits(plan)
    yield from _of_quotas(plan, seconds)
    yield from _of_unknown(plan)
    yield from _of_moves(plan)


def _of_reach(plan: SplitPlan) -> Iterator[Finding]:
    worst = plan.summary.blast.sort("client_share", "cell", descending=[True, False]).row(0, named=True)
    share = worst["client_share"]
    if share is None or plan.summary.cells == 1:
        return
    light = Light.AMBER if share > LARGE else Light.GREEN
    yield Finding(
        light=light,
        title=f"the loss of {worst['cell']} affects {format_quantity(share, '%')} of the clients, the most of any cell",
        detail=f"That is {worst['clients']:,} of {counted(plan.summary.clients, 'client')}, with "
        f"{format_quantity(worst['byte_share'], '%')} of the bytes; before the split, the loss of the "
        "cluster affects all.",
        action=_more_cells(plan.curve) if light is Light.AMBER else "",
    )


def _more_cells(curve: pl.DataFrame) -> str:
    """Name the fewest cells looked at of which the loss of one reaches no more than half."""
    enough = curve.filter(pl.col("worst_client_share") <= LARGE).sort("cells")
    if enough.is_empty():
        return "Plan with more cells, or split topics that most clients share."
    row = enough.row(0, named=True)
    dear = "" if row["monthly_usd"] is None else f", for {row['monthly_usd']:,.0f} USD a month"
    return (
        f"Plan with {counted(row['cells'], 'cell')}: then it is {format_quantity(row['worst_client_share'], '%')} at "
        f"most{dear}."
    )


def _of_spread(plan: SplitPlan) -> Iterator[Finding]:
    many = several(plan.summary)
    if not many:
        return
    spread = plan.clients.filter(pl.col("extra_cells") > 0).sort(
        "extra_cells", "cross_cell_bytes_per_s", "client", descending=[True, True, False], nulls_last=True
    )
    top = [f"{row['client']} ({len(row['cells']):,} cells)" for row in spread.iter_rows(named=True)]
    touch = "client uses" if many == 1 else "clients use"
    yield Finding(
        light=Light.AMBER if many > MANY * plan.summary.clients else Light.GREEN,
        title=f"{many:,} {touch} more than one cell",
        detail=f"{listed(top, _NAMED)}. {_across(plan)}",
        action="Give them a connection to each of their cells, as in the routing table.",
    )


def _across(plan: SplitPlan) -> str:
    """Name the topics because of which clients use another cell than their home."""
    flows = plan.reasons.filter(pl.col("clients") > pl.col("clients_at_home")).with_columns(
        away=pl.col("clients") - pl.col("clients_at_home")
    )
    rows = flows.sort("away", "topic", descending=[True, False])
    top = [f"{row['topic']} ({counted(row['away'], 'client')})" for row in rows.iter_rows(named=True)]
    return f"Topics they use outside their home cell: {listed(top, _NAMED)}." if top else ""


def _of_limits(plan: SplitPlan) -> Iterator[Finding]:
    full = full_limits(plan).sort("used", descending=True)
    if full.is_empty():
        return
    rows = [
        f"{row['cell']}: {words_of(row['resource'])}, {format_quantity(row['used'], '%')} of the limit"
        for row in full.iter_rows(named=True)
    ]
    cells = full["cell"].n_unique()
    yield Finding(
        light=Light.AMBER,
        title=f"{counted(cells, 'cell')} {'has' if cells == 1 else 'have'} no room to grow",
        detail=f"{listed(rows, _NAMED)}.",
        action="Plan with one cell more, or raise the limit if the brokers allow it.",
    )


def _of_quotas(plan: SplitPlan, seconds: float | None) -> Iterator[Finding]:
    summary = plan.summary
    forbidden = summary.sizes.filter(~pl.col("feasible"))
    for row in forbidden.sort("cell").head(_NAMED).iter_rows(named=True):
        yield Finding(
            light=Light.AMBER,
            title=f"a quota does not allow the brokers of {row['cell']}",
            detail=f"{row['broker_type']}: {row['shortfall']}.",
            action="Plan with more cells, choose other brokers (profile), or have the quota raised.",
        )
    if summary.brokers is None or len(forbidden):
        return
    short = seconds is not None and seconds < ENOUGH_S
    binds = (
        "No quota requires more cells or accounts."
        if summary.accounts == 1
        else f"One account's quota of brokers is exceeded: the cells need {counted(summary.accounts or 0, 'account')}."
    )
    days = format_quantity(ENOUGH_S / 86400, "days")
    yield Finding(
        light=Light.GREY if short else Light.GREEN,
        title=f"{counted(summary.brokers, 'broker')} for {counted(summary.cells, 'cell')}: {_types(summary.sizes)}",
        detail=f"{_decided(summary.sizes)} {binds}",
        action=f"Only {format_duration(seconds)} of traffic were recorded: size the cells again with {days}, in "
        "45_msk_sizing." if short else "",
    )  # fmt: skip


def _types(sizes: pl.DataFrame) -> str:
    counts = sizes.group_by("broker_type").agg(pl.col("brokers").sum()).sort("brokers", descending=True)
    names = [
        f"{row['brokers']:,} × {row['broker_type']}"
        for row in counts.sort("broker_type").iter_rows(named=True)
    ]
    return listed(names, _NAMED)


def _decided(sizes: pl.DataFrame) -> str:
    counts = sizes.group_by("binding_constraint").agg(cells=pl.len())
    counts = counts.sort("cells", "binding_constraint", descending=[True, False])
    parts = [
        f"{_BINDING.get(row['binding_constraint'], row['binding_constraint'])} ({counted(row['cells'], 'cell')})"
        for row in counts.iter_rows(named=True)
    ]
    return f"Limits that decide: {', '.join(parts)}."


def _of_unknown(plan: SplitPlan) -> Iterator[Finding]:
    alone = plan.reasons.filter(pl.col("clients") == 0)["topic"].sort().to_list()
    if alone:
        yield Finding(
            light=Light.AMBER,
            title=f"{counted(len(alone), 'topic')} without a known client",
            detail=f"{listed(alone, _NAMED)}: placed where there is room.",
            action="Declare who writes and reads them (flows), and plan again.",
        )
    if plan.left_out:
        yield Finding(
            light=Light.AMBER,
            title=f"{counted(len(plan.left_out), 'topic')} in no cell",
            detail=f"{listed(plan.left_out, _NAMED)}: load or size is unknown.",
            action="Record them, or leave them out with topics_exclude.",
        )


def _of_moves(plan: SplitPlan) -> Iterator[Finding]:
    moved = plan.summary.moved_topics
    if moved is not None:
        be = "is" if moved == 1 else "are"
        yield Finding(
            light=Light.GREEN,
            title=f"{counted(moved, 'topic')} of the previous plan {be} in a different cell now",
            detail=f"{counted(plan.summary.topics, 'topic')} in all.",
        )

"""Tables of a sizing: what it is for, what fits, what it costs and where its limits are."""

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_duration, format_quantity
from kafka_analysis.tables.base import Column, Table, build, whole_dollars, with_texts

_HARDWARE_LIMITS = (
    Column("profile", "Host or broker type"),
    Column("resource", "First limit"),
    Column("used", "Share used", "%"),
    Column("replace", "To replace a broker, copy"),
    Column("add", "To add a broker, copy"),
)
_KEYS = ["cluster", "profile"]
OLDER = ("kafka.m5.", "kafka.t3.")
_OF_EXPRESS = {"disk": "bytes in", "network": "bytes out"}  # what is published of them instead


def hardware_limits(shift: Any, *, recovery: Any = None, leave_out: Sequence[str] = OLDER) -> Table:
    """List the first limit of each profile, with as many brokers as now.

    Parameters
    ----------
    shift
        ``shift`` of ``plan.sizing_frames``.
    recovery
        ``recovery`` of it; None = without what a replaced or added broker costs.
    leave_out
        Beginnings of names not shown: the older generation.

    Examples
    --------
    >>> shift = pl.DataFrame({"cluster": ["c"], "profile": "i3en.2xlarge", "resource": "disk", "used": 0.18,
    ...     "first": True, "evidence": "unverified"})
    >>> recovery = pl.DataFrame({"cluster": ["c"], "profile": "i3en.2xlarge", "storage": "instance",
    ...     "replace_bytes": 1e12, "replace_s": 2000.0, "add_bytes": 75e10, "add_s": 1500.0})
    >>> hardware_limits(shift, recovery=recovery).cells.row(0)[1:]
    ('i3en.2xlarge (unverified)', 'disk', '18 %', '1 TB, 33 min 20 s', '750 GB, 25 min 0 s')
    """
    older = pl.any_horizontal(pl.lit(value=False), *[pl.col("profile").str.starts_with(n) for n in leave_out])
    rows = to_polars(shift).filter(pl.col("first"), ~older)
    name = (
        pl.when(pl.col("evidence") == "unverified")
        .then(pl.col("profile") + " (unverified)")
        .otherwise("profile")
    )
    of_express = pl.col("profile").str.starts_with("express.")
    words = pl.when(of_express).then(pl.col("resource").replace(_OF_EXPRESS)).otherwise("resource")
    timed = rows if recovery is None else _with_recovery(rows, to_polars(recovery))
    shown = timed.with_columns(profile=name, resource=words)
    note = (
        "With as many brokers as now, all carrying the same load; at 100 % and more they are not enough. "
        "Times: with the "
        "disk and network capacity left at peak, so they are minimums. An attached volume survives its broker. "
        "The table file has all types, including the older generation."
    )
    return build("hardware_limits", "Which limit is reached first", shown, _HARDWARE_LIMITS, note)


def _with_recovery(rows: pl.DataFrame, recovery: pl.DataFrame) -> pl.DataFrame:
    joined = rows.join(recovery, on=_KEYS, how="left", maintain_order="left")
    names = ("replace", "add")
    return with_texts(joined, names, lambda row: [_copied(row[f"{n}_bytes"], row[f"{n}_s"]) for n in names])


def _copied(size: float | None, seconds: float | None) -> str | None:
    if size is None:
        return None
    if size == 0:
        return "nothing"
    if seconds is None:
        took = "time unknown"
    elif math.isinf(seconds):
        took = "no capacity left at peak"
    else:
        took = "moments" if seconds < 1 else format_duration(seconds)
    return f"{format_quantity(size, 'B')}, {took}"


_SIZING_COSTS = (
    Column("option", "Option"),
    Column("item", "Item"),
    Column("amount", "Quantity per month"),
    Column("price", "Unit price"),
    Column("usd", "Per month"),
    Column("in_sum", "In AWS's script"),
)


def sizing_costs(frame: Any, *, options: int = 1) -> Table:
    """List the cost of the cheapest options by item.

    Parameters
    ----------
    frame
        ``costs`` of ``plan.sizing_frames``: the options of each cluster, cheapest first.
    options
        How many options are shown of each cluster.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "kafka.m7g.large", "brokers": 3, "item": "brokers",
    ...     "quantity": 2190.0, "unit": "broker-hours", "usd_per_unit": 0.204, "monthly_usd": 446.76, "billed": True})
    >>> sizing_costs(rows).cells.row(0)[1:]
    ('3 × kafka.m7g.large', 'brokers', '2,190 broker-hours', '0.204 USD', '446.76 USD', 'yes')
    """
    rows = to_polars(frame).with_columns(pl.col("brokers").cast(pl.Int64))
    order = rows.select("cluster", "broker_type").unique(maintain_order=True)
    first = order.group_by("cluster", maintain_order=True).head(options)
    shown = rows.join(first, on=["cluster", "broker_type"], how="semi", maintain_order="left")
    note = (
        "List prices, us-east-1. Tiered storage at 0.023 USD as in AWS's sizing script (price lists say 0.06); Express "
        "storage as one copy, on which AWS's sources differ. Items that AWS's script leaves out come on top."
    )
    shown = with_texts(shown, ["option", "amount", "price", "usd"], _cost_texts).with_columns(
        in_sum=pl.col("billed")
    )
    return build("sizing_costs", "Cost by item", shown, _SIZING_COSTS, note)


def _cost_texts(row: dict[str, Any]) -> tuple[str, ...]:
    broker_type, brokers = row["broker_type"], row["brokers"]
    return (
        broker_type if brokers is None else f"{brokers:,} × {broker_type}",
        format_quantity(row["quantity"], row["unit"]),
        f"{row['usd_per_unit']:g} USD",
        f"{row['monthly_usd']:,.2f} USD",
    )


_SIZING_INPUT = (Column("quantity", "What"), Column("value", "Value"), Column("evidence", "Evidence"))


def sizing_input(frame: Any) -> Table:
    """List what is sized for, and what each number rests on.

    Parameters
    ----------
    frame
        ``input`` of ``plan.sizing_frames``: ``cluster``, ``quantity``, ``value``, ``evidence``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "quantity": ["kept"], "value": ["24 h"], "evidence": ["declared"]})
    >>> sizing_input(rows).cells.row(0)
    ('c', 'kept', '24 h', 'declared')
    """
    note = "Declared: by a person or in the topic configuration. Unknown values are not checked."
    return build("sizing_input", "Input of the sizing", to_polars(frame), _SIZING_INPUT, note)


_SIZING_RANKING = (
    Column("type", "Broker type"),
    Column("brokers", "Brokers by the script", "", missing="not applicable"),
    Column("interval", "Range"),
    Column("s1_brokers", "Brokers by the formula", "", missing="not applicable"),
    Column("binding_constraint", "Decided by"),
    Column("usd", "USD a month", ""),
    Column("usd_interval", "Range, USD"),
    Column("s1_usd", "USD by the formula", ""),
)


def sizing_ranking(frame: Any, *, top_n: int = 10) -> Table:
    """List the cheapest options of each cluster.

    Parameters
    ----------
    frame
        ``ranking`` of ``plan.sizing_frames``.
    top_n
        Rows shown of each cluster.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "kafka.m7g.large", "brokers": 3, "brokers_low": 3,
    ...     "brokers_high": 6, "s1_brokers": 3, "binding_constraint": "minimum", "total_usd": 457.6,
    ...     "total_usd_low": 450.0, "total_usd_high": 900.0, "s1_monthly_usd": 457.6, "evidence": "published"})
    >>> sizing_ranking(rows).cells.row(0)[2:]
    ('3', '3 to 6', '3', 'minimum', '458', '450 to 900', '458')
    """
    rows = to_polars(frame)
    shown = rows.with_columns(at=pl.int_range(pl.len()).over("cluster")).filter(pl.col("at") < top_n)
    note = (
        "Script: AWS's sizing script (S2), which decides. Formula: AWS's right-sizing formula (S1) at 80 %. "
        "Range: from the low to the high end of the traffic; – where it makes no difference. Provisioned throughput is "
        "counted where it is needed, but not by the formula."
    )
    dollars = whole_dollars("total_usd"), whole_dollars("s1_monthly_usd").alias("s1_usd")
    cells = with_texts(shown, ["type", "interval", "usd_interval"], _ranking_texts).with_columns(dollars)
    title, left_out = "What fits, cheapest first", len(rows) - len(shown)
    return build("sizing_ranking", title, cells, _SIZING_RANKING, note, left_out=left_out)


def _ranking_texts(row: dict[str, Any]) -> tuple[str, str, str]:
    unverified = " (price unverified)" if row["evidence"] == "unverified" else ""
    dollars = _span(row["total_usd_low"], row["total_usd_high"])
    return f"{row['broker_type']}{unverified}", _span(row["brokers_low"], row["brokers_high"]), dollars


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None or low == high:
        return "–"
    return f"{low:,.0f} to {high:,.0f}"


_SIZING_SHORTFALLS = (
    Column("broker_type", "Broker type"),
    Column("why", "Why not"),
    Column("clusters_by_quota", "Clusters needed", "", missing="–"),
    Column("accounts_by_quota", "Accounts", "", missing="–"),
    Column("usd", "USD a month", ""),
)


def sizing_shortfalls(frame: Any) -> Table:
    """List the options that quotas forbid, or of which too little is published.

    Parameters
    ----------
    frame
        ``shortfalls`` of ``plan.sizing_frames``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "t", "shortfall": "63 brokers, the quota is 60",
    ...     "clusters_by_quota": 2, "accounts_by_quota": 1, "monthly_usd": 5000.4})
    >>> sizing_shortfalls(rows).cells.row(0)
    ('c', 't', '63 brokers, the quota is 60', '2', '1', '5,000')
    """
    rows = to_polars(frame)
    note = "By S2. Clusters and accounts: how many the broker quotas require; other quotas may still apply."
    shown = rows.with_columns(whole_dollars("monthly_usd"), why=pl.col("shortfall"))
    return build("sizing_shortfalls", "What does not fit", shown, _SIZING_SHORTFALLS, note)


_STORAGE_GROWTH = (
    Column("broker_type", "Broker type"),
    Column("volume_gib", "Initial volume", "GiB"),
    Column("step_gib", "Grows by at least", "GiB"),
    Column("fill_hours", "Full at peak after", "h", missing="never"),
    Column("wait_hours", "Can grow again after", "h"),
    Column("keeps_up", "Keeps up"),
    Column("steps_to_largest", "Steps to the largest size", ""),
    Column("hours_to_largest", "Time to the largest size, at least", "h"),
)


def storage_growth(frame: Any) -> Table:
    """List how the volumes of the cheapest Standard options grow.

    Parameters
    ----------
    frame
        ``growth`` of ``plan.sizing_frames``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "broker_type": "t", "volume_gib": 50.0, "step_gib": 10.0,
    ...     "fill_hours": 2.5, "wait_hours": 6.0, "keeps_up": False, "steps_to_largest": 63, "hours_to_largest": 378.0})
    >>> storage_growth(rows).cells.row(0)[2:7]
    ('50 GiB', '10 GiB', '2.50 h', '6 h', 'no')
    """
    note = (
        "A volume grows by 10 % or 10 GiB, whichever is more, at most once in 6 hours, up to 16,384 GiB, "
        "and never shrinks. "
        "Assumes that the peak lasts and that nothing is deleted meanwhile. Where it does not keep up, "
        "start with a larger volume."
    )
    return build("storage_growth", "How volumes grow", to_polars(frame), _STORAGE_GROWTH, note)

"""Rank the options of a sizing: the cheapest that quotas allow, or what would have to change."""

from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted, format_quantity

RULING = "S2"  # the model that decides: it knows partitions, storage and fan-out; S1 is the check
_OF_S1 = ("brokers", "feasible", "monthly_usd", "throughput_limit")


class NothingFitsError(InputError):
    """No broker type carries the workload within the quotas; the message says the smallest change that would do."""


def rank_options(options: Frame) -> pl.DataFrame:
    """Rank what quotas allow by cost, with the other model's answer beside.

    Parameters
    ----------
    options
        Result of :func:`kafka_analysis.plan.sizing.broker_options.size_cluster` with both models.

    Returns
    -------
    polars.DataFrame
        The S2 row of each broker type that is feasible, cheapest first: ``total_usd`` (``monthly_usd`` and
        ``provisioned_usd`` together, by which they are ranked; ties: fewer brokers), ``total_usd_low``,
        ``total_usd_high``, and of S1 ``s1_brokers``,
        ``s1_feasible``, ``s1_monthly_usd``, ``s1_throughput_limit``.

    Examples
    --------
    >>> base = {"feasible": True, "provisioned_usd": None, "throughput_limit": "disk"}
    >>> rows = pl.DataFrame([{"model": m, "broker_type": t, "brokers": n, "monthly_usd": usd, **base}
    ...     for m, t, n, usd in [("S1", "a", 3, 5.0), ("S2", "a", 6, 9.0), ("S1", "b", 3, 7.0), ("S2", "b", 3, 7.0)]])
    >>> rank_options(rows).select("broker_type", "brokers", "s1_brokers").rows()
    [('b', 3, 3), ('a', 6, 3)]
    """
    rows = to_polars(options)
    other = rows.filter(pl.col("model") == "S1").select(
        "broker_type", *[pl.col(name).alias(f"s1_{name}") for name in _OF_S1]
    )
    ruling = rows.filter(pl.col("model") == RULING).join(
        other, on="broker_type", how="left", maintain_order="left"
    )
    ends = [end for end in ("", "_low", "_high") if f"monthly_usd{end}" in rows.columns]
    totals = [
        (pl.col(f"monthly_usd{end}") + pl.col(f"provisioned_usd{end}").fill_null(0.0)).alias(
            f"total_usd{end}"
        )
        for end in ends
    ]
    fits = ruling.filter(pl.col("feasible"), pl.col("monthly_usd").is_not_null())
    ranked = fits.with_columns(totals)
    return ranked.sort("total_usd", "brokers", "broker_type", nulls_last=True)


def cheapest(options: Frame) -> dict[str, Any]:
    """Return the cheapest option that quotas allow, as a row of :func:`rank_options`.

    Raises
    ------
    NothingFitsError
        There is none; the message says the smallest change that would make one feasible.

    Examples
    --------
    >>> rows = pl.DataFrame({"model": "S2", "broker_type": ["a"], "brokers": [63], "feasible": False,
    ...     "monthly_usd": 5.0, "provisioned_usd": 0.0, "throughput_limit": "disk", "headroom_brokers": [-0.05],
    ...     "clusters_by_quota": 2, "shortfall": "63 brokers, the quota of a cluster is 60: 3 too many"})
    >>> cheapest(rows)
    Traceback (most recent call last):
        ...
    kafka_analysis.plan.sizing.ranking.NothingFitsError: no broker type carries the load within the quotas; ...
    """
    ranked = rank_options(options)
    if not ranked.is_empty():
        return ranked.row(0, named=True)
    raise NothingFitsError(smallest_change(options))


def smallest_change(options: Frame) -> str:
    """Say which infeasible option is nearest to the quotas, and what would make it feasible.

    Examples
    --------
    >>> smallest_change(pl.DataFrame({"model": ["S2"], "brokers": [None], "headroom_brokers": [None]}))
    'no broker type has a published throughput; give one in a catalogue of your own'
    """
    rows = to_polars(options).filter(pl.col("model") == RULING)
    published = rows.filter(pl.col("brokers").is_not_null())
    if published.is_empty():
        return "no broker type has a published throughput; give one in a catalogue of your own"
    only_brokers = ~pl.col("shortfall").str.contains("Express|partition")
    order = published.sort(only_brokers, "headroom_brokers", descending=[True, True], maintain_order=True)
    near = order.row(0, named=True)
    nearest = (
        f"no broker type carries the load within the quotas; the nearest is {near['broker_type']}: "
        f"{near['shortfall']}"
    )
    left = near["headroom_brokers"]
    if left >= 0:
        return f"{nearest}; change that, or give types with prices in a catalogue of your own"
    quota = round(near["brokers"] / (1 - left))
    less = format_quantity(1 - quota / near["brokers"], "%")
    clusters = counted(near["clusters_by_quota"], "cluster")
    return f"{nearest}; raise the quota to {near['brokers']:,}, reduce the load by {less}, or split it over {clusters}"

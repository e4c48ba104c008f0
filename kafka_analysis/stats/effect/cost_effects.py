"""What brokers cost for each terabyte that was written, before and after."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.effect.rows import AMOUNTS, SCHEMA, Asked, cannot_tell
from kafka_analysis.stats.effect.sides import Sides
from kafka_analysis.stats.effect.verdict import judge

_COST = Asked("cost_per_tb", "List price of brokers for each TB written", "USD/TB")
_MARGIN = 0.05


@same_kind
def cost_effect(prices: Frame, effects: Frame, *, sides: Sides) -> Frame:
    """Say by how much brokers cost more or less for each terabyte written.

    Parameters
    ----------
    prices
        Result of ``plan.broker_prices``: ``cluster``, ``usd_per_h`` (null where it is not known), ``missing``.
    effects
        Result of ``stats.traffic_effects``: how much more is written, and how sure that is.
    sides
        Result of :func:`kafka_analysis.stats.effect.sides.sides_of`.

    Returns
    -------
    frame of the kind given
        One row (``SCHEMA`` of :mod:`kafka_analysis.stats.effect.rows`): prices ÷ bytes written, whose interval is that
        of the bytes. Storage, transfer and people are not in it.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> from kafka_analysis.stats.scope.windows import Window
    >>> one = Window(datetime(2026, 1, 1), datetime(2026, 1, 2))
    >>> sides = Sides(one, one, ("old",), ("new",), timedelta(hours=1), "week")
    >>> prices = pl.DataFrame({"cluster": ["old", "new"], "usd_per_h": [4.0, 3.0], "missing": ["", ""]})
    >>> bytes_in = pl.DataFrame({"flow": ["bytes_in_per_s"], "is_share": True, "effect": 0.0, "low": -0.04,
    ...     "high": 0.04, "noise": "n", "reason": ""})
    >>> cost_effect(prices, bytes_in, sides=sides).select("verdict", "effect").row(0)
    ('better', -0.25)
    """
    return pl.DataFrame([_row(prices, effects.filter(flow="bytes_in_per_s"), sides)], schema=SCHEMA)


def _row(prices: pl.DataFrame, bytes_in: pl.DataFrame, sides: Sides) -> dict[str, Any]:
    both = [prices.filter(pl.col("cluster").is_in(list(names))) for _, _, names in sides.each]
    missing = [
        f"{cluster}: {why}"
        for side in both
        for cluster, why in side.select("cluster", "missing").rows()
        if why
    ]
    if missing or any(side.is_empty() for side in both):
        return cannot_tell(_COST, "; ".join(dict.fromkeys(missing)) or "no broker is known on one side")
    if sides.clusters_before == sides.clusters_after:
        return cannot_tell(_COST, "the same clusters before and after: roles source and target are needed")
    written = None if bytes_in.is_empty() else bytes_in.row(0, named=True)
    if written is None or written["low"] is None or not written["is_share"]:
        return cannot_tell(_COST, "by how much the bytes written changed is not known")
    before, after = (float(side["usd_per_h"].sum()) for side in both)
    ends = [after / before / (1 + written[name]) - 1 for name in ("effect", "high", "low")]
    least = (ends[2] - ends[1]) / 2
    verdict, reason = judge(ends[1], ends[2], least=least, margin=_MARGIN, better="lower", scale="log")
    amounts = {"effect": ends[0], "low": ends[1], "high": ends[2], "least": least, "is_share": True}
    said = {
        "verdict": verdict,
        "reason": reason,
        "noise": written["noise"],
        "method": "list prices ÷ bytes written",
    }
    return {**_COST.names, **dict.fromkeys(AMOUNTS), **said, **amounts}

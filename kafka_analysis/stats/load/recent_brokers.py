"""Brokers that came, or came back, within what was recorded."""

from __future__ import annotations

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind


@same_kind
def recent_brokers(brokers: Frame, *, rates: Frame) -> Frame:
    """List the brokers first seen after the others of their cluster, and those restarted in the window.

    Parameters
    ----------
    brokers
        The capture's ``brokers`` table, with all its snapshots.
    rates
        Result of ``traffic.traffic_rates``: a broker whose own totals were reset was restarted.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``broker``, ``since`` (UTC; null for a restart), ``how``: ``new`` or ``restarted``. A broker
        that is both is new.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, d, tzinfo=UTC) for d in (1, 2, 2)]
    >>> brokers = pl.DataFrame({"ts": t, "cluster": "c", "broker": [1, 1, 7]})
    >>> rates = pl.DataFrame({"cluster": "c", "broker": [1], "topic": [None], "resets": [1]},
    ...     schema_overrides={"topic": pl.String})
    >>> recent_brokers(brokers, rates=rates).select("broker", "how").rows()
    [(1, 'restarted'), (7, 'new')]
    """
    seen = brokers.group_by("cluster", "broker").agg(since=pl.col("ts").min())
    new = seen.filter(pl.col("since") > pl.col("since").min().over("cluster")).with_columns(how=pl.lit("new"))
    fell = rates.filter(pl.col("topic").is_null() & pl.col("broker").is_not_null() & (pl.col("resets") > 0))
    restarted = fell.select("cluster", "broker", how=pl.lit("restarted")).unique()
    both = pl.concat([new, restarted.join(new, on=["cluster", "broker"], how="anti")], how="diagonal_relaxed")
    return both.sort("cluster", "broker")

"""The sizings of all clusters as frames: what figures, tables and files are made of."""

from collections.abc import Sequence
from operator import attrgetter

import polars as pl

from kafka_analysis.model.units import format_quantity
from kafka_analysis.plan.common.outcome import Outcome, stacked
from kafka_analysis.plan.sizing.broker_options import OPTIONS
from kafka_analysis.plan.sizing.clusters import ClusterSizing
from kafka_analysis.plan.sizing.costs import COSTS
from kafka_analysis.plan.sizing.hardware import SHIFT
from kafka_analysis.plan.sizing.ranking import RULING
from kafka_analysis.plan.sizing.recovery import GROWTH, RECOVERY

_RANKING = OPTIONS | {
    "total_usd": pl.Float64(), "total_usd_low": pl.Float64(), "total_usd_high": pl.Float64(),
    "s1_brokers": pl.Int64(), "s1_feasible": pl.Boolean(), "s1_monthly_usd": pl.Float64(),
    "s1_throughput_limit": pl.String(),
}  # fmt: skip
_ITEMS = {"broker_type": pl.String, "brokers": pl.Int64, **COSTS}
_INPUT = {"quantity": pl.String, "value": pl.String, "evidence": pl.String}
_NUMBERS = {
    "bytes_in_per_s_avg": ("bytes in, average", "B/s"),
    "bytes_in_per_s_peak": ("bytes in, peak", "B/s"),
    "bytes_out_per_s_avg": ("bytes out, average", "B/s"),
    "bytes_out_per_s_peak": ("bytes out, peak", "B/s"),
    "partition_bytes_in_per_s": ("bytes in, busiest partition", "B/s"),
    "partitions": ("partitions, replicas included", ""),
    "replication_factor": ("replication factor", ""),
    "retention_hours": ("retention", "h"),
    "primary_retention_hours": ("retention on the brokers", "h"),
    "connections": ("open connections", ""),
    "growth": ("growth", "×"),
    "compression": ("size after compression", "×"),
    "catch_up": ("catch-up reads from disk", "× bytes in"),
    "replication_bytes_per_s": ("additional writes by a replicator", "B/s"),
    "traffic_low": ("low end of the traffic", "×"),
    "traffic_high": ("high end of the traffic", "×"),
}
_NEUTRAL = {
    "growth": 1.0, "compression": 1.0, "catch_up": 0.0, "replication_bytes_per_s": 0.0, "traffic_low": 1.0,
    "traffic_high": 1.0,
}  # fmt: skip


def sizing_frames(outcomes: Sequence[Outcome[ClusterSizing]]) -> dict[str, pl.DataFrame]:
    """Return the sizings of all clusters as frames, each with ``cluster`` first.

    Returns
    -------
    dict of str to polars.DataFrame
        ``input`` (:func:`workload_rows`), ``ranking`` (as of ``rank_options``), ``shortfalls`` (S2 rows that quotas
        forbid, or of which too little is published), ``options`` (as of ``size_cluster``), ``costs`` (items of the
        cheapest), ``shift``, ``recovery``, ``growth``. A cluster without a sizing has no rows.

    Examples
    --------
    >>> frames = sizing_frames([Outcome("c", unknown="no traffic was measured")])
    >>> list(frames), frames["ranking"].height
    (['input', 'ranking', 'shortfalls', 'options', 'costs', 'shift', 'recovery', 'growth'], 0)
    """
    shortfall = (pl.col("model") == RULING) & ~pl.col("feasible").fill_null(value=False)
    return {
        "input": stacked(outcomes, workload_rows, _INPUT),
        "ranking": stacked(outcomes, lambda sizing: sizing.ranked, _RANKING),
        "shortfalls": stacked(outcomes, lambda sizing: sizing.options.filter(shortfall), OPTIONS),
        "options": stacked(outcomes, attrgetter("options"), OPTIONS),
        "costs": stacked(outcomes, attrgetter("costs"), _ITEMS),
        "shift": stacked(outcomes, attrgetter("shift"), SHIFT),
        "recovery": stacked(outcomes, attrgetter("recovery"), RECOVERY),
        "growth": stacked(outcomes, attrgetter("growth"), GROWTH),
    }


def workload_rows(sizing: ClusterSizing) -> pl.DataFrame:
    """List what a cluster is sized for, in words: ``quantity``, ``value``, ``evidence``; neutral additions left out."""
    values = sizing.workload.model_dump()
    rows = [
        (words, *_written(values[name], unit, sizing.evidence.get(name)))
        for name, (words, unit) in _NUMBERS.items()
        if values[name] != _NEUTRAL.get(name, "always")
        and (values[name] is not None or name != "primary_retention_hours")
    ]
    rows.append(("may fail at the peak", sizing.workload.tolerates, "declared"))
    return pl.DataFrame(rows, schema=_INPUT, orient="row")


def _written(value: float | None, unit: str, evidence: str | None) -> tuple[str | None, str | None]:
    """Write a value and what it rests on; what is not known rests on nothing."""
    return (None, None) if value is None else (format_quantity(value, unit), evidence)

"""Make a workload of what was measured: which peak, how sure, and what is declared in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted
from kafka_analysis.plan.sizing.workload import Workload

Peak = Literal["p95", "p99", "peak"]
PEAKS = {"p95": 0.95, "p99": 0.99, "peak": 1.0}
_FLOWS = ("bytes_in_per_s", "bytes_out_per_s")


def workload_of(
    rates: Frame,
    *,
    partitions: int,
    retention_hours: float | None,
    peak: Peak = "p99",
    replication_factor: int = 3,
    declared_avg_in: float | None = None,
    declared_avg_out: float | None = None,
    declared_peak_in: float | None = None,
    declared_peak_out: float | None = None,
    averages: Mapping[str, float | None] | None = None,
    **more: Any,
) -> Workload:
    """Make the workload of one cluster from its traffic over time.

    Parameters
    ----------
    rates
        ``bytes_in_per_s``, ``bytes_out_per_s`` of one cluster, a row per interval (``stats.cluster_rates``).
    partitions
        Without replicas; ``replication_factor`` of the target makes replicas of them.
    retention_hours
        How long the bytes in are kept, on average by bytes; None is an error: declare it.
    peak
        ``"p95"``, ``"p99"``: the interval's rate that 5 % or 1 % of the intervals exceed; ``"peak"``: the highest.
    declared_*
        In place of what was measured, bytes per second. A peak in without a peak out keeps the measured fan-out.
    averages
        ``bytes_in_per_s``, ``bytes_out_per_s`` of the whole window; None: the mean of the intervals, though the last
        one may be cut off.
    **more
        Further fields of :class:`kafka_analysis.plan.sizing.workload.Workload`.

    Returns
    -------
    Workload
        ``traffic_low``, ``traffic_high``: P95 and highest interval ÷ the peak chosen, 1 where it is declared or
        given; ``basis`` says what was chosen.

    Raises
    ------
    InputError
        Nothing was measured or declared, or nothing flows; what is declared contradicts what was measured.

    Examples
    --------
    >>> rates = pl.DataFrame({"bytes_in_per_s": [1e6, 3e6], "bytes_out_per_s": [2e6, 6e6]})
    >>> found = workload_of(rates, partitions=10, retention_hours=24, peak="peak")
    >>> found.bytes_in_per_s_avg, found.bytes_in_per_s_peak, found.partitions, found.basis
    (2000000.0, 3000000.0, 30, 'highest of 2 intervals')
    """
    if peak not in PEAKS:
        raise InputError.unknown("peak", str(peak), PEAKS)
    if retention_hours is None:
        raise InputError("how long topics keep their records is unknown; declare the retention in hours")
    rows = to_polars(rates).with_columns(pl.col(_FLOWS).cast(pl.Float64))
    low, chosen, high = (_at(rows, share) for share in (0.95, PEAKS[peak], 1.0))
    average = {name: rows[name].mean() for name in _FLOWS}
    average |= {name: value for name, value in (averages or {}).items() if value is not None}
    chosen = {
        name: _largest(chosen[name], average[name]) for name in _FLOWS
    }  # a short spike can lift the mean above
    peak_in = declared_peak_in if declared_peak_in is not None else chosen["bytes_in_per_s"]
    peak_out = declared_peak_out if declared_peak_out is not None else chosen["bytes_out_per_s"]
    if declared_peak_in is not None and declared_peak_out is None and chosen["bytes_in_per_s"] and peak_out:
        peak_out *= declared_peak_in / chosen["bytes_in_per_s"]
    avg_in = declared_avg_in if declared_avg_in is not None else average["bytes_in_per_s"]
    avg_out = declared_avg_out if declared_avg_out is not None else average["bytes_out_per_s"]
    for name, value in (("in", peak_in), ("in", avg_in), ("out", peak_out), ("out", avg_out)):
        if value is None:
            message = f"bytes {name} were not measured; declare average and peak, or record broker metrics"
            raise InputError(message)
    spread = (
        {}
        if declared_peak_in is not None
        else {
            "traffic_low": min(_ratio(low["bytes_in_per_s"], chosen["bytes_in_per_s"]), 1.0),
            "traffic_high": max(_ratio(high["bytes_in_per_s"], chosen["bytes_in_per_s"]), 1.0),
        }
    )
    given = {
        "bytes_in_per_s_avg": avg_in,
        "bytes_in_per_s_peak": peak_in,
        "bytes_out_per_s_avg": avg_out,
        "bytes_out_per_s_peak": peak_out,
        "partitions": partitions * replication_factor,
        "replication_factor": replication_factor,
        "retention_hours": retention_hours,
        "basis": "declared" if declared_peak_in is not None else basis_of(peak, rows.height),
    }
    return Workload(**(given | spread | more))


def basis_of(peak: Peak, intervals: int) -> str:
    """Say how a peak was chosen.

    Examples
    --------
    >>> basis_of("p99", 1000)
    'P99 of 1,000 intervals'
    """
    words = {"p95": "P95", "p99": "P99", "peak": "highest"}[peak]
    return f"{words} of {counted(intervals, 'interval')}"


def _at(rows: pl.DataFrame, share: float) -> dict[str, float | None]:
    return {name: rows[name].quantile(share, interpolation="higher") for name in _FLOWS}


def _largest(*values: float | None) -> float | None:
    measured = [value for value in values if value is not None]
    return max(measured, default=None)


def _ratio(value: float | None, base: float | None) -> float:
    return value / base if value and base else 1.0

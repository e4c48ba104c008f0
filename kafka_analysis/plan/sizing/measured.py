"""Make a workload of what was measured: which peak, how sure, how long records are kept, what is declared."""

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted
from kafka_analysis.plan.common.checks import with_absent
from kafka_analysis.plan.sizing.workload import Workload

Peak = Literal["p95", "p99", "peak"]
PEAKS = {"p95": 0.95, "p99": 0.99, "peak": 1.0}
_FLOWS = ("bytes_in_per_s", "bytes_out_per_s")


DECLARED, ESTIMATED, MEASURED = "declared", "estimated", "measured"
_RATES = {
    "bytes_in_per_s_avg": "declared_avg_in", "bytes_in_per_s_peak": "declared_peak_in",
    "bytes_out_per_s_avg": "declared_avg_out", "bytes_out_per_s_peak": "declared_peak_out",
}  # fmt: skip


_MS_PER_HOUR = 3.6e6
_NAMES = ("cleanup.policy", "retention.ms", "retention.bytes")


def topic_retention(topics: Frame, *, configs: Frame) -> pl.DataFrame:
    """Say for how many hours of its traffic each topic needs room.

    Parameters
    ----------
    topics
        ``topic``, ``partitions`` (without replicas), ``replication_factor``, ``size_bytes`` (all replicas),
        ``bytes_in_per_s``.
    configs
        ``topic``, ``name``, ``value`` of the topics' configuration.

    Returns
    -------
    polars.DataFrame
        ``topic``, ``bytes_in_per_s``, ``retention_hours``, ``evidence``: ``declared`` where ``retention.ms`` and
        ``retention.bytes``, whichever is reached first, say it; ``estimated``, what it holds ÷ what it takes in, where
        it is compacted or kept for ever; null where neither is known.

    Examples
    --------
    >>> topics = pl.DataFrame({"topic": ["a", "b"], "partitions": 1, "replication_factor": 3, "size_bytes": 1080e6,
    ...     "bytes_in_per_s": 1e4})
    >>> configs = pl.DataFrame({"topic": ["a", "a", "b"], "name": ["retention.ms", "cleanup.policy", "cleanup.policy"],
    ...     "value": ["86400000", "delete", "compact"]})
    >>> topic_retention(topics, configs=configs).rows()
    [('a', 10000.0, 24.0, 'declared'), ('b', 10000.0, 10.0, 'estimated')]
    """
    said = to_polars(configs).filter(pl.col("name").is_in(_NAMES)).select("topic", "name", "value")
    wide = said.unique(["topic", "name"]).pivot("name", index="topic", values="value")
    wide = with_absent(wide, dict.fromkeys(_NAMES, pl.String))
    rows = to_polars(topics).join(wide, on="topic", how="left", maintain_order="left")
    taken_in = pl.when(pl.col("bytes_in_per_s") > 0).then(pl.col("bytes_in_per_s"))
    ms, most = (pl.col(name).cast(pl.Float64, strict=False) for name in ("retention.ms", "retention.bytes"))
    by_time = pl.when(ms >= 0).then(ms / _MS_PER_HOUR)
    by_size = pl.when(most >= 0).then(most * pl.col("partitions") / taken_in / 3600)
    compacted = pl.col("cleanup.policy").fill_null("delete").str.contains("compact")
    declared = pl.when(~compacted).then(pl.min_horizontal(by_time, by_size))
    held = pl.col("size_bytes") / pl.col("replication_factor") / taken_in / 3600
    hours = pl.coalesce(declared, held)
    evidence = pl.when(declared.is_not_null()).then(pl.lit("declared")).when(held.is_not_null()).then(
        pl.lit("estimated")
    )  # fmt: skip
    return rows.select("topic", "bytes_in_per_s", retention_hours=hours, evidence=evidence)


def mean_retention_hours(retention: Frame) -> float | None:
    """Return the mean of the topics' hours, by bytes: the hours × all bytes in are what all topics keep together.

    Examples
    --------
    >>> mean_retention_hours(pl.DataFrame({"bytes_in_per_s": [1.0, 3.0], "retention_hours": [24.0, 48.0]}))
    42.0
    >>> mean_retention_hours(pl.DataFrame({"bytes_in_per_s": [1.0], "retention_hours": [None]})) is None
    True
    """
    retained = to_polars(retention).filter(
        pl.col("retention_hours").is_not_null(), pl.col("bytes_in_per_s") > 0
    )
    if retained.is_empty():
        return None
    kept = (retained["bytes_in_per_s"] * retained["retention_hours"]).sum()
    return float(kept / retained["bytes_in_per_s"].sum())


def all_declared() -> dict[str, str]:
    """Return the evidence of a workload that a person gave in full.

    Examples
    --------
    >>> set(all_declared().values())
    {'declared'}
    """
    return dict.fromkeys(Workload.model_fields, DECLARED)


def workload_evidence(
    options: Mapping[str, Any], *, retention: str, busiest: str | None = None
) -> dict[str, str]:
    """Return the evidence of each field of a workload that was measured, but for what options declare.

    Parameters
    ----------
    options
        As for :func:`kafka_analysis.plan.sizing.measured.workload_of`, with those only that a person gave.
    retention
        Evidence of the retention.
    busiest
        Evidence of the rate into the busiest partition; None: it is not known.

    Examples
    --------
    >>> found = workload_evidence({"declared_peak_in": 5e6}, retention="declared")
    >>> [found[name] for name in ("bytes_in_per_s_peak", "bytes_out_per_s_peak", "partitions", "growth")]
    ['declared', 'estimated', 'estimated', 'declared']
    """
    given = {name for name, value in options.items() if value is not None}
    rates = {name: DECLARED if option in given else MEASURED for name, option in _RATES.items()}
    if "declared_peak_in" in given and "declared_peak_out" not in given:
        rates["bytes_out_per_s_peak"] = ESTIMATED  # the measured fan-out times what is declared
    measured = dict.fromkeys(("connections", "traffic_low", "traffic_high"), MEASURED)
    measured["partitions"] = ESTIMATED  # counted, times the copies that are declared of the target
    measured["partition_bytes_in_per_s"] = busiest or ESTIMATED
    overridden = {name: DECLARED for name in measured if name in given}
    return all_declared() | rates | measured | {"retention_hours": retention} | overridden


def busiest_evidence(load: pl.DataFrame | None) -> str | None:
    """Return the evidence of the partition that takes most.

    Examples
    --------
    >>> busiest_evidence(pl.DataFrame({"bytes_in_per_s": [1.0, 5.0], "evidence": ["estimated", "measured"]}))
    'measured'
    """
    if load is None or "evidence" not in load.columns:
        return None
    measured = load.drop_nulls("bytes_in_per_s")
    return None if measured.is_empty() else measured.sort("bytes_in_per_s")["evidence"][-1]


def peak_ratios(rates: Frame, *, peak: Peak = "p99") -> dict[str, float]:
    """Return peak ÷ mean of the traffic of each cluster, of bytes in or out, whichever rises further.

    Parameters
    ----------
    rates
        Result of ``stats.cluster_rates``: ``cluster``, ``bytes_in_per_s``, ``bytes_out_per_s``, a row per interval.
    peak
        ``"p95"``, ``"p99"``: the interval's rate that 5 % or 1 % of the intervals exceed; ``"peak"``: the highest.

    Returns
    -------
    dict
        At least 1; clusters without traffic are left out.

    Raises
    ------
    InputError
        There is no such peak.

    Examples
    --------
    >>> rates = pl.DataFrame({"cluster": "c", "bytes_in_per_s": [1.0, 3.0], "bytes_out_per_s": [2.0, None]})
    >>> peak_ratios(rates, peak="peak")
    {'c': 1.5}
    """
    if peak not in PEAKS:
        raise InputError.unknown("peak", str(peak), PEAKS)
    rises = [
        pl.when(pl.col(name).mean() > 0).then(
            pl.col(name).quantile(PEAKS[peak], interpolation="higher") / pl.col(name).mean()
        ).alias(name)
        for name in _FLOWS
    ]  # fmt: skip
    highest = pl.max_horizontal(*_FLOWS).clip(lower_bound=1.0)
    ratios = to_polars(rates).group_by("cluster", maintain_order=True).agg(rises)
    return dict(ratios.select("cluster", highest.alias("ratio")).drop_nulls().iter_rows())


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
        raise InputError("the retention of the topics is unknown; declare it in hours")
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

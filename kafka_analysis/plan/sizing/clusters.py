"""Size each cluster of a capture: from its traffic over time to options, costs and what the hardware changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame
from kafka_analysis.plan.catalogue import Catalogue, read_catalogue
from kafka_analysis.plan.common.outcome import NotRecordedError, Outcome, plan_each
from kafka_analysis.plan.sizing.broker_options import size_cluster
from kafka_analysis.plan.sizing.costs import COSTS, cost_items
from kafka_analysis.plan.sizing.hardware import SHIFT, hardware_shift, measured_peaks
from kafka_analysis.plan.sizing.measured import (
    PEAKS,
    all_declared,
    busiest_evidence,
    mean_retention_hours,
    topic_retention,
    workload_evidence,
    workload_of,
)
from kafka_analysis.plan.sizing.ranking import rank_options
from kafka_analysis.plan.sizing.recovery import GROWTH, RECOVERY, recovery_times, storage_growth
from kafka_analysis.plan.sizing.workload import Workload

_SHOWN = 8  # options whose cost is listed item by item
_SETTINGS = ("model", "availability_zones", "metadata", "authentication", "provisioned_throughput")


@dataclass(frozen=True)
class ClusterSizing:
    """What takes the place of one cluster.

    ``seconds``: how long its traffic was looked at; ``retention_evidence``: declared by configs or a person, or
    estimated from sizes; ``evidence`` of each field of the workload. The frames are as the functions of the same name
    return them.
    """

    workload: Workload
    options: pl.DataFrame
    costs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COSTS))
    seconds: float = 0.0
    retention_evidence: str = "declared"
    evidence: Mapping[str, str] = field(default_factory=all_declared)
    shift: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SHIFT))
    recovery: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RECOVERY))
    growth: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GROWTH))

    @property
    def ranked(self) -> pl.DataFrame:
        """Return what quotas allow, cheapest first."""
        return rank_options(self.options)

    @property
    def declared(self) -> bool:
        """Return whether a person declared the peak."""
        return self.workload.basis == "declared"


def size_clusters(
    rates: Frame,
    *,
    inventory: Frame,
    configs: Frame,
    brokers: Frame,
    windows: Mapping[str, Any],
    connections: Frame | None = None,
    load: Frame | None = None,
    disks: Frame | None = None,
    catalogue: Catalogue | None = None,
    declared_retention_hours: float | None = None,
    declared_connections: int | None = None,
    **options: Any,
) -> list[Outcome[ClusterSizing]]:
    """Size what takes the place of each cluster.

    Parameters
    ----------
    rates
        Result of ``stats.cluster_rates``.
    inventory
        Result of ``stats.topic_inventory``.
    configs
        One snapshot of the topics' configuration: ``cluster``, ``topic``, ``name``, ``value``.
    brokers
        One snapshot of the brokers: ``cluster``, ``broker``.
    windows
        The window of each cluster that is sized.
    connections
        Result of ``stats.gauge`` over ``connection_count``; None = not captured.
    load
        Result of ``stats.partition_load``; None = the busiest partition is unknown.
    disks
        Result of ``stats.disk_writes``; without it, or where a peak is declared, what disks write is estimated.
    catalogue
        None = the package's.
    declared_retention_hours
        In place of what configs and sizes say.
    declared_connections
        In place of what was measured.
    **options
        As for :func:`kafka_analysis.plan.sizing.measured.workload_of` and, of
        :func:`kafka_analysis.plan.sizing.broker_options.size_cluster`, ``availability_zones``, ``metadata``,
        ``authentication``, ``provisioned_throughput``.

    Returns
    -------
    list of Outcome
        A :class:`ClusterSizing` per window, in their order, or what was neither measured nor declared.

    Raises
    ------
    InputError
        An option is wrong.

    Examples
    --------
    >>> from kafka_analysis.stats import Window
    >>> from datetime import datetime
    >>> rates = pl.DataFrame({"cluster": "c", "bytes_in_per_s": [1e6], "bytes_out_per_s": [2e6]})
    >>> topics = pl.DataFrame({"cluster": ["c"], "topic": "t", "partitions": 9, "replication_factor": 3,
    ...     "size_bytes": 5e9, "bytes_in_per_s": 1e6})
    >>> configs = pl.DataFrame({"cluster": ["c"], "topic": "t", "name": "retention.ms", "value": "86400000"})
    >>> (outcome,) = size_clusters(rates, inventory=topics, configs=configs, windows={"c": Window(datetime(2026, 1, 1),
    ...     datetime(2026, 1, 9))}, brokers=pl.DataFrame({"cluster": "c", "broker": [1, 2, 3]}))
    >>> outcome.plan.ranked.select("broker_type", "brokers").row(0)
    ('kafka.m7g.large', 3)
    """
    if declared_connections is not None:
        options["connections"] = declared_connections
    chosen = catalogue or read_catalogue()

    def plan_one(cluster: str, **tables: pl.DataFrame | None) -> ClusterSizing:
        topics, rates, load = tables["inventory"], tables["rates"], tables["load"]
        if topics["partitions"].drop_nulls().is_empty():
            raise NotRecordedError("its partitions were not captured; record them with bootstrap_servers")
        hours, evidence = declared_retention_hours, "declared"
        if hours is None:
            retention = topic_retention(topics, configs=tables["configs"])
            hours = mean_retention_hours(retention)
            evidence = "estimated" if (retention["evidence"] == "estimated").any() else "declared"
        if hours is None:
            raise NotRecordedError("the retention of its topics is unknown; give declared_retention_hours")
        if options.get("declared_peak_in") is None and not rates["bytes_in_per_s"].sum():
            what = (
                "no traffic was measured" if rates.is_empty() else "nothing was written to it in the window"
            )
            raise NotRecordedError(f"{what}; give declared_peak_in and the other declared values")
        settings = {name: options[name] for name in _SETTINGS if name in options}
        given = {name: value for name, value in options.items() if name not in _SETTINGS}
        evidence_of = workload_evidence(given, retention=evidence, busiest=busiest_evidence(load))
        captured = {
            "connections": _connections(tables["connections"]), "partition_bytes_in_per_s": _busiest(load),
        }  # fmt: skip
        workload = workload_of(
            rates,
            partitions=int(topics["partitions"].sum()),
            retention_hours=hours,
            averages=_averages(topics),
            **(captured | given),
        )
        sized = size_cluster(workload, catalogue=chosen, **settings)
        return ClusterSizing(
            workload,
            options=sized,
            costs=option_items(
                sized, workload, catalogue=chosen,
                provisioned_throughput=bool(settings.get("provisioned_throughput", True)),
            ),
            seconds=windows[cluster].seconds,
            retention_evidence=evidence,
            evidence=evidence_of,
            **_hardware(tables, workload, sized, chosen, given.get("peak", "p99"), evidence_of),
        )  # fmt: skip

    return plan_each(
        windows, plan_one, rates=rates, inventory=inventory, configs=configs, brokers=brokers,
        connections=connections, load=load, disks=disks,
    )  # fmt: skip


def option_items(
    options: Frame,
    workload: Workload,
    *,
    catalogue: Catalogue | None = None,
    provisioned_throughput: bool = True,
) -> pl.DataFrame:
    """List what the cheapest options cost a month, by item.

    Parameters
    ----------
    options
        Result of :func:`kafka_analysis.plan.sizing.broker_options.size_cluster` for the same workload.

    Returns
    -------
    polars.DataFrame
        ``broker_type``, ``brokers`` and the columns of ``cost_items``, of the eight cheapest that quotas allow.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=1, bytes_in_per_s_peak=1, bytes_out_per_s_avg=1, bytes_out_per_s_peak=1,
    ...     partitions=3, retention_hours=1)
    >>> option_items(size_cluster(one), one)["broker_type"].n_unique()
    8
    """
    parts = [
        cost_items(
            workload, broker_type=row["broker_type"], brokers=row["brokers"], catalogue=catalogue,
            provisioned_throughput=provisioned_throughput,
        ).select(
            pl.lit(row["broker_type"]).alias("broker_type"), pl.lit(row["brokers"], pl.Int64).alias("brokers"), pl.all()
        )
        for row in rank_options(options).head(_SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    return pl.concat(parts) if parts else pl.DataFrame(schema=COSTS)


def _hardware(
    tables: Mapping[str, pl.DataFrame | None],
    workload: Workload,
    options: pl.DataFrame,
    catalogue: Catalogue,
    peak: str,
    evidence: Mapping[str, str],
) -> dict[str, pl.DataFrame]:
    count = tables["brokers"]["broker"].n_unique()
    if not count:
        return {}
    topics = tables["inventory"]
    carried = topics.filter(pl.col("bytes_in_per_s") > 0, pl.col("replication_factor").is_not_null())
    copies = workload.replication_factor if carried.is_empty() else float(
        (carried["bytes_in_per_s"] * carried["replication_factor"]).sum() / carried["bytes_in_per_s"].sum()
    )  # fmt: skip
    stored = None if topics["size_bytes"].drop_nulls().is_empty() else float(topics["size_bytes"].sum())
    replicas = int((topics["partitions"] * topics["replication_factor"]).sum())
    peaks = measured_peaks(
        workload, brokers=count, replication_factor=copies, size_bytes=stored, partitions=replicas,
        connections=workload.connections, evidence=evidence,
        disk_bytes_per_s=None if workload.basis == "declared" else disk_peak(tables["disks"], brokers=count, peak=peak),
    )  # fmt: skip
    shift = hardware_shift(peaks, catalogue=catalogue)
    standard = rank_options(options).filter(pl.col("family") == "standard").head(3)
    return {
        "shift": shift,
        "recovery": recovery_times(shift, brokers=count, catalogue=catalogue),
        "growth": storage_growth(
            standard, bytes_in_per_s=workload.bytes_in_per_s_peak,
            replication_factor=workload.replication_factor, catalogue=catalogue,
        ),
    }  # fmt: skip


def disk_peak(disks: pl.DataFrame | None, *, brokers: int, peak: str) -> float | None:
    """Return what all disks of a cluster write per second at its peak; None where hosts did not tell.

    Buckets in which not every broker's host answered do not count.

    Examples
    --------
    >>> rows = pl.DataFrame({"bytes_written_per_s": [5.0, 9.0, 20.0], "brokers": [2, 2, 1]})
    >>> disk_peak(rows, brokers=2, peak="peak"), disk_peak(rows, brokers=3, peak="peak")
    (9.0, None)
    """
    whole = None if disks is None else disks.filter(pl.col("brokers") >= brokers)["bytes_written_per_s"]
    return None if whole is None else whole.quantile(PEAKS[peak], interpolation="higher")


def _connections(gauges: pl.DataFrame | None) -> int | None:
    return None if gauges is None or gauges.is_empty() else round(gauges["max"].sum())


def _busiest(load: pl.DataFrame | None) -> float | None:
    return None if load is None else load["bytes_in_per_s"].max()


def _averages(topics: pl.DataFrame) -> dict[str, float | None]:
    """Return the traffic of the whole window, added up over topics; None where none was measured."""
    flows = [name for name in ("bytes_in_per_s", "bytes_out_per_s") if name in topics.columns]
    return {name: topics[name].sum() if topics[name].count() else None for name in flows}

"""Size each cluster of a capture: from its traffic over time to options, costs and what the hardware changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.catalogue import Catalogue, read_catalogue
from kafka_analysis.plan.sizing.broker_options import OPTIONS, size_cluster
from kafka_analysis.plan.sizing.choose import rank_options
from kafka_analysis.plan.sizing.costs import COSTS, cost_items
from kafka_analysis.plan.sizing.evidence import all_declared, busiest_evidence, workload_evidence
from kafka_analysis.plan.sizing.hardware import SHIFT, hardware_shift, measured_peaks
from kafka_analysis.plan.sizing.measured import PEAKS, workload_of
from kafka_analysis.plan.sizing.recovery import GROWTH, RECOVERY, recovery_times, storage_growth
from kafka_analysis.plan.sizing.retention import mean_retention_hours, topic_retention
from kafka_analysis.plan.sizing.workload import Workload

_SHOWN = 8  # options whose cost is told item by item
_SETTINGS = ("model", "availability_zones", "metadata", "authentication", "provisioned_throughput")


@dataclass(frozen=True)
class ClusterSizing:
    """What is needed in place of one cluster, or why it is not known.

    ``unknown`` says why there is no ``workload``; empty otherwise. ``seconds``: how long its traffic was looked at;
    ``retention_evidence``: declared by configs or a person, or estimated from sizes; ``evidence`` of each field of the
    workload. The frames are as the functions
    of the same name return them, without rows where nothing is known.
    """

    cluster: str
    seconds: float
    workload: Workload | None = None
    unknown: str = ""
    retention_evidence: str = "declared"
    evidence: Mapping[str, str] = field(default_factory=all_declared)
    options: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OPTIONS))
    costs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COSTS))
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
        return self.workload is not None and self.workload.basis == "declared"


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
) -> list[ClusterSizing]:
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
    list of ClusterSizing
        One per window, in their order; what could not be measured and was not declared is said.

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
    >>> (found,) = size_clusters(rates, inventory=topics, configs=configs, windows={"c": Window(datetime(2026, 1, 1),
    ...     datetime(2026, 1, 9))}, brokers=pl.DataFrame({"cluster": "c", "broker": [1, 2, 3]}))
    >>> found.ranked.select("broker_type", "brokers").row(0)
    ('kafka.m7g.large', 3)
    """
    known = catalogue or read_catalogue()
    tables = {
        "rates": rates, "inventory": inventory, "configs": configs, "brokers": brokers, "connections": connections,
        "load": load, "disks": disks,
    }  # fmt: skip
    frames = {name: None if frame is None else to_polars(frame) for name, frame in tables.items()}
    if declared_connections is not None:
        options["connections"] = declared_connections
    found = []
    for name, window in windows.items():
        own = {
            which: None if frame is None else frame.filter(pl.col("cluster") == name)
            for which, frame in frames.items()
        }
        found.append(_sized(name, window.seconds, own, known, declared_retention_hours, options))
    return found


def _sized(
    cluster: str,
    seconds: float,
    own: Mapping[str, pl.DataFrame | None],
    catalogue: Catalogue,
    hours: float | None,
    options: Mapping[str, Any],
) -> ClusterSizing:
    topics, evidence = own["inventory"], "declared"
    if topics["partitions"].drop_nulls().is_empty():
        return ClusterSizing(
            cluster, seconds, unknown="its partitions were not captured; record it with bootstrap_servers"
        )
    if hours is None:
        retention = topic_retention(topics, configs=own["configs"])
        hours = mean_retention_hours(retention)
        evidence = "estimated" if (retention["evidence"] == "estimated").any() else "declared"
    if hours is None:
        why = "how long its topics keep their records is unknown; give declared_retention_hours"
        return ClusterSizing(cluster, seconds, unknown=why)
    if own["rates"].is_empty() and options.get("declared_peak_in") is None:
        return ClusterSizing(
            cluster, seconds, unknown="no traffic was measured; give declared_peak_in and the like"
        )
    settings = {name: options[name] for name in _SETTINGS if name in options}
    asked = {name: value for name, value in options.items() if name not in _SETTINGS}
    resting = workload_evidence(asked, retention=evidence, busiest=busiest_evidence(own["load"]))
    asked.setdefault("connections", _connections(own["connections"]))
    asked.setdefault("partition_bytes_in_per_s", _busiest(own["load"]))
    try:
        workload = workload_of(
            own["rates"], partitions=int(topics["partitions"].sum()), retention_hours=hours, **asked
        )
    except InputError as error:
        if own["rates"].is_empty() or own["rates"]["bytes_in_per_s"].sum() == 0:
            return ClusterSizing(cluster, seconds, unknown=str(error))
        raise
    sized = size_cluster(workload, catalogue=catalogue, **settings)
    return ClusterSizing(
        cluster, seconds, workload, retention_evidence=evidence, evidence=resting, options=sized,
        costs=option_items(
            sized, workload, catalogue=catalogue,
            provisioned_throughput=bool(settings.get("provisioned_throughput", True)),
        ),
        **_hardware(own, workload, sized, catalogue, asked.get("peak", "p99"), resting),
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
    own: Mapping[str, pl.DataFrame | None],
    workload: Workload,
    options: pl.DataFrame,
    catalogue: Catalogue,
    peak: str,
    evidence: Mapping[str, str],
) -> dict[str, pl.DataFrame]:
    count = own["brokers"]["broker"].n_unique()
    if not count:
        return {}
    topics = own["inventory"]
    carried = topics.filter(pl.col("bytes_in_per_s") > 0, pl.col("replication_factor").is_not_null())
    copies = workload.replication_factor if carried.is_empty() else float(
        (carried["bytes_in_per_s"] * carried["replication_factor"]).sum() / carried["bytes_in_per_s"].sum()
    )  # fmt: skip
    stored = None if topics["size_bytes"].drop_nulls().is_empty() else float(topics["size_bytes"].sum())
    replicas = int((topics["partitions"] * topics["replication_factor"]).sum())
    peaks = measured_peaks(
        workload, brokers=count, replication_factor=copies, size_bytes=stored, partitions=replicas,
        connections=workload.connections, evidence=evidence,
        disk_bytes_per_s=None if workload.basis == "declared" else disk_peak(own["disks"], brokers=count, peak=peak),
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
    known = None if load is None else load["bytes_in_per_s"].drop_nulls()
    return None if known is None or known.is_empty() else float(known.max())

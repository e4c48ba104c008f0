"""How a cluster's peaks lie on other hardware: which limit comes first, and what a lost or added broker costs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.plan.catalogue import Catalogue, quota_of, read_catalogue
from kafka_analysis.plan.sizing.workload import GIB, MIB, Workload

RESOURCES = ("disk", "network", "storage", "partitions", "connections")
PEAKS = {
    "resource": pl.String, "per_broker": pl.Float64, "unit": pl.String, "evidence": pl.String,
}  # fmt: skip
SHIFT = {
    "profile": pl.String, "family": pl.String, "resource": pl.String, "per_broker": pl.Float64, "limit": pl.Float64,
    "unit": pl.String, "used": pl.Float64, "first": pl.Boolean, "evidence": pl.String,
}  # fmt: skip


def measured_peaks(
    workload: Workload,
    *,
    brokers: int,
    replication_factor: float,
    size_bytes: float | None = None,
    partitions: int | None = None,
    disk_bytes_per_s: float | None = None,
    connections: int | None = None,
    evidence: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Work out what each broker of a cluster carries at its peak, were they even.

    Parameters
    ----------
    workload
        As measured; ``growth`` and what follows it are not looked at.
    brokers
        Of the cluster, at least 1.
    replication_factor
        Of the cluster as it is, mean by bytes.
    size_bytes, partitions, connections
        All replicas together, and open connections; None = not captured.
    evidence
        Of the workload's fields; None = all measured.
    disk_bytes_per_s
        Written to all disks at the peak, as hosts tell it; None = copies × bytes in, an estimate.

    Returns
    -------
    polars.DataFrame
        A row per resource: ``disk`` (bytes written per second), ``network`` (the larger of what a broker sends and
        receives), ``storage``, ``partitions`` (replicas), ``connections``; ``per_broker`` (null: not captured),
        ``unit``, ``evidence``. Also ``ingress`` and ``egress``, which Express brokers are limited by.

    Raises
    ------
    InputError
        There is no broker.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=1, bytes_in_per_s_peak=30e6, bytes_out_per_s_avg=1, partitions=9,
    ...     bytes_out_per_s_peak=90e6, retention_hours=24)
    >>> measured_peaks(one, brokers=3, replication_factor=3)["per_broker"].to_list()
    [30000000.0, 50000000.0, None, None, None, 10000000.0, 30000000.0]
    """
    if brokers < 1:
        raise InputError(f"brokers is {brokers}; give the number of brokers of the cluster, 1 or more")
    into, out = workload.bytes_in_per_s_peak, workload.bytes_out_per_s_peak
    sent = max(replication_factor * into, out + (replication_factor - 1) * into)
    written = replication_factor * into if disk_bytes_per_s is None else disk_bytes_per_s
    of = evidence or {}
    amounts_of = (
        ("disk", written, "B/s", "estimated" if disk_bytes_per_s is None else "measured"),
        ("network", sent, "B/s", "estimated"),
        ("storage", size_bytes, "B", "measured"),
        ("partitions", partitions, "replicas", "measured"),
        ("connections", connections, "connections", of.get("connections", "measured")),
        ("ingress", into, "B/s", of.get("bytes_in_per_s_peak", "measured")),
        ("egress", out, "B/s", of.get("bytes_out_per_s_peak", "measured")),
    )
    rows = [
        (name, None, unit, None) if amount is None else (name, amount / brokers, unit, rests_on)
        for name, amount, unit, rests_on in amounts_of
    ]
    return pl.DataFrame(rows, schema=PEAKS, orient="row")


def hardware_shift(
    peaks: Frame, *, catalogue: Catalogue | None = None, profiles: Sequence[str] | None = None
) -> pl.DataFrame:
    """Hold a cluster's peaks per broker against the limits of hosts and broker types.

    Parameters
    ----------
    peaks
        Result of :func:`measured_peaks`.
    catalogue
        Hosts and broker types; None = the package's.
    profiles
        Names of those wanted, in order; None = all hosts, then all broker types but Serverless.

    Returns
    -------
    polars.DataFrame
        A row per profile and resource: ``limit`` (null: none, or not known), ``used`` = per broker ÷ limit: from 1 on
        the resource does not suffice with as many brokers as now; ``first``: the resource that is used most, the one
        that constrains first. For Express brokers disk and network are the published sustained ingress and egress.

    Raises
    ------
    InputError
        A profile is not in the catalogue.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=1, bytes_in_per_s_peak=90e6, bytes_out_per_s_avg=1, partitions=9,
    ...     bytes_out_per_s_peak=90e6, retention_hours=24)
    >>> peaks = measured_peaks(one, brokers=3, replication_factor=3)
    >>> rows = hardware_shift(peaks, profiles=["i3en.2xlarge", "kafka.m7g.large"]).filter("first")
    >>> rows.select("profile", "resource", pl.col("used").round(2)).rows()
    [('i3en.2xlarge', 'disk', 0.18), ('kafka.m7g.large', 'disk', 1.09)]
    """
    catalogue = catalogue or read_catalogue()
    limits = {row["host"]: _host_limits(row) for row in catalogue.hosts.iter_rows(named=True)}
    connections = quota_of(catalogue, "connections_per_broker_iam")
    for row in catalogue.brokers.iter_rows(named=True):
        if row["family"] != "serverless":
            limits[row["broker_type"]] = _broker_limits(row, connections)
    chosen = list(limits) if profiles is None else list(profiles)
    for name in chosen:
        if name not in limits:
            raise InputError.unknown("profile", name, limits)
    amounts = {row["resource"]: row for row in to_polars(peaks).iter_rows(named=True)}
    rows = [row for name in chosen for row in _rows(name, limits[name], amounts)]
    frame = pl.DataFrame(rows, schema=SHIFT, orient="row")
    return frame.with_columns(first=(pl.int_range(pl.len()) == pl.col("used").arg_max()).over("profile"))


def _rows(
    profile: str, limits: Mapping[str, Any], amounts: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    for resource in RESOURCES:
        source = limits["measures"].get(resource, resource)
        amount = amounts.get(source, {"per_broker": None, "unit": "", "evidence": None})
        limit, need = limits[resource], amount["per_broker"]
        rests_on = "unverified" if limits["evidence"] == "unverified" else amount["evidence"]
        used = None if limit is None or need is None else need / limit
        yield profile, limits["family"], resource, need, limit, amount["unit"], used, None, rests_on


def _host_limits(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "family": "self-managed", "measures": {}, "evidence": row["evidence"],
        "disk": row["disk_write_mb_per_s"] * 1e6, "network": row["network_mb_per_s"] * 1e6,
        "storage": row["storage_gb"] * 1e9, "partitions": None, "connections": None,
    }  # fmt: skip


def _broker_limits(row: Mapping[str, Any], connections: float) -> dict[str, Any]:
    counts = {
        "family": row["family"], "evidence": row["evidence"], "connections": connections,
        "partitions": row["partitions_recommended"],
    }  # fmt: skip
    if row["family"] == "express":
        flows = {"disk": row["in_sustained_mb_per_s"] * 1e6, "network": row["out_sustained_mb_per_s"] * 1e6}
        return counts | flows | {"storage": None, "measures": {"disk": "ingress", "network": "egress"}}
    sizes = {
        "disk": ("ebs_mib_per_s", MIB),
        "network": ("network_mib_per_s", MIB),
        "storage": ("max_storage_gib", GIB),
    }
    limits = {name: None if row[of] is None else row[of] * unit for name, (of, unit) in sizes.items()}
    return counts | limits | {"measures": {}}

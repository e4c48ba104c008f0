"""How many brokers of a type a demand needs, by the two published models, and how much of each limit is then left."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.sizing.workload import Demand, Workload

CONSTRAINTS = ("ingress", "egress", "partitions", "storage", "connections", "minimum")
_NEARLY = 1e-9  # of a broker: rounding of the arithmetic is no reason for one more


PLANNED_SHARE = 0.8  # S1: plan at 80 % of what can be sustained
S2_SHARE = 0.5  # S2: Standard brokers are planned at half of what they carry
S2_EXPRESS_SHARE = 0.75  # S2: Express brokers are planned at 0.75 × their published sustained ingress
S2_EGRESS_OVER_INGRESS = 2.5  # S2's own cap of an Express broker's egress; the published table says 2.0
S2_DISK, S2_NETWORK, S2_FANOUT, S2_READ_BACK = 6.5, 5.7, 1.5, 1.5


def sustained_ingress_mb_per_s(
    *,
    brokers: int,
    storage_mb_per_s: float,
    ebs_mb_per_s: float,
    network_mb_per_s: float,
    replication_factor: int,
    consumer_groups: float,
) -> float:
    """Compute what a cluster takes in for good, by model S1.

    t = min( storage · B / r , EBS · B / r , network · B / (g + r − 1) ): every byte in is written to r volumes; the
    network of the brokers sends it to g consumer groups and r − 1 followers.

    Parameters
    ----------
    brokers
        B, at least 1.
    storage_mb_per_s, ebs_mb_per_s, network_mb_per_s
        Throughput of a broker's volume, between it and the instance, and of the instance's network; all in the same
        unit, MB/s or MiB/s, which is the result's.
    replication_factor
        r, at least 1.
    consumer_groups
        g groups that each read everything; 0 or more, fractions allowed (bytes out ÷ bytes in).

    Returns
    -------
    float
        Ingress of the cluster, in the inputs' unit. Plan at 80 % of it.

    Raises
    ------
    InputError
        A value is out of its interval.

    Notes
    -----
    S1: AWS Big Data blog, best practices for right-sizing Apache Kafka clusters.

    Examples
    --------
    >>> sustained_ingress_mb_per_s(brokers=3, storage_mb_per_s=250, ebs_mb_per_s=81.25, network_mb_per_s=93.75,
    ...     replication_factor=3, consumer_groups=3)
    56.25
    """
    at_least_one = {"brokers": brokers, "replication_factor": replication_factor}
    above_zero = {
        "storage_mb_per_s": storage_mb_per_s, "ebs_mb_per_s": ebs_mb_per_s, "network_mb_per_s": network_mb_per_s
    }  # fmt: skip
    _check(at_least_one, least=1, words="1 or more")
    _check(above_zero, least=math.ulp(0.0), words="a number above 0")
    _check({"consumer_groups": consumer_groups}, least=0, words="0 or more")
    disk = min(storage_mb_per_s, ebs_mb_per_s) * brokers / replication_factor
    readers = consumer_groups + replication_factor - 1
    return disk if readers == 0 else min(disk, network_mb_per_s * brokers / readers)


def s1_limits(
    *, disk: float, network: float, replication_factor: int, groups: float, read_back: float = 0.0
) -> tuple[float, float]:
    """Return what one broker's disk and its network let in, at S1's 80 %.

    Parameters
    ----------
    disk
        The lower of volume and EBS throughput, MiB/s.
    network
        MiB/s.
    replication_factor, groups
        r and g of S1.
    read_back
        Bytes read from disk again, by consumers that catch up, ÷ bytes in; an addition to S1, neutral at 0.

    Examples
    --------
    >>> s1_limits(disk=1000, network=1500, replication_factor=3, groups=2)
    (266.6666666666667, 300.0)
    """
    readers = groups + read_back + replication_factor - 1
    by_network = math.inf if readers == 0 else PLANNED_SHARE * network / readers
    return PLANNED_SHARE * disk / (replication_factor + read_back), by_network


def s2_limits(
    *, disk: float, network: float, fanout: float, tiered: bool = False, read_back: float = 0.0
) -> tuple[float, float]:
    """Return what one broker's disk and its network let in, by S2.

    0.5 · EBS / 6.5 and 0.5 · network / (1.5 · fan-out + 5.7), both divisors + 1.5 with tiered storage. Reading a byte
    from disk again costs as much as tiered storage, which reads each byte once: 1.5 × ``read_back`` on the disk; on
    the network it is in the fan-out.

    Parameters
    ----------
    disk, network
        MiB/s.
    fanout
        Bytes out ÷ bytes in at the peak.

    Notes
    -----
    S2: AWS's MSK sizing script.

    Examples
    --------
    >>> min(s2_limits(disk=81, network=96, fanout=2, tiered=True))
    4.705882352941177
    """
    tier = S2_READ_BACK if tiered else 0.0
    by_disk = S2_SHARE * disk / (S2_DISK + tier + S2_READ_BACK * read_back)
    return by_disk, S2_SHARE * network / (S2_FANOUT * fanout + S2_NETWORK + tier)


def _check(values: dict[str, float], *, least: float, words: str) -> None:
    for name, value in values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < least:
            raise InputError(f"{name} is {value!r}; give {words}")


@dataclass(frozen=True)
class Setting:
    """How the cluster is set up: number of AZs, quotas that apply, and whether volumes get provisioned throughput."""

    availability_zones: int
    brokers_per_cluster: int
    brokers_per_account: int
    connections_per_broker: int
    default_volume_mib_per_s: float
    express_partition_mb_per_s: float
    provisioned_throughput: bool


@dataclass(frozen=True)
class Limits:
    """What one broker of a type is planned to carry in one model, MiB/s; None: no such limit is published.

    ``throughput``: which of disk and network limits the ingress. ``egress_script``: S2's own cap of an Express broker.
    """

    ingress: float
    throughput: str
    egress: float | None
    egress_script: float | None
    partitions: int
    storage_gib: float | None


def limits_of(row: Mapping[str, Any], demand: Demand, *, model: str, setting: Setting) -> Limits | None:
    """Return what one broker of a type is planned to carry; None where its throughput is not published.

    Parameters
    ----------
    row
        One of ``Catalogue.brokers``, of the family standard or express.
    model
        ``"S1"`` or ``"S2"``. S1 speaks of Standard brokers; of Express ones it takes the published sustained throughput
        at the same 80 %.

    Notes
    -----
    S2 takes the published MB/s of Express brokers for MiB/s, 4.9 % more; so does this.
    """
    if row["family"] == "express":
        sustained, sent = row["in_sustained_mb_per_s"], row["out_sustained_mb_per_s"]
        script = S2_EGRESS_OVER_INGRESS * sustained if model == "S2" else None
        share, out = (S2_EXPRESS_SHARE, sent) if model == "S2" else (PLANNED_SHARE, PLANNED_SHARE * sent)
        return Limits(
            share * sustained, "published ingress", out, script, row["partitions_recommended"], None
        )
    if row["ebs_mib_per_s"] is None or row["network_mib_per_s"] is None:
        return None
    disk, network = disk_mib_per_s(row, setting), row["network_mib_per_s"]
    if model == "S1":
        by_disk, by_network = s1_limits(
            disk=disk, network=network, replication_factor=demand.workload.replication_factor,
            groups=demand.groups, read_back=demand.read_back,
        )  # fmt: skip
    else:
        by_disk, by_network = s2_limits(
            disk=disk, network=network, fanout=demand.fanout, tiered=demand.tiered, read_back=demand.read_back
        )
    limit, which = min((by_disk, "disk"), (by_network, "network"))
    return Limits(limit, which, None, None, row["partitions_recommended"], row["max_storage_gib"])


def disk_mib_per_s(row: Mapping[str, Any], setting: Setting) -> float:
    """Return the disk throughput of a Standard broker: EBS bandwidth, or what its volume gives without provisioning."""
    given, provisioned = setting.default_volume_mib_per_s, row["provisioned_mib_per_s"]
    can_have_more = setting.provisioned_throughput and provisioned is not None
    return float(row["ebs_mib_per_s"] if can_have_more else min(given, row["ebs_mib_per_s"]))


def needs_of(limits: Limits, demand: Demand, setting: Setting) -> dict[str, float]:
    """Return how many brokers each constraint asks for, what is to be survived included, before rounding.

    Ingress, egress and connections must be carried by the brokers that are left when what the workload tolerates is
    lost; replicas and volumes of the lost ones are not moved.
    """
    workload = demand.workload
    amounts = {
        "ingress": (demand.in_peak, limits.ingress),
        "egress": (demand.out_peak, limits.egress),
        "partitions": (float(workload.partitions), float(limits.partitions)),
        "storage": (demand.ebs_gib, limits.storage_gib),
        "connections": (workload.connections, setting.connections_per_broker),
    }
    shared = {name: a / b for name, (a, b) in amounts.items() if a is not None and b is not None}
    lost = {
        name: _with_losses(need, workload, setting)
        for name, need in shared.items()
        if name in ("ingress", "egress", "connections")
    }
    return {**shared, **lost, "minimum": float(setting.availability_zones)}


def brokers_for(needs: Mapping[str, float], setting: Setting) -> tuple[int, str]:
    """Round the largest need up to whole brokers, as many in each AZ; name the constraint.

    Examples
    --------
    >>> one = Setting(3, 60, 90, 3000, 250.0, 15.0, True)
    >>> brokers_for({"ingress": 106.25, "partitions": 1.0, "minimum": 3.0}, one)
    (108, 'ingress')
    """
    binding = max(needs, key=lambda name: (needs[name], -CONSTRAINTS.index(name)))
    azs = setting.availability_zones
    return math.ceil(needs[binding] / azs - _NEARLY) * azs, binding


def headroom(
    row: Mapping[str, Any], limits: Limits, demand: Demand, setting: Setting, *, brokers: int, model: str
) -> dict[str, float | None]:
    """Return the share of each limit that is left, of the brokers that remain when what is tolerated is lost.

    Null: no limit, or what is needed is unknown. A Standard broker's egress limit is what its network leaves beside
    replication.
    """
    workload = demand.workload
    left = surviving(brokers, workload, setting)
    egress = limits.egress
    if egress is None:
        egress = _egress_left(row, demand, model=model, ingress=demand.in_peak / left)
    quota = min(setting.brokers_per_cluster, setting.brokers_per_account)
    return {
        "headroom_ingress": _left(demand.in_peak, limits.ingress, left),
        "headroom_egress": _left(demand.out_peak, egress, left),
        "headroom_partitions": _left(workload.partitions, limits.partitions, brokers),
        "headroom_storage": _left(demand.ebs_gib, limits.storage_gib, brokers),
        "headroom_connections": _left(workload.connections, setting.connections_per_broker, left),
        "headroom_brokers": 1 - brokers / quota,
    }


def surviving(brokers: int, workload: Workload, setting: Setting) -> float:
    """Return how many brokers are left when what the workload tolerates is lost.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=1, bytes_in_per_s_peak=1, bytes_out_per_s_avg=1, bytes_out_per_s_peak=1,
    ...     partitions=3, retention_hours=1, tolerates="az")
    >>> surviving(9, one, Setting(3, 60, 90, 3000, 250.0, 15.0, True))
    6.0
    """
    if workload.tolerates == "broker":
        return brokers - 1.0
    azs = setting.availability_zones
    return brokers * (azs - 1) / azs if workload.tolerates == "az" else float(brokers)


def _with_losses(need: float, workload: Workload, setting: Setting) -> float:
    azs = setting.availability_zones
    if workload.tolerates == "broker":
        return need + 1
    return need * azs / (azs - 1) if workload.tolerates == "az" else need


def _egress_left(row: Mapping[str, Any], demand: Demand, *, model: str, ingress: float) -> float:
    network = row["network_mib_per_s"]
    if model == "S1":
        sent = demand.groups * demand.in_peak + demand.read_back * demand.in_peak
        left = PLANNED_SHARE * network - (demand.workload.replication_factor - 1) * ingress
        # S1 sends everything to g groups, measured or not: the limit is scaled to what consumers really read.
        return left * demand.out_peak / sent if sent else left
    tier = S2_READ_BACK if demand.tiered else 0.0
    return (S2_SHARE * network - (S2_NETWORK + tier) * ingress) / S2_FANOUT


def _left(used: float | None, limit: float | None, brokers: float) -> float | None:
    """Return the share of so many brokers' limit that is left; rounding of the arithmetic makes none exceeded."""
    if used is None or limit is None:
        return None
    if limit <= 0:
        return 0.0 if used <= 0 else -1.0
    share = 1 - used / (limit * brokers)
    return 0.0 if -1e-6 < share < 0 else share

"""How much a broker takes in, by the two published models: S1 (AWS Big Data blog) and S2 (AWS's sizing script)."""

from __future__ import annotations

import math

from kafka_analysis.model.errors import InputError

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
            message = f"{name} is {value!r}; give {words}"
            raise InputError(message)

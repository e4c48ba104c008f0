"""Which quota an option exceeds, and by how much; MSK Serverless is nothing but quotas."""

from collections.abc import Iterator, Mapping
from typing import Any

from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.plan.catalogue import Catalogue
from kafka_analysis.plan.sizing.broker_count import Setting
from kafka_analysis.plan.sizing.costs import items_of, leader_partitions, monthly_bill
from kafka_analysis.plan.sizing.workload import MIB, Demand, Workload


def serverless_option(row: Mapping[str, Any], demand: Demand, catalogue: Catalogue) -> dict[str, Any]:
    """Hold a workload against the quotas of MSK Serverless; both models say the same.

    Quotas: 200 MB/s in, 400 MB/s out, 2,400 leader partitions, 5 MB/s into a partition (decimal, as published).
    """
    workload = demand.workload
    used = {
        "ingress": (demand.in_peak * MIB, row["in_max_mb_per_s"] * 1e6, "B/s", "bytes in"),
        "egress": (demand.out_peak * MIB, row["out_max_mb_per_s"] * 1e6, "B/s", "bytes out"),
        "partitions": (leader_partitions(workload), row["leader_partitions_max"], "", "leader partitions"),
    }
    left = {name: 1 - need / limit for name, (need, limit, *_) in used.items()}
    exceeded = [
        f"{words}: {format_quantity(need, unit)}, the quota is {format_quantity(limit, unit)}: "
        f"{format_quantity(need - limit, unit)} too much"
        for need, limit, unit, words in used.values()
        if need > limit
    ]
    busiest = workload.partition_bytes_in_per_s
    most = row["partition_in_max_mb_per_s"] * 1e6
    if busiest is not None and busiest * workload.growth * workload.compression > most:
        exceeded.append(f"the busiest partition receives more than {format_quantity(most, 'B/s')}")
    items = items_of(row, demand, brokers=0, catalogue=catalogue, provisioned_throughput=False)
    return {f"headroom_{name}": share for name, share in left.items()} | {
        "feasible": not exceeded,
        "binding_constraint": min(left, key=lambda name: left[name]),
        **monthly_bill(items),
        "throughput_limit": "quota",
        "shortfall": "; ".join(exceeded),
        "evidence": "unverified",  # its prices are
    }


def shortfall_of(row: Mapping[str, Any], workload: Workload, setting: Setting, *, brokers: int) -> str:
    """Say what forbids a number of brokers of a type; empty: nothing.

    Examples
    --------
    >>> one = Workload(bytes_in_per_s_avg=1, bytes_in_per_s_peak=1, bytes_out_per_s_avg=1, bytes_out_per_s_peak=1,
    ...     partitions=3, retention_hours=1)
    >>> shortfall_of({"family": "standard"}, one, Setting(3, 60, 90, 3000, 250.0, 15.0, True), brokers=63)
    '63 brokers, the quota of a cluster is 60: 3 too many'
    """
    return "; ".join(_exceeded(row, workload, setting, brokers))


def _exceeded(row: Mapping[str, Any], workload: Workload, setting: Setting, brokers: int) -> Iterator[str]:
    for quota, whose in (
        (setting.brokers_per_cluster, "a cluster"),
        (setting.brokers_per_account, "an account"),
    ):
        if brokers > quota:
            yield f"{counted(brokers, 'broker')}, the quota of {whose} is {quota:,}: {brokers - quota:,} too many"
    if row["family"] != "express":
        return
    if setting.availability_zones != 3:
        yield f"Express brokers need 3 AZs, not {setting.availability_zones}"
    if workload.replication_factor != 3:
        yield f"Express brokers keep 3 replicas, not {workload.replication_factor}"
    busiest, most = workload.partition_bytes_in_per_s, setting.express_partition_mb_per_s * 1e6
    into = None if busiest is None else busiest * workload.growth * workload.compression
    if into is not None and into > most:
        took, may = format_quantity(into, "B/s"), format_quantity(most, "B/s")
        yield f"the busiest partition receives {took}, and may receive at most {may} on an Express broker"

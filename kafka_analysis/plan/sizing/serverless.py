"""MSK Serverless as an option: quotas in place of brokers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafka_analysis.model.units import format_quantity
from kafka_analysis.plan.catalogue import Catalogue
from kafka_analysis.plan.sizing.costs import items_of, leader_partitions
from kafka_analysis.plan.sizing.workload import MIB, Demand


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
        exceeded.append(f"the busiest partition takes more than {format_quantity(most, 'B/s')}")
    items = items_of(row, demand, brokers=0, catalogue=catalogue, provisioned_throughput=False)
    return {f"headroom_{name}": share for name, share in left.items()} | {
        "feasible": not exceeded,
        "binding_constraint": min(left, key=lambda name: left[name]),
        "monthly_usd": sum(item.usd for item in items),
        "throughput_limit": "quota",
        "shortfall": "; ".join(exceeded),
        "evidence": "unverified",  # its prices are
    }

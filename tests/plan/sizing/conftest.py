"""The workloads of AWS's sizing script whose results are known to the cent."""

from __future__ import annotations

import pytest

from kafka_analysis.plan import Workload

MIB = 2**20
KNOWN = {
    "A": {"avg": (100, 200), "peak": (500, 1000), "partitions": 1000, "hours": (720, 24)},
    "B": {"avg": (50, 100), "peak": (100, 200), "partitions": 3000, "hours": (24, 24)},
    "C": {"avg": (13333, 26666), "peak": (20000, 40000), "partitions": 100000, "hours": (24, 24)},
}


def known_workload(name, **more):
    one = KNOWN[name]
    values = {
        "bytes_in_per_s_avg": one["avg"][0] * MIB,
        "bytes_out_per_s_avg": one["avg"][1] * MIB,
        "bytes_in_per_s_peak": one["peak"][0] * MIB,
        "bytes_out_per_s_peak": one["peak"][1] * MIB,
        "partitions": one["partitions"],
        "retention_hours": one["hours"][0],
        "primary_retention_hours": one["hours"][1],
    }
    return Workload(**(values | more))


@pytest.fixture
def known():
    """Return a function that makes one of the known workloads, with what is given changed."""
    return known_workload

from __future__ import annotations

import math

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.execution.limits import ExecutionLimits


@pytest.mark.parametrize(
    ("flavour", "given", "found"),
    [
        ("msk-standard", None, 10),
        ("msk-standard", 3, 3),
        ("msk-express", None, 20),
        (None, None, 1000),
        ("kraft", 50, 50),
    ],
)  # fmt: skip
def test_partitions_a_call_follow_the_kind_of_cluster(flavour, given, found):
    limits = ExecutionLimits(max_partitions_per_batch=given).of_flavour(flavour)
    assert limits.max_partitions_per_batch == found


def test_more_than_msk_advises_is_refused():
    with pytest.raises(InputError, match=r"max_partitions_per_batch is 11.* 10 on msk-standard"):
        ExecutionLimits(max_partitions_per_batch=11).of_flavour("msk-standard")


def test_a_flavour_msk_has_not_is_refused():
    with pytest.raises(InputError, match="unknown flavour 'msk-serverless'"):
        ExecutionLimits().of_flavour("msk-serverless")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_partitions_per_batch", 0), ("max_partitions_per_batch", 2.5), ("max_concurrent_movements", 0),
        ("max_concurrent_movements", True), ("throttle_bytes_per_s", 0), ("throttle_bytes_per_s", math.nan),
        ("throttle_bytes_per_s", math.inf), ("default_throttle_bytes_per_s", -1), ("network_share", 0),
        ("network_share", 1.01), ("arriving_share", 0), ("disk_fill_max", 85), ("cpu_max", 70), ("pause_s", -1),
        ("pause_s", math.nan),
    ],
)  # fmt: skip
def test_a_limit_out_of_bounds_is_named(name, value):
    with pytest.raises(InputError, match=f"{name} .*got "):
        ExecutionLimits(**{name: value})

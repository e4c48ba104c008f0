from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.sizing import sustained_ingress_mb_per_s
from kafka_analysis.plan.sizing.throughput import s1_limits, s2_limits

SMALL = {
    "brokers": 3, "storage_mb_per_s": 250, "ebs_mb_per_s": 81.25, "network_mb_per_s": 93.75, "replication_factor": 3,
}  # fmt: skip


@pytest.mark.parametrize(("groups", "ingress"), [(0, 81.25), (1, 81.25), (2, 70.3125), (3, 56.25)])
def test_three_small_brokers_as_published(groups, ingress):
    assert sustained_ingress_mb_per_s(**SMALL, consumer_groups=groups) == ingress


LARGE = {
    "brokers": 3, "storage_mb_per_s": 1000, "ebs_mb_per_s": 1187.5, "network_mb_per_s": 1500, "replication_factor": 3,
}  # fmt: skip


def test_three_large_brokers_as_published():
    # m5.12xlarge: a volume of 1000 MB/s, 9.5 Gbit/s (1187.5 MB/s) to EBS, 12 Gbit/s (1500 MB/s) of network
    assert sustained_ingress_mb_per_s(**LARGE, consumer_groups=2) == 1000


def test_of_that_80_percent_are_planned():
    disk, network = s1_limits(disk=1000, network=1500, replication_factor=3, groups=2)
    assert (3 * disk, 3 * network) == (800, 900)


def test_a_narrower_network_would_bind():
    narrow = LARGE | {"ebs_mb_per_s": 1000, "network_mb_per_s": 1187.5}
    assert sustained_ingress_mb_per_s(**narrow, consumer_groups=2) == 890.625


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("brokers", 0),
        ("brokers", True),
        ("storage_mb_per_s", 0),
        ("ebs_mb_per_s", -1),
        ("network_mb_per_s", math.nan),
        ("network_mb_per_s", math.inf),
        ("replication_factor", 0),
        ("consumer_groups", -1),
        ("consumer_groups", "two"),
    ],
)
def test_a_value_out_of_its_interval_is_named(name, value):
    with pytest.raises(InputError, match=f"{name} is "):
        sustained_ingress_mb_per_s(**(SMALL | {"consumer_groups": 1} | {name: value}))


def test_one_copy_that_nobody_reads_is_limited_by_the_disk():
    assert sustained_ingress_mb_per_s(**(SMALL | {"replication_factor": 1}), consumer_groups=0) == 243.75
    assert s1_limits(disk=100, network=1, replication_factor=1, groups=0) == (80.0, math.inf)


def test_s2_divides_as_the_script_does():
    assert s2_limits(disk=65, network=87, fanout=2) == (5.0, 5.0)
    assert s2_limits(disk=80, network=102, fanout=2, tiered=True) == (5.0, 5.0)


def test_reading_back_costs_disk():
    assert s2_limits(disk=80, network=1000, fanout=0, read_back=1.0)[0] == 5.0
    assert s1_limits(disk=100, network=1000, replication_factor=3, groups=0, read_back=1.0)[0] == 20.0


@given(st.integers(1, 90), st.floats(0, 50), st.floats(0, 50))
def test_more_readers_never_let_more_in(brokers, groups, more):
    inputs = SMALL | {"brokers": brokers}
    one = sustained_ingress_mb_per_s(**inputs, consumer_groups=groups)
    assert sustained_ingress_mb_per_s(**inputs, consumer_groups=groups + more) <= one

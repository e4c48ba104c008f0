from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import read_catalogue, sustained_ingress_mb_per_s
from kafka_analysis.plan.sizing.broker_count import (
    Setting,
    brokers_for,
    disk_mib_per_s,
    headroom,
    limits_of,
    needs_of,
    s1_limits,
    s2_limits,
    surviving,
)
from kafka_analysis.plan.sizing.workload import demand_of

SETTING = Setting(3, 60, 90, 3000, 250.0, 15.0, provisioned_throughput=True)


def broker(name):
    return read_catalogue().brokers.filter(broker_type=name).row(0, named=True)


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        ({"ingress": 2.0, "minimum": 3.0}, (3, "minimum")),
        ({"ingress": 3.0, "minimum": 3.0}, (3, "ingress")),
        ({"ingress": 6.0 + 1e-12, "minimum": 3.0}, (6, "ingress")),
        ({"ingress": 6.1, "storage": 7.0, "minimum": 3.0}, (9, "storage")),
        ({"partitions": 4.0, "storage": 4.0, "minimum": 3.0}, (6, "partitions")),
    ],
)
def test_the_largest_need_decides(needs, found):
    assert brokers_for(needs, SETTING) == found


def test_what_is_needed_of_each_constraint(known):
    work = known("B", connections=6000)
    demand = demand_of(work)
    limits = limits_of(broker("kafka.m5.large"), demand, model="S2", setting=SETTING)
    assert needs_of(limits, demand, SETTING) == pytest.approx(
        {"ingress": 18.125, "partitions": 3.0, "storage": 25312.5 / 16384, "connections": 2.0, "minimum": 3.0}
    )


def test_losses_touch_traffic_and_not_partitions(known):
    work = known("B", tolerates="az")
    demand = demand_of(work)
    limits = limits_of(broker("express.m7g.large"), demand, model="S2", setting=SETTING)
    needs = needs_of(limits, demand, SETTING)
    assert needs["ingress"] == pytest.approx(100 / 11.7 * 1.5)
    assert needs["partitions"] == 3.0
    assert surviving(12, work, SETTING) == 8
    assert surviving(12, known("B", tolerates="broker"), SETTING) == 11


def test_headroom_is_of_the_brokers_that_are_left(known):
    work = known("B", tolerates="az", connections=12_000)
    demand, row = demand_of(work), broker("express.m7g.large")
    limits = limits_of(row, demand, model="S2", setting=SETTING)
    left = headroom(row, limits, demand, SETTING, brokers=15, model="S2")
    assert left["headroom_ingress"] == pytest.approx(1 - 100 / 117)
    assert left["headroom_egress"] == pytest.approx(1 - 200 / 312)
    assert left["headroom_connections"] == pytest.approx(1 - 12_000 / 30_000)
    assert (left["headroom_storage"], left["headroom_brokers"]) == (None, 0.75)


def test_a_standard_broker_s_egress_is_what_its_network_leaves(known):
    work = known("B")
    demand, row = demand_of(work), broker("kafka.m5.large")
    limits = limits_of(row, demand, model="S2", setting=SETTING)
    left = headroom(row, limits, demand, SETTING, brokers=21, model="S2")
    most = (0.5 * 96 - 5.7 * 100 / 21) / 1.5
    assert left["headroom_egress"] == pytest.approx(1 - 200 / 21 / most)


def test_a_volume_without_provisioning_gives_250():
    plain = Setting(3, 60, 90, 3000, 250.0, 15.0, provisioned_throughput=False)
    assert [disk_mib_per_s(broker("kafka.m5.8xlarge"), one) for one in (SETTING, plain)] == [850, 250]
    assert disk_mib_per_s(broker("kafka.m7g.large"), SETTING) == 78.75


def test_what_is_not_published_has_no_limits(known):
    demand = demand_of(known("B"))
    assert limits_of(broker("kafka.t3.small"), demand, model="S2", setting=SETTING) is None


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

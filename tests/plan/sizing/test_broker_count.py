from __future__ import annotations

import pytest

from kafka_analysis.plan import read_catalogue
from kafka_analysis.plan.sizing.broker_count import (
    Setting,
    brokers_for,
    disk_mib_per_s,
    headroom,
    limits_of,
    needs_of,
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

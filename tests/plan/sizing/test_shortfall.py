from __future__ import annotations

import pytest

from kafka_analysis.plan import read_catalogue
from kafka_analysis.plan.sizing.broker_count import Setting
from kafka_analysis.plan.sizing.shortfall import serverless_option, shortfall_of
from kafka_analysis.plan.sizing.workload import demand_of

SETTING = Setting(3, 60, 90, 3000, 250.0, 15.0, provisioned_throughput=True)


@pytest.mark.parametrize(
    ("brokers", "says"),
    [
        (60, ""),
        (61, "61 brokers, the quota of a cluster is 60: 1 too many"),
        (
            1200,
            (
                "1,200 brokers, the quota of a cluster is 60: 1,140 too many; "
                "1,200 brokers, the quota of an account is 90: 1,110 too many"
            ),
        ),
    ],
)
def test_the_quota_and_by_how_much(known, brokers, says):
    assert shortfall_of({"family": "standard"}, known("B"), SETTING, brokers=brokers) == says


def test_growth_reaches_the_busiest_partition(known):
    one = known("B", partition_bytes_in_per_s=10e6, growth=2.0)
    assert "receives 20 MB/s" in shortfall_of({"family": "express"}, one, SETTING, brokers=3)
    assert shortfall_of({"family": "standard"}, one, SETTING, brokers=3) == ""


CATALOGUE = read_catalogue()
ROW = CATALOGUE.brokers.filter(broker_type="serverless").row(0, named=True)


def test_a_small_workload_fits(known):
    work = known("B", partitions=300)
    found = serverless_option(ROW, demand_of(work), CATALOGUE)
    assert (found["feasible"], found["binding_constraint"], found["shortfall"]) == (True, "ingress", "")
    assert found["headroom_partitions"] == 1 - 100 / 2400


def test_a_busy_partition_does_not(known):
    work = known("B", partitions=300, partition_bytes_in_per_s=6e6)
    found = serverless_option(ROW, demand_of(work), CATALOGUE)
    assert found["shortfall"] == "the busiest partition receives more than 5 MB/s"
    assert found["feasible"] is False

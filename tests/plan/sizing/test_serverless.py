from __future__ import annotations

from kafka_analysis.plan import read_catalogue
from kafka_analysis.plan.sizing.serverless import serverless_option
from kafka_analysis.plan.sizing.workload import demand_of

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
    assert found["shortfall"] == "the busiest partition takes more than 5 MB/s"
    assert found["feasible"] is False

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import Workload, read_catalogue, size_cluster
from kafka_analysis.plan.sizing.broker_options import HEADROOM, OPTIONS
from kafka_analysis.plan.sizing.costs import items_of
from kafka_analysis.plan.sizing.workload import demand_of
from tests.examples import examples

CATALOGUE = read_catalogue()
# Model S2's worked results: workload, broker type, brokers, USD a month (None: not published).
WORKED = [
    ("A", "kafka.m5.large", 108, 30_668.59), ("A", "kafka.m7g.xlarge", 54, 30_195.55),
    ("A", "express.m7g.large", 45, 44_703.58), ("A", "express.m7g.8xlarge", 3, 45_597.10),
    ("B", "kafka.m5.large", 21, 7_461.49), ("B", "kafka.m7g.large", 18, 6_922.75),
    ("B", "express.m7g.large", 9, 6_096.58), ("B", "express.m7g.2xlarge", 3, None),
    ("C", "express.m7g.16xlarge", 54, 1_425_582.25), ("C", "kafka.m7g.4xlarge", 417, None),
    ("C", "kafka.m7g.8xlarge", 414, None),
]  # fmt: skip


def row(workload, broker_type, model="S2", **options):
    found = size_cluster(workload, catalogue=CATALOGUE, model=model, **options)
    return found.filter(broker_type=broker_type).row(0, named=True)


@pytest.mark.parametrize(("name", "broker_type", "brokers", "usd"), WORKED)
def test_worked_results(known, name, broker_type, brokers, usd):
    found = row(known(name), broker_type)
    assert found["brokers"] == brokers
    assert usd is None or f"{found['monthly_usd']:.2f}" == f"{usd:.2f}"


def test_what_binds_the_largest_standard_brokers(known):
    work = known("C")
    found = {
        name: row(work, name)["binding_constraint"] for name in ("kafka.m7g.4xlarge", "kafka.m7g.8xlarge")
    }
    assert found == {"kafka.m7g.4xlarge": "ingress", "kafka.m7g.8xlarge": "storage"}


def test_no_standard_type_fits_the_quota_of_a_cluster(known):
    rows = size_cluster(known("C"), catalogue=CATALOGUE, model="S2").filter(family="standard")
    assert rows.filter(pl.col("feasible")).is_empty()
    assert row(known("C"), "kafka.m7g.8xlarge")["shortfall"] == (
        "414 brokers, the quota of a cluster is 60: 354 too many; "
        "414 brokers, the quota of an account is 90: 324 too many"
    )
    assert row(known("C"), "kafka.m7g.8xlarge")["clusters_by_quota"] == 7
    assert row(known("C"), "kafka.m7g.8xlarge")["accounts_by_quota"] == 5


def test_a_row_per_model_and_type_and_null_where_nothing_is_published(known):
    found = size_cluster(known("B"), catalogue=CATALOGUE)
    assert found.schema == OPTIONS
    assert found.select("model", "broker_type").is_unique().all()
    assert len(found) == 2 * len(CATALOGUE.brokers)
    small = found.filter(broker_type="kafka.t3.small").row(0, named=True)
    assert (small["brokers"], small["feasible"], small["monthly_usd"]) == (None, None, None)
    assert "not published" in small["shortfall"]


def test_s1_is_the_formula_at_80_percent(known):
    found = row(known("A"), "kafka.m5.large", model="S1")  # 0.8 · 96 / (2 + 2) = 19.2 MiB/s a broker
    assert (found["brokers"], found["throughput_limit"]) == (27, "network")  # 500 / 19.2 = 26.04
    assert found["headroom_ingress"] == pytest.approx(1 - 500 / (27 * 19.2))


def test_s1_takes_groups_where_they_are_given(known):
    assert (
        row(known("A", consumer_groups=6), "kafka.m5.large", model="S1")["brokers"] == 54
    )  # 500 / 9.6 = 52.1


def test_express_egress_as_published_and_as_in_the_script(known):
    work = known("B", bytes_out_per_s_peak=1000 * 2**20, bytes_out_per_s_avg=100 * 2**20)
    found = row(work, "express.m7g.large")  # 1000 / 31.2 = 32.05; the script's cap: 1000 / 39 = 25.6
    assert (found["brokers"], found["binding_constraint"], found["brokers_script_egress"]) == (
        33,
        "egress",
        27,
    )


def test_zookeeper_allows_fewer_brokers(known):
    assert row(known("A"), "kafka.m7g.xlarge")["feasible"]
    assert not row(known("A"), "kafka.m7g.xlarge", metadata="zookeeper")["feasible"]


@pytest.mark.parametrize(
    ("more", "brokers"),
    [
        ({}, 9),  # 100 / 11.7 = 8.55
        ({"tolerates": "broker"}, 12),  # + 1 = 9.55
        ({"tolerates": "az"}, 15),  # × 3 / 2 = 12.8
        ({"growth": 2.0}, 18),
        ({"compression": 0.5}, 6),
        ({"catch_up": 1.0}, 12),  # 300 out / 31.2 = 9.6
        ({"replication_bytes_per_s": 50 * 2**20}, 15),
    ],
)
def test_what_is_to_be_stood_takes_brokers(known, more, brokers):
    assert row(known("B", **more), "express.m7g.large")["brokers"] == brokers


def test_connections_count_where_they_are_known(known):
    found = row(known("B", connections=90_001), "kafka.m7g.large")
    assert (found["brokers"], found["binding_constraint"]) == (33, "connections")
    assert row(known("B", connections=90_001), "kafka.m7g.large", authentication="scram")["brokers"] == 39
    assert row(known("B"), "kafka.m7g.large")["headroom_connections"] is None


def test_a_busy_partition_is_no_work_for_express(known):
    found = row(known("B", partition_bytes_in_per_s=20e6), "express.m7g.large")
    assert found["feasible"] is False
    words = "the busiest partition receives 20 MB/s, and may receive at most 15 MB/s on an Express broker"
    assert found["shortfall"] == words
    assert "keep 3 replicas, not 2" in row(known("B", replication_factor=2), "express.m7g.large")["shortfall"]
    assert "need 3 AZs, not 2" in row(known("B"), "express.m7g.large", availability_zones=2)["shortfall"]


def test_without_provisioned_throughput_a_volume_gives_250(known):
    both = [row(known("A"), "kafka.m7g.8xlarge", provisioned_throughput=on) for on in (True, False)]
    assert [one["brokers"] for one in both] == [9, 33]  # 500 / (0.5 · 250 / 8) = 32
    assert [one["provisioned_usd"] for one in both] == [9 * 1000 * 0.08, None]


def test_serverless_is_held_against_its_quotas(known):
    small = known("B", partitions=300)
    found = row(small, "serverless")
    assert (found["brokers"], found["feasible"], found["evidence"]) == (None, True, "unverified")
    assert found["headroom_ingress"] == pytest.approx(1 - 100 * 2**20 / 200e6)
    big = row(known("A"), "serverless")
    assert big["shortfall"].startswith("bytes in: 524 MB/s, the quota is 200 MB/s: 324 MB/s too much")
    assert row(known("B", partitions=7203), "serverless")["shortfall"] == (
        "leader partitions: 2,401, the quota is 2,400: 1 too much"
    )


def test_the_interval_is_of_the_low_and_the_high_traffic(known):
    found = row(known("B", traffic_low=0.5, traffic_high=2.0), "kafka.m7g.large")
    assert (found["brokers_low"], found["brokers"], found["brokers_high"]) == (9, 18, 36)
    assert found["monthly_usd_low"] < found["monthly_usd"] < found["monthly_usd_high"]
    plain = row(known("B"), "kafka.m7g.large")
    assert plain["brokers_low"] == plain["brokers"] == plain["brokers_high"]


def test_quotas_and_prices_are_the_catalogue_s(known, tmp_path):
    head = "quota,name,value,unit,adjustable,source,date,evidence\n"
    (tmp_path / "quotas.csv").write_text(
        head + "brokers_per_cluster_kraft,Brokers per cluster,120,brokers,yes,ours,2026-01-01,declared\n"
    )
    ours = read_catalogue(tmp_path)
    found = size_cluster(known("A"), catalogue=ours, model="S2").filter(broker_type="kafka.m5.large")
    assert found["shortfall"].to_list() == ["108 brokers, the quota of an account is 90: 18 too many"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "S3"}, "unknown model 'S3'"),
        ({"metadata": "raft"}, "unknown metadata 'raft'"),
        ({"authentication": "kerberos"}, "unknown authentication"),
        ({"availability_zones": 1}, "availability_zones is 1; give 2 to 6"),
    ],
)
def test_a_wrong_option_is_named(known, options, says):
    with pytest.raises(InputError, match=says):
        size_cluster(known("A"), **options)


amounts = st.floats(1e3, 5e10)
workloads = st.builds(
    lambda a, b, share, **more: Workload(
        bytes_in_per_s_avg=a * share, bytes_in_per_s_peak=a, bytes_out_per_s_avg=b * share, bytes_out_per_s_peak=b,
        **more,
    ),
    amounts, st.floats(0, 1e11), st.floats(0, 1), partitions=st.integers(1, 200_000),
    retention_hours=st.floats(0.1, 1000), tolerates=st.sampled_from(["nothing", "broker", "az"]),
    catch_up=st.floats(0, 3), connections=st.none() | st.integers(0, 500_000),
    consumer_groups=st.none() | st.floats(0, 30),
)  # fmt: skip


@examples(30)
@given(workloads)
def test_what_is_feasible_keeps_every_limit(workload):
    rows = size_cluster(workload, catalogue=CATALOGUE).filter(pl.col("feasible"))
    for name in HEADROOM:
        assert (rows[f"headroom_{name}"].drop_nulls() >= 0).all(), name
    assert (rows["shortfall"] == "").all()
    assert (rows["brokers"].drop_nulls() % 3 == 0).all()


@examples(30)
@given(workloads, st.floats(1, 20))
def test_more_traffic_never_takes_fewer_brokers_or_dollars(workload, factor):
    one = size_cluster(workload, catalogue=CATALOGUE)
    more = size_cluster(workload.model_copy(update={"growth": factor}), catalogue=CATALOGUE)
    for name in ("brokers", "monthly_usd"):
        both = one.select(name).with_columns(more=more[name]).drop_nulls()
        assert (both["more"] >= both[name] * (1 - 1e-12)).all()


@examples(30)
@given(workloads)
def test_a_month_is_the_sum_of_its_items(workload):
    rows = size_cluster(workload, catalogue=CATALOGUE, model="S2").filter(pl.col("monthly_usd").is_not_null())
    types = {row["broker_type"]: row for row in CATALOGUE.brokers.iter_rows(named=True)}
    for found in rows.iter_rows(named=True):
        broker = types[found["broker_type"]]
        items = items_of(
            broker, demand_of(workload), brokers=found["brokers"] or 0, catalogue=CATALOGUE,
            provisioned_throughput=True,
        )  # fmt: skip
        assert sum(item.quantity * item.usd_per_unit for item in items if item.billed) == pytest.approx(
            found["monthly_usd"]
        )

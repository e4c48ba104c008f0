from __future__ import annotations

import math

import polars as pl
import pytest

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.plan import Workload, plan_split, size_cluster
from kafka_analysis.plan.split.sizes import accounts_needed, cell_sizes, profile_limits

MIB = 2**20
LOADS = pl.DataFrame({
    "cell": ["a", "b"], "bytes_in_per_s": [100.0 * MIB, 1.0 * MIB], "bytes_out_per_s": [200.0 * MIB, 2.0 * MIB],
    "size_bytes": [3 * 24 * 3600 * 100.0 * MIB, 3 * 3600 * 1.0 * MIB], "partitions": [3000, 30],
})  # fmt: skip


def test_a_cell_is_sized_as_a_cluster_with_its_load_would_be():
    (row,) = cell_sizes(LOADS.head(1), profile="kafka.m5.large").rows(named=True)
    asked = Workload(
        bytes_in_per_s_avg=100 * MIB, bytes_in_per_s_peak=100 * MIB, bytes_out_per_s_avg=200 * MIB,
        bytes_out_per_s_peak=200 * MIB, partitions=3000, retention_hours=24,
    )  # fmt: skip
    (alone,) = size_cluster(asked, model="S2").filter(broker_type="kafka.m5.large").rows(named=True)
    assert (row["brokers"], row["monthly_usd"]) == (
        alone["brokers"],
        pytest.approx(alone["monthly_usd"] + (alone["provisioned_usd"] or 0)),
    )


def test_without_a_profile_the_cheapest_is_taken_and_peaks_cost():
    flat, peaked = cell_sizes(LOADS), cell_sizes(LOADS, peak_ratio=3)
    assert flat["cell"].to_list() == ["a", "b"]
    assert flat["feasible"].all()
    assert peaked["monthly_usd"][0] > flat["monthly_usd"][0]
    assert peaked["brokers"][1] == flat["brokers"][1] == 3


def test_what_is_not_known_has_no_size():
    assert cell_sizes(LOADS.drop("size_bytes")).is_empty()
    assert cell_sizes(LOADS.with_columns(bytes_in_per_s=0.0)).is_empty()


@pytest.mark.parametrize("profile", ["kafka.m7g.xlarge", "express.m7g.2xlarge"])
def test_what_a_profile_carries_needs_no_more_than_its_brokers(profile):
    found = profile_limits(profile, ["a"], max_brokers=9, fanout=2.0)
    carried = found["bytes_in_per_s"][0] * 0.999
    kept = min(found["size_bytes"][0], 3 * 3600 * carried) * 0.999
    load = pl.DataFrame({"cell": ["a"], "bytes_in_per_s": carried, "bytes_out_per_s": 2 * carried,
        "size_bytes": kept, "partitions": found["partitions"][0] * 0.999})  # fmt: skip
    assert cell_sizes(load, profile=profile)["brokers"][0] == 9
    more = load.with_columns(pl.col("bytes_in_per_s", "bytes_out_per_s") * 1.01)
    assert cell_sizes(more, profile=profile)["brokers"][0] == 12


def test_profiles_by_cell_and_unknown_ones():
    found = profile_limits({"a": "kafka.m5.large", "b": "express.m7g.large"}, ["a", "b"], max_brokers=3)
    assert math.isfinite(found["size_bytes"][0])
    assert found["size_bytes"][1] == math.inf
    with pytest.raises(InputError, match=r"did you mean 'kafka\.m5\.large'"):
        profile_limits("kafka.m5.larg", ["a"])
    with pytest.raises(InputError, match="no broker type for 'b'"):
        profile_limits({"a": "kafka.m5.large"}, ["a", "b"])


def test_a_plan_keeps_to_its_profile_and_says_when_nothing_does():
    topics = pl.DataFrame({"topic": ["t1", "t2", "t3", "t4"], "bytes_in_per_s": 20.0 * MIB,
        "bytes_out_per_s": 40.0 * MIB, "size_bytes": 3600 * 60.0 * MIB, "partitions": 90})  # fmt: skip
    flows = pl.DataFrame({"client": ["x", "x", "y"], "topic": ["t1", "t2", "t3"], "bytes_per_s": 1.0})
    plan = plan_split(topics, flows, profile="express.m7g.large", max_brokers=6)
    assert plan.summary.sizes["brokers"].max() <= 6
    assert plan.summary.sizes["broker_type"].unique().to_list() == ["express.m7g.large"]
    assert plan.summary.monthly_usd == pytest.approx(plan.summary.sizes["monthly_usd"].sum())
    assert plan.summary.accounts == 1
    with pytest.raises(GoalImpossibleError, match=r"more than the"):
        plan_split(
            topics.with_columns(pl.col("bytes_in_per_s") * 100),
            flows,
            profile="express.m7g.large",
            max_brokers=3,
        )


def test_accounts_hold_ninety_brokers():
    assert accounts_needed(pl.DataFrame({"brokers": [60, 45, 45, 30]})) == 2
    assert accounts_needed(pl.DataFrame({"brokers": [3, None]})) is None

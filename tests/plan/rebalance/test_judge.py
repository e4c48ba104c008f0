"""A cluster of three brokers in two racks, and plans whose effect can be counted by hand."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.reassignment import ASSIGNMENT
from kafka_analysis.plan.rebalance.judge import judge

BROKERS = pl.DataFrame({"broker": [1, 2, 3], "rack": ["a", "a", "b"]}, schema_overrides={"broker": pl.Int32})
AS_IT_IS = [[1, 2], [1, 2], [1, 3]]  # broker 1 leads all; two partitions are in one rack


def cluster(replicas=AS_IT_IS, size=4.0):
    rows = [("t", n, row) for n, row in enumerate(replicas)]
    frame = pl.DataFrame(rows, schema=ASSIGNMENT, orient="row")
    return frame.with_columns(
        size_bytes=pl.lit(size, pl.Float64), bytes_in_per_s=pl.lit(1.0), bytes_out_per_s=pl.lit(2.0)
    )


def plan(**replicas: list[int]) -> pl.DataFrame:
    rows = [("t", int(name[1:]), row) for name, row in replicas.items()]
    return pl.DataFrame(rows, schema=ASSIGNMENT, orient="row")


def goals(found) -> dict[str, tuple]:
    return {goal: rest for goal, *rest in found.goals.iter_rows()}


def test_a_plan_that_mends_everything():
    found = judge(cluster(), BROKERS, plan(p0=[2, 3], p2=[3, 1]))
    assert goals(found) == {
        "brokers that are there": [0, 0, None, None, "NO-ACTION"],
        "as many copies": [0, 0, None, None, "NO-ACTION"],
        "as many racks as possible": [2, 1, None, None, "VIOLATED"],
        "size_bytes": [1.5, 1.0, 0.5, 1.0, "FIXED"],
        "bytes_in_per_s": [1.5, 1.0, 0.5, 1.0, "FIXED"],
        "bytes_out_per_s": [3.0, 1.0, 0.0, 1.0, "FIXED"],
        "replicas": [1.5, 1.0, 0.5, 1.0, "FIXED"],
        "leaders": [3.0, 1.0, 0.0, 1.0, "FIXED"],
    }
    assert found.bytes_to_move == 4.0
    assert found.brokers.select("broker", "rack", "leaders_before", "leaders_after").rows() == [
        (1, "a", 3, 1),
        (2, "a", 0, 1),
        (3, "b", 0, 1),
    ]


def test_a_plan_that_breaks_rules():
    found = goals(judge(cluster(), BROKERS, plan(p0=[1], p1=[1, 9])))
    assert found["brokers that are there"] == [0, 1, None, None, "VIOLATED"]
    assert found["as many copies"] == [0, 1, None, None, "VIOLATED"]


def test_what_is_out_of_a_tolerance_is_told_by_it():
    uneven = cluster([[1, 2], [2, 3], [3, 1], [1, 2]])  # 12, 12 and 8 of a mean of 10⅔
    for tolerance, status in ((0.1, "VIOLATED"), (0.2, "VIOLATED"), (0.3, "NO-ACTION")):
        found = judge(uneven, BROKERS, plan(p0=[2, 1]), tolerance=tolerance)
        assert goals(found)["size_bytes"][-1] == status
    found = judge(uneven, BROKERS, plan(p0=[2, 1]), tolerance={"size_bytes": 0.3})
    assert [goals(found)[name][-1] for name in ("size_bytes", "bytes_in_per_s")] == ["NO-ACTION", "VIOLATED"]


def test_counts_are_not_asked_to_be_closer_than_whole_numbers():
    uneven = cluster([[1, 2], [2, 3], [3, 1], [1, 2]])  # 3, 3 and 2 of a mean of 2⅔
    assert goals(judge(uneven, BROKERS, plan(p0=[2, 1]), tolerance=0.01))["replicas"][-1] == "NO-ACTION"


def test_a_larger_broker_has_a_larger_share():
    sized = BROKERS.with_columns(disk_bytes=pl.Series([30.0, 20.0, 10.0]))  # holds 12, 8 and 4
    assert goals(judge(cluster(), sized, plan(p0=[1, 2])))["size_bytes"] == [1.0, 1.0, 1.0, 1.0, "NO-ACTION"]


def test_copies_are_judged_by_what_was_asked():
    asked = {"t": 3}
    found = goals(judge(cluster(), BROKERS, plan(p0=[1, 2, 3]), replication_factor=asked))
    assert found["as many copies"][:2] == [3, 2]


def test_replicas_may_differ_in_size():
    own = cluster([[1, 2], [1, 2]]).with_columns(replica_sizes_bytes=pl.Series([[4.0, 1.0], [4.0, 3.0]]))
    found = judge(own, BROKERS, plan(p0=[1, 3]))
    assert found.bytes_to_move == 1.0
    assert found.brokers["size_bytes_after"].to_list() == [8.0, 3.0, 1.0]


def test_further_columns_weigh_on_the_leader():
    more = cluster().with_columns(requests_per_s=pl.lit(2.0))
    found = judge(more, BROKERS, plan(p0=[2, 1]), resources=["requests_per_s"])
    assert found.brokers["requests_per_s_before"].to_list() == [6.0, 0.0, 0.0]
    assert found.brokers["requests_per_s_after"].to_list() == [4.0, 2.0, 0.0]


def test_an_unknown_size_leaves_the_rest_judged():
    found = judge(cluster(size=None), BROKERS, plan(p0=[2, 3]))
    assert found.bytes_to_move is None
    assert goals(found)["size_bytes"] == [None] * 5
    assert goals(found)["leaders"][-1] == "VIOLATED"


def test_a_broker_without_anything_counts_in_the_mean():
    found = judge(cluster([[1], [1]]), BROKERS, plan(p0=[3]))
    assert goals(found)["leaders"][:2] == [3.0, 1.5]


def test_pandas_frames_are_taken():
    found = judge(cluster().to_pandas(), BROKERS.to_pandas(), plan(p0=[2, 3]).to_pandas())
    assert found.bytes_to_move == 4.0


def test_a_plan_for_another_cluster_is_refused():
    with pytest.raises(InputError, match="t-7 is not a partition of the cluster"):
        judge(cluster(), BROKERS, plan(p7=[1]))
    with pytest.raises(InputError, match="no brokers are known"):
        judge(cluster(), BROKERS.clear(), plan(p0=[1]))

"""Plans for all clusters of a capture: what is planned, and why something is not."""

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import GoalImpossibleError, InputError
from kafka_analysis.model.findings import Evidence
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.rebalance.clusters import plan_clusters

pytestmark = pytest.mark.usefixtures("short_search")
REPLICAS = [[1], [1], [1], [2]]
PARTITIONS = 4


def placed(cluster="c", replicas=REPLICAS, isr=None, topic="t"):
    rows = {"cluster": cluster, "topic": topic, "partition": range(len(replicas))}
    lists = {"replicas": replicas, "isr": replicas if isr is None else isr}
    types = dict.fromkeys(lists, pl.List(pl.Int32))
    return pl.DataFrame(rows | lists, schema_overrides={"partition": pl.Int32, **types})


def load(rows, **columns):
    values = {
        "size_bytes": 4e6,
        "bytes_in_per_s": 10.0,
        "bytes_out_per_s": 20.0,
        "evidence": "measured",
    } | columns
    leader = pl.col("replicas").list.first()
    told = [pl.lit(v).alias(k) if not isinstance(v, pl.Series) else v.alias(k) for k, v in values.items()]
    return rows.select("cluster", "topic", "partition", leader=leader).with_columns(told)


def brokers(cluster="c", numbers=(1, 2), **columns):
    rows = {"cluster": cluster, "broker": list(numbers), "rack": [f"r{number}" for number in numbers]}
    return pl.DataFrame(rows | columns, schema_overrides={"broker": pl.Int32})


def clusters(*names, flavour=None):
    return pl.DataFrame(
        {"cluster": names, "flavour": flavour}, schema={"cluster": pl.String, "flavour": pl.String}
    )


def planned(rows=None, loads=None, nodes=None, flavour=None, may=None, **options):
    rows = placed() if rows is None else rows
    (outcome,) = plan_clusters(
        load(rows) if loads is None else loads,
        placed=rows,
        brokers=brokers() if nodes is None else nodes,
        clusters=clusters("c", flavour=flavour),
        topics=rows.select("cluster", "topic").unique() if may is None else may,
        **options,
    )
    return outcome


def test_a_cluster_has_a_plan_its_batches_and_its_trade_off():
    found = planned()
    assert found.plan.rebalance.summary.bytes_to_move == 4e6
    assert found.plan.execution.bytes_to_copy == 4e6
    assert (
        found.plan.trade_off["kind"].to_list() == ["now", "leaders", "plan"]
        or "budget" in found.plan.trade_off["kind"]
    )
    assert (found.unknown, found.impossible, found.plan.held) == (None, None, "")


def test_clusters_come_in_their_order_and_do_not_see_each_other():
    rows = pl.concat([placed("b"), placed("a", [[1], [2]])])
    found = plan_clusters(
        load(rows), placed=rows, brokers=pl.concat([brokers("a"), brokers("b")]), clusters=clusters("b", "a"),
        topics=rows.select("cluster", "topic").unique(),
    )  # fmt: skip
    assert [one.cluster for one in found] == ["b", "a"]
    assert [one.plan.rebalance.summary.bytes_to_move for one in found] == [4e6, 0.0]


@pytest.mark.parametrize(
    ("topic", "options"), [("__consumer_offsets", {}), ("clicks", {"include_topics": ["t"]})]
)
def test_a_cluster_of_topics_that_stay_keeps_no_other_from_its_plan(topic, options):
    rows = pl.concat([placed("a"), placed("b", topic=topic)])
    given = {
        "placed": rows,
        "brokers": pl.concat([brokers("a"), brokers("b")]),
        "clusters": clusters("a", "b"),
    }
    may = rows.select("cluster", "topic").unique().filter(pl.col("topic") != "__consumer_offsets")
    first, second = plan_clusters(load(rows), topics=may, **given, **options)
    assert first.plan.rebalance.summary.bytes_to_move == 4e6
    assert second.unknown == "none of its topics may move"


@pytest.mark.parametrize("options", [{}, {"include_topics": ["nobody"]}])
def test_no_topic_that_may_move_on_any_cluster_is_an_error(options):
    may = placed().select("cluster", "topic").unique()
    with pytest.raises(InputError, match="leave no topic to plan for"):
        planned(may=may if options else may.clear(), **options)


def test_topics_that_may_not_move_stay_and_count():
    rows = pl.concat([placed(topic="[a]*"), placed(topic="b")])
    found = planned(rows, may=pl.DataFrame({"cluster": ["c"], "topic": ["b"]}))
    assert found.plan.rebalance.movements["topic"].unique().to_list() == ["b"]
    assert found.plan.rebalance.summary.bytes_to_move == 8e6  # both topics are evened out by one of them


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"rows": placed(replicas=[])},
            "the capture has no partitions of this cluster; record it with bootstrap_servers",
        ),
        (
            {"nodes": brokers(numbers=())},
            "the capture has no brokers of this cluster; record it with bootstrap_servers",
        ),
        (
            {"loads": load(placed(), size_bytes=pl.Series([1.0, None, None, 1.0]))},
            "the size of 2 of 4 partitions (led by broker 1) is unknown; record log_size_bytes or log_dirs there",
        ),
        ({"flavour": "msk-serverless"}, "MSK Serverless places partitions itself"),
    ],
)
def test_what_is_not_known_is_said(options, says):
    found = planned(**options)
    assert found.unknown == says
    assert found.plan is None


def test_leaders_need_no_sizes():
    rows = placed(replicas=[[1, 2], [1, 2]])
    found = planned(rows, load(rows, size_bytes=pl.Series([None, None], dtype=pl.Float64)), leaders_only=True)
    assert found.plan.rebalance.summary.leader_changes == 1


def test_a_goal_that_cannot_be_met_is_said():
    found = planned(placed(replicas=[[1, 2], [2, 1]]), remove_brokers=[2])
    assert found.plan is None
    assert found.impossible


def test_an_under_replicated_partition_holds_the_execution_and_not_the_plan():
    rows = placed(replicas=[[1, 2], [1, 2], [1, 2]], isr=[[1], [1], [1]])
    found = planned(rows, nodes=brokers(numbers=(1, 2, 3)))
    assert found.plan.rebalance.summary.movements
    assert found.plan.execution is None
    assert "under-replicated" in found.plan.held


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"remove_brokers": [1, 9]}, "broker 9 .*1, 2"),
        ({"add_brokers": [1, 9]}, "broker 9 .*1, 2"),
        ({"tolerance": -1}, "tolerance .*got -1"),
        ({"max_moved_bytes": -5}, "max_moved_bytes .*got -5"),
        ({"max_moved_byte": 5}, "unknown option 'max_moved_byte'.*max_moved_bytes"),
        ({"resources": ["bytes"]}, "'bytes'.*size_bytes"),
        ({"replication_factor": {"tt": 2}}, "'tt'.*t"),
        ({"pinned": [("t", 99)]}, "t-99"),
        (
            {"limits": ExecutionLimits(max_partitions_per_batch=99), "flavour": "msk"},
            "is 99.*10",
        ),
    ],
)
def test_a_wrong_option_is_an_error_and_no_cluster_is_impossible(options, named):
    with pytest.raises(InputError, match=named) as caught:
        planned(**options)
    assert not isinstance(caught.value, GoalImpossibleError)


def test_options_are_checked_even_where_nothing_can_be_planned():
    with pytest.raises(InputError, match="tolerance"):
        planned(placed(replicas=[]), tolerance=-1)


def test_a_budget_that_the_rules_exceed_is_impossible_for_that_cluster_only():
    rows = pl.concat([placed("a", [[9, 1], [9, 1], [1, 2]]), placed("b")])
    found = plan_clusters(
        load(rows), placed=rows, brokers=pl.concat([brokers("a"), brokers("b")]), clusters=clusters("a", "b"),
        topics=rows.select("cluster", "topic").unique(), max_movements=0,
    )  # fmt: skip
    assert "max_movements" in found[0].impossible
    assert found[1].plan.rebalance.summary.movements == 0


def test_limits_and_the_flavour_reach_the_execution():
    found = planned(limits=ExecutionLimits(throttle_bytes_per_s=2e6), network_bytes_per_s=1e8)
    assert found.plan.execution.batches["throttle_bytes_per_s"].drop_nulls().to_list() == [2e6]
    assert found.plan.execution.flavour is None
    assert planned(flavour="msk").plan.execution.flavour == "msk-standard"
    assert planned(flavour="msk-express").plan.execution.flavour == "msk-express"
    assert not any("network limit of" in sentence for sentence in found.plan.execution.assumptions)
    assert any("network limit of" in sentence for sentence in planned().plan.execution.assumptions)


def test_a_disk_known_of_some_brokers_makes_no_shares():
    found = planned(nodes=brokers(disk_bytes=[10**9, None]))
    assert "disk_bytes" not in found.plan.brokers.columns
    assert "disk_bytes" in planned(nodes=brokers(disk_bytes=[10**9, 10**9])).plan.brokers.columns


def test_traffic_is_an_estimate_where_any_of_it_is():
    evidence = pl.Series(["measured", "estimated", "measured", "measured"])
    found = planned(loads=load(placed(), evidence=evidence))
    assert found.plan.evidence("bytes_in_per_s") is Evidence.ESTIMATED
    assert found.plan.evidence("size_bytes") is Evidence.MEASURED
    assert planned().plan.evidence("bytes_in_per_s") is Evidence.MEASURED
    assert planned(tolerance=0.2).plan.tolerance == 0.2

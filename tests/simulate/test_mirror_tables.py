from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import replication


def test_the_position_of_a_mirror_is_the_end_of_the_source_s_log(simulated) -> None:
    capture, _ = simulated(cells=2)
    keys = ["ts", "topic", "partition"]
    ends = capture.table("offsets").filter(cluster="monolith").select(*keys, "log_end_offset")
    positions = capture.table("mirror_positions")
    assert set(positions["cluster"]) == {"cell-1", "cell-2"}
    assert set(positions["source"]) == {"monolith"}
    both = positions.join(ends, on=keys, how="left")
    assert both["log_end_offset"].null_count() == 0
    assert both.filter(pl.col("position") != pl.col("log_end_offset")).is_empty()
    assert (positions["committed_at"] == positions["ts"]).all()


def test_connectors_are_told_when_the_mirror_begins_and_at_the_end(simulated) -> None:
    capture, _ = simulated(cells=2)
    connectors = capture.table("connectors")
    moments = connectors.group_by("cluster").agg(pl.col("ts").n_unique(), last=pl.col("ts").max())
    assert moments.sort("cluster").rows() == [(f"cell-{n}", 2, capture.end) for n in (1, 2)]
    assert set(connectors.filter(name="state")["value"]) == {"RUNNING"}
    tasks = connectors.filter(pl.col("task").is_not_null(), connector="MirrorSourceConnector")
    positions = capture.table("mirror_positions").select("cluster", "topic", "partition").unique()
    for cluster in ("cell-1", "cell-2"):
        count = tasks.filter(cluster=cluster)["task"].n_unique()
        assert count == max(-(-len(positions.filter(cluster=cluster)) // 10), 1)


def test_without_cells_there_is_no_mirror(simulated) -> None:
    capture, _ = simulated()
    assert (len(capture.table("mirror_positions")), len(capture.table("connectors"))) == (0, 0)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(n, marks=pytest.mark.hostile) for n in (2, 3))])
def test_a_healthy_mirror_of_any_seed_has_no_failure_and_no_lag(simulated, seed: int) -> None:
    capture, _ = simulated(cells=2, seed=seed, duration="20m", partitions=40, topics=8, groups=3)
    answer = replication(capture)
    assert [result.verdict.light.value for result in answer.results] == ["green", "green"]
    assert answer.failures.rows() == []
    assert answer.partitions["lag_records"].to_list() == [0] * len(answer.partitions)
    assert set(answer.partitions["known_by"]) == {"committed position"}

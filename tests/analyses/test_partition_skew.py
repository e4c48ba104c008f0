from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import partition_skew
from tests.small import BROKERS, HOSTILE, PLACES, at, table


def load(answer, name: str) -> list[float]:
    return answer.brokers.sort("broker")[name].to_list()


def test_load_of_brokers_by_hand(recorded) -> None:
    answer = partition_skew(recorded, cluster="old")
    assert load(answer, "bytes_in_per_s") == [120.0, 100.0, 5.0]
    assert load(answer, "leaders") == [2, 1, 1]
    assert load(answer, "replicas") == [3, 3, 2]
    (result,) = answer.results
    figures = {figure.name: figure.value for figure in result.figures}
    assert figures["bytes_in_per_s_max_over_mean"] == pytest.approx(120 / 75)
    assert figures["leaders_max_over_mean"] == pytest.approx(1.5)


def test_internal_topics_count_unless_they_are_left_out(recorded) -> None:
    answer = partition_skew(recorded, cluster="old", include_internal=False)
    assert load(answer, "bytes_in_per_s") == [120.0, 100.0, 0.0]
    assert "__consumer_offsets" not in {*answer.partitions["topic"], *answer.shares["topic"].drop_nulls()}


@pytest.mark.parametrize(
    ("amber", "red", "light"), [(1.7, 1.8, "green"), (1.2, 1.7, "amber"), (1.2, 1.5, "red")]
)
def test_thresholds_decide_the_light(recorded, amber, red, light) -> None:
    (result,) = partition_skew(recorded, cluster="old", skew_amber=amber, skew_red=red).results
    assert result.verdict.light.value == light


def test_racks_are_brokers_added_up(recorded) -> None:
    answer = partition_skew(recorded, cluster="old")
    assert answer.racks["bytes_in_per_s"].sum() == answer.brokers["bytes_in_per_s"].sum()
    assert set(answer.levels["level"]) >= {"broker", "rack", "topic", "partition"}


def test_racks_are_a_level_of_their_own(changed) -> None:
    two = [(1, "az1"), (2, "az1"), (3, "az2")]
    brokers = table("brokers", [{"broker": b, "host": "h", "port": 9092, "rack": rack} for b, rack in two])
    levels = partition_skew(changed(brokers=brokers), cluster="old").levels.filter(resource="bytes_in_per_s")
    assert dict(levels.select("level", "n").iter_rows()) == {
        "broker": 3,
        "rack": 2,
        "topic": 3,
        "partition": 4,
    }


def test_topics_left_out_are_in_no_level(changed) -> None:
    held = [("orders", 700), (HOSTILE, 90)]
    rows = [{"broker": 1, "path": "/d", "topic": t, "partition": 0, "size_bytes": n} for t, n in held]
    log_dirs = table("log_dirs", [{**row, "is_future": False} for row in rows])
    answer = partition_skew(changed(log_dirs=log_dirs), cluster="old", topics_exclude=["orders"])
    assert answer.log_dirs["size_bytes"].to_list() == [90.0]
    topics = answer.levels.filter(level="topic", resource="bytes_in_per_s")
    assert topics["n"].to_list() == [2]


def test_of_clients_alone_connections_are_those_that_brokers_of_msk_count(changed) -> None:
    rows = [
        {"metric": "client_connection_count", "cluster": "old", "broker": b, "value": 7.0 * b}
        for b in (1, 2, 3)
    ]
    answer = partition_skew(
        changed(*({**row, "ts": at(s)} for row in rows for s in (20, 30, 40))), cluster="old"
    )
    assert load(answer, "connections") == [7.0, 14.0, 21.0]


def test_other_clusters_are_in_no_frame(changed) -> None:
    row = {"metric": "bytes_in_total", "cluster": "new", "broker": 9}
    topics = (
        {**row, "topic": topic, "ts": at(s), "value": 5.0 * s}
        for topic in ("orders", None)
        for s in (0, 50, 110)
    )
    answer = partition_skew(changed(*topics), cluster="old")
    held = {name: frame["cluster"].unique().to_list() for name, frame in answer.frames.items()}
    assert {name: clusters for name, clusters in held.items() if clusters not in (["old"], [])} == {}


def test_a_broker_that_joined_later_and_holds_little_is_a_cause(changed) -> None:
    listed = [{"broker": b, "host": "h", "port": 9092, "rack": rack} for b, rack in BROKERS]
    late = pl.concat([table("brokers", listed[:2]), table("brokers", listed, ts=at(15))])
    replicas = ([1, 2], [2, 1], [1, 2], [3, 1])  # 4, 3 and 1 of them
    placed = table(
        "partitions",
        [
            {"topic": topic, "partition": number, "leader": its[0], "replicas": its, "isr": its}
            for (topic, number, _), its in zip(PLACES, replicas, strict=True)
        ],
    )
    causes = partition_skew(changed(brokers=late, partitions=placed), cluster="old").causes
    new = causes.filter(resource="replicas", cause="new_broker")
    assert new.select("names", pl.col("excess") > 0).rows() == [("broker 3", True)]


def test_skew_over_time_covers_the_whole_capture(recorded) -> None:
    times = partition_skew(recorded, cluster="old").over_time["window_start"]
    assert times.max() >= recorded.start + (recorded.end - recorded.start) * 0.5


def test_skew_over_time_begins_where_it_is_asked_to(recorded) -> None:
    later = partition_skew(recorded, cluster="old", start=at(60)).over_time["window_start"]
    assert later.min() >= at(60)


def test_the_source_comes_before_the_cells_in_every_frame(changed) -> None:
    row = {"metric": "bytes_in_total", "cluster": "new", "broker": 9}
    counted = (
        {**row, "topic": name, "ts": at(s), "value": 5.0 * s} for name in ("t", None) for s in (0, 50, 110)
    )
    answer = partition_skew(changed(*counted))
    order = {
        name: frame["cluster"].unique(maintain_order=True).to_list() for name, frame in answer.frames.items()
    }
    assert answer.clusters == ["old", "new"]
    assert ["old", "new"] in order.values()
    assert {name: names for name, names in order.items() if names != sorted(names, reverse=True)} == {}

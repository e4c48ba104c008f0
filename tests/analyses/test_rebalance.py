from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.analyses import rebalance
from kafka_analysis.analyses.input_files import FILES
from kafka_analysis.analyses.rebalance import recorded_state
from kafka_analysis.analyses.scope import windows_of_clusters
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.planning import RebalanceParameters
from tests.small import at, table
from tests.small import tables as tables_of_small

pytestmark = pytest.mark.usefixtures("short_search")

NOW = {"version": 1, "partitions": [{"topic": "t", "partition": n, "replicas": [1]} for n in range(4)]}


@pytest.fixture
def plain(tmp_path) -> dict[str, str]:
    """Write a cluster of four partitions on one of two brokers."""
    texts = {
        "assignment": json.dumps(NOW),
        "loads": "topic,partition,size_bytes\n" + "".join(f"t,{n},1e9\n" for n in range(4)),
        "brokers": "broker,rack\n1,a\n2,b\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return {name: str(tmp_path / name) for name in texts}


def moved(answer) -> set[str]:
    return set(answer.movements["topic"])


def test_every_partition_fills_brokers_and_only_chosen_topics_move(recorded) -> None:
    answer = rebalance(recorded, cluster="old")
    assert "__consumer_offsets" in set(answer.partitions["topic"])
    assert answer.brokers.filter(resource="bytes_in_per_s")["before"].sum() == pytest.approx(
        450.0
    )  # of two copies
    assert "__consumer_offsets" not in moved(answer)


def test_topics_left_out_stay_and_count(recorded) -> None:
    answer = rebalance(recorded, cluster="old", topics_exclude=["orders"])
    assert "orders" not in moved(answer)
    assert answer.brokers.filter(resource="bytes_in_per_s")["before"].sum() == pytest.approx(450.0)


def test_internal_topics_move_when_asked(recorded) -> None:
    only = {"cluster": "old", "topics_include": ["__*"], "tolerance": 0.0}
    assert moved(rebalance(recorded, include_internal=True, **only)) <= {"__consumer_offsets"}
    with pytest.raises(InputError):
        rebalance(recorded, **only)


def test_a_topic_to_move_must_be_one(recorded) -> None:
    with pytest.raises(InputError, match="'order'"):
        rebalance(recorded, cluster="old", topics_include=["order"])


def test_each_cluster_has_its_files_and_one_without_data_has_none(recorded) -> None:
    answer = rebalance(recorded)
    assert "reassignment.json" in answer.files["old"]
    assert not answer.files.get("new")
    assert {result.cluster for result in answer.results} == {"old", "new"}


def test_plain_files_are_one_cluster(plain) -> None:
    answer = rebalance(**plain)
    assert answer.clusters == [FILES] == list(answer.files)
    assert answer.movements.filter(kind="replica").height == 2
    assert answer.coverage == {FILES: None}


def test_brokers_of_a_file_stand_in_place_of_the_recorded(recorded, tmp_path) -> None:
    (tmp_path / "brokers").write_text("broker,rack,cordoned\n1,az1,no\n2,az2,no\n3,az3,yes\n")
    answer = rebalance(recorded, cluster="old", brokers=str(tmp_path / "brokers"))
    assert 3 not in set(answer.movements.filter(kind="replica")["to"])


def test_brokers_of_a_file_are_those_of_each_cluster(changed, tmp_path) -> None:
    (tmp_path / "brokers").write_text("broker,rack\n1,az1\n2,az2\n3,az3\n")
    tables = {name: tables_of_small()[name] for name in ("partitions", "topics")}
    both = {
        name: pl.concat([rows, rows.with_columns(cluster=pl.lit("new"))]) for name, rows in tables.items()
    }
    options = {"leaders_only": True, "tolerance": 1.0}
    answer = rebalance(changed(**both), brokers=str(tmp_path / "brokers"), **options)
    assert answer.brokers["cluster"].unique().sort().to_list() == ["new", "old"]


def test_a_broker_is_cordoned_by_what_its_log_directories_say_before_or_after_the_window(changed) -> None:
    row = {"path": "/d", "topic": "orders", "partition": 0, "size_bytes": 500, "is_future": False}
    log_dirs = table("log_dirs", [{**row, "broker": b, "is_cordoned": b == 3} for b in (1, 3)], ts=at(75))
    scope = windows_of_clusters(changed(log_dirs=log_dirs), RebalanceParameters(capture="c", cluster="old"))
    state = recorded_state(scope)
    assert dict(state.brokers.select("broker", "cordoned").iter_rows()) == {1: False, 2: None, 3: True}


def test_limits_of_the_execution_are_kept(plain) -> None:
    limits = {
        "throttle_bytes_per_s": "90 MB/s",
        "max_concurrent_movements": 1,
        "network_bytes_per_s": "1 GB/s",
    }
    answer = rebalance(**plain, **limits)
    assert answer.batches.select("partitions", "throttle_bytes_per_s").rows() == [(1, 9e7), (1, 9e7)]
    assert not any("network limit" in note for note in answer.notes)
    assert answer.partitions["evidence"].unique().to_list() == ["declared"]


def test_msks_rules_are_kept_where_they_are_asked_for(recorded) -> None:
    plain, msk = (rebalance(recorded, cluster="old", flavour=flavour) for flavour in (None, "msk-express"))
    assert plain.scope.clusters["flavour"].to_list() == [None]
    assert (plain.files["old"]["plan.md"], plain.notes) != (msk.files["old"]["plan.md"], msk.notes)

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import measured
from kafka_analysis.analyses.scope import windows_of_clusters
from kafka_analysis.model.parameters import NotebookParameters
from tests.small import BROKERS, PLACES, at, table


@pytest.fixture(scope="module")
def scope(recorded):
    return windows_of_clusters(
        recorded, NotebookParameters(capture="c", cluster="old", include_internal=True)
    )


def test_traffic_is_what_counters_grew_by_in_a_second(scope) -> None:
    rates = measured.traffic(scope).filter(metric="bytes_in_total", topic="orders")
    assert rates["rate_per_s"].to_list() == [100.0, 100.0]


def test_traffic_in_buckets(scope) -> None:
    buckets = measured.cluster_traffic(scope)
    assert buckets["window_start"].is_unique().all()
    assert buckets["bytes_in_per_s"].sum() > 0


def test_traffic_of_clusters_is_that_of_the_topics_chosen(recorded) -> None:
    chosen = windows_of_clusters(
        recorded, NotebookParameters(capture="c", cluster="old", topics_exclude=["orders"])
    )
    assert measured.cluster_traffic(chosen)["bytes_in_per_s"].to_list() == [20.0]


def test_increases_of_a_counter_and_gauges(scope) -> None:
    grown = measured.increases(scope, "bytes_in_total").filter(pl.col("topic").is_null())
    assert grown["increase"].sum() == pytest.approx((1200 + 1000 + 50) * 3)
    assert measured.gauges(scope, "log_size_bytes")["mean"].unique().to_list() == [500.0]


def test_records_are_those_of_the_log_end_offsets(scope) -> None:
    assert measured.records(scope)["records_per_s"].to_list() == [1.0] * len(PLACES)


def test_sizes_brokers_and_replicas_are_all_that_there_are(scope) -> None:
    assert measured.replica_sizes(scope).height == 2 * len(PLACES)
    assert measured.brokers(scope)["broker"].to_list() == [broker for broker, _ in BROKERS]
    assert measured.replicas(scope).height == len(PLACES)


def test_the_load_of_partitions_adds_up_to_the_traffic(scope) -> None:
    load = measured.partition_load(
        scope,
        placed=measured.replicas(scope),
        rates=measured.traffic(scope),
        sizes=measured.replica_sizes(scope),
    )
    assert load["bytes_in_per_s"].sum() == pytest.approx(225.0)
    assert measured.cluster_traffic(scope)["bytes_in_per_s"].to_list() == [225.0]


def test_answers_after_the_window_tell_sizes_and_reported_rates_are_noted(changed) -> None:
    row = {"path": "/d", "topic": "orders", "partition": 0, "size_bytes": 700, "is_future": False}
    rates = (
        {"metric": "bytes_in_per_s", "cluster": "new", "broker": 9, "ts": at(s), "value": 5.0}
        for s in (30, 40)
    )
    capture = changed(*rates, log_dirs=table("log_dirs", [{**row, "broker": 4}], ts=at(75)))
    scope = windows_of_clusters(capture, NotebookParameters(capture="c", end=at(50)))
    assert measured.replica_sizes(scope).filter(broker=4)["last"].to_list() == [700.0]
    assert any(note.startswith("Bytes in of new: means of the rates") for note in measured.notes(scope))


def test_notes_name_the_window_and_what_the_capture_notes(scope) -> None:
    notes = measured.notes(scope)
    assert any("baseline" in note for note in notes)
    assert "Made up by a test." in notes


def test_files_hold_the_rows_of_one_cluster() -> None:
    frame = pl.DataFrame({"cluster": ["a", "b"], "n": [1, 2]})
    assert measured.frames_by_cluster({"rows": frame}, "b") == {"rows.csv": "cluster,n\nb,2\n"}

"""Every table: from a Polars and from a pandas frame the same cells; what is told beside the plain columns."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis import tables

T0 = datetime(2026, 1, 1, tzinfo=UTC)
FRAMES = {
    "aggregate_agreement": {
        "cluster": "c", "broker": [1], "aggregate": [100.0], "topics": [98.0], "uncovered_share": [0.02],
    },
    "brokers": {"cluster": "c", "broker": [1, 2], "rack": ["a", None], "bytes_in_per_s": [5.0, None]},
    "clusters": {"cluster": ["old"], "role": ["source"], "flavour": [None], "kafka_version": ["4.0.0"]},
    "comparison": {"flow": ["messages_in_per_s"], "before": [1000.0], "after": [500.0], "change": [-0.5]},
    "events": {"ts": [T0, T0], "cluster": "c", "kind": "fault", "name": ["b", "a"], "wave": [None, 1]},
    "execution_batches": {
        "batch": [1, 2], "kind": ["leader", "copy"], "partitions": 3, "bytes_to_copy": [0.0, None],
        "throttle_bytes_per_s": [None, 5e7], "starts_after_s": [0.0, 60.0], "seconds_low": [0.0, None],
        "seconds": [0.0, None], "seconds_high": [0.0, None], "slowest_broker": [None, 4],
    },
    "groups": {"cluster": ["d", "c"], "group": ["g", "h"], "state": "STABLE", "protocol": [None, "range"]},
    "metrics_seen": {"metric": ["bytes_in_total"], "kind": ["counter"], "series": [2], "samples": [12345]},
    "partitions": {"cluster": "c", "topic": "t", "partition": [0, 1], "records_per_s": [1.0, 2.0]},
    "scrape_targets": {"cluster": ["c"], "target": ["jmx of broker 1"], "dialect": [None], "attempts": [4], "ok": [3]},
    "skew_measures": {"cluster": "c", "resource": ["leaders", "replicas"], "max_over_mean": [1.5, None]},
    "topics": {"cluster": "c", "topic": ["a", "b"], "bytes_in_per_s": [1.0, 2.0], "size_bytes": [None, 5.0]},
}  # fmt: skip


def cells(name, **options):
    return getattr(tables, name)(pl.DataFrame(FRAMES[name]), **options).cells


def test_every_table_is_tried():
    assert set(FRAMES) | {"Table"} == set(tables.__all__)


@pytest.mark.parametrize("name", FRAMES)
def test_polars_and_pandas_give_the_same_cells(name):
    frame = pl.DataFrame(FRAMES[name])
    show = getattr(tables, name)
    assert show(frame.to_pandas()).cells.equals(show(frame).cells)


@pytest.mark.parametrize("name", FRAMES)
def test_it_names_its_function_and_says_when_it_is_empty(name):
    empty = getattr(tables, name)(pl.DataFrame(FRAMES[name]).clear())
    assert f"kafka_analysis.tables.{name}" in repr(empty)
    assert "nothing to show" in empty.html()


def test_partitions_are_ranked_by_records():
    assert cells("partitions", top_n=1)["Partition"].to_list() == ["t-1"]


def test_topics_are_ranked_and_the_rest_is_counted():
    assert cells("topics")["Topic"].to_list() == ["b", "a"]
    assert "1 more are in the table file" in tables.topics(pl.DataFrame(FRAMES["topics"]), top_n=1).html()


def test_events_are_in_order_of_time():
    later = pl.DataFrame({"ts": [T0.replace(hour=2), T0], "kind": "note", "name": ["late", "early"]})
    assert tables.events(later).cells["What"].to_list() == ["early", "late"]


def test_batches_say_what_is_not_known():
    rows = (
        cells("execution_batches").select("Changes", "To copy", "Throttle", "Takes", "Slowest broker").rows()
    )
    assert rows == [
        ("leaders", "0 B", "none", "moments", ""),
        ("replicas", "unknown", "50 MB/s", "unknown", "4"),
    ]


def test_what_nobody_carries_has_no_skew():
    assert cells("skew_measures")["What"].to_list() == ["leaders"]


def test_changes_have_a_sign():
    assert cells("comparison").rows() == [("messages in", "1 k records/s", "500 records/s", "-50.0 %")]


def test_an_unknown_change_is_unknown():
    row = {"flow": ["bytes_in_per_s"], "before": [None], "after": [5.0], "change": [None]}
    shown = tables.comparison(
        pl.DataFrame(row, schema_overrides={"before": pl.Float64, "change": pl.Float64})
    )
    assert shown.cells.rows() == [("bytes in", "unknown", "5 B/s", "unknown")]


def test_what_does_not_apply_is_not_unknown():
    assert cells("clusters")["Flavour"].to_list() == ["not declared"]
    assert cells("scrape_targets")["Dialect"].to_list() == [""]
    assert cells("brokers")["Rack"].to_list() == ["a", "none"]
    assert cells("brokers")["Bytes in"].to_list() == ["5 B/s", "unknown"]

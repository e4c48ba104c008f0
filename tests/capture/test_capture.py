from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import polars as pl
import pytest

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureError, InputError, MetricMissingError, WindowError
from kafka_analysis.model.manifest import Gap


@pytest.fixture
def capture(small_capture):
    return read_capture(small_capture)


def test_it_knows_clusters_brokers_targets_and_rhythm(capture, small):
    assert [cluster.cluster for cluster in capture.clusters] == ["old", "new"]
    assert capture.cluster_table["role"].to_list() == ["source", "target"]
    assert capture.target_clusters == ["new"]
    assert capture.expected_brokers.rows() == [("old", 1), ("old", 2), ("old", 3)]
    assert capture.interval_s == small.INTERVAL_S
    assert capture.targets["ok"].to_list() == [12, 12, 12, 9]


def test_topics_and_brokers_are_those_of_the_metadata_else_of_the_samples(capture, small, tmp_path):
    assert capture.known_brokers().equals(capture.table("brokers").sort("cluster", "broker", "ts"))
    bare = capture.samples().collect()
    with CaptureWriter(tmp_path / "bare") as writer:
        writer.add_samples(bare)
        writer.finish(window=(capture.start, capture.end))
    history = read_capture(tmp_path / "bare")
    told = bare.drop_nulls("topic").select("cluster", "topic").unique()
    assert (
        history.known_topics()
        .select("cluster", "topic")
        .sort("cluster", "topic")
        .equals(told.sort("cluster", "topic"))
    )
    assert (
        history.known_brokers().select("cluster", "broker", "rack").unique().height
        == bare.drop_nulls("broker").select("cluster", "broker").n_unique()
    )
    assert history.known_brokers()["rack"].null_count() == history.known_brokers().height


def test_a_topic_s_kind_is_known_from_its_settings_and_siblings_too(small, tmp_path):
    names = ["etl-configs", "etl-offsets", "etl-status", "order-status", "__consumer_offsets"]
    settings = [
        {"topic": t, "name": "cleanup.policy", "value": "compact", "is_default": False, "source": "TOPIC"}
        for t in names
    ]
    with CaptureWriter(tmp_path / "connect") as writer:
        writer.add_table("topics", small.table("topics", [{"topic": t, "internal": False} for t in names]))
        writer.add_table("topic_configs", small.table("topic_configs", settings))
        writer.finish(window=(small.at(0), small.at(10)))
    found = read_capture(tmp_path / "connect")
    assert dict(found.known_topics().select("topic", "kind").iter_rows()) == {
        **dict.fromkeys(names, "internal"),
        "order-status": "business",
    }
    assert found.topic("etl-status").kind == "internal"


def test_gaps_are_those_that_touch_the_window(capture, small):
    assert capture.gaps.rows() == [
        (
            "old",
            "jmx at http://mirror/metrics",
            small.at(0),
            small.at(30),
            "no connection: Connection refused",
        )
    ]
    assert capture.window(small.at(40)).gaps.is_empty()


def test_a_gap_that_ends_as_the_window_begins_counts_and_one_that_begins_as_it_ends_does_not(capture, small):
    gap = Gap(start=small.at(20), end=small.at(40), reason="no answer")
    source = capture.manifest.sources[0].model_copy(update={"gaps": (gap,)})
    manifest = capture.manifest.model_copy(update={"sources": (source,)})
    edged = replace(capture, manifest=manifest)
    assert len(edged.window(small.at(40), small.at(50)).gaps) == 1
    assert len(edged.window(small.at(41), small.at(50)).gaps) == 0
    assert len(edged.window(small.at(10), small.at(20)).gaps) == 0
    assert len(edged.window(small.at(10), small.at(21)).gaps) == 1


def test_times_without_a_zone_are_utc(capture, small):
    start, end = (small.at(s).replace(tzinfo=None) for s in (40, 60))
    narrowed = capture.window(start, end)
    assert (narrowed.start, narrowed.end) == (small.at(40), small.at(60))
    rows = capture.samples("bytes_in_total", start=start, end=end).collect()
    assert (rows["ts"].min(), rows["ts"].max()) == (small.at(20), small.at(80))
    east = capture.window(small.at(40).astimezone(timezone(timedelta(hours=2))))
    assert east.start == small.at(40)


def test_samples_are_those_asked_for(capture):
    assert capture.samples("log_size_bytes").collect()["metric"].unique().to_list() == ["log_size_bytes"]
    assert len(capture.samples("leader_count").collect()) == 0
    with pytest.raises(InputError, match="did you mean 'bytes_in_total'"):
        capture.samples("bytes_in")


def test_a_window_holds_two_scrapes_more_on_each_side_for_its_edges(capture, small):
    rows = capture.window(small.at(40), small.at(60)).samples("bytes_in_total").collect()
    assert (rows["ts"].min(), rows["ts"].max()) == (small.at(20), small.at(80))


def test_a_window_of_a_table_keeps_the_snapshot_before_it(capture, small):
    later = capture.window(small.at(90), small.at(100))
    assert later.table("brokers")["ts"].unique().to_list() == [small.at(0)]
    assert later.table("offsets")["ts"].min() == small.at(70)


@pytest.mark.parametrize(("start", "end"), [(50, 50), (60, 50), (120, 130), (-20, 0)])
def test_a_window_without_time_or_outside_is_refused(capture, small, start, end):
    with pytest.raises(WindowError):
        capture.window(small.at(start), small.at(end))


def test_a_window_ends_with_the_capture(capture, small):
    assert capture.window(small.at(-50), small.at(999)).end == capture.end


def test_require_names_what_is_missing(capture):
    assert set(capture.require("bytes_in_total", "log_size_bytes")["metric"]) == {
        "bytes_in_total",
        "log_size_bytes",
    }
    with pytest.raises(
        MetricMissingError, match=r"no samples of leader_count; it has: .*bytes_in_total, .*log_size"
    ):
        capture.require("bytes_in_total", "leader_count")
    with pytest.raises(InputError, match="'log_size_bytes'"):
        capture.require("log_size_byte")


def test_a_scanned_table_is_the_table_in_a_window_too(capture, small):
    for view in (capture, capture.window(small.at(90), small.at(100))):
        for name in ("offsets", "brokers", "acls"):
            assert view.scan_table(name).collect().equals(view.table(name))


def test_a_table_it_does_not_have_is_empty_and_one_nobody_knows_an_error(capture):
    assert capture.table("acls").is_empty()
    assert "principal" in capture.table("acls").columns
    assert not capture.has_table("acls")
    with pytest.raises(CaptureError, match="unknown table"):
        capture.table("nonsense")


def test_metrics_are_counted(capture, small):
    seen = {row["metric"]: row for row in capture.metrics().iter_rows(named=True)}
    assert seen["log_size_bytes"]["series"] == 2 * len(small.PLACES)
    assert seen["log_size_bytes"]["samples"] == 2 * len(small.PLACES) * small.SCRAPES
    assert seen["bytes_in_total"]["kind"] == "counter"
    assert capture.metrics(by_cluster=True)["cluster"].unique().to_list() == ["old"]


def test_scrapes_are_counted_per_broker_whatever_they_brought(capture, small):
    assert capture.scrapes().group_by("broker").len().sort("broker").rows() == [
        (b, small.SCRAPES) for b in (1, 2, 3)
    ]


def test_a_host_s_page_is_no_scrape_of_its_broker(small, tmp_path):
    own = {"cluster": "old", "broker": 1, "value": 1.0}
    rows = [{**own, "ts": small.at(0), "metric": "leader_count"}]
    rows.append({**own, "ts": small.at(1), "metric": "memory_available_bytes"})
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.samples(rows))
        writer.finish(window=(small.at(0), small.at(10)))
    assert read_capture(tmp_path / "c").scrapes().rows() == [("old", 1, small.at(0))]


def test_its_representations_name_what_is_in_it_and_escape(capture):
    assert "cluster old: source" in repr(capture)
    assert "answers: 45 of 48 requests, 1 gaps" in repr(capture)
    assert "<script>" not in capture._repr_html_()


def test_without_sources_the_brokers_table_says_who_was_expected(small, tmp_path):
    from kafka_analysis.capture.write import CaptureWriter

    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_table("brokers", small.tables()["brokers"])
        writer.finish(window=(small.at(0), small.at(1)))
    bare = read_capture(tmp_path / "c")
    assert bare.expected_brokers["broker"].to_list() == [1, 2, 3]
    assert bare.samples().collect().is_empty()
    assert bare.rejected().is_empty()
    assert bare.gaps.is_empty()
    assert isinstance(bare.targets, pl.DataFrame)

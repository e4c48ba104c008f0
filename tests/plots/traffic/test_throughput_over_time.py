from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from kafka_analysis.plots import throughput_over_time

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {
    "window_start": pl.Datetime("ms", "UTC"), "cluster": pl.String, "kind": pl.String, "bytes_in_per_s": pl.Float64,
}  # fmt: skip


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def traffic(*clusters, n=60):
    rows = [(at(i), cluster, "business", 1e6 * i) for cluster in clusters for i in range(n)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def events(*marks):
    return pl.DataFrame(
        [(at(minute), kind, name) for minute, kind, name in marks],
        schema=["ts", "kind", "name"],
        orient="row",
    )


def numbers(drawing):
    return [text.get_text() for text in drawing.axes[0].texts]


def test_a_panel_per_cluster_on_one_scale(frame):
    rows = frame([(at(0), "b", "business", 4.0), (at(1), "a", "business", 2.0)], schema=SCHEMA, orient="row")
    drawing = throughput_over_time(rows, clusters=["b", "a"])
    assert [axes.get_title(loc="left") for axes in drawing.axes] == ["b", "a"]
    assert len({axes.get_ylim() for axes in drawing.axes}) == 1


def test_events_are_numbered_and_listed():
    drawing = throughput_over_time(
        traffic("a"),
        events=events((10, "fault", "broker killed"), (30, "cutover", "wave 1"), (40, "load", "x:start")),
    )
    assert numbers(drawing) == ["1", "2"]
    assert drawing.caption.endswith("1: broker killed. 2: wave 1.")


def test_events_that_happen_together_share_a_number():
    drawing = throughput_over_time(traffic("a"), events=events((10, "cutover", "a"), (10.2, "cutover", "b")))
    assert numbers(drawing) == ["1"]
    assert "1: a, b." in drawing.caption


def test_events_outside_of_the_time_drawn_are_not():
    drawing = throughput_over_time(
        traffic("a"), events=events((-10, "fault", "early"), (999, "fault", "late"))
    )
    assert numbers(drawing) == []


def test_windows_are_shaded_and_named():
    drawing = throughput_over_time(
        traffic("a"), windows=[("before", at(0), at(5)), ("after", at(50), at(55))]
    )
    labels = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert labels == ["business", "window before", "window after"]


def test_without_traffic_it_says_so():
    assert throughput_over_time(traffic()).caption == "Nothing to show: no traffic was measured."


def test_many_events_on_many_clusters_are_shown_whole(assert_whole):
    marks = events(*[(i * 2.3, "cutover", f"wave {i}") for i in range(25)])
    assert_whole(throughput_over_time(traffic(*"abcdef"), events=marks))

"""Each cluster in a window of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.model.errors import WindowError
from kafka_analysis.stats import increase
from kafka_analysis.stats.scope.cluster_windows import (
    choose_windows,
    describe_windows,
    gaps_in,
    in_windows,
    snapshots_in,
    span,
)
from kafka_analysis.stats.scope.windows import Window

T0 = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
CLUSTERS = pl.DataFrame({"cluster": ["old", "new", "other"], "role": ["source", "target", None]})


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def events(*marks: tuple[str, float]) -> pl.DataFrame:
    schema = {"ts": pl.Datetime("ms", "UTC"), "kind": pl.String, "name": pl.String}
    return pl.DataFrame([(at(s), "load", name) for name, s in marks], schema=schema, orient="row")


STORY = events(
    ("baseline:start", 10), ("baseline:end", 20), ("during:start", 30), ("during:end", 40),
    ("after:start", 50), ("after:end", 60),
)  # fmt: skip


def chosen(
    rows: pl.DataFrame, start: datetime | None = None, end: datetime | None = None
) -> dict[str, Window]:
    return choose_windows(
        rows, clusters=CLUSTERS, start=start, end=end, capture_start=at(0), capture_end=at(100)
    )


def test_a_target_is_looked_at_when_it_carries_what_it_is_meant_to():
    assert {name: (w.start, w.end) for name, w in chosen(STORY).items()} == {
        "old": (at(10), at(20)),
        "new": (at(50), at(60)),
        "other": (at(10), at(20)),
    }


def test_a_window_asked_for_holds_for_all():
    assert {(w.start, w.end) for w in chosen(STORY, at(5), at(15)).values()} == {(at(5), at(15))}
    assert {(w.start, w.end) for w in chosen(STORY, at(5)).values()} == {(at(5), at(100))}


def test_without_phases_it_is_the_whole_capture():
    assert {(w.start, w.end) for w in chosen(events()).values()} == {(at(0), at(100))}


def test_a_window_outside_the_capture_is_refused():
    with pytest.raises(WindowError, match="outside the capture"):
        chosen(STORY, at(200), at(300))


def counters() -> pl.DataFrame:
    own = {"metric": "bytes_in_total", "broker": 1}
    empty = dict.fromkeys(("topic", "group", "entity", "stat"))
    rows = [
        {**own, **empty, "partition": None, "cluster": cluster, "ts": at(s), "value": float(s * step)}
        for cluster, step in (("old", 1), ("new", 10))
        for s in (0, 10, 20, 30)
    ]
    strings = dict.fromkeys(("topic", "group", "entity", "stat"), pl.String)
    return pl.DataFrame(
        rows, schema_overrides={**strings, "partition": pl.Int32, "ts": pl.Datetime("ms", "UTC")}
    )


WINDOWS = {"old": Window(at(0), at(10)), "new": Window(at(10), at(30))}


def test_each_cluster_is_computed_in_its_own_window():
    rows = in_windows(increase, counters(), WINDOWS)
    assert rows.select("cluster", "increase", "seconds").rows() == [("old", 10.0, 10.0), ("new", 200.0, 20.0)]


@pytest.mark.parametrize("kind", [lambda frame: frame.lazy(), lambda frame: frame.to_pandas()])
def test_other_frames_are_taken_too(kind):
    rows = in_windows(increase, kind(counters()), WINDOWS)
    rows = rows.collect() if isinstance(rows, pl.LazyFrame) else rows
    assert list(rows["increase"]) == [10.0, 200.0]


def test_a_cluster_without_a_window_is_left_out_and_without_any_the_columns_stay():
    assert in_windows(increase, counters(), {"old": WINDOWS["old"]})["cluster"].to_list() == ["old"]
    nothing = in_windows(increase, counters(), {})
    assert len(nothing) == 0
    assert "rate_per_s" in nothing.columns


def test_snapshots_are_those_of_each_cluster_s_window():
    table = pl.DataFrame(
        [(at(s), c, s) for c in ("old", "new", "other") for s in (0, 15, 45)],
        schema=["ts", "cluster", "leader"], orient="row",
    )  # fmt: skip
    assert snapshots_in(table, WINDOWS).rows() == [(at(0), "old", 0), (at(15), "new", 15)]
    assert snapshots_in(table, {}).columns == table.columns


@pytest.mark.parametrize(
    ("leaders", "moved"),
    [
        (
            [1, 1, 2, 2, 2],
            False,
        ),  # it moved before the window: the snapshot before its start tells the first leader
        ([1, 1, 1, 2, 2], True),
        ([1, 2, 1, 1, 1], False),
        ([1, 1, 1, None, 1], False),  # nobody led it for a while
        ([1, 1, -1, 1, 1], False),
        ([1, 1, 1, 1, 2], False),  # after the window
    ],
)
def test_of_partitions_it_is_said_whether_their_leaders_moved(leaders, moved):
    times = [at(s) for s in (0, 10, 20, 30, 40)]
    table = pl.DataFrame({"ts": times, "cluster": "c", "topic": "t", "partition": 0, "leader": leaders})
    (row,) = snapshots_in(table, {"c": Window(at(25), at(35))}).to_dicts()
    assert (row["ts"], row["leader_moved"]) == (at(30), moved)
    assert snapshots_in(table, {}).schema["leader_moved"] == pl.Boolean


def test_gaps_of_other_times_and_clusters_are_left_out():
    gaps = pl.DataFrame(
        [(c, at(a), at(b)) for c in ("old", "new", "other") for a, b in ((0, 5), (5, 10), (10, 12), (30, 50))],
        schema=["cluster", "start", "end"], orient="row",
    )  # fmt: skip
    edges = [("old", at(0)), ("old", at(5)), ("new", at(10))]
    assert sorted(gaps_in(gaps, WINDOWS).select("cluster", "start").rows(), reverse=True) == sorted(
        edges, reverse=True
    )


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [(0, 10, False), (0, 10.001, True), (20, 30, False), (19.999, 30, True), (10, 20, True), (0, 30, True)],
)
def test_a_gap_counts_from_its_start_and_not_at_its_end_as_a_window_does(start, end, touches):
    gaps = pl.DataFrame({"cluster": ["c"], "start": [at(start)], "end": [at(end)]})
    assert len(gaps_in(gaps, {"c": Window(at(10), at(20))})) == touches


def test_windows_are_told_once_when_they_are_the_same():
    assert describe_windows(dict.fromkeys(("a", "b"), Window(at(0), at(10), "x"))) == [
        "Window: x: 2026-01-01 12:00:00 UTC to 2026-01-01 12:00:10 UTC"
    ]
    assert [line.split(":")[0] for line in describe_windows(WINDOWS)] == ["Window of old", "Window of new"]


def test_the_span_holds_all_windows():
    assert span(WINDOWS) == (at(0), at(30))
    assert span({}) == (None, None)


def test_a_cluster_without_a_row_has_no_snapshot_and_no_warning():
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
    table = pl.DataFrame({"ts": moments, "cluster": "c", "topic": "t", "partition": 0, "leader": [1, 2]})
    rows = snapshots_in(table, {"other": Window(*moments)})
    assert rows.is_empty()
    assert "leader_moved" in rows.columns

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import start_here
from kafka_analysis.model.manifest import ClusterInfo
from tests.in_memory import in_memory, streams_of
from tests.small import at, table, tables


def test_the_whole_capture_is_looked_at(recorded) -> None:
    answer = start_here(recorded)
    assert {(window.start, window.end) for window in answer.windows.values()} == {(at(0), at(120))}
    old, new = answer.results
    assert {figure.name: figure.value for figure in old.figures} == {
        "minutes": 2.0, "scrapes_seen": 1.0, "gaps": 1, "brokers": 3, "partitions": 4,
    }  # fmt: skip
    assert new.verdict.light.value == "grey"
    assert answer.rejected == 0


def test_frames_are_what_was_asked_and_what_answered(recorded) -> None:
    answer = start_here(recorded)
    assert (answer.targets.height, answer.gaps.height, answer.events.height) == (4, 1, 4)
    assert set(answer.metrics["metric"]) == {
        "bytes_in_total", "bytes_out_total", "messages_in_total", "log_size_bytes",
    }  # fmt: skip


def test_traffic_over_time_is_apart_by_kind_and_has_the_mirrors_records(changed) -> None:
    mirrored = {"metric": "mirror_records_total", "cluster": "new", "partition": 0, "entity": "old->new"}
    written = [
        {"metric": name, "cluster": "new", "broker": 9} for name in ("bytes_in_total", "messages_in_total")
    ]
    rows = (
        {**row, "topic": "orders", "ts": at(s), "value": 3.0 * s}
        for row in (mirrored, *written)
        for s in (0, 60, 110)
    )
    kinds = start_here(changed(*rows)).traffic
    assert kinds.filter(cluster="new", kind="migration")["bytes_in_per_s"].max() == pytest.approx(3.0)


def test_rates_that_brokers_report_are_noted(changed) -> None:
    row = {"metric": "bytes_in_per_s", "cluster": "new", "broker": 9, "value": 5.0}
    capture = changed(*({**row, "ts": at(s)} for s in (0, 60, 110)))
    assert any(note.startswith("Bytes in of new: means of the rates") for note in start_here(capture).notes)


def test_metrics_are_counted_over_all_clusters_and_brokers_of_the_one_named(changed) -> None:
    row = {"metric": "bytes_in_total", "cluster": "new", "broker": 9}
    capture = changed(
        *({**row, "ts": at(s), "value": 5.0 * s} for s in (0, 60, 110)),
        brokers=pl.concat(
            [tables()["brokers"], table("brokers", [{"broker": 9, "host": "h", "port": 9}], cluster="new")]
        ),
    )
    answer = start_here(capture)
    assert answer.metrics["metric"].is_unique().all()
    (result,) = start_here(capture, cluster="old").results
    assert {figure.name: figure.value for figure in result.figures}["brokers"] == 3


def test_a_capture_is_looked_at_until_the_end_that_is_given(recorded) -> None:
    answer = start_here(recorded, cluster="old", end=at(60))
    assert {(window.start, window.end) for window in answer.windows.values()} == {(at(0), at(60))}
    assert answer.traffic["window_start"].max() < at(60)


def test_a_part_of_the_capture(recorded) -> None:
    answer = start_here(recorded, cluster="old", start=at(60))
    (result,) = answer.results
    assert {figure.name: figure.value for figure in result.figures}["minutes"] == pytest.approx(1.0)
    assert answer.coverage["old"].expected == 18


@pytest.mark.parametrize(("required", "how"), [(0.95, "partial"), (0.5, "usable")])
def test_gaps_are_said_and_make_no_grey_verdict(small, required, how) -> None:
    rows = small.counters().filter(pl.col("ts") < at(90))  # 9 of 12 scrapes
    window, clusters = (at(0), at(120)), [ClusterInfo(cluster="old")]
    capture = in_memory(
        streams_of(small.tables(), rows), window=window, clusters=clusters, sources=small.sources()
    )
    (result,) = start_here(capture, cluster="old", coverage_required=required).results
    assert result.verdict.light.value == "amber"
    assert result.verdict.sentence.startswith(f"{how}: 75 % of the expected scrapes are there")


def test_gaps_within_outages_that_events_announce_are_noted(changed) -> None:
    events = [{"name": "killed", "kind": "fault"}, {"name": "back", "kind": "recovery"}]
    marks = [table("events", [event], ts=at(second)) for event, second in zip(events, (10, 110), strict=True)]
    notes = start_here(changed(events=pl.concat(marks))).notes
    assert "1 of 1 gap of old falls within outages that events announce: killed" in notes


def test_a_capture_without_announced_outages_has_no_such_note(recorded) -> None:
    assert not any("announce" in note for note in start_here(recorded).notes)

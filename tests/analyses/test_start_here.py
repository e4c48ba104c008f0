from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.analyses import start_here
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.manifest import ClusterInfo
from tests.small import at


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


def test_a_part_of_the_capture(recorded) -> None:
    answer = start_here(recorded, cluster="old", start=at(60))
    (result,) = answer.results
    assert {figure.name: figure.value for figure in result.figures}["minutes"] == pytest.approx(1.0)
    assert answer.coverage["old"].expected == 18


@pytest.mark.parametrize(("required", "light"), [(0.95, "grey"), (0.5, "amber")])
def test_too_few_scrapes_are_not_judged(small, tmp_path, required, light) -> None:
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters().filter(pl.col("ts") < at(90)))  # 9 of 12 scrapes
        for name, rows in small.tables().items():
            writer.add_table(name, rows)
        writer.finish(window=(at(0), at(120)), clusters=[ClusterInfo(cluster="old")], sources=small.sources())
    (result,) = start_here(tmp_path / "c", cluster="old", coverage_required=required).results
    assert result.verdict.light.value == light

"""A kill between any two changes of any file: nothing is left that looks finished and is not."""

from __future__ import annotations

import os
import shutil

import polars as pl
import pytest

from kafka_analysis.capture.merge import merge_captures
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.capture.repair import repair_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import (
    CaptureError,
    CaptureIncompleteError,
    CaptureNotFoundError,
    KafkaAnalysisError,
)
from kafka_analysis.simulate.plan import plan_of
from kafka_analysis.simulate.run import simulate_plan


def rows_of(path):
    return read_capture(path).samples().collect().sort(pl.all())


def judged(point, whole, again):
    """Hold one crash point: it is whole, or named and made anew by the same command."""
    try:
        found = rows_of(point)
    except (CaptureNotFoundError, CaptureIncompleteError):
        if point.exists():
            with pytest.raises(
                CaptureError, match=r"run the same command again|nothing of capture|no capture at"
            ):
                repair_capture(point)
        if again is not None:
            again(point)
            assert rows_of(point).equals(whole)
        return False
    assert found.equals(whole)
    return True


def work_of(kind, small, tmp_path):
    """Return what makes a copy of one kind at a place."""
    one = small.write_small_capture(tmp_path / "one")
    if kind == "merge":
        later = small.counters().with_columns(pl.col("ts") + pl.duration(hours=1))
        with CaptureWriter(tmp_path / "two") as writer:
            writer.add_samples(later)
            writer.finish(window=(small.at(3600), small.at(7200)), clusters=read_capture(one).clusters)
        return lambda out: merge_captures([one, tmp_path / "two"], out)
    if kind == "redact":
        key = tmp_path / "key"
        key.write_text("00" * 32)
        return lambda out: redact_capture(one, out, key_file=key)
    if kind == "repair to elsewhere":
        (one / "tables" / "groups.parquet").unlink()
        return lambda out: repair_capture(one, out=out)
    plan = plan_of({"brokers": 3, "partitions": 6, "topics": 2, "duration": "10m", "teams": 2})
    return lambda out: simulate_plan(out, plan)


@pytest.mark.hostile
@pytest.mark.parametrize("every", [20, pytest.param(1, marks=pytest.mark.campaign)])
@pytest.mark.parametrize(
    "kind",
    [
        *[pytest.param(kind, marks=pytest.mark.campaign) for kind in ("merge", "simulate")],
        "redact",
        "repair to elsewhere",
    ],
)
def test_a_copy_is_whole_or_is_made_again(crashes, small, tmp_path, kind, every):
    work = work_of(kind, small, tmp_path)
    place = tmp_path / "place"
    place.mkdir()
    points = crashes.crash_points(place, lambda: work(place / "out"), snapshots=tmp_path / "points")
    whole = rows_of(place / "out")
    finished = [
        judged(point / "out", whole, None if n % every else lambda out: cleared(out, kind, work))
        for n, point in enumerate(points)
    ]
    assert len(points) > 10
    assert not finished[0]
    assert finished == sorted(finished)  # once it is whole, it stays so
    for point, whole in zip(points, finished, strict=True):
        assert not (whole and (point / "out" / ".spool").exists())  # the reader cleared what a writer left


def cleared(out, kind, work):
    if kind == "repair to elsewhere" and out.exists():  # it takes an absent or empty folder
        shutil.rmtree(out)
    for beside in out.parent.glob("out.*.csv"):
        beside.unlink()
    work(out)


@pytest.mark.hostile
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_recording_keeps_every_row_that_was_flushed(crashes, small, tmp_path, elsewhere):
    """Also when the repair itself is killed, and repaired again."""
    place = tmp_path / "place"
    place.mkdir()
    flushed = []
    parts = [small.counters().gather_every(3, n) for n in range(3)]

    def record():
        with CaptureWriter(place / "out") as writer:
            for part in parts:
                writer.add_samples(part)
                writer.flush(start=small.at(0))
                flushed.append(len(part))
                (place / f"flushed-{sum(flushed)}").touch()
        repair_capture(place / "out", out=place / "repaired" if elsewhere else None)

    points = crashes.crash_points(place, record, snapshots=tmp_path / "points")
    every = small.counters().sort(pl.all())
    for point in points:
        least = max((int(file.name.partition("-")[2]) for file in point.glob("flushed-*")), default=0)
        out = point / "out"
        if least == 0 and not (out / "manifest.json").exists() and nothing_is_saved(out):
            continue
        if not (out / "manifest.json").exists():
            repair_capture(out)
        rows = rows_of(out)
        assert len(rows) >= least
        assert rows.join(every, on=rows.columns, how="anti", nulls_equal=True).is_empty()
        assert rows.is_unique().all()
    assert len(points) > 20


def nothing_is_saved(out):
    try:
        repair_capture(out)
    except CaptureError:
        return True
    return False


def test_an_error_at_any_change_leaves_nothing_of_a_copy(small, tmp_path, monkeypatch):
    """The same for errors that can be handled: a disk that is full from some moment on."""
    one = small.write_small_capture(tmp_path / "one")
    real, left, needed = os.replace, [0], False

    def full(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    monkeypatch.setattr(os, "replace", full)
    for number in range(200):
        left[0] = number
        said = refused(one, tmp_path / "out")
        if said is None:
            break
        assert "no space left on the disk (" in said
        assert "\n" not in said
        assert not (tmp_path / "out").exists()
        needed = needed or "needed" in said
    assert 5 < number < 199
    assert needed
    assert read_capture(tmp_path / "out").id


def refused(one, out):
    try:
        redact_capture(one, out)
    except KafkaAnalysisError as error:
        return str(error)
    return None

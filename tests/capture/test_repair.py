from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis import stats
from kafka_analysis.capture import write as write_module
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.repair import UNFINISHED, repair_capture
from kafka_analysis.capture.spool import SPOOL, Spool
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import (
    BusyError,
    CaptureError,
    CaptureExistsError,
    CaptureIncompleteError,
    CaptureNotFoundError,
)
from kafka_analysis.model.manifest import ClusterInfo

ROOT = Path(__file__).parents[2]
KILLS = 12
# Writes a scrape of 40 series after another, and says on standard output which are on disk.
RECORDER = """
import sys
from datetime import UTC, datetime, timedelta
import polars as pl
from kafka_analysis.capture import spool
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.model.tables import table_schema

spool.LOOSE_PARTS = 4
t0 = datetime(2026, 1, 1, tzinfo=UTC)
offsets = table_schema("offsets").create_empty().schema
with CaptureWriter(sys.argv[1]) as writer:
    for n in range(100_000):
        own = {"ts": t0 + timedelta(seconds=n), "cluster": "c", "metric": "bytes_in_total"}
        rows = [dict.fromkeys(SAMPLES) | own | {"broker": b, "topic": "t", "value": float(n)} for b in range(40)]
        writer.add_samples(pl.DataFrame(rows, schema=SAMPLES))
        row = {"ts": own["ts"], "cluster": "c", "topic": "t", "partition": 0, "log_end_offset": n}
        writer.add_table("offsets", pl.DataFrame([row], schema=offsets))
        writer.flush(start=t0)
        print(n, flush=True)
"""


def unfinished(small, path, *, state=True):
    """Leave a recording of the small capture as a killed process does: flushed, with neither end nor lock."""
    with CaptureWriter(path, notes=["Made up."]) as writer:
        writer.add_samples(small.counters())
        for name, rows in small.tables().items():
            writer.add_table(name, rows)
        if state:
            clusters = [ClusterInfo(cluster="old", role="source", kafka_cluster_id="abc")]
            writer.flush(start=small.at(-5), clusters=clusters, sources=small.sources())
    return path


def test_a_recording_that_did_not_finish_becomes_a_capture(small, tmp_path):
    path = unfinished(small, tmp_path / "c")
    with pytest.raises(CaptureIncompleteError, match=rf"kafka-analysis captures repair {path}"):
        read_capture(path)
    repaired = repair_capture(path)
    capture = read_capture(path)
    assert capture.samples().collect().sort(pl.all()).equals(small.counters().sort(pl.all()))
    for name, rows in small.tables().items():
        assert len(capture.table(name)) == len(rows) == len(capture.table(name).unique())
    assert (repaired.samples, repaired.lost, repaired.whole) == (len(small.counters()), (), False)
    assert capture.manifest.notes == ("Made up.", f"repaired: {UNFINISHED}")
    assert capture.start == small.at(-5)
    assert capture.end == small.at((small.SCRAPES - 1) * small.INTERVAL_S + 0.001)
    assert capture.gaps.filter(pl.col("reason") == UNFINISHED).height == len(small.sources())
    assert capture.clusters[0].kafka_cluster_id == "abc"
    assert not (path / SPOOL).exists()


def test_it_can_be_repaired_elsewhere(small, tmp_path):
    path = unfinished(small, tmp_path / "c")
    before = sorted(p.relative_to(path) for p in path.rglob("*"))
    assert repair_capture(path, out=tmp_path / "out").path == tmp_path / "out"
    assert read_capture(tmp_path / "out").samples().collect().height == len(small.counters())
    assert sorted(p.relative_to(path) for p in path.rglob("*")) == before


def test_without_a_state_it_is_known_from_its_rows(small, tmp_path):
    path = unfinished(small, tmp_path / "c")
    (path / SPOOL / "state.json").unlink()
    repair_capture(path)
    assert [c.cluster for c in read_capture(path).clusters] == ["old"]
    assert read_capture(path).start == small.T0


def test_torn_files_are_named(small, tmp_path):
    path = unfinished(small, tmp_path / "c")
    folder = path / SPOOL / "samples%2Fold"
    (folder / "00000009-00000009.tmp").write_bytes(b"PAR1")
    repaired = repair_capture(path)
    assert "00000009-00000009.tmp" in repaired.lost[0]
    assert any("00000009-00000009.tmp" in note for note in read_capture(path).manifest.notes)


def test_a_finish_that_was_killed_begins_anew(small, tmp_path):
    path = unfinished(small, tmp_path / "c")
    (path / "samples").mkdir()
    (path / "samples" / "old-1.parquet").write_bytes(b"PAR1 half of it")
    (path / "samples" / "old-2.parquet").write_bytes(b"PAR1")
    repair_capture(path)
    capture = read_capture(path)
    assert capture.samples().collect().height == len(small.counters())
    assert [p.name for p in (path / "samples").iterdir()] == ["old-1.parquet"]


def test_nothing_can_be_saved(tmp_path):
    (tmp_path / "c" / SPOOL / "samples%2Fc").mkdir(parents=True)
    torn = tmp_path / "c" / SPOOL / "samples%2Fc" / "00000000-00000000.parquet"
    torn.write_bytes(b"PAR1")
    for out in (None, tmp_path / "out"):
        with pytest.raises(CaptureError, match=r"nothing of capture .* can be recovered"):
            repair_capture(tmp_path / "c", out=out)
    assert torn.exists()
    assert not (tmp_path / "out").exists()
    with pytest.raises(CaptureNotFoundError):
        repair_capture(tmp_path)


def test_a_recording_under_way_is_left_alone(small, tmp_path):
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters())
        writer.flush()
        for out in (None, tmp_path / "out"):
            with pytest.raises(BusyError):
                repair_capture(tmp_path / "c", out=out)
        writer.finish(window=(small.at(0), small.at(1)))
    assert not (tmp_path / "out").exists()


def test_of_a_damaged_capture_the_whole_files_are_kept(small_capture, small, tmp_path):
    (small_capture / "tables" / "groups.parquet").unlink()
    offsets = small_capture / "tables" / "offsets.parquet"
    offsets.write_bytes(offsets.read_bytes()[:-1])
    with pytest.raises(CaptureError, match="never changed: give --out"):
        repair_capture(small_capture)
    repaired = repair_capture(small_capture, out=tmp_path / "out")
    capture = read_capture(tmp_path / "out")
    assert [lost.partition(" ")[0] for lost in repaired.lost] == [
        "tables/groups.parquet",
        "tables/offsets.parquet",
    ]
    assert all(any(lost in note for note in capture.manifest.notes) for lost in repaired.lost)
    assert not capture.has_table("groups")
    assert capture.samples().collect().height == len(small.counters())
    assert capture.id != repair_capture(tmp_path / "out").path.name
    assert [s.attempts for s in capture.manifest.sources] == [s.attempts for s in small.sources()]


def test_a_whole_capture_needs_nothing(small_capture, tmp_path):
    repaired = repair_capture(small_capture, out=tmp_path / "out")
    assert repaired.whole
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("manifest", [None, "{"])
def test_without_a_manifest_files_that_can_be_read_are_described_anew(
    small_capture, small, tmp_path, manifest
):
    (small_capture / "tables" / "topics.parquet").write_bytes(b"PAR1")
    (small_capture / "manifest.json").unlink() if manifest is None else (
        small_capture / "manifest.json"
    ).write_text("{")
    repaired = repair_capture(small_capture, out=tmp_path / "out")
    capture = read_capture(tmp_path / "out")
    assert any(lost.startswith("tables/topics.parquet") for lost in repaired.lost)
    assert capture.samples().collect().equals(pl.read_parquet(small_capture / "samples" / "*.parquet"))
    assert (capture.start, [c.cluster for c in capture.clusters]) == (small.T0, ["old"])
    if manifest is None:
        assert repair_capture(small_capture).path == small_capture
        assert read_capture(small_capture).id
    else:
        with pytest.raises(CaptureError, match="never changed"):
            repair_capture(small_capture)


def test_a_folder_that_is_taken_is_left_alone(small_capture, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_text("mine")
    with pytest.raises(CaptureExistsError):
        repair_capture(small_capture, out=tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["x"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.hostile) for seed in range(1, KILLS))]
)
def test_a_killed_recording_keeps_every_flushed_row_once(tmp_path, seed):
    chance = random.Random(seed)
    command = [sys.executable, "-c", RECORDER, str(tmp_path / "c")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        said = [process.stdout.readline() for _ in range(chance.randrange(1, 30))]
        for _ in range(chance.randrange(200_000)):  # a moment somewhere within the next flushes
            pass
        process.kill()
        flushed = int([*said, *process.stdout][-1])
    repair_capture(tmp_path / "c")
    capture = read_capture(tmp_path / "c")
    rows = capture.samples().collect()
    scrapes = rows.group_by("value").agg(pl.len(), brokers=pl.col("broker").n_unique()).sort("value")
    assert scrapes["value"].to_list() == list(range(len(scrapes)))
    assert len(scrapes) > flushed
    assert scrapes["len"].unique().to_list() == scrapes["brokers"].unique().to_list() == [40]
    offsets = capture.table("offsets")["log_end_offset"].sort().to_list()
    assert offsets == list(range(len(offsets)))
    assert len(offsets) > flushed


def test_a_copy_of_a_killed_recording_can_be_taken_up_again(small, tmp_path):
    path = unfinished(small, tmp_path / "c")
    shutil.copytree(path, tmp_path / "copy")
    with CaptureWriter(tmp_path / "copy", resume=True, notes=["Again."]) as writer:
        writer.add_samples(small.counters().with_columns(pl.col("ts") + pl.duration(hours=1)))
        writer.finish(window=(writer.state.start, small.at(7200)), clusters=writer.state.clusters)
    capture = read_capture(tmp_path / "copy")
    assert capture.samples().collect().height == 2 * len(small.counters())
    assert capture.manifest.notes == ("Made up.", "Again.")
    assert capture.id.rpartition("-")[2] == writer.state.capture_id.rpartition("-")[2]
    assert Spool(path).streams


def test_what_is_finished_or_was_never_begun_cannot_be_resumed(small_capture, tmp_path):
    with pytest.raises(CaptureExistsError, match="captures merge"):
        CaptureWriter(small_capture, resume=True)
    with pytest.raises(CaptureNotFoundError, match="leave out --resume"):
        CaptureWriter(tmp_path / "none", resume=True)
    assert not (tmp_path / "none").exists()


def shifted(rows, hours):
    return rows.with_columns(pl.col("ts") + pl.duration(hours=hours))


def in_ms(rows, ms):
    return rows.with_columns(ts=pl.lit(ms).cast(pl.Datetime("ms", "UTC")))


IMPOSSIBLE = {
    "seconds for milliseconds": 1_767_225_600,
    "milliseconds for seconds": 1_767_225_600_000_000,
    "before 1970": -1,
    "year 9999": 253_402_300_799_999,
    "beyond every calendar": 2**62,
    "a year ahead": 1_798_761_600_000,
}


@pytest.mark.parametrize("ms", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_rows_of_impossible_times_in_a_spool_are_rejected_and_the_rest_is_saved(small, tmp_path, ms):
    """An earlier version let them in."""
    path = unfinished(small, tmp_path / "c")
    state = path / SPOOL / "state.json"
    known = json.loads(state.read_text())
    state.write_text(json.dumps(known | {"flushed_at": small.at(200).isoformat()}))
    spool = Spool(path)
    spool.append("samples/old", in_ms(small.counters().head(3), ms))
    spool.append("tables/topics", in_ms(small.tables()["topics"].head(1), ms))
    repaired = repair_capture(path)
    capture = read_capture(path)
    assert (repaired.rejected, len(capture.rejected())) == (4, 4)
    assert capture.samples().collect().sort(pl.all()).equals(small.counters().sort(pl.all()))
    assert capture.table("topics").equals(small.tables()["topics"], null_equal=True)
    assert (capture.start, capture.end) == (small.at(-5), small.at(110.001))
    assert set(capture.rejected()["source"]) == {"samples/old", "tables/topics"}
    assert capture.rejected()["reason"].str.starts_with("time not between 2001-01-01 and 2026-01-02").all()
    assert json.loads(capture.rejected()["text"][0])["ts"] == ms
    assert any(note.startswith("4 rows have impossible times") for note in capture.manifest.notes)


def test_a_target_s_clock_that_is_hours_ahead_does_not_stretch_the_window(small, tmp_path):
    path = unfinished(small, tmp_path / "c")
    state = path / SPOOL / "state.json"
    known = json.loads(state.read_text())
    state.write_text(json.dumps(known | {"flushed_at": small.at(115).isoformat()}))
    Spool(path).append("samples/old", shifted(small.counters().tail(1), 3))
    repaired = repair_capture(path)
    assert repaired.rejected == 0
    assert read_capture(path).end == small.at(175.001)  # a minute after the last flush, at most


@pytest.mark.parametrize("ms", list(IMPOSSIBLE.values())[:-1], ids=list(IMPOSSIBLE)[:-1])
def test_no_writer_lets_them_in_and_no_reader_falls_over_those_of_earlier_versions(
    small, tmp_path, monkeypatch, ms
):
    def write(path):
        with CaptureWriter(path) as writer:
            writer.add_samples(pl.concat([small.counters(), in_ms(small.counters().head(2), ms)]))
            writer.add_table("topics", in_ms(small.tables()["topics"], ms))
            writer.add_table("brokers", small.tables()["brokers"])
            writer.finish(window=(small.at(0), small.at(120)), clusters=[ClusterInfo(cluster="old")])
        return read_capture(path)

    new = write(tmp_path / "new")
    assert len(new.rejected()) == 2 + len(small.tables()["topics"])
    monkeypatch.setattr(write_module, "split_plausible", lambda rows, *_, **__: (rows, rows.clear()))
    old = write(tmp_path / "old")
    assert old.rejected().is_empty()
    for capture in (new, old):
        assert capture.table("topics").is_empty()
        assert capture.samples().collect().height == len(small.counters())
        assert len(capture.metrics()) == len(new.metrics())
        rates = stats.traffic_rates(capture.samples(), start=capture.start, end=capture.end)
        assert rates.equals(stats.traffic_rates(new.samples(), start=new.start, end=new.end))
        assert capture.known_topics()["topic"].n_unique() == 3

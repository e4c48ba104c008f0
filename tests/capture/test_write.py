from __future__ import annotations

import contextlib
import hashlib
import json

import polars as pl
import pytest

from kafka_analysis.capture import files, write
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.spool import Spool
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureError, CaptureExistsError, CaptureIncompleteError
from kafka_analysis.model.samples import SERIES


def test_every_file_is_named_with_rows_size_and_hash(small_capture):
    manifest = json.loads((small_capture / "manifest.json").read_text())
    on_disk = {p.relative_to(small_capture).as_posix() for p in small_capture.rglob("*.parquet")}
    assert {file["path"] for file in manifest["files"]} == on_disk
    for file in manifest["files"]:
        content = (small_capture / file["path"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert file["rows"] == len(pl.read_parquet(small_capture / file["path"]))


def test_samples_are_sorted_by_metric_series_and_time(small_capture):
    rows = pl.read_parquet(small_capture / "samples" / "old-1.parquet")
    assert rows.equals(rows.sort(*SERIES, "ts"))


def test_nothing_of_the_spool_is_left(small_capture):
    assert sorted(p.name for p in small_capture.iterdir()) == ["manifest.json", "samples", "tables"]


def test_spooled_rows_are_all_there(small, tmp_path, monkeypatch):
    monkeypatch.setattr(write, "BUFFER_ROWS", 7)
    monkeypatch.setattr(files, "ROWS_PER_GROUP", 10)
    monkeypatch.setattr(files, "ROWS_PER_FILE", 50)
    capture = read_capture(small.write_small_capture(tmp_path / "c"))
    assert capture.samples().collect().sort(pl.all()).equals(small.counters().sort(pl.all()))
    assert len(list((tmp_path / "c" / "samples").iterdir())) > 1


def test_a_cluster_s_name_does_not_lead_out_of_the_capture(small, tmp_path):
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters().with_columns(cluster=pl.lit("../../x")))
        writer.finish(window=(small.at(0), small.at(1)))
    assert [p.name for p in tmp_path.iterdir()] == ["c"]
    assert read_capture(tmp_path / "c").samples().collect()["cluster"].unique().to_list() == ["../../x"]


def test_what_was_flushed_and_what_was_not_is_kept_when_an_error_ends_it(small, tmp_path):
    with contextlib.suppress(ZeroDivisionError), CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters().head(5))
        writer.flush()
        writer.add_samples(small.counters().tail(5))
        raise ZeroDivisionError
    assert sum(len(pl.read_parquet(file)) for file in (tmp_path / "c").rglob("*.parquet")) == 10


def test_rows_can_be_given_up_instead(small, tmp_path):
    with (
        contextlib.suppress(ZeroDivisionError),
        CaptureWriter(tmp_path / "c", keep_unfinished=False) as writer,
    ):
        writer.add_samples(small.counters())
        writer.flush()
        raise ZeroDivisionError
    assert not (tmp_path / "c").exists()


def test_given_up_while_finishing_leaves_the_folder_as_empty_as_it_was(small, tmp_path, monkeypatch):
    """Files written before the disk was full go too."""
    (tmp_path / "c").mkdir()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(write, "write_atomically", full)
    with (
        contextlib.suppress(OSError),
        CaptureWriter(tmp_path / "c", keep_unfinished=False) as writer,
    ):
        writer.add_samples(small.counters())
        writer.finish(window=(small.at(0), small.at(1)))
    assert list((tmp_path / "c").iterdir()) == []


def test_the_manifest_is_there_before_the_spool_goes(small, tmp_path, monkeypatch):
    """A process killed at the very end leaves a finished capture, never one with neither."""
    monkeypatch.setattr(Spool, "remove", lambda self: (self.path.parent / "manifest.json").stat())
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters())
        writer.finish(window=(small.at(0), small.at(120)))
    assert read_capture(tmp_path / "c").samples().collect().height == len(small.counters())


def test_a_folder_that_holds_anything_is_refused(tmp_path):
    (tmp_path / "x").write_text("mine")
    with pytest.raises(CaptureExistsError, match="not empty"):
        CaptureWriter(tmp_path)
    assert (tmp_path / "x").read_text() == "mine"


def test_an_error_before_the_first_row_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), CaptureWriter(tmp_path / "c"):
        raise ZeroDivisionError
    assert not (tmp_path / "c").exists()


def test_an_error_later_leaves_a_capture_named_incomplete(small, tmp_path):
    with contextlib.suppress(ZeroDivisionError), CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters())
        raise ZeroDivisionError
    with pytest.raises(CaptureIncompleteError, match="did not finish"):
        read_capture(tmp_path / "c")


@pytest.mark.parametrize("column", ["metric", "value"])
def test_rows_that_break_the_contract_name_the_column(small, tmp_path, column):
    with CaptureWriter(tmp_path / "c") as writer, pytest.raises(CaptureError, match=column):
        writer.add_samples(small.counters().with_columns(pl.lit(None).alias(column)))


def test_an_event_of_unknown_kind_is_refused(small, tmp_path):
    with CaptureWriter(tmp_path / "c") as writer, pytest.raises(CaptureError, match="kind"):
        writer.add_table("events", small.table("events", [{"name": "x", "kind": "party"}]))


def test_an_unknown_table_is_refused_with_a_hint(small, tmp_path):
    with CaptureWriter(tmp_path / "c") as writer, pytest.raises(CaptureError, match="did you mean 'offsets'"):
        writer.add_table("offset", small.tables()["offsets"])


def test_long_rejected_lines_are_cut(small, tmp_path):
    line = {"source": ["s"], "position": [1], "text": ["x" * 10_000], "reason": ["r"]}
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_rejected(pl.DataFrame(line))
        writer.finish(window=(small.at(0), small.at(1)))
    assert read_capture(tmp_path / "c").rejected()["text"].str.len_chars().to_list() == [500]


def test_notes_learnt_while_recording_come_after_those_given(tmp_path, small):
    with CaptureWriter(tmp_path / "c", notes=["first"]) as writer:
        writer.finish(window=(small.at(0), small.at(1)), notes=["then", "last"])
    assert read_capture(tmp_path / "c").manifest.notes == ("first", "then", "last")


def test_only_its_owner_may_read_a_new_capture_and_a_folder_that_exists_keeps_its_rights(small, tmp_path):
    def rights(path):
        return {file.relative_to(path).as_posix(): file.stat().st_mode & 0o777 for file in path.rglob("*")}

    made = small.write_small_capture(tmp_path / "new")
    assert made.stat().st_mode & 0o777 == 0o700
    assert {mode for name, mode in rights(made).items() if "." in name} == {0o600}
    assert {mode for name, mode in rights(made).items() if "." not in name} == {0o700}
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    shared = rights(small.write_small_capture(tmp_path / "shared"))
    assert all(mode & 0o044 == 0o044 for mode in shared.values())


def test_a_spool_is_its_owner_s_while_it_is_written(small, tmp_path):
    with CaptureWriter(tmp_path / "c") as writer:
        writer.add_samples(small.counters())
        writer.flush()
        assert (tmp_path / "c").stat().st_mode & 0o077 == 0
        assert (tmp_path / "c" / ".spool").stat().st_mode & 0o077 == 0
        writer.finish(window=(small.at(0), small.at(1)))

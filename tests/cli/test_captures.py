from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.spool import SPOOL
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.cli import app


def run(*words):
    return CliRunner().invoke(app, ["captures", *map(str, words)])


@pytest.fixture
def unfinished(small, tmp_path):
    """Return a recording that was killed while it wrote a part."""
    with CaptureWriter(tmp_path / "unfinished") as writer:
        writer.add_samples(small.counters())
        writer.flush(start=small.T0, sources=small.sources())
    (tmp_path / "unfinished" / SPOOL / "samples%2Fold" / "00000001-00000001.tmp").write_bytes(b"PAR1")
    return tmp_path / "unfinished"


def test_repair_says_what_it_saved_and_what_was_lost(unfinished, small):
    done = run("repair", unfinished)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{unfinished}\n"
    assert f"saved {len(small.counters())} samples" in done.stderr
    assert "lost .spool/samples%2Fold/00000001-00000001.tmp" in done.stderr
    assert read_capture(unfinished).id
    again = run("repair", unfinished)
    assert (again.exit_code, again.stdout) == (0, f"{unfinished}\n")
    assert "the capture is valid" in again.stderr


def test_what_cannot_be_saved_is_2(unfinished, tmp_path):
    shutil.rmtree(unfinished / SPOOL / "samples%2Fold")
    done = run("repair", unfinished)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: nothing of capture")
    assert run("repair", tmp_path / "none").exit_code == 2


def test_a_damaged_capture_needs_another_folder(small_capture, tmp_path):
    (small_capture / "tables" / "groups.parquet").unlink()
    done = run("repair", small_capture)
    assert done.exit_code == 2
    assert "give --out" in done.stderr
    done = run("repair", small_capture, "--out", tmp_path / "out")
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path / 'out'}\n")


def test_merge(unfinished, small_capture, tmp_path):
    run("repair", unfinished)
    done = run("merge", small_capture, unfinished, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert "merged from captures" in done.stderr
    renamed = run("merge", small_capture, unfinished, "--out", tmp_path / "new", "--rename", "old=x")
    assert renamed.exit_code == 0, renamed.output
    assert {c.cluster for c in read_capture(tmp_path / "new").clusters} == {"x", "new"}


@pytest.mark.parametrize("words", [["--rename", "old"], ["--rename", "=x"], ["--rename", "odl=x"], []])
def test_merge_used_wrongly_is_2_and_writes_nothing(small_capture, tmp_path, words):
    done = run("merge", small_capture, *([small_capture] if words else []), "--out", tmp_path / "out", *words)
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_redact(small_capture, tmp_path):
    done = run("redact", small_capture, "--out", tmp_path / "out", "--key-file", tmp_path / "key")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert "orders" not in read_capture(tmp_path / "out").table("topics")["topic"].to_list()
    taken = run("redact", small_capture, "--out", tmp_path / "out")
    assert taken.exit_code == 2
    assert "not empty" in taken.stderr


def test_redact_takes_the_files_beside_along_or_says_what_is_wrong_with_them(small_capture, tmp_path):
    beside = tmp_path / f"{small_capture.name}.cells.csv"
    beside.write_text("topic,cell\norders,new\n")
    assert run("redact", small_capture, "--out", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out.cells.csv").exists()
    beside.write_text("topic\norders\n")
    wrong = run("redact", small_capture, "--out", tmp_path / "other")
    assert wrong.exit_code == 2
    assert '"cell"' in wrong.stderr
    assert not (tmp_path / "other").exists()

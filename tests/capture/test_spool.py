from __future__ import annotations

import shutil

import polars as pl
import pytest

from kafka_analysis.capture import spool
from kafka_analysis.capture.spool import Spool, SpoolState, locked, read_state
from kafka_analysis.model.errors import BusyError

STREAM = "samples/old"


@pytest.fixture
def scrapes(small):
    """Return the small capture's samples, a frame per scrape."""
    return small.counters().partition_by("ts")


def rows_of(found: Spool) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(part.path) for part in found.parts(STREAM)])


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return one.sort(pl.all()).equals(other.sort(pl.all()))


def test_small_parts_are_joined_and_no_row_is_lost(tmp_path, scrapes, monkeypatch):
    monkeypatch.setattr(spool, "LOOSE_PARTS", 3)
    written = Spool(tmp_path)
    for rows in scrapes:
        written.append(STREAM, rows)
    again = Spool(tmp_path)
    assert len(again.parts(STREAM)) <= 3
    assert [(p.first, p.last, p.rows) for p in again.parts(STREAM)] == [
        (p.first, p.last, p.rows) for p in written.parts(STREAM)
    ]
    assert again.parts(STREAM)[-1].last == len(scrapes) - 1
    assert same(rows_of(again), pl.concat(scrapes))


def test_large_parts_are_left_alone(tmp_path, scrapes, monkeypatch):
    monkeypatch.setattr(spool, "PART_ROWS", 2 * len(scrapes[0]))
    written = Spool(tmp_path)
    for rows in scrapes:
        written.append(STREAM, rows)
    assert [p.rows for p in written.parts(STREAM)] == [len(rows) for rows in scrapes]
    monkeypatch.setattr(spool, "MOST_PARTS", 4)
    assert len(written.few_parts(STREAM)) == 3
    assert same(rows_of(written), pl.concat(scrapes))
    assert same(rows_of(Spool(tmp_path)), pl.concat(scrapes))


def test_a_writer_killed_while_it_joined_parts_leaves_no_row_twice(tmp_path, scrapes, monkeypatch):
    monkeypatch.setattr(spool, "LOOSE_PARTS", 3)
    written = Spool(tmp_path / "a")
    written.append(STREAM, scrapes[0])
    written.append(STREAM, scrapes[1])
    shutil.copytree(tmp_path / "a", tmp_path / "before")
    written.append(STREAM, scrapes[2])
    shutil.copytree(
        tmp_path / "before", tmp_path / "a", dirs_exist_ok=True
    )  # not yet removed, as if it had been killed
    found = Spool(tmp_path / "a")
    assert [(p.first, p.last) for p in found.parts(STREAM)] == [(0, 2)]
    assert same(rows_of(found), pl.concat(scrapes[:3]))


def test_files_that_hold_no_whole_part_are_named_and_passed_over(tmp_path, scrapes):
    written = Spool(tmp_path)
    written.append(STREAM, scrapes[0])
    whole = written.parts(STREAM)[0].path
    whole.with_name("00000001-00000001.parquet").write_bytes(whole.read_bytes()[:-50])
    whole.with_name("00000002-00000002.tmp").write_bytes(b"PAR1")
    found = Spool(tmp_path)
    assert sorted(name.rpartition("/")[2] for name in found.torn) == [
        "00000001-00000001.parquet",
        "00000002-00000002.tmp",
    ]
    assert same(rows_of(found), scrapes[0])


def test_a_cluster_s_name_does_not_lead_out_of_the_spool(tmp_path, small):
    hostile = "samples/../../../x"
    Spool(tmp_path / "c").append(hostile, small.counters())
    assert Spool(tmp_path / "c").streams == [hostile]
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


@pytest.mark.parametrize("text", [None, "", "{", '{"capture_id": "a"}'])
def test_a_state_that_cannot_be_read_is_unknown(tmp_path, small, text):
    found = Spool(tmp_path)
    found.save_state(SpoolState(capture_id="a", start=small.T0, flushed_at=small.T0))
    assert read_state(found.path.parent).capture_id == "a"
    if text is None:
        (found.path / spool.STATE).unlink()
    else:
        (found.path / spool.STATE).write_text(text)
    assert read_state(found.path.parent) is None


def test_two_writers_do_not_meet(tmp_path):
    Spool(tmp_path)
    with locked(tmp_path), pytest.raises(BusyError, match="another process is writing"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass

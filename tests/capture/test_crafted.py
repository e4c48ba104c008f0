"""Captures somebody made by hand: named errors of one line from every reader, and no number from a wrong file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import polars as pl
import pytest

from kafka_analysis.capture.merge import merge_captures
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.capture.repair import repair_capture
from kafka_analysis.model.errors import CaptureDamagedError, CaptureError, CaptureSchemaError

TABLE = "tables/topics.parquet"
SAMPLES = "samples/old-1.parquet"


def change(path, edit):
    manifest = json.loads((path / "manifest.json").read_text())
    edit(manifest)
    (path / "manifest.json").write_text(json.dumps(manifest))


def named_again(path, name, *, rows=None):
    """Let the manifest say what a file is now: its hash and size fit."""
    content = (path / name).read_bytes()
    fit = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    fit |= {} if rows is None else {"rows": rows}
    change(path, lambda m: [f.update(fit) for f in m["files"] if f["path"] == name])


def window(**times):
    return lambda m: m["window"].update(times)


def first_file(**values):
    return lambda m: m["files"][0].update(values)


def twice(path):
    return lambda m: m["files"].append(next(f for f in m["files"] if f["path"] == SAMPLES) | {"path": path})


MANIFESTS = {
    "a file twice": (twice(SAMPLES), "named twice"),
    "a file twice, as ./": (twice("samples/./old-1.parquet"), "not a plain path"),
    "a file twice, as ../": (twice("samples/../samples/old-1.parquet"), "outside the capture"),
    "a file twice, with //": (twice("samples//old-1.parquet"), "not a plain path"),
    "an absolute path": (first_file(path="/etc/passwd"), "outside the capture"),
    "a path with NUL": (first_file(path="samples/a\0-1.parquet"), "not a plain path"),
    "half a character": (first_file(path="samples/\ud800-1.parquet"), "not a JSON object"),
    "half a character in a note": (lambda m: m.update(notes=["\udfff"]), "not a JSON object"),
    "year 9999": (window(end="9999-12-31T23:59:59-10:00"), "between 2001 and 2100"),
    "year 1": (window(start="0001-01-01T00:00:00+10:00"), "between 2001 and 2100"),
    "seconds for milliseconds": (window(start=1_767_225, end=1_767_226), "between 2001 and 2100"),
    "a naive time": (window(start="2026-01-01T12:00:00"), "time zone"),
    "an empty window": (window(start="2026-01-01T12:00:00Z", end="2026-01-01T12:00:00Z"), "not before its end"),
    "a window backwards": (window(start="2026-01-02T12:00:00Z", end="2026-01-01T12:00:00Z"), "not before"),
    "a gap without end": (
        lambda m: m["sources"][0]["gaps"].append(
            {"start": "2026-01-01T12:00:00Z", "end": "9999-12-31T23:59:59Z", "reason": "x"}
        ),
        "gap",
    ),
    "no interval": (lambda m: m["sources"][0].update(interval_s=float("nan")), "interval"),
    "an endless interval": (lambda m: m["sources"][0].update(interval_s=1e300), "interval"),
    "a huge number": (first_file(rows=10**400), "files.0.rows"),
    "a huge count": (lambda m: m["sources"][0].update(attempts=10**30), "sources.0.attempts"),
    "a huge broker": (lambda m: m["sources"][0].update(broker=10**12), "sources.0.broker"),
    "version 0": (lambda m: m.update(schema_version=0), "schema_version"),
    "a negative number": (first_file(bytes=-1), "files.0.bytes"),
    "no files": (lambda m: m.update(files=None), "files"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_cannot_be_true_is_named(small_capture, edit, said):
    change(small_capture, edit)
    refused_by_all(small_capture, said)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "1" * 10_000, '{"schema_version": NaN}', "null"]
)
def test_json_that_nobody_writes_is_named(small_capture, text):
    (small_capture / "manifest.json").write_text(text)
    refused_by_all(small_capture, "is damaged: ")


def test_a_version_that_is_a_huge_number_is_newer(small_capture):
    change(small_capture, lambda m: m.update(schema_version=10**300))
    with pytest.raises(CaptureSchemaError) as caught:
        read_capture(small_capture)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("link", [os.symlink, os.link, shutil.copyfile])
def test_one_content_under_two_names_is_named(small_capture, link):
    link((small_capture / SAMPLES).absolute(), small_capture / "samples" / "old-2.parquet")
    change(small_capture, twice("samples/old-2.parquet"))
    refused_by_all(small_capture, "would count twice")


def test_a_link_out_of_the_capture_is_named(small_capture, tmp_path):
    shutil.move(small_capture / "samples", tmp_path / "elsewhere")
    (small_capture / "samples").symlink_to(tmp_path / "elsewhere")
    refused_by_all(small_capture, "lies outside the capture")


def other_type(path):
    pl.read_parquet(path / TABLE, glob=False).with_columns(topic=pl.lit(7)).write_parquet(path / TABLE)


def other_time(path):
    rows = pl.read_parquet(path / SAMPLES, glob=False).with_columns(pl.col("ts").dt.cast_time_unit("us"))
    rows.write_parquet(path / SAMPLES)


def without_column(path):
    pl.read_parquet(path / SAMPLES, glob=False).drop("value").write_parquet(path / SAMPLES)


def with_nulls(path):
    rows = pl.read_parquet(path / SAMPLES, glob=False)
    rows.with_columns(metric=pl.lit(None, pl.String)).write_parquet(path / SAMPLES)


def fewer_rows(path):
    pl.read_parquet(path / TABLE, glob=False).head(1).write_parquet(path / TABLE)


def no_parquet(path):
    (path / TABLE).write_text("topic,cluster\n")


def empty(path):
    (path / TABLE).write_bytes(b"")


def truncated(path):
    (path / SAMPLES).write_bytes((path / SAMPLES).read_bytes()[:-100])


def a_page_overwritten(path):
    content = bytearray((path / SAMPLES).read_bytes())
    content[30:200] = b"\xff" * 170
    (path / SAMPLES).write_bytes(content)


DAMAGE = {
    other_type: "as Int32, not String",
    other_time: "time_unit='us'",
    without_column: "no column 'value'",
    with_nulls: "lacks",
    fewer_rows: "holds 1 rows",
    no_parquet: "not a Parquet file",
    empty: "not a Parquet file",
    truncated: "not a Parquet file",
    a_page_overwritten: "cannot be read",
}


@pytest.mark.parametrize(("damage", "said"), DAMAGE.items(), ids=[one.__name__ for one in DAMAGE])
def test_a_file_with_a_fitting_hash_is_still_held_against_the_contract(small_capture, tmp_path, damage, said):
    damage(small_capture)
    for name in (TABLE, SAMPLES):
        named_again(small_capture, name)
    refused_by_all(small_capture, said)
    repaired = repair_capture(small_capture, out=tmp_path / "saved")
    assert len(repaired.lost) == 1
    assert read_capture(tmp_path / "saved").id


def refused_by_all(path, said):
    for reader in (read_capture, merged, redacted):
        with pytest.raises(CaptureDamagedError) as caught:
            reader(path)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 1000
    with pytest.raises(CaptureError, match="never changed"):
        repair_capture(path)
    assert sorted(file.name for file in path.parent.iterdir() if file.name.startswith("out")) == []


def merged(path):
    merge_captures([path, path], path.parent / "out")


def redacted(path):
    redact_capture(path, path.parent / "out")


def test_a_column_that_an_earlier_version_did_not_write_is_unknown(small_capture, small):
    rows = pl.read_parquet(small_capture / TABLE, glob=False)
    rows.drop("topic_id").with_columns(mood=pl.lit("good")).write_parquet(small_capture / TABLE)
    named_again(small_capture, TABLE)
    found = read_capture(small_capture).table("topics")
    assert found.columns == rows.columns
    assert found["topic_id"].to_list() == [None] * len(rows)


def test_only_files_the_manifest_names_are_read(small_capture):
    before = read_capture(small_capture).samples().collect()
    shutil.copyfile(small_capture / SAMPLES, small_capture / "samples" / "old-2.parquet")
    assert read_capture(small_capture).samples().collect().equals(before)


def test_a_spool_left_by_a_finished_writer_is_cleared(small_capture, small):
    leave_spool(small_capture)
    assert read_capture(small_capture).id
    assert not (small_capture / ".spool").exists()
    leave_spool(small_capture)
    assert repair_capture(small_capture).whole
    assert not (small_capture / ".spool").exists()


def leave_spool(path):
    (path / ".spool" / "samples%2Fold").mkdir(parents=True)
    (path / ".spool" / "samples%2Fold" / "00000000-00000000.parquet").write_bytes(b"PAR1")
    (path / ".spool" / "lock").touch()


def test_a_spool_is_left_to_a_writer_that_still_holds_it(small_capture):
    from kafka_analysis.capture.spool import locked

    leave_spool(small_capture)
    with locked(small_capture):
        assert read_capture(small_capture).id
        assert (small_capture / ".spool" / "samples%2Fold").exists()


def test_a_spool_that_cannot_be_removed_is_no_reason_not_to_read(small_capture, monkeypatch):
    def refused(*_, **__):
        raise OSError(30, "Read-only file system")

    leave_spool(small_capture)
    monkeypatch.setattr(shutil, "rmtree", refused)
    assert read_capture(small_capture).id

from __future__ import annotations

import hashlib
import json

import pytest

from kafka_analysis.capture.read import VERIFIED, read_capture
from kafka_analysis.model.errors import (
    CaptureDamagedError,
    CaptureIncompleteError,
    CaptureNotFoundError,
    CaptureSchemaError,
)


def change(path, **values):
    file = path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_a_folder_that_is_no_capture(tmp_path):
    with pytest.raises(CaptureNotFoundError, match=r"there is no manifest\.json"):
        read_capture(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CaptureNotFoundError, match="it is a file"):
        read_capture(tmp_path / "file")


def test_without_a_manifest_it_is_incomplete(small_capture):
    (small_capture / "manifest.json").unlink()
    with pytest.raises(CaptureIncompleteError, match="did not finish"):
        read_capture(small_capture)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema_version": 1}'])
def test_a_manifest_that_cannot_be_read_is_damaged(small_capture, text):
    (small_capture / "manifest.json").write_text(text)
    with pytest.raises(CaptureDamagedError, match="is damaged"):
        read_capture(small_capture)


def test_a_newer_schema_is_named(small_capture):
    change(small_capture, schema_version=2)
    with pytest.raises(CaptureSchemaError, match="schema version 2, this version reads up to 1"):
        read_capture(small_capture)


def test_a_missing_file_is_named(small_capture):
    (small_capture / "tables" / "offsets.parquet").unlink()
    with pytest.raises(CaptureDamagedError, match=r"tables/offsets\.parquet is missing"):
        read_capture(small_capture)


def test_a_truncated_file_is_found_without_hashing(small_capture):
    file = small_capture / "samples" / "old-1.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(
        CaptureDamagedError, match=r"samples/old-1\.parquet is not the file that was recorded"
    ):
        read_capture(small_capture, verify=False)


def test_one_changed_byte_is_found_by_its_hash(small_capture):
    file = small_capture / "samples" / "old-1.parquet"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    with pytest.raises(CaptureDamagedError, match="is not the file that was recorded"):
        read_capture(small_capture)
    assert read_capture(small_capture, verify=False).id


def test_files_are_not_compared_again_where_a_report_has_just_done_it_for_this_manifest(
    small_capture, monkeypatch
):
    file = small_capture / "samples" / "old-1.parquet"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    digest = hashlib.sha256((small_capture / "manifest.json").read_bytes()).hexdigest()
    monkeypatch.setenv(VERIFIED, digest)
    assert read_capture(small_capture).id
    change(small_capture, notes=["another manifest"])
    with pytest.raises(CaptureDamagedError, match="is not the file that was recorded"):
        read_capture(small_capture)


def test_a_manifest_cannot_reach_outside_the_capture(small_capture):
    files = json.loads((small_capture / "manifest.json").read_text())["files"]
    change(small_capture, files=[files[0] | {"path": "../other.parquet"}])
    with pytest.raises(CaptureDamagedError, match="outside the capture"):
        read_capture(small_capture)


def test_what_a_later_version_adds_to_the_manifest_is_passed_over(small_capture):
    change(small_capture, mood="good")
    assert read_capture(small_capture).manifest.notes == ("Made up by a test.",)

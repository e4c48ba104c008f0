"""A new nullable column never makes an older capture unreadable: it is null, whatever is done with the capture."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.capture.external_sort import merge_sorted
from kafka_analysis.capture.files import describe_file
from kafka_analysis.capture.merge import merge_captures
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact import redact_capture
from kafka_analysis.capture.repair import repair_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureError
from kafka_analysis.model.tables import TABLES, empty_table, with_all_columns

NULLABLE = [(n, c) for n, schema in TABLES.items() for c, kind in schema.columns().items() if kind.nullable]


@pytest.fixture
def older(small):
    """Return a function that writes the small capture with one column taken out of the file of a table."""

    def write(path: Path, table: str, column: str, *, token: str = "") -> Path:
        small.write_small_capture(path)
        file, manifest = path / "tables" / f"{table}.parquet", path / "manifest.json"
        pl.read_parquet(file).drop(column).write_parquet(file)
        told = json.loads(manifest.read_text())
        told["capture_id"] += token
        told["files"] = [
            json.loads(describe_file(path, path / one["path"]).model_dump_json()) for one in told["files"]
        ]
        manifest.write_text(json.dumps(told))
        return path

    return write


@pytest.mark.parametrize(("table", "column"), NULLABLE)
def test_a_nullable_column_that_is_absent_is_null(table, column):
    rows = with_all_columns(table, empty_table(table).drop(column))
    assert rows.schema == empty_table(table).schema


def test_any_other_stays_absent():
    assert "path" not in with_all_columns("log_dirs", empty_table("log_dirs").drop("path")).columns


def test_an_older_capture_is_read(older, tmp_path):
    rows = read_capture(older(tmp_path / "a", "brokers", "rack")).table("brokers")
    assert rows.columns == empty_table("brokers").columns
    assert len(rows) == 3
    assert rows["rack"].is_null().all()


def test_it_is_merged_redacted_and_repaired(older, small, tmp_path):
    one = older(tmp_path / "one", "brokers", "rack")
    merged = merge_captures([one, older(tmp_path / "two", "brokers", "rack", token="2")], tmp_path / "m")
    assert merged.table("brokers")["rack"].is_null().all()
    assert len(merged.table("brokers")) == 3
    assert redact_capture(one, tmp_path / "r").table("brokers")["rack"].is_null().all()
    (one / "manifest.json").unlink()
    repaired = repair_capture(one)
    assert not repaired.lost
    assert len(read_capture(one).table("brokers")) == 3


def test_columns_that_a_row_cannot_do_without_are_still_asked_for(tmp_path, small):
    with CaptureWriter(tmp_path / "a") as writer, pytest.raises(CaptureError, match="broker"):
        writer.add_table("brokers", small.tables()["brokers"].drop("broker"))


@pytest.mark.parametrize("older_first", [True, False])
def test_parts_that_two_versions_wrote_are_merged(tmp_path, older_first):
    parts = [pl.DataFrame({"a": [1, 4]}), pl.DataFrame({"a": [2, 9], "b": [True, False]})]
    files = [tmp_path / "0", tmp_path / "1"]
    for file, rows in zip(files, parts if older_first else parts[::-1], strict=True):
        rows.write_parquet(file)
    merged = pl.concat(merge_sorted(files, ["a"]))
    assert merged.rows() == [(1, None), (2, True), (4, None), (9, False)]

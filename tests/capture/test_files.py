from __future__ import annotations

import polars as pl
import pyarrow.parquet as pq
import pytest

from kafka_analysis.capture import files
from kafka_analysis.capture.files import removed_on_error, row_groups, write_parquet_files


def test_files_end_when_they_are_full(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS_PER_GROUP", 10)
    monkeypatch.setattr(files, "ROWS_PER_FILE", 25)
    pieces = [pl.DataFrame({"a": range(n, n + 17)}) for n in range(0, 68, 17)]
    written = write_parquet_files(pieces, lambda n: tmp_path / "folder" / f"{n}.parquet")
    assert [pq.read_metadata(file).num_rows for file in written] == [30, 30, 8]
    assert pl.read_parquet(written)["a"].to_list() == list(range(68))


def test_files_end_by_bytes_too(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS_PER_GROUP", 10)
    monkeypatch.setattr(files, "BYTES_PER_FILE", 1)
    rows = [pl.DataFrame({"a": range(30)})]
    assert len(write_parquet_files(rows, lambda n: tmp_path / f"{n}")) == 3
    assert len(write_parquet_files(rows, lambda n: tmp_path / f"{n}", split=False)) == 1


def test_every_type_of_the_contract_comes_back(tmp_path, small):
    for name, rows in {"samples": small.counters(), **small.tables()}.items():
        written = write_parquet_files([rows], lambda n, name=name: tmp_path / f"{name}-{n}")
        assert pl.read_parquet(written).equals(rows)
        assert pl.read_parquet(written).schema == rows.schema


def test_no_row_no_file(tmp_path):
    assert write_parquet_files([pl.DataFrame({"a": []})], lambda n: tmp_path / f"{n}") == []
    assert list(row_groups([])) == []


def test_an_error_removes_the_folder(tmp_path):
    (tmp_path / "new" / "deep").mkdir(parents=True)
    with pytest.raises(KeyboardInterrupt), removed_on_error(tmp_path / "new"):
        raise KeyboardInterrupt
    assert not (tmp_path / "new").exists()

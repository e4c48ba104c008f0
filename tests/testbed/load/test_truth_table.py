from __future__ import annotations

from pathlib import Path

from testbed.load.record_of_truth import Tally, TruthFile
from testbed.load.truth_table import acknowledged_bytes, truth_table


def written(folder: Path) -> None:
    file = TruthFile(folder / "0.jsonl")
    acknowledged = Tally(file, "monolith", "p", "acknowledged", bucket_s=10**10)
    acknowledged.at("t", 0).add(1, 100, 7)
    acknowledged.at("t", 0).add(1, 50, 8)
    acknowledged.at("größe", 1).add(1, 10, 0)
    acknowledged.flush()
    assert truth_table(folder).is_empty()  # their time is not over
    acknowledged.flush(everything=True)
    acknowledged.batches("t", size=300, count=2)
    markers = Tally(file, "monolith", "p", "markers")
    markers.at("t", 0).markers += 1
    markers.flush(everything=True)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    written(tmp_path)
    table = truth_table(tmp_path)
    assert table["ts"].dtype.time_zone == "UTC"
    rows = table.select(
        "kind", "topic", "partition", "records", "bytes", "batches", "markers", "first_offset", "last_offset"
    )
    assert sorted(rows.rows(), key=str) == [
        ("acknowledged", "größe", 1, 1, 10, None, None, 0, 0),
        ("acknowledged", "t", 0, 2, 150, None, None, 7, 8),
        ("batches", "t", None, None, 300, 2, None, None, None),
        ("markers", "t", 0, None, None, None, 1, None, None),
    ]


def test_weights_are_bytes_acknowledged(tmp_path: Path) -> None:
    written(tmp_path)
    assert acknowledged_bytes(tmp_path) == {("t", 0): 150.0, ("größe", 1): 10.0}


def test_no_file_is_an_empty_table(tmp_path: Path) -> None:
    assert truth_table(tmp_path).is_empty()

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.capture import external_sort
from kafka_analysis.capture.external_sort import merge_sorted, unique_rows
from kafka_analysis.model.errors import CaptureConflictError
from kafka_analysis.model.samples import SERIES

KEY = ["a", "b"]
rows = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 5)), st.sampled_from([None, "", "x", "y\n"])), max_size=400
)


def written(folder: Path, runs: list[pl.DataFrame]) -> list[Path]:
    files = [folder / f"{n}.parquet" for n in range(len(runs))]
    for run, file in zip(runs, files, strict=True):
        run.write_parquet(file, row_group_size=30)
    return files


@given(st.lists(rows, min_size=1, max_size=6), st.sampled_from([1, 30, 10_000]))
def test_it_is_what_a_stable_sort_of_all_rows_gives(runs, in_memory):
    frames, number = [], 0
    for run in runs:
        keys = pl.DataFrame(run, schema={"a": pl.Int64, "b": pl.String}, orient="row")
        frames.append(keys.sort(KEY, maintain_order=True).with_columns(n=pl.int_range(pl.len()) + number))
        number += len(run)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(external_sort, "ROWS_IN_MEMORY", in_memory)
        patch.setattr(external_sort, "LEAST_ROWS", 3)
        merged = list(merge_sorted(written(Path(folder), frames), KEY))
    expected = pl.concat(frames).sort(KEY, maintain_order=True)
    assert (pl.concat(merged) if merged else expected.clear()).equals(expected)


def test_no_more_rows_than_agreed_are_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(external_sort, "ROWS_IN_MEMORY", 1_000)
    runs = [pl.DataFrame({"a": range(n, 20_000, 4)}) for n in range(4)]
    pieces = list(merge_sorted(written(tmp_path, runs), ["a"]))
    assert pl.concat(pieces)["a"].to_list() == list(range(20_000))
    assert max(map(len, pieces)) <= 2_000


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1), st.integers(1, 5))
def test_equal_rows_are_found_wherever_the_pieces_are_cut(pairs, length):
    frame = pl.DataFrame(pairs, schema=["a", "b"], orient="row").sort("a", maintain_order=True)
    found = pl.concat(unique_rows(frame.iter_slices(length), ["a"], one_per_key=False))
    assert found.equals(frame.unique(maintain_order=True))


def test_lists_are_compared_too():
    frame = pl.DataFrame({"a": [1, 1, 1], "b": [[1, 2], [1, 2], [1]]})
    found = pl.concat(unique_rows(iter([frame]), ["a"], one_per_key=False))
    assert found["b"].to_list() == [[1, 2], [1]]


def test_two_values_of_one_series_are_named(small):
    twice = small.counters().filter(pl.col("topic") == "orders").head(1)
    frames = iter([twice, twice.with_columns(value=pl.lit(7.5))])
    with pytest.raises(
        CaptureConflictError, match=r"disagree: .*topic=orders.* at 2026-01-01 12:00:00.* is 0, 7\.5"
    ):
        list(unique_rows(frames, [*SERIES, "ts"], one_per_key=True))

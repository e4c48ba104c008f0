from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats import written_at

T0 = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = {"cluster": "c", "topic": "t", "partition": 0}


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def answers(*rows: tuple[float, int | None, int | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"ts": at(s), **PLACE, "log_start_offset": start, "log_end_offset": end} for s, start, end in rows],
        schema_overrides={
            "ts": pl.Datetime("ms", "UTC"),
            "log_start_offset": pl.Int64,
            "log_end_offset": pl.Int64,
        },
    )


def found(ends: pl.DataFrame, position: int | None, *, when: float = 100) -> tuple[float | None, ...]:
    """Return since, until and written_at of one position, in seconds."""
    reads = pl.DataFrame(
        [{"ts": at(when), **PLACE, "position": position}], schema_overrides={"position": pl.Int64}
    )
    row = written_at(reads, ends).row(0, named=True)
    return tuple(
        None if row[name] is None else (row[name] - T0).total_seconds()
        for name in ("since", "until", "written_at")
    )


STEADY = answers((0, 0, 100), (10, 0, 100), (20, 0, 200), (30, 0, 300))


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (100, (10.0, 20.0, 10.05)),  # the first of a hundred records of ten seconds
        (150, (10.0, 20.0, 15.05)),
        (199, (10.0, 20.0, 19.95)),
        (200, (20.0, 30.0, 20.05)),
        (300, (30.0, None, None)),  # not written yet
        (99, (None, 0.0, None)),  # before the log was first seen
        (None, (None, None, None)),
    ],
)
def test_the_record_was_written_between_two_answers(position, expected) -> None:
    assert found(STEADY, position) == expected


def test_of_deleted_records_the_first_that_is_left_is_read_next() -> None:
    ends = answers((0, 0, 100), (10, 150, 200), (20, 150, 300))
    assert found(ends, 10) == found(ends, 150) == (0.0, 10.0, 5.05)


def test_a_log_that_was_created_again_says_nothing_of_its_predecessor() -> None:
    ends = answers((0, 0, 1000), (10, 0, 2000), (20, 0, 50), (30, 0, 150))
    assert found(ends, 100) == (20.0, 30.0, 25.05)
    assert found(ends, 10) == (None, 20.0, None)
    assert found(ends, 1500, when=15) == (0.0, 10.0, pytest.approx(5.005, abs=0.002))


def test_a_dip_of_the_high_watermark_is_the_same_log() -> None:
    ends = answers((0, 0, 1000), (10, 0, 1100), (20, 0, 1090), (30, 0, 1200))
    assert found(ends, 1050) == (0.0, 10.0, pytest.approx(5.611, abs=0.01))
    assert found(ends, 1095)[:2] == (20.0, 30.0)


def test_answers_that_are_missing_are_bridged() -> None:
    ends = answers((0, 0, 100), (10, None, None), (20, 0, 200))
    assert found(ends, 150) == (0.0, 20.0, 10.1)


def test_without_an_answer_before_nothing_is_known() -> None:
    assert found(STEADY, 50, when=-5) == (None, None, None)
    assert found(STEADY.clear(), 50) == (None, None, None)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(0, 200), st.integers(0, 130))
def test_it_is_what_a_walk_through_the_answers_finds(growth: list[int], position: int, when: int) -> None:
    ends = [sum(growth[: n + 1]) for n in range(len(growth))]
    table = answers(*((10 * n, 0, end) for n, end in enumerate(ends)))
    if when < 0 or position >= ends[-1]:
        return
    crossed = next(n for n, end in enumerate(ends) if end > position)
    since = None if crossed == 0 else 10.0 * (crossed - 1)
    assert found(table, position, when=max(when, 0))[:2] == (since, 10.0 * crossed)


def test_rows_keep_their_order_and_columns() -> None:
    reads = pl.DataFrame({"ts": [at(30), at(25)], **PLACE, "position": [250, 150], "group": ["b", "a"]})
    done = written_at(reads, STEADY)
    assert done.select(reads.columns).equals(reads)
    assert done["log_end_offset"].to_list() == [300, 200]

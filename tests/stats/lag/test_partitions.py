from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import group_lag, measure_lag
from kafka_analysis.stats.lag import partitions

T0 = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = 60.0


def moments(count: int) -> list[datetime]:
    return [T0 + timedelta(minutes=n) for n in range(count)]


def reads(offsets: list[int], *, group: str = "g", partition: int = 0) -> pl.DataFrame:
    rows = {"ts": moments(len(offsets)), "cluster": "c", "topic": "t", "partition": partition, "group": group}
    schema = {
        "ts": pl.Datetime("ms", "UTC"),
        "cluster": pl.String,
        "group": pl.String,
        "topic": pl.String,
        "partition": pl.Int32,
        "committed_offset": pl.Int64,
    }
    return pl.DataFrame({**rows, "committed_offset": offsets}, schema_overrides=schema)


def logs(ends: list[int], *, partition: int = 0) -> pl.DataFrame:
    rows = {
        "ts": moments(len(ends)),
        "cluster": "c",
        "topic": "t",
        "partition": partition,
        "log_start_offset": 0,
    }
    schema = {
        "ts": pl.Datetime("ms", "UTC"),
        "cluster": pl.String,
        "topic": pl.String,
        "partition": pl.Int32,
        "log_start_offset": pl.Int64,
        "log_end_offset": pl.Int64,
    }
    return pl.DataFrame({**rows, "log_end_offset": ends}, schema_overrides=schema)


MINUTELY = [600 * n for n in range(13)]


@pytest.mark.parametrize(
    ("committed", "condition", "close"),
    [
        (MINUTELY, "keeps up", None),
        ([max(end - 600, 0) for end in MINUTELY], "keeps up", None),  # a minute behind all the time
        ([0] * 13, "stuck", None),
        ([300 * n for n in range(13)], "slow", None),
        ([0] * 3 + [660 * n for n in range(1, 11)], "catching up", 600.0),
    ],
)
def test_conditions(committed, condition, close) -> None:
    lag = measure_lag(reads(committed), logs(MINUTELY), tolerance_s=30)
    row = lag.partitions.row(0, named=True)
    assert (row["condition"], row["seconds_to_close"]) == (condition, close and pytest.approx(close))


def test_pace_is_that_of_the_last_ten_answers() -> None:
    committed = [0] * 5 + [900 * n for n in range(1, 9)]
    row = measure_lag(reads(committed), logs(MINUTELY)).partitions.row(0, named=True)
    # answers 3 to 12 are nine minutes: 7,200 read, 5,400 written
    assert (row["answers"], row["consumed_per_s"], row["produced_per_s"]) == (10, 7200 / 540, 10.0)


def test_time_to_close_is_lag_over_closing_speed() -> None:
    committed, ends = [0, 1200, 2400], [6000, 6600, 7200]
    row = measure_lag(reads(committed), logs(ends)).partitions.row(0, named=True)
    assert row["seconds_to_close"] == pytest.approx(4800 / (20 - 10))
    assert row["peak_lag_records"] == 6000


def test_one_answer_tells_no_pace() -> None:
    row = measure_lag(reads([10]), logs([50])).partitions.row(0, named=True)
    assert (row["lag_records"], row["consumed_per_s"], row["seconds_to_close"]) == (40, None, None)
    assert row["condition"] == "keeps up"


def test_without_log_ends_the_lag_is_unknown() -> None:
    lag = measure_lag(reads([10, 20]), logs([]))
    assert lag.partitions["condition"].to_list() == ["unknown"]
    assert lag.over_time["lag_records"].to_list() == [None, None]


def test_groups_are_summed_up_over_their_partitions() -> None:
    committed = pl.concat([reads([0, 10]), reads([0, 50], partition=1), reads([9, 9], group="h")])
    ends = pl.concat([logs([10, 20]), logs([100, 200], partition=1)])
    lag = measure_lag(committed, ends)
    sums = lag.over_time.select("group", "ts", "lag_records").rows()
    assert sums == [("g", T0, 110), ("h", T0, 1), ("g", moments(2)[1], 160), ("h", moments(2)[1], 11)]
    each = group_lag(committed, ends).filter(group="g", ts=moments(2)[1])
    assert lag.over_time.filter(group="g")["lag_seconds"][-1] == each["lag_seconds"].max()


def test_nothing_to_read_is_no_error() -> None:
    lag = measure_lag(reads([]), logs([]))
    assert (len(lag.partitions), len(lag.over_time)) == (0, 0)


def test_parts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    committed = pl.concat([reads([n, 5 * n, 40], partition=n) for n in range(5)])
    ends = pl.concat([logs([10, 40, 90], partition=n) for n in range(5)])
    whole = measure_lag(committed, ends)
    monkeypatch.setattr(partitions, "_PART_ROWS", 4)
    parted = measure_lag(committed.lazy(), ends.lazy())
    assert whole.partitions.equals(parted.partitions)
    assert whole.over_time.equals(parted.over_time)


def test_of_many_answers_some_are_looked_at_and_all_of_the_last_ten() -> None:
    count = 40
    committed, ends = [3 * n for n in range(count)], [5 * n for n in range(count)]
    whole = measure_lag(reads(committed), logs(ends))
    thinned = measure_lag(reads(committed), logs(ends), shown_answers=10)
    assert thinned.partitions.equals(whole.partitions)
    assert thinned.over_time["ts"].to_list() == [*moments(30)[4::5], *moments(count)[30:]]
    assert (len(thinned.answers), len(whole.over_time)) == (count, count)


def test_a_group_that_is_no_longer_listed_keeps_its_last_row() -> None:
    lag = measure_lag(pl.concat([reads([1, 2], group="gone"), reads([1] * 20)]), logs([9] * 20))
    rows = {row["group"]: row for row in lag.partitions.iter_rows(named=True)}
    assert (rows["gone"]["committed_offset"], rows["gone"]["ts"], rows["gone"]["consumed_per_s"]) == (
        2,
        moments(2)[1],
        None,
    )
    assert rows["g"]["condition"] == "stuck"


@pytest.mark.parametrize(
    ("committed", "ends", "condition"),
    [
        ([99] * 5, [100] * 5, "keeps up"),  # may be the marker of a transaction, which nobody reads
        ([98] * 5, [100] * 5, "stuck"),
        ([99] * 5, [100, 100, 100, 100, 101], "stuck"),  # the log grows
    ],
)
def test_a_lag_of_1_at_rest_is_not_called_stuck(committed, ends, condition) -> None:
    assert measure_lag(reads(committed), logs(ends)).partitions["condition"].to_list() == [condition]


@pytest.mark.parametrize(("recent", "answers", "condition"), [(3, 3, "stuck"), (12, 12, "keeps up")])
def test_the_pace_is_that_of_as_many_answers_as_asked_for(recent: int, answers: int, condition: str) -> None:
    """Commits are rarer than answers: the last three show the same offset."""
    committed = [600 * (n - n % 6) for n in range(12)]
    lag = measure_lag(reads(committed), logs(MINUTELY[:12]), tolerance_s=360, recent_answers=recent)
    row = lag.partitions.row(0, named=True)
    assert (row["answers"], row["condition"]) == (answers, condition)

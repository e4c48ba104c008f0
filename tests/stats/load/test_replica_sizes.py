"""Sizes come from the metrics, and of brokers that tell none from their log directories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.model.samples import empty_samples
from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats import Window, partition_load, replica_sizes, sized_by_log_dirs, with_cordoned

T0 = datetime(2026, 1, 1, tzinfo=UTC)
WINDOWS = {"c": Window(T0, T0 + timedelta(seconds=100))}


def samples(*rows):
    told = [
        {"metric": "log_size_bytes", "ts": T0 + timedelta(seconds=50), "cluster": "c", "broker": broker, "topic": "t",
         "partition": partition, "value": value}
        for broker, partition, value in rows
    ]  # fmt: skip
    return (
        pl.concat([empty_samples(), pl.DataFrame(told)], how="diagonal_relaxed") if told else empty_samples()
    )


def listed(*rows, cordoned=None):
    told = [
        {"ts": T0 + timedelta(seconds=at), "cluster": "c", "broker": broker, "path": "/d", "topic": "t",
         "partition": partition, "size_bytes": size, "is_future": future}
        for at, broker, partition, size, future in rows
    ]  # fmt: skip
    frame = pl.concat([empty_table("log_dirs"), pl.DataFrame(told)], how="diagonal_relaxed")
    return (
        frame if cordoned is None else frame.with_columns(is_cordoned=pl.Series(cordoned, dtype=pl.Boolean))
    )


def sizes(*found):
    return {(row["broker"], row["partition"]): row["last"] for row in found[0].iter_rows(named=True)}


def test_a_broker_that_tells_none_has_the_sizes_of_its_log_directories():
    rows = [(0, 1, 0, 999, False), (0, 2, 0, 70, False), (0, 2, 1, 30, False), (0, 2, 1, 5, True)]
    found = replica_sizes(samples((1, 0, 7.0)), log_dirs=listed(*rows), windows=WINDOWS)
    assert sizes(found) == {(1, 0): 7.0, (2, 0): 70.0, (2, 1): 30.0}
    assert found.filter(broker=1)["sized_at"].item() is None


def test_between_two_answers_a_log_grows_evenly_and_what_came_later_was_not_there():
    rows = [(0, 2, 0, 100, False), (400, 2, 0, 500, False), (400, 2, 1, 9, False)]
    found = replica_sizes(samples(), log_dirs=listed(*rows), windows=WINDOWS)
    assert sizes(found) == {(2, 0): 200.0}
    later = replica_sizes(samples(), log_dirs=listed(*rows[1:]), windows=WINDOWS)
    assert sizes(later) == {(2, 0): 500.0, (2, 1): 9.0}


@pytest.mark.parametrize("told", [samples(), samples((1, 0, 7.0))])
def test_without_log_directories_nothing_is_added(told):
    found = replica_sizes(told, log_dirs=empty_table("log_dirs"), windows=WINDOWS)
    assert len(found) == len(told)


def test_the_partitions_it_was_read_for_are_said():
    rows = replica_sizes(samples((1, 0, 7.0)), log_dirs=listed((0, 2, 1, 30, False)), windows=WINDOWS)
    placed = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "leader": [1, 2],
                           "replicas": [[1, 2], [2, 1]]})  # fmt: skip
    rates = pl.DataFrame(schema={"metric": pl.String, "cluster": pl.String, "broker": pl.Int32, "topic": pl.String,
                                 "rate_per_s": pl.Float64, "uncovered_s": pl.Float64})  # fmt: skip
    records = pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String, "partition": pl.Int32,
                                   "records_per_s": pl.Float64})  # fmt: skip
    placed = placed.with_columns(pl.col("partition", "leader").cast(pl.Int32))
    load = partition_load(placed, rates=rates, records=records, sizes=rows)
    assert load["size_bytes"].to_list() == [7.0, 30.0]
    assert "The sizes of 1 partition led by broker 2 come from the log directories" in sized_by_log_dirs(load)


def test_a_broker_is_cordoned_where_all_its_directories_are():
    rows = [(0, 1, 0, 1, False), (0, 1, 1, 1, False), (0, 2, 0, 1, False), (0, 3, 0, 1, False)]
    table = listed(*rows, cordoned=[True, False, True, None])
    brokers = pl.DataFrame({"cluster": "c", "broker": [1, 2, 3, 4]}, schema_overrides={"broker": pl.Int32})
    found = with_cordoned(brokers, log_dirs=table, windows=WINDOWS)
    assert found["cordoned"].to_list() == [False, True, None, None]
    plain = with_cordoned(brokers, log_dirs=listed(*rows).drop("is_cordoned", strict=False), windows=WINDOWS)
    assert "cordoned" not in plain.columns

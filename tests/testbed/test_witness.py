from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from kafka_analysis.model.tables import TABLES
from testbed.clusters import lay_out, ports_needed
from testbed.scenario import load_scenario
from testbed.witness import LOG, arrived, truth_rows, witnessed

AT = datetime(2026, 1, 1, tzinfo=UTC)


def log(*records: tuple[int, int], partition: int = 0) -> pl.DataFrame:
    rows = [("t", partition, offset, 10, record) for offset, record in records]
    return pl.DataFrame(rows, schema=LOG, orient="row")


SOURCE = log((5, 50), (6, 60), (7, 70), (9, 90))  # 8 is the marker of a transaction


def found(target: pl.DataFrame, source: pl.DataFrame = SOURCE) -> dict[str, object]:
    (row,) = arrived(source, target).rows(named=True)
    return row


def test_a_complete_copy_misses_nothing() -> None:
    row = found(log((0, 50), (1, 60), (2, 70), (3, 90)))
    assert (row["records"], row["bytes"], row["first_position"], row["last_position"]) == (4, 40, 5, 9)
    assert (row["first_offset"], row["last_offset"]) == (0, 3)
    assert (row["duplicates"], row["missing"], row["remaining"], row["others"]) == (0, 0, 0, 0)


def test_what_is_not_there_yet_remains_and_what_was_skipped_is_missing() -> None:
    row = found(log((0, 50), (1, 70)))
    assert (row["last_position"], row["missing"], row["remaining"]) == (7, 1, 1)


def test_a_beginning_that_was_left_out_is_missing() -> None:
    assert found(log((0, 70), (1, 90)))["missing"] == 2


def test_records_that_came_twice_are_duplicates() -> None:
    row = found(log((0, 50), (1, 60), (2, 50), (3, 60), (4, 70)))
    assert (row["records"], row["duplicates"], row["missing"], row["remaining"]) == (5, 2, 0, 1)


def test_records_that_look_the_same_at_the_source_are_no_duplicates() -> None:
    row = found(log((0, 50), (1, 50), (2, 50)), source=log((5, 50), (6, 50)))
    assert (row["records"], row["duplicates"], row["remaining"]) == (3, 1, 0)


def test_one_copy_of_two_that_look_the_same_leaves_one() -> None:
    row = found(log((0, 50)), source=log((5, 50), (6, 50)))
    assert (row["last_position"], row["duplicates"], row["missing"], row["remaining"]) == (5, 0, 0, 1)


def test_records_from_elsewhere_are_counted_apart() -> None:
    row = found(log((0, 1), (1, 50), (2, 2)))
    assert (row["records"], row["others"], row["first_offset"]) == (1, 2, 1)


def test_a_record_in_another_partition_has_not_arrived() -> None:
    row = found(log((0, 50), partition=1))
    assert (row["records"], row["missing"], row["remaining"], row["last_position"]) == (0, 0, 4, None)


def test_a_partition_of_which_nothing_arrived_has_no_truth() -> None:
    nothing = arrived(SOURCE, SOURCE.clear())
    assert truth_rows(nothing, source="a", target="b", at=AT).is_empty()


def test_the_rows_are_those_of_the_table_truth() -> None:
    rows = truth_rows(arrived(SOURCE, log((0, 50), (1, 60), (2, 50))), source="a", target="b", at=AT)
    TABLES["truth"].validate(rows)
    shown = rows.select("cluster", "actor", "kind", "records", "first_offset", "last_offset").rows()
    assert shown == [("b", "a->b", "mirrored", 3, 0, 2), ("a", "a->b", "copied", 2, 5, 6)]


def test_a_source_without_targets_has_no_rows() -> None:
    scenario = load_scenario("short")
    state = lay_out(
        scenario, range(1000, 1000 + ports_needed(scenario)), run_dir=Path("run"), lib=Path("lib")
    )
    alone = state.model_copy(update={"clusters": (state.source,)})
    assert witnessed(alone).is_empty()

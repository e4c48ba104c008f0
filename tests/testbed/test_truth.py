from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from testbed import truth
from testbed.load.truth_table import WRITTEN

START = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {**WRITTEN, "ts": pl.Datetime("ms", "UTC")}


def row(second: float, kind: str, **values: object) -> dict[str, object]:
    ts = START + timedelta(seconds=second)
    return {"ts": ts, "cluster": "c", "actor": "p", "kind": kind, "topic": "t", **values}


def recorded(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA)


RECORD = recorded(
    row(1, "acknowledged", partition=0, records=10, bytes=1000),
    row(2, "acknowledged", partition=0, records=5, bytes=500),
    row(2, "acknowledged", partition=1, records=7, bytes=700),
    row(2, "markers", partition=0, markers=2),
    row(2, "batches", bytes=2400, batches=4),
)


def test_records_are_compared_without_markers() -> None:
    appended = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "records": [17.0, 6.0]}).cast(
        {"partition": pl.Int32}
    )
    compared = truth.differences(truth.compare_records(appended, RECORD))
    assert compared.select("subject", "analysis", "judged", "difference").rows() == [
        ("t-0", 15.0, 15.0, 0.0),
        ("t-1", 6.0, 7.0, -1.0),
    ]


def test_bytes_count_batches_and_control_batches() -> None:
    increase = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "increase": [2556.0]})
    assert truth.compare_bytes(increase, RECORD).select("analysis", "judged").rows() == [(2556.0, 2556.0)]


def test_a_figure_the_analysis_lacks_is_wholly_different() -> None:
    none = pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String, "increase": pl.Float64})
    assert truth.differences(truth.compare_bytes(none, RECORD))["relative"].to_list() == [-1.0]


def test_topics_are_compared_with_their_broker_s_aggregate() -> None:
    agreement = pl.DataFrame(
        {"cluster": "c", "broker": [1, 2], "aggregate": [20.0, 0.0], "topics": [15.0, 0.0]}
    )
    compared = truth.differences(truth.compare_aggregates(agreement))
    assert compared.select("subject", "difference").rows() == [("broker 1", -5.0), ("broker 2", 0.0)]


def test_a_window_takes_the_second_it_begins_in() -> None:
    inside = truth.within(RECORD, START + timedelta(seconds=1.9), START + timedelta(seconds=2))
    assert inside["records"].to_list() == [10]


def test_the_summary_shows_the_worst() -> None:
    appended = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "records": [17.0, 6.0]}).cast(
        {"partition": pl.Int32}
    )
    compared = truth.compare_records(appended, RECORD).with_columns(pl.lit("baseline").alias("window"))
    (line,) = truth.summarised(compared).rows(named=True)
    assert (line["compared"], line["equal"], line["largest_difference"]) == (2, 1, 1.0)
    assert line["largest_relative"] == 1 / 7


def test_a_topic_s_bytes_are_divided_as_the_estimate_says() -> None:
    load = pl.DataFrame(
        {"cluster": "c", "topic": "t", "partition": [0, 1], "bytes_in_per_s": [30.0, 10.0]}
    ).cast({"partition": pl.Int32})
    compared = truth.compare_partitions(load, RECORD)
    assert compared.select("subject", "analysis", "judged").rows() == [
        ("t-0", 2200 * 0.75, 1500.0),
        ("t-1", 2200 * 0.25, 700.0),
    ]


def test_what_a_replicator_copies_is_no_business() -> None:
    traffic = pl.DataFrame(
        {
            "topic": ["t", "t", "other"],
            "kind": ["business", "migration", "business"],
            "bytes_in_per_s": [255.6, 99.0, 7.0],
        }
    )
    compared = truth.compare_business(traffic, RECORD, seconds=10)
    assert compared.select("cluster", "analysis", "judged").rows() == [
        ("all together", 2556.0, 2400.0 + 2 * 78)
    ]

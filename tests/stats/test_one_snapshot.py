"""Functions that take one snapshot of a metadata table: of several the last counts, on every engine."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis import stats
from kafka_analysis.model.findings import Coverage
from kafka_analysis.stats.load.placement_findings import placement_findings

T = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
PLACES = [("t", 0, 1, [1, 2]), ("t", 1, 2, [2, 3]), ("u", 0, 3, [3, 1])]
MOVED = [("t", 0, 2, [2]), ("t", 1, 2, [2, 3])]  # leader and replicas changed, topic u is gone
RATES = {
    "metric": "bytes_in_total", "cluster": "c", "broker": [2, 2, 3], "topic": ["t", None, None],
    "rate_per_s": [8.0, 8.0, 0.0], "uncovered_s": 0.0,
}  # fmt: skip
SIZES = {"cluster": "c", "broker": [2, 2], "topic": "t", "partition": [0, 1], "last": [5.0, 7.0]}
RECORDS = {"cluster": "c", "topic": "t", "partition": [0, 1], "records_per_s": [1.0, 3.0]}
TRAFFIC = {
    "cluster": ["c"],
    "topic": "t",
    "bytes_in_per_s": 8.0,
    "bytes_out_per_s": 4.0,
    "messages_in_per_s": 1.0,
}
LOAD = {"cluster": ["c"], "topic": "t", "bytes_in_per_s": 8.0, "bytes_out_per_s": 4.0, "size_bytes": 12.0}
FLOWS = {"client": ["p"], "kind": "producer", "topic": "t"}
COVERAGE = {"c": Coverage(expected=1, seen=1)}


def partitions(*snapshots: int) -> pl.DataFrame:
    rows = [(T[n], "c", *place, place[-1]) for n in snapshots for place in (PLACES, MOVED)[n]]
    return pl.DataFrame(
        rows, schema=["ts", "cluster", "topic", "partition", "leader", "replicas", "isr"], orient="row"
    )


def brokers(*snapshots: int) -> pl.DataFrame:
    racks = (["a", "b", "b"], ["a", "a", "b"])
    rows = [
        (T[n], "c", broker, rack) for n in snapshots for broker, rack in zip((1, 2, 3), racks[n], strict=True)
    ]
    return pl.DataFrame(rows, schema=["ts", "cluster", "broker", "rack"], orient="row")


CALLS = {
    "broker_load": lambda f, p, b: stats.broker_load(f(RATES), sizes=f(SIZES), partitions=p, brokers=b),
    "replica_counts": lambda f, p, b: stats.replica_counts(p),
    "partition_load": lambda f, p, b: stats.partition_load(p, rates=f(RATES), records=f(RECORDS), sizes=f(SIZES)),
    "topics_on_brokers": lambda f, p, b: stats.topics_on_brokers(f(RATES), sizes=f(SIZES), partitions=p),
    "topic_inventory": lambda f, p, b: stats.topic_inventory(f(TRAFFIC), sizes=f(SIZES), partitions=p, topics=p),
    "topic_totals": lambda f, p, b: stats.topic_totals(
        f(TRAFFIC), load=f(LOAD), sizes=f(SIZES), partitions=p, topics=f(TRAFFIC)
    ),
    "placement_findings": lambda f, p, b: placement_findings(p, b),
    "inventory_results": lambda f, p, b: stats.inventory_results(
        clusters=["c"], coverage=COVERAGE, brokers=b, partitions=p, load=f(LOAD),
        groups=f({"cluster": ["c"], "group": "g", "state": "STABLE"}),
    ),
    "capture_results": lambda f, p, b: stats.capture_results(
        clusters=["c"], coverage=COVERAGE, gaps=f({"cluster": ["x"]}), metrics=f({"cluster": ["c"], "metric": "m"}),
        brokers=b, partitions=p, minutes=1.0,
    ),
    "partition_effects": lambda f, p, b: stats.partition_effects(p, lost={"c": [3]}),
    "predicted_blast": lambda f, p, b: stats.predicted_blast(p, f(FLOWS), lost={"c": [3]}),
}  # fmt: skip


def plain(answer):
    """Return an answer as values that compare, its rows in any order; without the topics that only the first has."""
    if isinstance(answer, list):
        return [str(item) for item in answer]
    table = answer if isinstance(answer, pl.DataFrame) else pl.from_pandas(answer, nan_to_null=True)
    numbers = table.select(pl.selectors.numeric()).columns
    rows = table.drop("ts", strict=False).with_columns(pl.col(numbers).cast(pl.Float64)).rows(named=True)
    return sorted(str(row) for row in rows if row.get("topic") != "u")


@pytest.mark.parametrize("name", CALLS)
def test_of_several_snapshots_the_last_counts(frame, name):
    def called(*snapshots):
        return plain(CALLS[name](frame, *(frame(f(*snapshots).to_dict()) for f in (partitions, brokers))))

    assert called(0, 1) == called(1)
    assert called(0) != called(1)

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats.blast.outage_gaps import describe_announced_gaps

T = datetime(2026, 1, 1, tzinfo=UTC)


def at(minute: float) -> datetime:
    return T + timedelta(minutes=minute)


@pytest.fixture
def said(frame):
    """Return a function: what is said of gaps of cluster c, while broker 3 was down from minute 10 to 20."""

    def describe(*gaps: tuple[float, float], cluster: str = "c") -> list[str]:
        marks = [(at(10), "c", "fault", "killed", "broker 3 of c"), (at(20), "c", "recovery", "back", "")]
        events = frame(marks, schema=["ts", "cluster", "kind", "name", "detail"], orient="row")
        rows = [(cluster, at(start), at(end)) for start, end in gaps]
        schema = {"cluster": pl.String, "start": pl.Datetime("ms", "UTC"), "end": pl.Datetime("ms", "UTC")}
        return describe_announced_gaps(frame(rows, schema=schema, orient="row"), events)

    return describe


@pytest.mark.parametrize(
    ("gap", "announced"),
    [
        ((12, 15), True),
        ((9, 11), True),
        ((19, 25), True),
        ((5, 30), True),
        ((5, 10), False),
        ((20, 22), False),
    ],
)
def test_a_gap_that_touches_an_outage_is_announced(said, gap, announced):
    assert bool(said(gap)) is announced


def test_gaps_are_counted_for_each_cluster(said):
    assert said((12, 13), (14, 15), (30, 31)) == [
        "2 of 3 gaps of c fall within outages that events announce: killed"
    ]
    assert said((12, 13), cluster="other") == []
    assert said() == []

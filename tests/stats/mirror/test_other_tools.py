from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import flink_places, reported_flows, reported_lag

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ROLES = {"a": "source", "b": "target", "c": None}


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def readings(*rows: tuple[str, int, float], **more) -> pl.DataFrame:
    """Return readings: metric, minute, value."""
    about = {"cluster": "b", "entity": "copy", "topic": "t", "partition": 0, "stat": None} | more
    schema = {
        "partition": pl.Int32,
        "stat": pl.String,
        "value": pl.Float64,
        "entity": pl.String,
        "topic": pl.String,
    }
    frame = [{"metric": metric, "ts": at(minute), "value": value} | about for metric, minute, value in rows]
    return pl.DataFrame(frame, schema_overrides=schema)


COMMITTED, CURRENT = "flink_committed_offset", "flink_current_offset"


def flink(frame: pl.DataFrame, held: dict[str, str] | None = None, roles: dict | None = None) -> list[tuple]:
    pairs = [
        (cluster, topic) for cluster, topics in (held or {"a": "t", "b": "t"}).items() for topic in topics
    ]
    known = roles or ROLES
    places = flink_places(
        frame,
        topics=pl.DataFrame(pairs, schema=["cluster", "topic"], orient="row"),
        clusters=pl.DataFrame({"cluster": list(known), "role": list(known.values())}),
    )
    return places.select("source", "target", "position", "known_by").rows()


def test_a_job_is_where_its_last_checkpoint_is() -> None:
    rows = readings((COMMITTED, 0, 9.0), (CURRENT, 0, 20.0), (CURRENT, 1, 25.0))
    assert flink(rows) == [("a", "b", 9, "checkpoint")]
    assert flink(readings((CURRENT, 0, 20.0))) == [("a", "b", 21, "record read last")]
    assert flink(readings((CURRENT, 0, 20.0), entity=None)) == []


@pytest.mark.parametrize(
    ("held", "roles", "ends"),
    [
        ({"a": "t"}, ROLES, ("a", "unknown")),
        ({"a": "t", "b": "t", "c": "t"}, ROLES, ("a", "unknown")),
        ({"b": "t", "c": "t"}, ROLES, ("unknown", "unknown")),
        ({"a": "u"}, ROLES, ("unknown", "unknown")),
        ({"a": "t", "b": "t"}, {"a": "source", "b": "source"}, ("unknown", "unknown")),
    ],
)
def test_ends_that_are_not_certain_are_unknown(held, roles, ends) -> None:
    assert flink(readings((COMMITTED, 0, 9.0)), held, roles)[0][:2] == ends


def test_all_topics_of_a_job_have_to_be_there() -> None:
    rows = pl.concat([readings((COMMITTED, 0, 9.0)), readings((COMMITTED, 0, 9.0), topic="u")])
    assert {row[:2] for row in flink(rows, {"a": "tu", "b": "t"})} == {("a", "unknown")}


LINK, LAG, LATENCY = "link_mirror_lag_records", "replicator_message_lag", "replicator_latency_ms"


def test_what_links_and_replicators_report() -> None:
    rows = pl.concat([
        readings((LINK, 0, 9.0)), readings((LAG, 0, 5.0), (LATENCY, 0, 2500.0), entity="r", partition=None),
        readings((LINK, 0, -3.0), topic="u"), readings((LINK, 0, 4.0), topic=None),
        readings((LINK, 0, 1.0), topic="v", stat="min"), readings((LINK, 0, 2.0), topic="v", stat="max"),
    ])  # fmt: skip
    assert reported_lag(rows).select("tool", "connector", "topic", "lag_records", "latency_s").rows() == [
        ("Cluster Linking", "copy", "t", 9, None),
        ("Cluster Linking", "copy", "u", 0, None),
        ("Cluster Linking", "copy", "v", 2, None),
        ("MSK Replicator", "r", "t", 5, 2.5),
    ]


def condition(*lags: float) -> tuple[str, int | None]:
    rows = reported_lag(readings(*((LINK, n, lag) for n, lag in enumerate(lags))))
    return reported_flows(rows).select("condition", "lag_records").row(0)


@pytest.mark.parametrize(
    ("lags", "expected"),
    [
        ((9, 6, 4), "catching up"),
        ((4, 6, 9), "slow"),
        ((5, 5, 5), "stuck"),
        ((5, 3, 5), "keeps up"),  # it moves: up and down
        ((5, 3, 6), "keeps up"),
        ((0, 3, 6), "keeps up"),
        ((0, 0, 0), "keeps up"),
        ((9, 4), "unknown"),
    ],
)
def test_conditions(lags, expected) -> None:
    assert condition(*lags) == (expected, lags[-1])


def test_only_the_last_answers_count_and_topics_are_summed_up() -> None:
    assert condition(*range(30, 10, -1), *[10] * 10)[0] == "stuck"
    rows = pl.concat([readings((LINK, 0, 3.0)), readings((LINK, 0, 4.0), topic="u")])
    assert reported_flows(reported_lag(rows)).select("lag_records", "topics", "partitions").rows() == [
        (7, 2, 2)
    ]


def test_nothing_reported_is_no_flow() -> None:
    assert reported_flows(reported_lag(readings((LINK, 0, 3.0)).clear())).is_empty()

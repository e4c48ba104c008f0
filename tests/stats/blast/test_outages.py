from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats.blast.outages import find_outages, restarted_clusters

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds):
    return T0 + timedelta(seconds=seconds)


EVENTS = [
    (at(0), "a", "load", "baseline:start", None),
    (at(10), "a", "fault", "broker killed", "broker 5 of a got SIGKILL under load"),
    (at(20), "b", "fault", "cell stopped", "brokers 1, 2, 30 of b got SIGKILL under load"),
    (at(40), "a", "recovery", "broker returned", "broker 5 of a is started again"),
    (at(45), "a", "recovery", "in sync again", None),
    (at(50), "b", "recovery", "cell returned", None),
    (at(60), "a", "fault", "power cut", None),
    (at(70), "a", "recovery", "power", None),
    (at(90), "b", "fault", "never mended", "broker 1 of b"),
]
SCHEMA = {
    "ts": pl.Datetime("ms", "UTC"),
    "cluster": pl.String,
    "kind": pl.String,
    "name": pl.String,
    "detail": pl.String,
}


def test_each_fault_ends_with_the_next_recovery_of_its_cluster():
    found = find_outages(pl.DataFrame(EVENTS, schema=SCHEMA, orient="row"))
    assert found.rows() == [
        (1, "a", "broker killed", [5], at(10), at(40)),
        (2, "b", "cell stopped", [1, 2, 30], at(20), at(50)),
        (3, "a", "power cut", None, at(60), at(70)),
    ]


def test_no_events_are_no_outages():
    assert find_outages(pl.DataFrame(schema=SCHEMA)).height == 0


COLUMNS = ("metric", "ts", "cluster", "broker", "topic", "partition", "group", "entity", "stat", "value")


def counters(*series):
    """Return samples of aggregates, ten seconds apart: cluster, broker, values (None: no answer)."""
    rows = [
        ("bytes_in_total", at(10 * number), cluster, broker, None, None, None, None, None, float(value))
        for cluster, broker, values in series
        for number, value in enumerate(values)
        if value is not None
    ]
    kinds = {
        "broker": pl.Int32,
        "partition": pl.Int32,
        "topic": pl.String,
        "group": pl.String,
        "entity": pl.String,
    }
    return pl.DataFrame(rows, schema=COLUMNS, orient="row", schema_overrides=kinds | {"stat": pl.String})


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (([100, None, 5], [200, None, 7]), ["c"]),
        (([100, None, 5], [200, 210, 220]), []),
        (([100, None, 110], [200, None, 210]), []),  # cut off, and not restarted
        (([100, None, None], [200, None, 7]), []),  # broker 1 was not seen again
    ],
)
def test_a_cluster_was_restarted_when_every_broker_was(values, found):
    first, second = values
    rows = counters(("c", 1, first), ("c", 2, second), ("d", 1, [1, 2, 3]))
    assert restarted_clusters(rows, start=at(5), end=at(30)) == found


def test_of_a_broker_that_led_nothing_its_processor_time_tells_the_restart():
    bytes_in = counters(("c", 1, [0, None, 0]))
    cpu = counters(("c", 1, [300, None, 9])).with_columns(metric=pl.lit("process_cpu_seconds_total"))
    assert restarted_clusters(bytes_in, start=at(5), end=at(30)) == []
    assert restarted_clusters(pl.concat([bytes_in, cpu]), start=at(5), end=at(30)) == ["c"]


def test_a_restart_before_the_window_does_not_count():
    rows = counters(("c", 1, [100, 5, 6, 7]))
    assert restarted_clusters(rows, start=at(15), end=at(30)) == []

"""Times without a time zone are UTC, in every function that takes a window or a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis import stats
from kafka_analysis.model.samples import SERIES

T = [datetime(2026, 1, 1, 0, 0, 10 * n, tzinfo=UTC) for n in range(6)]
SAMPLES = pl.DataFrame(
    {"metric": "bytes_in_total", "ts": T, "cluster": "c", "broker": 1, "topic": "t", "partition": None,
     "group": None, "entity": None, "stat": None, "value": [0.0, 10.0, 30.0, 60.0, 100.0, 150.0]},
    schema_overrides=dict.fromkeys(SERIES, pl.String) | {"broker": pl.Int32, "partition": pl.Int32},
)  # fmt: skip
OFFSETS = pl.DataFrame(
    {
        "ts": T,
        "cluster": "c",
        "topic": "t",
        "partition": 0,
        "log_end_offset": [0, 500, 1000, 1000, 2000, 2500],
    }
)
COMMITS = OFFSETS.select(
    "ts", "cluster", "topic", "partition", group=pl.lit("g"), committed_offset="log_end_offset"
)
GROUPS = pl.DataFrame({"ts": T, "cluster": "c", "group": "g", "state": "STABLE"})
GAPS = pl.DataFrame({"cluster": "c", "start": T[:5], "end": T[1:]})
EVENTS = pl.DataFrame({"ts": T[3:4], "cluster": "c", "kind": "cutover", "name": "w", "detail": "x"})
DIRS = pl.DataFrame({"ts": T, "cluster": "c", "broker": 1, "topic": "t", "partition": 0, "size_bytes": range(6),
    "is_future": False, "is_cordoned": [False] * 3 + [True] * 3})  # fmt: skip
LEADERS = pl.DataFrame({"ts": T, "cluster": "c", "topic": "t", "partition": 0, "leader": [1, 1, 2, 2, 2, 3]})
BROKERS = pl.DataFrame({"cluster": ["c"], "broker": [1]})
EVERY = timedelta(seconds=10)
CLUSTERS = pl.DataFrame({"cluster": ["c"], "role": ["source"]})
WHOLE = {"capture_start": T[0], "capture_end": T[5]}


def window(start, end):
    return stats.Window(start, end)


CALLS = {
    "increase": lambda a, b: stats.increase(SAMPLES, start=a, end=b),
    "gauge": lambda a, b: stats.gauge(SAMPLES, start=a, end=b, every=EVERY),
    "traffic_rates": lambda a, b: stats.traffic_rates(SAMPLES, start=a, end=b),
    "traffic_over_time": lambda a, b: stats.traffic_over_time(SAMPLES, start=a, end=b, every=EVERY),
    "records_appended": lambda a, b: stats.records_appended(OFFSETS, start=a, end=b),
    "group_progress": lambda a, b: stats.group_progress(COMMITS, start=a, end=b, offsets=OFFSETS),
    "snapshot_at": lambda a, b: stats.snapshot_at(LEADERS, b),
    "snapshots_in": lambda a, b: stats.snapshots_in(LEADERS, {"c": window(a, b)}),
    "groups_in": lambda a, b: stats.groups_in(GROUPS, {"c": window(a, b)}),
    "gaps_in": lambda a, b: stats.gaps_in(GAPS, {"c": window(a, b)}),
    "in_windows": lambda a, b: stats.in_windows(stats.increase, SAMPLES, {"c": window(a, b)}),
    "replica_sizes": lambda a, b: stats.replica_sizes(
        SAMPLES.clear(), log_dirs=DIRS, windows={"c": window(a, b)}
    ),
    "with_cordoned": lambda a, b: stats.with_cordoned(BROKERS, log_dirs=DIRS, windows={"c": window(a, b)}),
    "scrapes_seen": lambda a, b: stats.scrapes_seen(SAMPLES, BROKERS, start=a, end=b, interval_s=10),
    "coverage_by_cluster": lambda a, b: stats.coverage_by_cluster(
        SAMPLES, BROKERS, windows={"c": window(a, b)}, interval_s=10
    ),
    "choose_window": lambda a, b: stats.choose_window(EVENTS, start=a, end=b, **WHOLE),
    "choose_windows": lambda a, b: stats.choose_windows(EVENTS, clusters=CLUSTERS, start=a, end=b, **WHOLE),
    "before_and_after": lambda a, b: stats.before_and_after(EVENTS, before=(a, b), after=(b, None), **WHOLE),
    "window_events": lambda a, b: stats.window_events(EVENTS, before=window(T[0], a), after=window(a, b)),
    "measured_effects": lambda a, b: stats.measured_effects(OFFSETS, start=a, end=b, baseline_s=20),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_time_without_a_zone_is_utc(name):
    start, end = T[2], T[4]
    aware = CALLS[name](start, end)
    naive = CALLS[name](start.replace(tzinfo=None), end.replace(tzinfo=None))
    assert naive.equals(aware) if isinstance(aware, pl.DataFrame) else naive == aware

"""More than 5,000 random series in one frame, against a judge in plain Python (tests/stats/rules.py)."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from kafka_analysis.stats.reduce.samples import gauge, increase
from tests.stats.rules import KEYS, gauge_by_rules, increase_by_rules

T0 = datetime(2026, 1, 1, tzinfo=UTC)
T0_MS = round(T0.timestamp() * 1000)
BROKERS = 1_050
TOPICS = (None, "a", "b", "c", "d", "e")
ODD = (float("nan"), float("inf"), float("-inf"), -1.0, -1e15, 1e308, 2.0**63 * 1.0001, None)
KINDS = {
    "counters": ("bytes_in_total", "net_received_bytes_total"),
    "gauges": ("log_size_bytes", "group_lag_records"),
}


def recording(metrics, seed: int) -> list[dict]:
    """Return the samples of many brokers: scrapes missed, series that end, return, fall, repeat, or are odd."""
    chance, rows = random.Random(seed), []
    for broker in range(BROKERS):
        times = sorted(chance.sample(range(0, 60_000, 500), chance.randint(1, 14)))
        for topic in TOPICS:
            metric = metrics[broker % 5 == 0]
            own = dict.fromkeys(KEYS) | {
                "metric": metric,
                "cluster": f"c{broker % 3}",
                "broker": broker,
                "topic": topic,
            }
            rows += [own | {"ts": T0_MS + ts, "value": value} for ts, value in points(times, chance)]
    return rows


def points(times, chance):
    value, seen = chance.choice((0.0, 10.0, 1e12)), []
    for ts in times:
        what = chance.random()
        value = chance.choice((0.0, value / 2)) if what < 0.08 else value + chance.choice((0, 1, 7, 1e6, 2.5))
        if what > 0.9:
            continue
        if what > 0.8:
            seen.append((ts, chance.choice(ODD)))
            if chance.random() < 0.5:
                continue
        seen.append((ts, value))
        if 0.2 < what < 0.25:
            seen.append((ts, value + 3))
    return seen


def framed(rows: list[dict], engine: str):
    schema = {
        "metric": pl.String,
        "cluster": pl.String,
        "broker": pl.Int32,
        "topic": pl.String,
        "partition": pl.Int32,
    }
    schema |= dict.fromkeys(("group", "entity", "stat"), pl.String)
    schema |= {"ts": pl.Int64, "value": pl.Float64}
    made = pl.DataFrame(rows, schema=schema).with_columns(
        pl.from_epoch("ts", "ms").dt.replace_time_zone("UTC")
    )
    return made if engine == "polars" else made.to_pandas()


def told(answer, *columns: str, low: int, step: int) -> dict[tuple, tuple]:
    known = answer if isinstance(answer, pl.DataFrame) else pl.from_pandas(answer, nan_to_null=True)
    bucket = (pl.col("window_start").dt.timestamp("ms") - low) // step
    return {
        row[: len(KEYS) + 1]: row[len(KEYS) + 1 :]
        for row in known.select(*KEYS, bucket, *columns).iter_rows()
    }


def apart(answers: dict, judged: dict, *, rel: float, absolute: float) -> list[tuple]:
    """Return the first few keys whose values differ: many thousands are compared at once."""
    keys = list(answers)
    near = np.isclose(
        np.array([answers[key] for key in keys], dtype=float),
        np.array([judged[key] for key in keys], dtype=float),
        rtol=rel,
        atol=absolute,
    )
    return [(keys[n], answers[keys[n]], judged[keys[n]]) for n in np.flatnonzero(~near.all(axis=1))[:5]]


# Start, end and bucket in ms: edges on scrapes, inside stretches, and outside of all.
CASES = [
    ("polars", (0, 60_000, 60_000)),
    ("pandas", (3_250, 41_750, 7_000)),
    ("polars", (-5_000, 90_000, 22_500)),
]


@pytest.mark.parametrize(("engine", "window"), CASES, ids=str)
def test_what_counters_grew_by_is_what_the_judge_says(engine, window):
    rows = recording(KINDS["counters"], seed=window[1])
    low, high, step = (T0_MS + window[0], T0_MS + window[1], window[2])
    judged = increase_by_rules(rows, low=low, high=high, step=step)
    assert len({key[:-1] for key in judged}) > 5_000
    start, end = (T0 + timedelta(milliseconds=ms) for ms in window[:2])
    found = increase(framed(rows, engine), start=start, end=end, every=timedelta(milliseconds=step))
    answers = told(found, "increase", "resets", "uncovered_s", "seconds", low=low, step=step)
    assert answers.keys() == judged.keys()
    assert apart(answers, judged, rel=1e-9, absolute=1e-6) == []
    assert all(math.isfinite(value) and value >= 0 for values in answers.values() for value in values)


@pytest.mark.parametrize(("engine", "window"), CASES, ids=str)
def test_what_gauges_were_is_what_the_judge_says(engine, window):
    rows = recording(KINDS["gauges"], seed=window[1])
    low, high, step = (T0_MS + window[0], T0_MS + window[1], window[2])
    judged = gauge_by_rules(rows, low=low, high=high, step=step)
    assert len({key[:-1] for key in judged}) > 5_000
    start, end = (T0 + timedelta(milliseconds=ms) for ms in window[:2])
    found = gauge(framed(rows, engine), start=start, end=end, every=timedelta(milliseconds=step))
    answers = told(found, "mean", "min", "max", "last", "n", low=low, step=step)
    assert answers.keys() == judged.keys()
    assert apart(answers, judged, rel=1e-12, absolute=1e-12) == []

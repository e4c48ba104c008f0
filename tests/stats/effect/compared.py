"""Two sides and samples on them: an even load of minutes, the old cluster before and two cells after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.stats.effect.sides import Sides
from kafka_analysis.stats.scope.windows import Window

T0 = datetime(2026, 1, 5, tzinfo=UTC)
STEP = timedelta(seconds=10)
STEPS = 40
BEFORE = Window(T0, T0 + STEPS * STEP)
AFTER = Window(T0 + 2 * STEPS * STEP, T0 + 3 * STEPS * STEP)
SIDES = Sides(BEFORE, AFTER, ("old",), ("cell-a", "cell-b"), STEP, "none")


def around(mean: float, *, sd: float = 0.05, n: int = STEPS, seed: int = 1) -> np.ndarray:
    return mean * np.exp(np.random.default_rng(seed).normal(0, sd, n))


def samples(metric: str, cluster: str, values, *, window: Window, **more) -> pl.DataFrame:
    """Return a sample for each step of a window, in the middle of it."""
    return _scraped(metric, cluster, values, window.start + STEP / 2, more)


def counter(metric: str, cluster: str, per_step, *, window: Window, **more) -> pl.DataFrame:
    """Return a counter, scraped at the edges of the steps, that grows by so much in each."""
    values = np.concatenate([[0.0], np.cumsum(per_step)])
    return _scraped(metric, cluster, values, window.start, more)


def _scraped(metric: str, cluster: str, values, first: datetime, more: dict) -> pl.DataFrame:
    times = [first + n * STEP for n in range(len(values))]
    rows = [
        dict.fromkeys(SAMPLES)
        | {"metric": metric, "cluster": cluster, "broker": 1, "ts": ts, "value": float(v)}
        | more
        for ts, v in zip(times, values, strict=True)
    ]
    return pl.DataFrame(rows, schema=SAMPLES)


def by_question(rows) -> dict[str, dict]:
    table = rows if isinstance(rows, pl.DataFrame) else pl.from_pandas(rows, nan_to_null=True)
    return {row["question"]: row for row in table.iter_rows(named=True)}

"""Frames of simulated series, as measure_effect takes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from kafka_analysis.stats.scope.windows import Window

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hourly(logarithms, *, start=MONDAY, scale=1e6):
    """Return one run of simulated logarithms as hourly means."""
    times = [start + i * HOUR for i in range(len(logarithms))]
    return pl.DataFrame({"ts": times, "value": scale * np.exp(logarithms)})


def windows(days, *, start=MONDAY, apart=0):
    length = timedelta(days=days)
    late = start + length + timedelta(days=apart)
    return {"before": Window(start, start + length), "after": Window(late, late + length)}


def even(values, *, step_s=10, start=MONDAY):
    """Return an even load sampled every few seconds, and its two halves."""
    step = timedelta(seconds=step_s)
    middle, end = start + len(values) // 2 * step, start + len(values) * step
    rows = pl.DataFrame(
        {"ts": [start + i * step for i in range(len(values))], "value": np.asarray(values, float)}
    )
    return rows, {
        "before": Window(start, middle),
        "after": Window(middle, end),
        "step": step,
        "season": "none",
    }

"""Lay a series on its regular steps: one value for each, missing where none is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.moments import in_utc
from kafka_analysis.stats.change_points.whiten import Floats

MOST_SAMPLES = 20_000
_OFF = 0.25  # of a step that a time may lie off: days of a year with a leap day, seconds of jitter


@dataclass(frozen=True, eq=False)
class Regular:
    """Values at ``start``, ``start + step``, …; NaN where missing.

    Examples
    --------
    >>> Regular(datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1), np.zeros(3)).time(2).hour
    2
    """

    start: datetime
    step: timedelta
    values: Floats

    def time(self, sample: int) -> datetime:
        """Return the time of a sample.

        Examples
        --------
        >>> Regular(datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1), np.zeros(3)).time(1).day
        2
        """
        return self.start + int(sample) * self.step


def regular(series: pl.DataFrame, step: timedelta) -> Regular:
    """Lay a series on its steps.

    Parameters
    ----------
    series
        ``ts``, ``value``; null, NaN and infinite values are missing, and so are steps without a row.

    Raises
    ------
    InputError
        The step is not positive, a time is off the steps by more than a quarter of one, two rows fall on one step, or
        there would be more than 20,000 steps.

    Examples
    --------
    >>> rows = pl.DataFrame({"ts": [datetime(2026, 1, 1), datetime(2026, 1, 1, 2)], "value": [1.0, 3.0]})
    >>> regular(rows, timedelta(hours=1)).values.tolist()
    [1.0, nan, 3.0]
    """
    if step <= timedelta(0):
        message = f"step is {step}; it must be longer than 0"
        raise InputError(message)
    for column in ("ts", "value"):
        if column not in series.columns:
            raise InputError.unknown("column", column, series.columns)
    rows = series.select("ts", pl.col("value").cast(pl.Float64)).drop_nulls("ts").sort("ts")
    if not len(rows):
        return Regular(datetime(1970, 1, 1, tzinfo=UTC), step, np.zeros(0))
    micros = rows["ts"].dt.epoch("us").to_numpy()
    steps = (micros - micros[0]) / (step / timedelta(microseconds=1))
    at = np.rint(steps).astype(np.int64)
    _check(rows["ts"].to_list(), steps, at, step)
    values = np.full(int(at[-1]) + 1, np.nan)
    values[at] = rows["value"].fill_null(np.nan).to_numpy()
    return Regular(in_utc(rows["ts"][0]), step, np.where(np.isfinite(values), values, np.nan))


def _check(times: list[datetime], steps: Floats, at: np.ndarray, step: timedelta) -> None:
    if at[-1] >= MOST_SAMPLES:
        message = f"{at[-1] + 1:,} steps of {step}; at most {MOST_SAMPLES:,} are searched: take longer steps"
        raise InputError(message)
    off = np.flatnonzero(np.abs(steps - at) > _OFF)
    if len(off):
        message = (
            f"the sample at {times[off[0]]} is not on a step of {step} from {times[0]}; resample the series"
        )
        raise InputError(message)
    twice = np.flatnonzero(np.diff(at) == 0)
    if len(twice):
        message = f"two samples on one step of {step} at {times[twice[0] + 1]}; a series has one value for each step"
        raise InputError(message)

"""Judge skew over time: constant, daily, growing or shrinking, or not enough data to say."""

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.resources import TOLERANCE
from kafka_analysis.model.units import format_duration, format_quantity

TREND_DAYS = 2.0
DAILY_DAYS = 7.0
LEAST_BUCKETS = 12
PHASES = 8  # of a day, 3 h each
_SIGNIFICANT = 0.01
_DAY_S = 86_400
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Trend:
    """What a series of max ÷ mean does over time."""

    judgement: str
    reason: str
    slope_per_day: float | None = None
    slope_low: float | None = None
    slope_high: float | None = None
    daily_swing: float | None = None


@same_kind
def judge_skew_over_time(series: Frame) -> Frame:
    """Judge for each cluster and resource whether its max ÷ mean is constant, daily, growing or shrinking.

    Only complete buckets count. A trend needs 2 days, so that a day's own course is not taken for one; a daily course
    needs 7. Both must matter, that is come to at least 0.1 (a tenth of the mean) over the time seen, and not be chance.

    Parameters
    ----------
    series
        Result of ``stats.skew_over_time``: ``cluster``, ``resource``, ``window_start``, ``max_over_mean``,
        ``complete``.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``resource``, ``judgement`` (``growing``, ``shrinking``, ``daily``, ``constant`` or ``unknown``),
        ``reason``, ``days``, ``buckets``, ``slope_per_day`` of max ÷ mean with its 95 % interval ``slope_low`` to
        ``slope_high``, ``daily_swing`` (highest less lowest of the mean day, where there is a daily course).

    Notes
    -----
    Slope: median of the slopes between all pairs of buckets (Theil 1950, Sen 1968; ``scipy.stats.theilslopes``), after
    the mean day was taken out. Daily: Kruskal and Wallis's test over eight stretches of the day, of what is left
    without the trend, at 1 %. The interval takes buckets as independent: where one resembles the next it is too narrow.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> times = [datetime(2026, 1, 1) + timedelta(hours=3 * i) for i in range(40)]
    >>> rows = pl.DataFrame({"cluster": "c", "resource": "leaders", "window_start": times, "complete": True,
    ...     "max_over_mean": [1.0 + 0.0125 * i for i in range(40)]})
    >>> judge_skew_over_time(rows).select("judgement", pl.col("slope_per_day").round(3)).row(0)
    ('growing', 0.1)
    """
    keys, at = ["cluster", "resource"], pl.col("window_start")
    complete = series.filter(pl.col("complete") & pl.col("max_over_mean").is_not_null()).sort(
        *keys, "window_start"
    )
    rows = []
    for names, part in series.group_by(keys, maintain_order=True):
        ratios = complete.filter(cluster=names[0], resource=names[1])
        seconds = ratios.select(at.dt.epoch("ms") / 1000).to_series().to_numpy()
        step = part["window_start"].unique().sort().diff().median()
        days = (np.ptp(seconds) + step.total_seconds()) / _DAY_S if len(ratios) and step else 0.0
        trend = _trend(seconds, ratios["max_over_mean"].to_numpy(), days)
        about = {"cluster": names[0], "resource": names[1], "days": days, "buckets": len(ratios)}
        rows.append(about | asdict(trend))
    return pl.DataFrame(rows, schema=_SCHEMA).sort(*keys)


_SCHEMA = {
    **dict.fromkeys(("cluster", "resource", "judgement", "reason"), pl.String),
    "days": pl.Float64,
    "buckets": pl.Int64,
    **dict.fromkeys(("slope_per_day", "slope_low", "slope_high", "daily_swing"), pl.Float64),
}


def _trend(seconds: Floats, ratios: Floats, days: float) -> _Trend:
    if days < TREND_DAYS or len(ratios) < LEAST_BUCKETS:
        return _Trend("unknown", _too_little(days, len(ratios)))
    from scipy.stats import theilslopes  # slow to load, and for long captures only

    at = (seconds - seconds[0]) / _DAY_S
    phase = (seconds % _DAY_S // (_DAY_S / PHASES)).astype(int)
    rough = theilslopes(ratios, at).slope
    day = _mean_day(ratios - rough * at, phase)
    slope, _, low, high = theilslopes(ratios - day[phase], at)
    swing = _daily_swing(ratios - slope * at, phase)
    judgement, reason = _judge(slope * days, (low * days, high * days), swing, days)
    return _Trend(
        judgement, reason, float(slope), float(low), float(high), swing if days >= DAILY_DAYS else None
    )


def _too_little(days: float, buckets: int) -> str:
    if days < TREND_DAYS:
        return f"not enough data: {format_duration(days * _DAY_S)} of {TREND_DAYS:g} days"
    return f"not enough data: {buckets} of {LEAST_BUCKETS} complete buckets"


def _judge(change: float, interval: tuple[float, float], swing: float | None, days: float) -> tuple[str, str]:
    low, high = interval
    if low > 0 and change >= TOLERANCE:
        return "growing", f"by {format_quantity(change)} over {days:.0f} days"
    if high < 0 and change <= -TOLERANCE:
        return "shrinking", f"by {format_quantity(-change)} over {days:.0f} days"
    if swing is not None and days < DAILY_DAYS:
        return (
            "unknown",
            f"swings by {format_quantity(swing)} a day; {DAILY_DAYS:g} days are needed to call it daily",
        )
    if swing is not None:
        return "daily", f"swings by {format_quantity(swing)} over the mean day"
    if max(-low, high) >= TOLERANCE:
        return "unknown", "varies too much to tell a trend from chance"
    short = "" if days >= DAILY_DAYS else f"; a daily pattern takes {DAILY_DAYS:g} days to show"
    return "constant", f"trend below {TOLERANCE:g} over {days:.0f} days{short}"


def _mean_day(values: Floats, phase: NDArray[np.int64]) -> Floats:
    """Return how much each stretch of the day lies above the mean of all; 0 for one without buckets."""
    means = [values[phase == p].mean() - values.mean() if (phase == p).any() else 0.0 for p in range(PHASES)]
    return np.array(means)


def _daily_swing(values: Floats, phase: NDArray[np.int64]) -> float | None:
    """Return highest less lowest of the mean day, null where it is small or may be chance."""
    groups = [values[phase == p] for p in range(PHASES) if (phase == p).sum() > 1]
    swing = float(np.ptp(_mean_day(values, phase)))
    if len(groups) < PHASES or swing < TOLERANCE:
        return None
    from scipy.stats import kruskal

    return swing if kruskal(*groups).pvalue < _SIGNIFICANT else None

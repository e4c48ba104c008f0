"""Tables of skew: its measures, levels, causes and course over time."""

from typing import Any

import polars as pl

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import format_quantity
from kafka_analysis.tables.base import (
    Column,
    Table,
    amounts,
    build,
    by_cluster,
    resource_words,
    with_evidence,
    with_texts,
)

_SKEW_CAUSES = (
    Column("resource", "What"),
    Column("cause", "Cause"),
    Column("share", "Share", "%"),
    Column("excess", "Excess"),
    Column("names", "Affected", missing=""),
)


def skew_causes(frame: Any, *, least_share: float = 0.1) -> Table:
    """List the causes of what brokers carry above the mean, each with its share.

    Parameters
    ----------
    frame
        Result of ``stats.skew_causes``.
    least_share
        Causes whose share is smaller, in either direction, are left out.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "resource": ["leaders"], "cause": ["hot_keys"], "share": [0.75],
    ...     "excess": [3.0], "names": ["t-3"], "evidence": ["measured"]})
    >>> skew_causes(rows).cells.row(0)
    ('c', 'leaders', 'hot keys in a topic', '75 %', '3 leaders', 't-3')
    """
    rows = to_polars(frame).filter(pl.col("share").abs() >= least_share)
    causes = {name: cause.words for name, cause in CAUSES.items()}
    named = rows.with_columns(
        amounts(rows, "excess"), resource_words(), pl.col("cause").replace(causes)
    ).with_columns(with_evidence("cause"))
    note = (
        "Excess: what brokers carry above the mean. The shares of one resource add up to 100 %; a negative "
        "share offsets the others, which may then exceed 100 %. Shares below "
        f"{format_quantity(least_share, '%')} are only in the table file."
    )
    return build("skew_causes", "Why brokers carry more than the mean", named, _SKEW_CAUSES, note)


_LEVELS = {"broker": "brokers", "rack": "racks", "log_dir": "log directories", "topic": "topics",
           "partition": "partitions"}  # fmt: skip
_SKEW_LEVELS = (
    Column("level", "Level"),
    Column("resource", "What"),
    Column("max_over_mean", "Max ÷ mean", ""),
    Column("gini", "Gini", ""),
    Column("top", "Fullest"),
    Column("net_imbalance", "Above the mean"),
    Column("net_imbalance_share", "Share of total", "%"),
)


def skew_levels(frame: Any, *, levels: tuple[str, ...] = tuple(_LEVELS)) -> Table:
    """List how unevenly each resource lies at each level.

    Parameters
    ----------
    frame
        Result of ``stats.skew_by_level``.
    levels
        The levels listed: ``broker``, ``rack``, ``log_dir``, ``topic``, ``partition``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "level": ["log_dir"], "n": [2], "resource": ["size_bytes"],
    ...     "max_over_mean": [1.5], "net_imbalance": [2e9], "evidence": ["measured"]})
    >>> skew_levels(rows).cells.row(0)
    ('c', '2 log directories', 'bytes stored', '1.50', '2 GB')
    """
    rows = to_polars(frame).filter(pl.col("level").is_in(levels) & pl.col("max_over_mean").is_not_null())
    ordered = by_cluster(rows, pl.col("level").replace_strict({n: i for i, n in enumerate(_LEVELS)}))
    counted = pl.format("{} {}", "n", pl.col("level").replace(_LEVELS)).alias("level")
    named = ordered.with_columns(amounts(ordered, "net_imbalance"), resource_words(), counted).with_columns(
        with_evidence("resource")
    )
    note = (
        "Topics differ by nature: their skew is not a fault, but load concentrated in a few topics is hard to spread. "
        "Bytes of partitions are estimated from their records. What the capture does not contain is left out."
    )
    return build("skew_levels", "Skew by level", named, _SKEW_LEVELS, note)


_SKEW_MEASURES = (
    Column("resource", "What"),
    Column("max_over_mean", "Max ÷ mean", ""),
    Column("cv", "CV", ""),
    Column("gini", "Gini", ""),
    Column("top_share", "Top share", "%"),
    Column("top", "Fullest"),
    Column("net_imbalance", "Above the mean"),
    Column("net_imbalance_share", "Share of total", "%"),
)


def skew_measures(frame: Any, *, over: str = "brokers") -> Table:
    """List how unevenly each resource lies on the brokers or racks.

    Parameters
    ----------
    frame
        Result of ``stats.measure_skew``.
    over
        What it was measured over: ``"brokers"`` or ``"racks"``.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"cluster": ["c"], "resource": ["leaders"], "max_over_mean": [1.5], "top": ["3"]})
    >>> "1.50" in skew_measures(rows).html()
    True
    """
    note = (
        f"Even: max ÷ mean 1, CV 0, Gini 0, top share 1 ÷ number of {over}. Resources that none of them "
        "carries are left out. "
        "Above the mean: the sum of what brokers carry beyond it."
    )
    rows = to_polars(frame)
    loaded = rows.filter(pl.col("max_over_mean").is_not_null())
    if "net_imbalance" in loaded.columns:
        loaded = loaded.with_columns(amounts(loaded, "net_imbalance"))
    loaded = loaded.with_columns(resource_words())
    return build("skew_measures", f"Skew over the {over}", loaded, _SKEW_MEASURES, note)


_SKEW_TRENDS = (
    Column("resource", "What"),
    Column("judgement", "Pattern"),
    Column("slope", "Change per day", missing="unknown"),
    Column("reason", "Reason"),
)
_UNKNOWN = "? unknown"


def skew_trends(frame: Any) -> Table:
    """List for each resource whether its skew is constant, daily, growing or shrinking.

    Parameters
    ----------
    frame
        Result of ``stats.judge_skew_over_time``.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["c"], "resource": ["leaders"], "judgement": ["growing"], "reason": ["by 0.5"],
    ...     "slope_per_day": [0.05], "slope_low": [0.04], "slope_high": [0.061]})
    >>> skew_trends(rows).cells.row(0)
    ('c', 'leaders', 'growing', '+0.050 (+0.040 to +0.061)', 'by 0.5')
    """
    rows = to_polars(frame)
    judgement = pl.col("judgement").replace({"unknown": _UNKNOWN})
    named = with_texts(rows, ["slope"], _slope).with_columns(judgement, resource_words())
    note = (
        "Change of max ÷ mean per day, with its 95 % interval. A trend needs 2 days, a daily pattern 7; both must "
        "reach 0.1."
    )
    return build("skew_trends", "Is the skew constant, daily or growing?", named, _SKEW_TRENDS, note)


def _slope(row: dict[str, Any]) -> tuple[str | None]:
    if row["slope_per_day"] is None:
        return (None,)
    slope, low, high = (f"{row[name]:+.3f}" for name in ("slope_per_day", "slope_low", "slope_high"))
    return (f"{slope} ({low} to {high})",)

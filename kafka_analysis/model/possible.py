"""Which values a metric cannot have: they are exporters' or agents' mistakes, and never become figures."""

import polars as pl

from kafka_analysis.model.metrics import SIGNED_METRICS

LARGEST = 2.0**63  # Kafka's counters, offsets and sizes are Java longs


def is_possible(metric: str = "metric", value: str = "value") -> pl.Expr:
    """Return the expression of whether a value can be one of its metric; never null.

    Examples
    --------
    >>> rows = pl.DataFrame({"metric": "bytes_in_total", "value": [5.0, -5.0, float("nan"), None]})
    >>> rows.select(is_possible()).to_series().to_list()
    [True, False, False, False]
    """
    number = pl.col(value)
    low = pl.when(pl.col(metric).is_in(sorted(SIGNED_METRICS))).then(-LARGEST).otherwise(0.0)
    return (number.is_not_nan() & (number >= low) & (number <= LARGEST)).fill_null(value=False)


def impossible(metric: str = "metric", value: str | pl.Expr = "value") -> pl.Expr:
    """Return the expression of why a value cannot be one of its metric; null where it can.

    Parameters
    ----------
    metric, value
        Columns of canonical names and of values, or the expression of these.

    Returns
    -------
    polars.Expr
        Not a number, infinite, beyond 2^63 either way, or below 0 where the catalogue does not call the metric signed.

    Examples
    --------
    >>> names = ["bytes_in_total", "leader_count", "group_lag_records"]
    >>> rows = pl.DataFrame({"metric": names, "value": [-5.0, 1e308, -5]})
    >>> rows.select(impossible()).to_series().to_list()
    ['negative', 'beyond 2^63', None]
    """
    number = pl.col(value) if isinstance(value, str) else value
    negative = (number < 0) & ~pl.col(metric).is_in(sorted(SIGNED_METRICS))
    return (
        pl.when(number.is_nan())
        .then(pl.lit("not a number"))
        .when(number.is_infinite())
        .then(pl.lit("infinite"))
        .when(number.abs() > LARGEST)
        .then(pl.lit("beyond 2^63"))
        .when(negative)
        .then(pl.lit("negative"))
    )

"""Tell rows of impossible times from the others: clocks that are wrong, seconds taken for milliseconds."""

from datetime import datetime
from functools import cache

import polars as pl

from kafka_analysis.model.moments import EARLIEST, LATEST
from kafka_analysis.model.samples import REJECTED

MOST_TEXT = 500


def split_plausible(
    rows: pl.DataFrame, stream: str, *, latest: datetime = LATEST
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows into those whose times can be, and the others as rejected rows.

    Parameters
    ----------
    rows
        Rows of a stream; every column of times is looked at, null is plausible.
    stream
        Named as the source of what is rejected.
    latest
        The last moment that can be, where more is known than that it lies between 2001 and 2100.

    Returns
    -------
    tuple of polars.DataFrame
        The plausible rows, and the rejected ones with the columns of ``rejected``: their text is the row as JSON,
        times in milliseconds since 1970.

    Examples
    --------
    >>> ts = pl.Series([0, 1_767_225_600_000]).cast(pl.Datetime("ms", "UTC"))
    >>> kept, rejected = split_plausible(pl.DataFrame({"ts": ts, "cluster": "c"}), "tables/topics")
    >>> len(kept), rejected.row(0)
    (1, ('tables/topics', None, '{"ts":0,"cluster":"c"}', 'time not between 2001-01-01 and 2100-01-01'))
    """
    odd = implausible(rows.schema, latest=latest)
    odd_rows = rows.filter(odd)
    if odd_rows.is_empty():
        return rows, pl.DataFrame(schema=REJECTED)
    reason = f"time not between {EARLIEST:%Y-%m-%d} and {latest:%Y-%m-%d}"
    if latest < LATEST:
        reason += f" {latest:%H:%M} UTC, a day after it was recorded"
    times = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.Datetime)]
    text = pl.struct(pl.all()).struct.json_encode().str.slice(0, MOST_TEXT)
    rejected = odd_rows.with_columns(pl.col(times).cast(pl.Int64)).select(
        source=pl.lit(stream),
        position=pl.lit(None, pl.Int64),
        text=text,
        reason=pl.lit(reason),
    )
    return rows.filter(~odd), rejected


def implausible(schema: pl.Schema, *, latest: datetime = LATEST) -> pl.Expr:
    """Return whether any time of a row cannot be.

    Examples
    --------
    >>> rows = pl.DataFrame({"ts": pl.Series([0, None]).cast(pl.Datetime("ms", "UTC"))})
    >>> rows.select(implausible(rows.schema)).to_series().to_list()
    [True, False]
    """
    times = [name for name, dtype in schema.items() if isinstance(dtype, pl.Datetime)]
    odd = (
        (~pl.col(name).is_between(_moment(EARLIEST), _moment(latest))).fill_null(value=False)
        for name in times
    )
    return pl.any_horizontal(pl.lit(value=False), *odd)


@cache
def _moment(ts: datetime) -> pl.Expr:
    return pl.lit(ts)

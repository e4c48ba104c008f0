"""Rows of a cut-over checklist: one schema for all checks."""

from typing import Literal, get_args

import polars as pl

Check = Literal[
    "clusters",
    "brokers",
    "replica",
    "counts",
    "records",
    "offsets",
    "read twice",
    "producers",
    "consumers",
    "parity",
    "transactions",
    "retention",
    "timestamps",
    "headroom",
    "certificates",
    "replicator",
    "way back",
]
CHECKS: tuple[Check, ...] = get_args(Check)
State = Literal["ok", "note", "unknown", "blocks"]
STATES: tuple[State, ...] = get_args(State)
PLACE = {
    "source": pl.String,
    "target": pl.String,
    "topic": pl.String,
    "partition": pl.Int32,
    "group": pl.String,
    "name": pl.String,
}
CHECK_ROWS = {
    "check": pl.String,
    **PLACE,
    "state": pl.String,
    "finding": pl.String,
    "value": pl.Float64,
    "limit": pl.Float64,
    "unit": pl.String,
    "detail": pl.String,
}
"""``topic``: its name at the source. ``finding``: a name for what is wrong, null where nothing is. ``name``: of what is
no topic and no group, such as a setting. ``detail``: what was seen, one sentence."""


def check_rows(check: Check, rows: pl.DataFrame, **given: pl.Expr | str | None) -> pl.DataFrame:
    """Return rows as those of a check; columns that are missing are null.

    Parameters
    ----------
    rows
        Columns of ``CHECK_ROWS``, of each place looked at.
    **given
        Columns as expressions, or as words that stand in every row.

    Examples
    --------
    >>> rows = check_rows("brokers", pl.DataFrame({"target": ["cell"]}), state="ok", detail="all in sync")
    >>> rows.select("check", "target", "topic", "state").row(0)
    ('brokers', 'cell', None, 'ok')
    """
    named = rows.with_columns(
        check=pl.lit(check),
        **{
            name: pl.lit(value, pl.String) if not isinstance(value, pl.Expr) else value
            for name, value in given.items()
        },
    )
    return named.select(
        (pl.col(name) if name in named.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in CHECK_ROWS.items()
    )


def no_rows() -> pl.DataFrame:
    """Return a checklist without a row.

    Examples
    --------
    >>> len(no_rows())
    0
    """
    return pl.DataFrame(schema=CHECK_ROWS)

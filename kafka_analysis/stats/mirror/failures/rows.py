"""Rows of the frame of failures: one schema for all of them."""

from typing import Literal, get_args

import polars as pl

Failure = Literal[
    "retention_overtook",
    "retention_close",
    "retention_nearing",
    "topic_recreated",
    "restarted_without_offsets",
    "mirrored_twice",
    "positions_contradict",
    "clocks_apart",
    "task_stopped",
    "old_timestamps_refused",
    "identity_on_one_connector",
    "checkpoints_without_syncs",
    "loop",
    "partitions_added",
    "topic_not_mirrored",
    "group_active_on_target",
    "sink_connector_group",
    "acls_not_carried",
    "permission_lost",
]
FAILURES: tuple[Failure, ...] = get_args(Failure)
SCHEMA = {
    "failure": pl.String, "tool": pl.String, "source": pl.String, "target": pl.String, "connector": pl.String,
    "task": pl.Int32, "topic": pl.String, "partition": pl.Int32, "group": pl.String, "records": pl.Int64,
    "seconds": pl.Float64, "ts": pl.Datetime("ms", "UTC"), "detail": pl.String,
}  # fmt: skip
"""``records``: how many are concerned (lost, read again …); ``seconds``: of time; null where that does not apply."""


def failure_rows(failure: Failure, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as failures of a kind; columns that are missing are null.

    Examples
    --------
    >>> failure_rows("loop", pl.DataFrame({"topic": ["t"]})).select("failure", "topic", "records").row(0)
    ('loop', 't', None)
    """
    named = rows.with_columns(failure=pl.lit(failure, pl.String))
    return named.select(
        (pl.col(name) if name in named.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )


def no_failures() -> pl.DataFrame:
    """Return no failure at all.

    Examples
    --------
    >>> len(no_failures())
    0
    """
    return pl.DataFrame(schema=SCHEMA)

"""Hold the lag of groups in seconds against the record of when the records they read next were written."""

from __future__ import annotations

import polars as pl

from kafka_analysis.capture.read import Capture
from kafka_analysis.stats import group_lag, written_at

PLACE = ["cluster", "topic", "partition"]


def lag_against_truth(capture: Capture) -> pl.DataFrame:
    """Return each lag in seconds with the true one, of records that the testbed's producers wrote themselves.

    Returns
    -------
    pl.DataFrame
        A row per answer about a group's partition with records to read: ``lag_seconds``, ``is_at_least``, ``true_s``
        (exact to the second), ``apart_s``: seconds between the two answers about the log that date the record. What a
        replicator wrote is left out: when it did, no record says.
    """
    offsets = capture.table("offsets")
    lag = group_lag(capture.table("group_offsets"), offsets).filter(pl.col("lag_records") > 0)
    dates = written_at(lag.select("ts", *PLACE, position="committed_offset"), offsets)
    written = capture.table("truth").filter(kind="acknowledged")
    known = lag.with_columns(dates["since"], dates["until"]).sort("committed_offset")
    both = known.join_asof(
        written.select(*PLACE, "first_offset", "last_offset", second="ts").sort("first_offset"),
        left_on="committed_offset", right_on="first_offset", by=PLACE, check_sortedness=False,
    ).filter(pl.col("committed_offset") <= pl.col("last_offset"))  # fmt: skip
    return both.select(
        "ts", *PLACE, "group", "lag_seconds", "is_at_least",
        true_s=(pl.col("ts") - pl.col("second")).dt.total_milliseconds() / 1000,
        apart_s=(pl.col("until") - pl.col("since")).dt.total_milliseconds() / 1000,
    )  # fmt: skip


def untrue(lag: pl.DataFrame, *, late_s: float = 0.0) -> pl.DataFrame:
    """Return the rows that differ by more than the time between two answers (and the second the truth is exact to).

    ``late_s``: so many seconds more, for a machine with so much to do that producers learn of their acknowledgements,
    and the recorder of its answers, late.
    """
    apart = (pl.col("lag_seconds") - pl.col("true_s")).abs() > pl.col("apart_s") + 1 + late_s
    too_much = pl.col("lag_seconds") > pl.col("true_s") + 1 + late_s
    return lag.filter(pl.when("is_at_least").then(too_much).otherwise(apart))

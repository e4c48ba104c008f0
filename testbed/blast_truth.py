"""What an outage really did, by the record that producers and groups kept of what was acknowledged and read."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import polars as pl

from testbed.load.consumer import BUCKET_S

PLACE = ["cluster", "topic", "partition"]
UNDER_WAY_S = 2.0  # what was sent before the kill is acknowledged up to so much later
NOTICED_S = 20.0  # by then brokers are known to be lost, and groups have read what was under way
LEAST_EXPECTED = 10.0
GAP_S = 2.0  # longer than usual, in whole seconds: an interruption


def acknowledged_effects(
    truth: pl.DataFrame, *, start: datetime, end: datetime, baseline_s: float
) -> pl.DataFrame:
    """Say of each partition written to before an outage whether acknowledgements stopped, or only paused.

    Returns
    -------
    pl.DataFrame
        ``cluster``, ``topic``, ``partition``, ``per_s`` (bytes before the outage), ``stopped``, ``paused`` (null: too
        few records to tell), ``gap_s`` (longest time without one, whole seconds).
    """
    sent = truth.filter(pl.col("kind") == "acknowledged", pl.col("records") > 0)
    since = start - timedelta(seconds=baseline_s)
    before = sent.filter(pl.col("ts") >= since, pl.col("ts") < start - timedelta(seconds=1))
    begun = start + timedelta(seconds=UNDER_WAY_S)
    seconds = (end - begun).total_seconds()
    usual = before.group_by(PLACE).agg(
        per_s=pl.col("bytes").sum() / baseline_s,
        due=pl.col("records").sum() / baseline_s * seconds,
        usual_gap_s=_longest_gap(),
    )
    within = sent.filter(pl.col("ts") >= begun, pl.col("ts") < end)
    came = within.group_by(PLACE).agg(came=pl.col("records").sum())
    edges = usual.select(*PLACE, ts=pl.lit(start)), usual.select(*PLACE, ts=pl.lit(end))
    moments = pl.concat(
        [
            frame.cast({"ts": pl.Datetime("ms", "UTC")})
            for frame in (edges[0], within.select(*PLACE, "ts"), edges[1])
        ]
    )
    gaps = moments.group_by(PLACE).agg(gap_s=_longest_gap())
    judged = usual.join(came, on=PLACE, how="left").join(gaps, on=PLACE, how="left")
    enough = pl.col("due") >= LEAST_EXPECTED
    stopped = pl.when(enough).then(pl.col("came").fill_null(0) == 0)
    paused = pl.when(enough).then(pl.col("gap_s") > pl.col("usual_gap_s") + GAP_S) & ~stopped
    return judged.select(*PLACE, "per_s", "gap_s", stopped=stopped, paused=paused).sort(PLACE)


def _longest_gap() -> pl.Expr:
    return pl.col("ts").sort().diff().dt.total_milliseconds().max().fill_null(0) / 1000


def starved_groups(truth: pl.DataFrame, *, start: datetime, end: datetime, baseline_s: float) -> pl.DataFrame:
    """Say of each group that read before an outage whether it got nothing from some partition in it.

    Groups are on record in stretches of 10 s: those that begin 20 s after the start, or later, and end in the outage
    are looked at, of partitions that were read in every stretch before: bursts have rests of their own.

    Returns
    -------
    pl.DataFrame
        ``group``, ``starved`` (null: too few records to tell of some partition, and none is starved).
    """
    read = truth.filter(pl.col("kind") == "consumed", pl.col("records") > 0)
    whole, keys = timedelta(seconds=BUCKET_S), ["group", *PLACE]
    since = start - timedelta(seconds=max(baseline_s, 2 * BUCKET_S))
    begun = _next_bucket(start + timedelta(seconds=NOTICED_S))
    before = read.filter(pl.col("ts") >= since, pl.col("ts") + whole <= start)
    within = read.filter(pl.col("ts") >= begun, pl.col("ts") + whole <= end)
    usual = before.group_by(keys).agg(due=pl.col("records").sum(), seen=pl.col("ts").n_unique())
    steady = pl.col("seen") == before["ts"].n_unique()
    came = within.group_by(keys).agg(came=pl.col("records").sum())
    judged = usual.join(came, on=keys, how="left")
    enough = steady & (pl.col("due") >= LEAST_EXPECTED) & (begun + whole <= end)
    nothing = pl.when(enough).then(pl.col("came").fill_null(0) == 0)
    told = judged.with_columns(starved=nothing).group_by("group")
    return told.agg(pl.col("starved").any(ignore_nulls=False)).sort("group")


def _next_bucket(moment: datetime) -> datetime:
    seconds = math.ceil(moment.timestamp() / BUCKET_S) * BUCKET_S
    return datetime.fromtimestamp(seconds, UTC)

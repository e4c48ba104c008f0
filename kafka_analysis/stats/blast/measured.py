"""Measure what an outage took along, from the offsets a capture holds: whose progress stopped, and for how long."""

from collections.abc import Collection
from datetime import datetime, timedelta

import polars as pl

from kafka_analysis.model.errors import WindowError
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.moments import as_time, in_utc
from kafka_analysis.stats.blast.predicted import PLACE
from kafka_analysis.stats.blast.shares import BYTES, MEASURED_EFFECTS, blast_shares
from kafka_analysis.stats.scope.snapshots import last_snapshot

# Of what was expected: more than this is more than what was under way when the brokers were lost.
WENT_ON = 0.1
STILL = 0.5  # of what was expected between two looks: less than this is an interruption
LEAST_EXPECTED = 10.0  # records of an outage; with fewer, none may come by chance
# A topic that comes in bursts counts as refused where it rested for so many times its longest rest: a choice.
RESTS = 2
LEAST_BETWEEN = 20.0  # records between two looks; with fewer, half of them may be missing by chance
HISTORY = 10  # baselines before an outage that say how steadily a partition gets records
# Partitions of a cluster that stand still at once: its load rested, they do not come in bursts.
LEAST_AT_REST = 5
_END = "log_end_offset"


@same_kind
def measured_blast(
    partitions: Frame,
    flows: Frame,
    *,
    offsets: Frame,
    start: datetime,
    end: datetime,
    baseline_s: float = 30.0,
    restarted: Collection[str] = (),
) -> Frame:
    """Measure which share of partitions, clients and bytes lost service, or was interrupted, in an outage.

    Parameters
    ----------
    partitions, flows
        As for ``stats.predicted_blast``: which partitions and clients there were, and what they carried before.
    offsets, start, end, baseline_s, restarted
        As for :func:`measured_effects`.

    Returns
    -------
    frame of the kind given
        ``effect``, ``what``, ``affected``, ``total``, ``share``, ``unknown``, as ``stats.predicted_blast`` returns
        them, and ``evidence``. Bytes are always ``estimated``, for Kafka counts none per partition; and groups: a group
        gets from a partition what its log gets, and committed offsets are recorded once a minute, too seldom for this.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in range(0, 60, 10)]
    >>> offsets = pl.DataFrame({"ts": t, "cluster": "c", "topic": "t", "partition": 0,
    ...     "log_end_offset": [0, 500, 1000, None, None, None]})
    >>> partitions = pl.DataFrame({"cluster": ["c"], "topic": ["t"], "partition": [0]})
    >>> flows = pl.DataFrame({"client": ["p"], "kind": ["producer"], "topic": ["t"]})
    >>> measured_blast(partitions, flows, offsets=offsets, start=t[2], end=t[5], baseline_s=20).select(
    ...     "effect", "what", "share").row(0)
    ('loses_service', 'partitions', 1.0)
    """
    effects = measured_effects(offsets, start=start, end=end, baseline_s=baseline_s, restarted=restarted)
    met = last_snapshot(partitions).join(effects, on=PLACE, how="left", maintain_order="left")
    is_estimated = bool((met["evidence"] == "estimated").any())
    by_itself = pl.lit("estimated" if is_estimated else "measured")
    derived = pl.col("what").is_in(["groups", "starved_groups", *BYTES])
    evidence = pl.when(derived).then(pl.lit("estimated")).otherwise(by_itself)
    return blast_shares(met, flows, effects=MEASURED_EFFECTS).with_columns(evidence=evidence)


@same_kind
def measured_effects(
    offsets: Frame,
    *,
    start: datetime,
    end: datetime,
    baseline_s: float = 30.0,
    restarted: Collection[str] = (),
) -> Frame:
    """Say of each partition what an outage did to it, from its log end offsets before and during it.

    Log end offsets are read as a consumer reads them: they end where all in-sync replicas are.

    Parameters
    ----------
    offsets
        The capture's ``offsets`` table; null where no leader answered.
    start, end
        From the fault to the moment at which the brokers were started again, UTC.
    baseline_s
        Seconds before ``start`` that say what is usual; how steadily it came is judged over ten times as long, where
        the table has it, without the times in which the load of the whole cluster rested.
    restarted
        Clusters of which all brokers have been restarted since ``start`` (``stats.restarted_clusters``).

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``partition``, ``expected`` (records in the outage, at the rate before), ``records``
        (that came; null: no answer), ``still_s`` (longest time without progress, to one interval of the capture; null:
        it cannot be told), the effects as ``stats.partition_effects`` names them, and ``evidence``:

        - ``unavailable``: no leader answered, twice or more, while others did. Where nobody of a cluster answered, the
          recorder may have been cut off. That the logs grew by less than half of what was due until the first answer
          proves the outage; that all brokers were restarted makes it an estimate; without either it is unknown;
        - ``not_writable``: a leader answered, and at least from the middle of the answers on nothing came;
        - ``interrupted``: between two looks no leader answered, or less than half of what was due came, and later it
          went on. Interruptions that are shorter than an interval do not show, and those of a partition that gets
          records seldom, or in bursts, are unknown.

    Raises
    ------
    WindowError
        When ``start`` is not before ``end``.

    Examples
    --------
    >>> t = [datetime(2026, 1, 1, 0, 0, s) for s in range(0, 60, 10)]
    >>> offsets = pl.DataFrame({"ts": t, "cluster": "c", "topic": "t", "partition": 0,
    ...     "log_end_offset": [0, 500, 1000, 1000, 2000, 2500]})
    >>> measured_effects(offsets, start=t[2], end=t[5], baseline_s=20).select(
    ...     "expected", "records", "still_s", "interrupted").row(0)
    (1500.0, 1500.0, 10.0, True)
    """
    start, end = in_utc(start), in_utc(end)
    if start >= end:
        raise WindowError("the outage ends before it starts; give start < end")
    low, high = (as_time(edge, offsets.schema["ts"]) for edge in (start, end))
    looks = _looks(offsets, low - HISTORY * timedelta(seconds=baseline_s))
    usual = _usual(looks, low, low - timedelta(seconds=baseline_s))
    judged = usual.join(_during(looks, usual, low, high), on=PLACE, how="left")
    judged = judged.join(_first_after(looks, high), on=PLACE, how="left", maintain_order="left")
    outage_s = (end - start).total_seconds()
    return _named(judged, outage_s, sorted(restarted)).sort(PLACE)


def _looks(offsets: pl.DataFrame, since: pl.Expr) -> pl.DataFrame:
    """Return each look at each partition: where its log ended, and what it grew by since the look before."""
    rows = offsets.filter(pl.col("ts") >= since).sort(*PLACE, "ts")
    end = pl.when(pl.col(_END) >= 0).then(pl.col(_END).cast(pl.Float64))  # -1001 where nobody leads
    filled = rows.select("ts", *PLACE, at=end, last=end.forward_fill().over(PLACE))
    return filled.with_columns(
        grown=pl.col("last").diff().over(PLACE),
        seconds=pl.col("ts").diff().over(PLACE).dt.total_milliseconds() / 1000,
    )


def _usual(looks: pl.DataFrame, start: pl.Expr, since: pl.Expr) -> pl.DataFrame:
    """Return each partition's rate before the outage, where its log ended, and how steadily it got records."""
    before = looks.filter(pl.col("ts") <= start).drop_nulls("at")
    moments = (
        before.filter(pl.col("ts") >= since)
        .group_by(PLACE)
        .agg(
            first_at=pl.col("at").first(),
            at_start=pl.col("at").last(),
            first_ts=pl.col("ts").min(),
            seen_at=pl.col("ts").max(),
            every_s=pl.col("seconds").median(),
        )
    )
    seconds = (pl.col("seen_at") - pl.col("first_ts")).dt.total_milliseconds() / 1000
    grown = pl.col("at_start") - pl.col("first_at")
    rated = moments.with_columns(rate=pl.when((seconds > 0) & (grown >= 0)).then(grown / seconds))
    history = _steadiness(_under_load(before), rated)
    steady = pl.col("steady") & (pl.col("rate") > 0)
    return rated.join(history, on=PLACE, how="left").with_columns(
        steady=steady.fill_null(value=False), every_s=pl.col("every_s").median().over("cluster")
    )


def _under_load(before: pl.DataFrame) -> pl.DataFrame:
    """Leave out looks at which nearly all of a cluster stood still: then its load rested."""
    moment = ["cluster", "ts"]
    grown = before.drop_nulls("grown")
    sums = grown.group_by(moment).agg(
        per_s=pl.col("grown").sum() / pl.col("seconds").max(), active=(pl.col("grown") > 0).sum()
    )
    usual = sums.group_by("cluster").agg(usual=pl.col("per_s").quantile(0.75), most=pl.col("active").max())
    rests = sums.join(usual, on="cluster").filter(
        pl.col("per_s") < STILL * pl.col("usual"), pl.col("most") >= LEAST_AT_REST
    )
    return grown.join(rests, on=moment, how="anti")


def _steadiness(history: pl.DataFrame, rated: pl.DataFrame) -> pl.DataFrame:
    """Return of each partition whether records came at every look, and how long it rested at most."""
    looked = history.join(rated.select(*PLACE, "rate"), on=PLACE, maintain_order="left")
    due = pl.col("rate") * pl.col("seconds")
    came = pl.when(due >= LEAST_BETWEEN).then(pl.col("grown") >= STILL * due).otherwise(pl.col("grown") > 0)
    runs = looked.with_columns(came=came, run=(pl.col("grown") > 0).rle_id().over(PLACE))
    rest = pl.when(pl.col("grown") == 0).then(pl.col("seconds").sum().over(*PLACE, "run")).otherwise(0.0)
    return (
        runs.with_columns(rest=rest)
        .group_by(PLACE)
        .agg(steady=pl.col("came").all(), quiet_s=pl.col("rest").max())
    )


def _during(looks: pl.DataFrame, usual: pl.DataFrame, start: pl.Expr, end: pl.Expr) -> pl.DataFrame:
    """Return what the looks in the outage saw of each partition."""
    rows = looks.filter(pl.col("ts") > start, pl.col("ts") <= end).join(usual, on=PLACE)
    since_s = (pl.col("ts") - start).dt.total_milliseconds() / 1000
    due = pl.col("rate") * pl.col("seconds")
    answered = pl.col("at").is_not_null()
    judged = rows.with_columns(
        since_s=since_s,
        later=since_s > pl.col("every_s"),  # the look before this may have begun before the outage
        still=~answered | ((pl.col("grown") < STILL * due) & pl.col("steady") & (due >= LEAST_BETWEEN)),
        clear=~answered | (pl.col("steady") & (due >= LEAST_BETWEEN)),
    ).with_columns(run=pl.col("still").rle_id().over(PLACE))
    at_its_end = pl.col("at") == pl.col("at").drop_nulls().last()
    stretch = pl.when("still").then(pl.col("seconds").sum().over(*PLACE, "run")).otherwise(0.0)
    return (
        judged.with_columns(stretch=stretch)
        .group_by(PLACE)
        .agg(
            later=pl.col("later").sum(),
            answered=(pl.col("later") & answered).sum(),
            first_seen=pl.col("at").drop_nulls().first(),
            last_seen=pl.col("at").drop_nulls().last(),
            covered_s=pl.col("since_s").filter(answered).max(),
            asked_s=pl.col("since_s").filter(pl.col("later") & answered).min(),
            ended_s=pl.col("since_s").filter(pl.col("later") & at_its_end).min(),
            any_silent=(~answered).any(),
            any_still=pl.col("still").any(),
            clear=pl.col("clear").all(),
            still_s=pl.col("stretch").max(),
        )
    )


def _first_after(looks: pl.DataFrame, end: pl.Expr) -> pl.DataFrame:
    after = looks.filter(pl.col("ts") > end).drop_nulls("at")
    return after.group_by(PLACE).agg(back_at=pl.col("at").first(), back_ts=pl.col("ts").min())


def _named(judged: pl.DataFrame, outage_s: float, restarted: list[str]) -> pl.DataFrame:
    """Name the effects."""
    later, answered = pl.col("later").fill_null(0), pl.col("answered").fill_null(0)
    long_enough = outage_s >= 2 * pl.col("every_s")
    gap_s = (pl.col("back_ts") - pl.col("seen_at")).dt.total_milliseconds() / 1000
    due = pl.col("rate") * gap_s
    proved = (due >= LEAST_EXPECTED) & (pl.col("back_at") - pl.col("at_start") < STILL * due)
    by_silence = (later == 0) & long_enough
    estimated = by_silence & ~proved.fill_null(value=False) & pl.col("cluster").is_in(restarted)
    unavailable = (
        pl.when((later > 1) & (answered == 0)).then(pl.lit(value=True))
        .when(answered > 0).then(pl.lit(value=False))
        .when(by_silence & (proved.fill_null(value=False) | estimated)).then(pl.lit(value=True))
    )  # fmt: skip
    base = pl.min_horizontal(
        "first_seen", pl.col("at_start") + pl.col("rate").fill_null(0.0) * pl.col("every_s")
    )
    rows = judged.with_columns(
        unavailable=unavailable,
        records=(pl.col("last_seen") - pl.col("at_start")).clip(lower_bound=0.0),
        since=(pl.col("last_seen") - base).clip(lower_bound=0.0),
        expected=pl.col("rate") * outage_s,
        due=pl.col("rate") * pl.col("covered_s"),
        evidence=pl.when(estimated).then(pl.lit("estimated")).otherwise(pl.lit("measured")),
    )
    return _with_weaker_effects(rows)


def _with_weaker_effects(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the weaker effects on partitions that were not wholly unavailable: not writable, interrupted."""
    rested_s = pl.col("covered_s") - pl.col("ended_s")
    stands = rested_s >= (pl.col("covered_s") - pl.col("asked_s")) / 2
    usual_rest_s = pl.col("quiet_s").fill_null(0.0) + pl.col("every_s")
    unusual = pl.col("steady") | (rested_s >= RESTS * usual_rest_s)
    moved = pl.col("since") > WENT_ON * pl.col("due")
    refused = (
        pl.when("unavailable").then(pl.lit(value=False))
        .when(pl.col("unavailable").is_null()).then(None)
        .when((pl.col("rate") * rested_s >= LEAST_EXPECTED) & unusual).then(stands)
        .when(moved | (pl.col("answered") > 1) & (pl.col("ended_s") > pl.col("asked_s"))).then(pl.lit(value=False))
    )  # fmt: skip
    waited = pl.when(pl.col("any_still")).then(pl.lit(value=True)).when("clear").then(pl.lit(value=False))
    named = rows.with_columns(not_writable=refused).with_columns(
        interrupted=~pl.col("unavailable") & ~pl.col("not_writable") & waited
    )
    reading = pl.col("interrupted") | (pl.col("not_writable") & pl.col("any_silent"))
    still = pl.when(pl.col("any_still") | pl.col("clear")).then("still_s")
    return named.with_columns(reading_waits=reading, leader_moves=pl.lit(None, pl.Boolean), still_s=still).select(
        *PLACE, "expected", "records", "still_s", "unavailable", "not_writable", "interrupted", "leader_moves",
        "reading_waits", "evidence",
    )  # fmt: skip

"""Where each replication flow stands in each partition: lag, pace, time to catch up, what retention leaves."""

from math import ceil
from typing import NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.model.units import counted, format_duration
from kafka_analysis.stats.lag.groups import lag_by_group
from kafka_analysis.stats.lag.partitions import MOST_ANSWERS, RECENT_ANSWERS, measure_lag
from kafka_analysis.stats.lag.retention import retention_used, topic_retention
from kafka_analysis.stats.mirror.closing import is_backlog, seconds_to_close
from kafka_analysis.stats.mirror.last_seen import LAST_SEEN, last_seen_places
from kafka_analysis.stats.mirror.passed_over import passed_over

FLOW = ["tool", "source", "target", "connector"]
_COMMIT_INTERVAL_S = 60.0  # Connect's offset.flush.interval.ms where nothing else is known
_MOST_ROWS, _LEAST_SHOWN = 1_200_000, 30  # partitions × answers whose lag is computed
_LOOKED_AT = 200  # partitions of each connector
_COMMITS = 3  # so many intervals without a new position before a mirror is said to stand still
_AT_MOST = ("offset sync", "record counts", LAST_SEEN)
_UNCONFIRMED = "record read last"  # what was read may not be at the target yet


class Mirrors(NamedTuple):
    """What was measured of every flow: as a whole, in each partition now, and over time."""

    flows: pl.DataFrame
    partitions: pl.DataFrame
    over_time: pl.DataFrame
    answers: pl.DataFrame
    commit_interval_s: float
    is_interval_known: bool = True
    answer_interval_s: float | None = None


def flow_names(places: Frame) -> pl.DataFrame:
    """Give each flow a name: its ends, and its connector where several connectors replicate between them.

    Examples
    --------
    >>> rows = pl.DataFrame({"tool": "Flink", "source": "a", "target": "b", "connector": ["x", "y"]})
    >>> flow_names(rows)["flow"].to_list()
    ['a → b (x)', 'a → b (y)']
    """
    flows = to_polars(places).select(FLOW).unique().sort(FLOW)
    is_alone = pl.len().over("source", "target") == 1
    ends = pl.format("{} → {}", "source", "target")
    return flows.with_columns(
        flow=pl.when(is_alone).then(ends).otherwise(pl.format("{} ({})", ends, "connector"))
    )


def commit_interval_s(places: Frame) -> float | None:
    """Return how often mirrors store their positions: the shortest median time between two commits of a partition.

    Of several mirrors that of the slowest; None where no partition was committed three times. Of many partitions the
    first ones are looked at: a worker stores the positions of all of them at once.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, 0, s, tzinfo=UTC) for s in (0, 10, 20, 30)]
    >>> rows = pl.DataFrame({"ts": t, "source": "a", "target": "b", "connector": "m", "topic": "t", "partition": 0,
    ...     "age_s": [5.0, 5.0, 15.0, 5.0], "known_by": "committed position"})
    >>> commit_interval_s(rows)
    15.0
    """
    place = ["source", "target", "connector", "topic", "partition"]
    stored = to_polars(places).lazy().filter(pl.col("age_s").is_not_null(), known_by="committed position")
    first = stored.select(place).unique().sort(place).group_by(place[:3]).head(_LOOKED_AT)
    rows = stored.select(*place, "ts", "age_s").join(first, on=place, how="semi").collect(engine="streaming")
    committed_at = pl.col("ts") - pl.duration(milliseconds=pl.col("age_s") * 1000)
    commits = rows.select(*place, committed_at=committed_at).unique().sort(*place, "committed_at")
    between = commits.group_by(place).agg(
        s=pl.col("committed_at").diff().dt.total_milliseconds().median() / 1000, commits=pl.len()
    )
    known = between.filter(pl.col("commits") >= _COMMITS)
    found = known.group_by("source", "target", "connector").agg(pl.col("s").min())["s"].max()
    return None if found is None else float(found)  # type: ignore[arg-type]


def measure_mirrors(
    places: Frame,
    offsets: Frame,
    *,
    topic_configs: Frame,
    tolerance_s: float = 0.0,
    tasks: Frame | None = None,
) -> Mirrors:
    """Measure how far every replication flow is behind its source, how fast it copies, and when it has caught up.

    Parameters
    ----------
    places
        Positions of the flows: ``stats.committed_places`` and what else says where they are.
    offsets
        The capture's ``offsets``, with what was answered before the window: it dates old records.
    topic_configs
        One snapshot of the sources' ``topic_configs``: how long they keep records.
    tolerance_s
        Seconds behind up to which a flow keeps up; the time between two commits of its positions comes on top.
    tasks
        Result of :func:`~kafka_analysis.stats.mirror.places.assigned_tasks`: partitions of one task catch up together
        (:func:`~kafka_analysis.stats.mirror.closing.seconds_to_close`). None: nothing is known of tasks.

    Returns
    -------
    Mirrors
        ``flows``: a row per flow: ``tool``, ``source``, ``target``, ``connector``, ``flow`` and the columns of
        :func:`~kafka_analysis.stats.lag.groups.lag_by_group`, from ``condition`` on; ``topics``, ``position_age_s`` (of
        the newest position), ``known_by`` (the weakest), ``is_at_most``: the lag is an upper bound.
        A flow that fell silent while the log was still read has its last position at the end, as an upper bound of the
        lag (:func:`~kafka_analysis.stats.mirror.last_seen.last_seen_places`); a position that no checkpoint confirms
        does not keep up. Records that it passed over
        (:func:`~kafka_analysis.stats.mirror.passed_over.passed_over`) are no delay; the lag is an upper bound there.
        ``partitions``: the same per partition, with ``known_by``, ``position_age_s``, ``is_at_most`` and
        ``copied_per_s``: records per second over all answers; columns of
        :func:`~kafka_analysis.stats.lag.partitions.measure_lag` and
        :func:`~kafka_analysis.stats.lag.retention.retention_used`. ``over_time``: per ``flow`` and ``ts``.
        ``answers``: ``cluster`` (target), ``ts``. ``commit_interval_s``: as measured, else Connect's default of 60 s.
        ``answer_interval_s``: between two answers about positions; None: there were no two.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.stats.mirror.places import SCHEMA
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(3)]
    >>> at = [(t[m], "MirrorMaker 2", "a", "b", "m", "t", 0, 60 * m, 0.0, "committed position") for m in (0, 1, 2)]
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_start_offset": 0,
    ...     "log_end_offset": [60, 120, 200]}, schema_overrides={"partition": pl.Int32})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "topic": pl.String, "name": pl.String, "value": pl.String})
    >>> mirrors = measure_mirrors(pl.DataFrame(at, schema=SCHEMA, orient="row"), ends, topic_configs=none)
    >>> mirrors.flows.select("flow", "lag_records", "consumed_per_s", "known_by").row(0)
    ('a → b', 80, 1.0, 'committed position')
    """
    rows = to_polars(places)
    names = flow_names(rows)
    silent = last_seen_places(rows, offsets, lower_bounds=(_UNCONFIRMED,))
    named = pl.concat([rows, silent]).join(names, on=FLOW, how="left").drop("tool", "target", "connector")
    measured_s = commit_interval_s(rows)
    interval_s = measured_s or _COMMIT_INTERVAL_S
    committed = named.select(
        "ts", "topic", "partition", cluster="source", group="flow", committed_offset="position"
    )
    answers = rows.select("ts", cluster="target").unique().sort("cluster", "ts")
    between = pl.col("ts").diff().over("cluster").dt.total_milliseconds().median() / 1000
    between_s = answers.select(between).item()
    recent = _recent(between_s, interval_s)
    lag = measure_lag(
        committed,
        offsets,
        tolerance_s=tolerance_s + interval_s,
        recent_answers=recent,
        shown_answers=_shown(committed),
    )
    kept = retention_used(lag.partitions, topic_retention(to_polars(topic_configs)))
    late_s = tolerance_s + interval_s
    judged = _judged(kept, named, late_s=late_s)
    passed = passed_over(_renamed(judged), named, offsets, interval_s=interval_s, late_s=late_s)
    alone = _without_passed(judged, passed)
    of_flows = _of_flows(tasks, names)
    closing = seconds_to_close(_renamed(alone), named, offsets, tasks=of_flows, recent_answers=recent)
    partitions = _closing_together(alone, closing, late_s=late_s)
    listed = names.select(
        ts=pl.lit(0), cluster="source", group="flow", kind=pl.lit(None, pl.String), state=pl.lit("")
    )
    flows = lag_by_group(partitions, lag.over_time, groups=listed, states=listed)
    shown = _renamed(partitions).join(names, on=["flow", "source"], how="left")
    order = pl.col("known_by").replace_strict(_WEAKEST, default=0, return_dtype=pl.Int64)
    known = shown.group_by("flow").agg(
        topics=pl.col("topic").n_unique(),
        position_age_s=pl.col("position_age_s").min(),
        known_by=pl.col("known_by").sort_by(order).last(),
        is_at_most=pl.col("is_at_most").any(),
        partitions_at_most=pl.col("is_at_most").sum(),
    )
    whole = names.join(_renamed(flows).drop("kind", "state"), on=["flow", "source"], how="left").join(
        known, on="flow", how="left"
    )
    return Mirrors(
        whole.sort("target", "flow"),
        shown.select(*FLOW, "flow", pl.exclude(*FLOW, "flow")).sort("flow", "topic", "partition"),
        _renamed(lag.over_time).join(names.select("flow", "target"), on="flow", how="left"),
        answers,
        interval_s,
        measured_s is not None,
        between_s,
    )


def describe_commits(mirrors: Mirrors) -> list[str]:
    """Say how old positions may be, and by what those are known that no tool stored.

    Examples
    --------
    >>> none = pl.DataFrame(schema={"known_by": pl.String})
    >>> describe_commits(Mirrors(none, none, none, none, 60.0))
    []
    """
    counts = mirrors.partitions.group_by("known_by").agg(pl.len().alias("partitions")).sort("known_by")
    bounds = [
        f"{counted(n, 'partition')}: lag is an upper bound, known only from {known_by}."
        for known_by, n in counts.iter_rows()
        if known_by in _AT_MOST
    ]
    if counts.filter(known_by="committed position").is_empty():
        return bounds
    every = (
        f"about every {format_duration(mirrors.commit_interval_s)}"
        if mirrors.is_interval_known
        else "every offset.flush.interval.ms, whose value was not seen (60 s by default)"
    )
    return [f"MirrorMaker stores its positions {every}: it may have copied more since.", *bounds]


_WEAKEST = {
    "committed position": 0, "no position": 0, "checkpoint": 0, _UNCONFIRMED: 1, "offset sync": 2,
    "record counts": 3, LAST_SEEN: 4,
}  # fmt: skip


def _judged(partitions: pl.DataFrame, places: pl.DataFrame, *, late_s: float) -> pl.DataFrame:
    """Add what each position is known by, and take back what it cannot tell.

    Between two commits of its positions a mirror does not seem to move, so that it stands still only when it is late;
    an upper bound of a lag says neither that there is one nor that it stays. That all records were read says not that
    they are at the target.
    """
    ts, position = pl.col("ts"), pl.col("position")
    seconds = (ts.max() - ts.min()).dt.total_milliseconds() / 1000
    grown = (position.get(ts.arg_max()) - position.get(ts.arg_min())).clip(lower_bound=0)
    last = places.group_by(cluster="source", group="flow", topic="topic", partition="partition").agg(
        position_age_s=pl.col("age_s").get(ts.arg_max()),
        known_by=pl.col("known_by").get(ts.arg_max()),
        copied_per_s=pl.when(seconds > 0).then(grown / seconds),
    )
    joined = partitions.join(
        last, on=["cluster", "group", "topic", "partition"], how="left", maintain_order="left"
    )
    is_at_most = (pl.col("known_by").is_in(_AT_MOST) & (pl.col("lag_records") > 0)).fill_null(value=False)
    is_in_time = (pl.col("condition") == "stuck") & (pl.col("lag_seconds") <= late_s)
    is_unconfirmed = (pl.col("known_by") == _UNCONFIRMED) & (pl.col("condition") == "keeps up")
    is_unknown = is_at_most | is_unconfirmed.fill_null(value=False)
    condition = pl.when(is_unknown).then(pl.lit("unknown")).when(is_in_time).then(pl.lit("keeps up"))
    return joined.with_columns(is_at_most=is_at_most, condition=condition.otherwise("condition"))


def _without_passed(partitions: pl.DataFrame, passed: pl.DataFrame) -> pl.DataFrame:
    """Say of records that a mirror passed over that it keeps up, and that its lag is an upper bound."""
    keys = passed.rename({"source": "cluster", "flow": "group"}).with_columns(is_passed=True)
    joined = partitions.join(
        keys, on=["cluster", "group", "topic", "partition"], how="left", maintain_order="left"
    )
    is_passed = pl.col("is_passed").fill_null(value=False)
    return joined.with_columns(
        is_at_most=pl.col("is_at_most") | is_passed,
        condition=pl.when(is_passed).then(pl.lit("keeps up")).otherwise("condition"),
        seconds_to_close=pl.when(~is_passed).then("seconds_to_close"),
    ).drop("is_passed")


def _of_flows(tasks: Frame | None, names: pl.DataFrame) -> pl.DataFrame:
    if tasks is None:
        schema = {"flow": pl.String, "topic": pl.String, "partition": pl.Int32, "task": pl.Int32}
        return pl.DataFrame(schema=schema)
    return to_polars(tasks).join(names, on=FLOW[1:]).select("flow", "topic", "partition", "task")


def _closing_together(partitions: pl.DataFrame, closing: pl.DataFrame, *, late_s: float) -> pl.DataFrame:
    """Say of a partition that it has caught up when its task has, or before, if it needs no help of the others.

    Of a record that was there before the log was first seen only the time since is known, which grows: there it is the
    task's gain that says that the mirror is catching up, and the time that it takes says that it is late.
    """
    keys = closing.rename({"source": "cluster", "flow": "group"})
    joined = partitions.join(
        keys, on=["cluster", "group", "topic", "partition"], how="left", maintain_order="left"
    )
    condition = pl.col("condition")
    gains = (condition == "slow") & pl.col("is_at_least") & pl.col("task_seconds").is_not_null()
    needs_long = (condition == "keeps up") & is_backlog() & (pl.col("task_seconds") > late_s)
    is_catching_up = (gains | needs_long).fill_null(value=False)
    judged = joined.with_columns(
        condition=pl.when(is_catching_up).then(pl.lit("catching up")).otherwise(condition)
    )
    is_late = condition.is_in(["slow", "catching up"])
    soonest = pl.min_horizontal("seconds_to_close", "task_seconds")
    return judged.with_columns(
        seconds_to_close=pl.when(is_late).then(soonest).otherwise("seconds_to_close")
    ).drop("task_seconds")


def _renamed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.rename({"cluster": "source", "group": "flow"})


def _shown(committed: pl.DataFrame) -> int:
    """Return how many answers are looked at besides the recent ones: of very many partitions fewer."""
    partitions = committed.select("group", "topic", "partition").unique().height
    return max(min(MOST_ANSWERS, _MOST_ROWS // max(partitions, 1)), _LEAST_SHOWN)


def _recent(between_s: float | None, interval_s: float) -> int:
    """Return how many answers cover some commits, so that a mirror between two commits does not seem to stand still."""
    if not between_s:
        return RECENT_ANSWERS
    return max(RECENT_ANSWERS, ceil(_COMMITS * interval_s / between_s) + 1)

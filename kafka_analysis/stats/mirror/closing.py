"""When a mirror that is behind will have caught up, by what each of its tasks copies."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.lag.over_time import group_lag

_PLACE = ["source", "flow", "topic", "partition"]
_LATE = ("slow", "catching up")
_REGULAR = (
    2  # so many times the last time between two commits, or answers: a longer one says that it did not run
)


def seconds_to_close(
    partitions: Frame, places: Frame, offsets: Frame, *, tasks: Frame, recent_answers: int
) -> pl.DataFrame:
    """Estimate when each task that is behind has caught up.

    A task copies its partitions with one consumer and one producer: what it needs no longer for one of them, it has for
    the others. So the records that all its partitions wait for are divided by what it gains on all of them. What it
    copies is counted between two commits of its positions, since it last began to run: as long as they came as
    regularly as the last two.

    Parameters
    ----------
    partitions
        ``source``, ``flow``, ``topic``, ``partition``, ``condition``, ``is_at_least``, ``consumed_per_s``,
        ``produced_per_s``.
    places
        Positions of the flows over time, with ``flow``.
    offsets
        The capture's ``offsets``.
    tasks
        ``flow``, ``topic``, ``partition``, ``task``; partitions that are not in it are taken for themselves.
    recent_answers
        Answers that tell the pace.

    Returns
    -------
    polars.DataFrame
        ``source``, ``flow``, ``topic``, ``partition``, ``task_seconds`` of the tasks that gain on their logs.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(3)]
    >>> place = {"source": "a", "flow": "a → b", "topic": "t", "partition": 0}
    >>> at = pl.DataFrame({"ts": t, **place, "position": [0, 600, 1200], "age_s": 0.0})
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_end_offset": 2000})
    >>> pace = {"is_at_least": False, "consumed_per_s": 10.0, "produced_per_s": 0.0}
    >>> late = pl.DataFrame({**place, "condition": ["catching up"], **pace})
    >>> none = pl.DataFrame(schema={"flow": pl.String, "topic": pl.String, "partition": pl.Int64, "task": pl.Int64})
    >>> seconds_to_close(late, at, ends, tasks=none, recent_answers=10)["task_seconds"].to_list()
    [80.0]
    """
    named = _by_task(to_polars(partitions), to_polars(tasks))
    late = named.filter(pl.col("condition").is_in(_LATE) | is_backlog()).select("flow", "of").unique()
    own = named.join(late, on=["flow", "of"], how="semi").select(*_PLACE, "of")
    if own.is_empty():
        return own.select(*_PLACE, task_seconds=pl.lit(None, pl.Float64))
    rows = to_polars(places).join(own, on=_PLACE)
    recent = rows.select("flow", "ts").unique().sort("ts").group_by("flow").tail(recent_answers)
    shown = rows.join(recent, on=["flow", "ts"], how="semi").drop_nulls("position")
    whole = shown.filter(pl.len().over(_PLACE) == pl.len().over(_PLACE).max().over("flow", "of"))
    committed = whole.select(
        "ts", "topic", "partition", cluster="source", group="flow", committed_offset="position"
    )
    ends = group_lag(committed, to_polars(offsets)).select(
        "ts", "topic", "partition", "log_end_offset", source="cluster", flow="group"
    )
    seen = whole.join(ends, on=["ts", *_PLACE]).drop_nulls("log_end_offset")
    stored = pl.col("ts") - pl.duration(milliseconds=pl.col("age_s") * 1000)
    sums = seen.group_by("flow", "of", "ts").agg(
        at=stored.max(), position=pl.col("position").sum(), end=pl.max_horizontal("log_end_offset", "position").sum()
    )  # fmt: skip
    return own.join(_closing(sums), on=["flow", "of"]).drop("of")


def is_backlog() -> pl.Expr:
    """Tell of partitions that gain on records older than the recording: how late these are is not known.

    Examples
    --------
    >>> rows = pl.DataFrame({"is_at_least": [True, False], "consumed_per_s": 5.0, "produced_per_s": 1.0})
    >>> rows.select(is_backlog())["is_at_least"].to_list()
    [True, False]
    """
    return pl.col("is_at_least") & (pl.col("consumed_per_s") > pl.col("produced_per_s")).fill_null(
        value=False
    )


def _by_task(partitions: pl.DataFrame, tasks: pl.DataFrame) -> pl.DataFrame:
    known = tasks.select("flow", "topic", pl.col("partition").cast(pl.Int32), "task")
    joined = partitions.with_columns(pl.col("partition").cast(pl.Int32)).join(
        known, on=["flow", "topic", "partition"], how="left"
    )
    alone = pl.format("{}-{}", "topic", "partition")
    return joined.with_columns(partitions["partition"], of=pl.coalesce(pl.col("task").cast(pl.String), alone))


def _closing(sums: pl.DataFrame) -> pl.DataFrame:
    key = ["flow", "of"]
    spaced = sums.sort(*key, "ts").with_columns(answers=pl.col("ts").diff().median().over(key))
    commits = spaced.drop_nulls("at").unique([*key, "at"], keep="first", maintain_order=True)
    between = pl.max_horizontal(pl.col("at").diff().last().over(key), "answers")
    is_gap = (pl.col("at").diff().over(key) > _REGULAR * between).fill_null(value=False)
    numbered = commits.with_columns(run=is_gap.cum_sum().over(key))
    running = numbered.filter(pl.col("run") == pl.col("run").max().over(key))

    def per_second(name: str, clock: str) -> pl.Expr:
        grown, span = (pl.col(column).last() - pl.col(column).first() for column in (name, clock))
        return grown / (span.dt.total_milliseconds() / 1000)

    paces = running.group_by(key, maintain_order=True).agg(
        commits=pl.len(),
        copied=per_second("position", "at"),
        produced=per_second("end", "ts"),
        at=pl.col("at").last(),
    )
    last = sums.sort("ts").group_by(key, maintain_order=True).last().drop("at")
    joined = last.join(paces.filter(pl.col("commits") > 1), on=key)
    since_s = (pl.col("ts") - pl.col("at")).dt.total_milliseconds() / 1000
    left = (pl.col("end") - pl.col("position") - pl.col("copied") * since_s).clip(lower_bound=0)
    net = pl.col("copied") - pl.col("produced")
    return joined.filter(net > 0).select(*key, task_seconds=left / net)

"""Positions of replicators that no longer say where they are."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars

LAST_SEEN = "position last seen"
_FLOW = ["tool", "source", "target", "connector"]
_LEAST_SILENCE = (
    3  # so many times the usual time between two answers, so that a late answer is none that is missing
)


def last_seen_places(places: Frame, offsets: Frame, *, lower_bounds: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return the last positions of flows that are silent while their source's log is still read.

    A process that was killed gives no more answers. What it copied since the last one is not known; what the log has
    beyond its last position is at most missing.

    Parameters
    ----------
    places
        Result of :func:`~kafka_analysis.stats.mirror.places.committed_places` and the like.
    offsets
        The capture's ``offsets``.
    lower_bounds
        Values of ``known_by`` that do not say that a record has arrived: they stay as they are.

    Returns
    -------
    polars.DataFrame
        As ``places``, a row per partition of these flows, at the time of the last answer about its log. A flow is
        silent when three times the usual time between two answers (its own, or the log's where that is longer) has
        passed without one.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.stats.mirror.places import SCHEMA
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(6)]
    >>> rows = [(t[m], "Flink", "a", "b", "job", "t", 0, 7, None, "checkpoint") for m in (0, 1)]
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_end_offset": 9},
    ...     schema_overrides={"partition": pl.Int32})
    >>> silent = last_seen_places(pl.DataFrame(rows, schema=SCHEMA, orient="row"), ends)
    >>> silent.select(pl.col("ts").dt.minute(), "position", "age_s", "known_by").row(0)
    (5, 7, 240.0, 'position last seen')
    """
    rows = to_polars(places)
    logs = to_polars(offsets).select(pl.col("ts").cast(pl.Datetime("ms", "UTC")), source="cluster").unique()
    usual = {"usual_s": pl.col("ts").unique().sort().diff().dt.total_milliseconds().median() / 1000}
    ends = logs.group_by("source").agg(now=pl.col("ts").max(), **usual)
    answers = rows.group_by(_FLOW).agg(last=pl.col("ts").max(), **usual).join(ends, on="source")
    usual_s = pl.max_horizontal("usual_s", "usual_s_right")
    silence_s = (pl.col("now") - pl.col("last")).dt.total_milliseconds() / 1000
    silent = answers.filter(silence_s > _LEAST_SILENCE * usual_s)
    told = rows.join(silent, on=_FLOW, how="semi").sort("ts")
    last = told.group_by(*_FLOW, "topic", "partition", maintain_order=True).last()
    since_s = (pl.col("now") - pl.col("ts")).dt.total_milliseconds() / 1000
    known_by = pl.when(pl.col("known_by").is_in(lower_bounds)).then("known_by").otherwise(pl.lit(LAST_SEEN))
    return (
        last.join(silent.select(*_FLOW, "now"), on=_FLOW)
        .with_columns(age_s=pl.col("age_s").fill_null(0.0) + since_s, known_by=known_by)
        .with_columns(ts=pl.col("now"))
        .select(rows.columns)
    )

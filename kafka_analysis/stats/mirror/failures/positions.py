"""Failures that the positions of a mirror show beside the logs of its source."""

from collections.abc import Sequence

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.mirror.failures.rows import failure_rows
from kafka_analysis.stats.mirror.places import MIRROR_MAKER

_LOG = ["source", "topic", "partition"]
_PARTITION = ["source", "target", "topic", "partition"]
_SERIES = ["tool", "source", "target", "connector", "topic", "partition"]
_TIME = pl.Datetime("ms", "UTC")
_IS_EXACT = pl.col("known_by").is_in(["committed position", "checkpoint"])
COMMITS = 3  # intervals between two commits after which a record that a mirror had read would be committed
_BEYOND = 3  # answers beyond the log's end: a new leader's high watermark is behind for less
CLOCKS_APART_S = 5.0


@same_kind
def position_failures(
    places: Frame,
    offsets: Frame,
    topics: Frame,
    *,
    halted: Frame,
    former: Frame | None = None,
    interval_s: float = 60.0,
) -> Frame:
    """Find what went wrong with the positions of a mirror.

    Parameters
    ----------
    places
        Positions of flows over time; only those that a tool stored count.
    offsets
        The capture's ``offsets``.
    topics
        The capture's ``topics``: ``ts``, ``cluster``, ``topic``, ``topic_id``, of all snapshots.
    halted
        Result of ``stats.halted_mirrors``: ``source``, ``target``, ``ts`` of answers that a mirror did not run.
    former
        Positions that connectors left behind which were deleted: others may read again what these had read.
    interval_s
        Seconds between two commits of positions: a mirror may have read what was committed only later.

    Returns
    -------
    frame of the kind given
        A row per partition and failure:

        - ``retention_overtook``: the source deleted records before the mirror had read them; at most ``records`` of
          them. The mirror goes on at the log's start (``auto.offset.reset``) and says nothing. Records that waited for
          less than three commits may have been read, unless the mirror was halted; the one record that is left of a
          log may be the marker of a transaction: neither counts;
        - ``topic_recreated``: the log at the source is another one than when the mirror was first seen: its topic id
          changed, its end fell to less than half of what it held, or stays before the position; ``records`` the mirror
          believes to have read beyond it;
        - ``restarted_without_offsets``: the position fell although the log is the same: ``records`` were read again
          and are in the target twice;
        - ``positions_contradict``: it fell and rose again and again: two MirrorMakers store under one name;
        - ``mirrored_twice``: two connectors of MirrorMaker moved over the same ``records`` of a partition;
        - ``clocks_apart``: the position was stored in the future; ``seconds``.

    Notes
    -----
    Apache Kafka, ``MirrorSourceTask`` (starts at the committed offset + 1, without one at the beginning) and Connect's
    offset topic.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from kafka_analysis.stats.mirror.places import SCHEMA as PLACES
    >>> t = [datetime(2026, 1, 1, h, tzinfo=UTC) for h in range(3)]
    >>> read = (t, (5, 5, 40))
    >>> at = [(ts, "MirrorMaker 2", "a", "b", "m", "t", 0, p, 0.0, "committed position") for ts, p in zip(*read)]
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": 0, "log_start_offset": [0, 30, 30],
    ...     "log_end_offset": 40}, schema_overrides={"partition": pl.Int32})
    >>> ids = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "topic_id": "x"})
    >>> never = pl.DataFrame(schema={"source": pl.String, "target": pl.String, "ts": pl.Datetime("ms", "UTC")})
    >>> found = position_failures(pl.DataFrame(at, schema=PLACES, orient="row"), ends, ids, halted=never)
    >>> found.select("failure", "topic", "records").rows()
    [('retention_overtook', 't', 25)]
    """
    exact = places.filter(_IS_EXACT).sort(*_SERIES, "ts")
    names = ["topic", "partition", "log_start_offset", "log_end_offset"]
    ordered = (
        offsets.select(pl.col("ts").cast(_TIME), *names, source="cluster")
        .drop_nulls("log_end_offset")
        .sort(*_LOG, "ts")
    )
    new = _new_logs(topics, ordered)
    spans = _spans(exact)
    recreated = _recreated(exact, spans, ordered, new)
    parts = [
        _overtaken(exact, spans, ordered, new, halted, late_s=COMMITS * interval_s),
        recreated,
        *_fallen(exact, recreated, ordered),
        *_twice(spans if former is None else pl.concat([spans, _spans(former.filter(_IS_EXACT))])),
        _clocks(exact),
    ]
    return pl.concat(parts)


def _new_logs(topics: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return the partitions whose log became another one, and when that was first seen (``until``)."""
    ids = (
        topics.drop_nulls("topic_id")
        .sort("ts")
        .select(pl.col("ts").cast(_TIME), "topic", "topic_id", source="cluster")
    )
    is_new = pl.col("topic_id") != pl.col("topic_id").shift(1).over("source", "topic")
    by_id = ids.filter(is_new.fill_null(value=False)).select("source", "topic", until="ts")
    partitions = ordered.join(by_id, on=["source", "topic"], how="semi").select(_LOG).unique()
    held = (pl.col("log_start_offset").fill_null(0) + pl.col("log_end_offset")) / 2
    low = ordered.with_columns(before=held.shift(1)).filter(
        _same(_LOG) & (pl.col("log_end_offset") < pl.col("before"))
    )
    by_end = low.select(*_LOG, until="ts")
    return pl.concat([partitions.join(by_id, on=["source", "topic"]), by_end]).unique(_LOG, keep="first")


def _spans(places: pl.DataFrame) -> pl.DataFrame:
    """Return from where to where each partition was read, and since when that was seen."""
    position = pl.col("position")
    return places.group_by(_SERIES).agg(
        lowest=position.min(), highest=position.max(), begun=pl.col("ts").min()
    )


def _same(names: Sequence[str]) -> pl.Expr:
    """Tell of a row of a frame in order whether the row before is equal in these columns."""
    return pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in reversed(names))


def _overtaken(
    exact: pl.DataFrame,
    spans: pl.DataFrame,
    logs: pl.DataFrame,
    new: pl.DataFrame,
    halted: pl.DataFrame,
    *,
    late_s: float,
) -> pl.DataFrame:
    ahead = logs.group_by(_LOG).agg(pl.col("log_start_offset").max())
    maybe = spans.join(ahead, on=_LOG).filter(pl.col("log_start_offset") > pl.col("lowest"))
    maybe = maybe.join(new, on=_LOG, how="anti")
    rows = _beside_logs(exact.join(maybe.select(_SERIES), on=_SERIES, how="semi"), logs, strategy="backward")
    start, position = pl.col("log_start_offset"), pl.col("position")
    is_marker = (start - position == 1) & (start == pl.col("log_end_offset"))
    passed = rows.filter((start > position) & ~is_marker.fill_null(value=False))
    waited = _waiting(passed, logs, late_s=late_s)
    certain = pl.concat([waited, _while_halted(passed, halted)]).unique([*_SERIES, "ts"]).sort(*_SERIES, "ts")
    before = pl.max_horizontal("position", start.cum_max().shift(1).over(_SERIES))
    found = certain.with_columns(records=start - before).filter(pl.col("records") > 0)
    sums = found.group_by(_SERIES).agg(pl.col("records").sum(), pl.col("ts").min())
    return failure_rows("retention_overtook", sums.sort(_SERIES))


def _waiting(passed: pl.DataFrame, logs: pl.DataFrame, *, late_s: float) -> pl.DataFrame:
    """Keep the positions whose record was there so long before that it would have been committed, had it been read."""
    earlier = passed.select(*_SERIES, "position", ts=pl.col("ts") - pl.duration(milliseconds=1000 * late_s))
    ends = _beside_logs(earlier, logs, strategy="backward").with_columns(
        pl.col("ts") + pl.duration(milliseconds=1000 * late_s)
    )
    waited = ends.filter(pl.col("log_end_offset") > pl.col("position")).select(*_SERIES, "ts")
    return passed.join(waited, on=[*_SERIES, "ts"], how="semi")


def _while_halted(passed: pl.DataFrame, halted: pl.DataFrame) -> pl.DataFrame:
    """Keep the positions after which the mirror did not run before it was asked again."""
    moments = halted.select("source", "target", halted_at=pl.col("ts").cast(_TIME))
    both = passed.join(moments, on=["source", "target"])
    committed_at = pl.col("ts") - pl.duration(milliseconds=1000 * pl.col("age_s").fill_null(0))
    hit = both.filter(pl.col("halted_at").is_between(committed_at, pl.col("ts")))
    return passed.join(hit.select(*_SERIES, "ts"), on=[*_SERIES, "ts"], how="semi")


def _recreated(
    exact: pl.DataFrame, spans: pl.DataFrame, ordered: pl.DataFrame, new: pl.DataFrame
) -> pl.DataFrame:
    falls = ordered.filter(_same(_LOG) & (pl.col("log_end_offset") < pl.col("log_end_offset").shift(1)))
    ends = ordered.group_by(_LOG, maintain_order=True).agg(pl.col("log_end_offset").last())
    beyond_end = spans.join(ends, on=_LOG).filter(pl.col("log_end_offset") < pl.col("highest"))
    odd = pl.concat([falls.select(_LOG), beyond_end.select(_LOG)]).unique()
    maybe = spans.join(odd, on=_LOG, how="semi")
    # the log's end after the position was read: before, records may have come in between
    rows = _beside_logs(
        exact.join(maybe.select(_SERIES), on=_SERIES, how="semi"), ordered, strategy="forward"
    )
    beyond = rows.with_columns(records=pl.col("position") - pl.col("log_end_offset")).filter(
        pl.col("records") > 0
    )
    held = pl.col("log_start_offset").fill_null(0) + pl.col("position")
    seen = beyond.group_by(_SERIES).agg(
        pl.col("records").max(),
        pl.col("ts").min(),
        answers=pl.len(),
        is_half=(pl.col("log_end_offset") < held / 2).any(),
    )
    by_end = seen.filter((pl.col("answers") >= _BEYOND) | pl.col("is_half")).select(*_SERIES, "records", "ts")
    read = (
        spans.join(new, on=_LOG)
        .filter(pl.col("until") > pl.col("begun"))  # else the mirror never read the log before
        .join(seen.select(*_SERIES, "records"), on=_SERIES, how="left")
    )
    by_log = read.select(*_SERIES, pl.col("records").fill_null(0), ts="until")
    both = pl.concat([by_log, by_end]).unique(_SERIES, keep="first").sort(_SERIES)
    return failure_rows("topic_recreated", both)


def _fallen(exact: pl.DataFrame, recreated: pl.DataFrame, ordered: pl.DataFrame) -> list[pl.DataFrame]:
    """Return where a position fell: once, or again and again.

    A task without a committed offset begins at the start of the log: it had gone on from there when it was seen.
    """
    changes = exact.with_columns(change=pl.col("position").diff()).filter(_same(_SERIES))
    falls = changes.filter(pl.col("change") < 0).join(recreated, on=_SERIES, how="anti", nulls_equal=True)
    rises = (
        changes.filter(pl.col("change") > 0)
        .join(falls, on=_SERIES, how="semi")
        .group_by(_SERIES)
        .agg(last_rise=pl.col("ts").max(), rises=pl.len())
    )
    sums = (
        falls.group_by(_SERIES)
        .agg(
            reached=(pl.col("position") - pl.col("change")).max(),
            apart=-pl.col("change").min(),
            ts=pl.col("ts").min(),
            falls=pl.len(),
        )
        .join(rises, on=_SERIES, how="left")
    )
    starts = (
        ordered.join(sums, on=_LOG, how="semi").group_by(_LOG).agg(start=pl.col("log_start_offset").max())
    )
    sums = sums.join(starts, on=_LOG, how="left").with_columns(
        records=pl.col("reached") - pl.col("start").fill_null(0)
    )
    is_both = (pl.col("falls") > 1) & (pl.col("rises") >= pl.col("falls") - 1).fill_null(value=False)
    sums = sums.sort(_SERIES)
    return [
        failure_rows("restarted_without_offsets", sums.filter(~is_both)),
        failure_rows("positions_contradict", sums.filter(is_both).with_columns(records="apart")),
    ]


def _twice(spans: pl.DataFrame) -> list[pl.DataFrame]:
    """Return partitions in which several connectors moved over the same records, or one over what another had read.

    Other tools are left out: whether a Flink job writes what it reads to the target is not known.
    """
    moved = spans.filter(tool=MIRROR_MAKER).select(*_SERIES, first="lowest", last="highest", ts="begun")
    several = moved.filter(pl.len().over(_PARTITION) > 1).with_columns(
        is_moving=pl.col("last") > pl.col("first")
    )
    moving = several.filter("is_moving")
    rests = several.filter(~pl.col("is_moving")).group_by(_PARTITION).agg(reached=pl.col("last").max())
    again = moving.join(rests, on=_PARTITION).with_columns(records=pl.col("reached") - pl.col("first"))
    twice = moving.filter(pl.len().over(_PARTITION) > 1).sort("connector")
    sums = twice.group_by("tool", *_PARTITION, maintain_order=True).agg(
        pl.col("ts").max(),
        records=pl.col("last").min() - pl.col("first").max(),
        detail=pl.col("connector").str.join(" and "),
    )
    return [
        failure_rows("mirrored_twice", sums.filter(pl.col("records") > 0).sort(_PARTITION)),
        failure_rows("restarted_without_offsets", again.filter(pl.col("records") > 0).sort(_SERIES)),
    ]


def _clocks(exact: pl.DataFrame) -> pl.DataFrame:
    ahead = exact.group_by("tool", "source", "target", "connector").agg(
        seconds=-pl.col("age_s").min(), ts=pl.col("ts").max()
    )
    return failure_rows(
        "clocks_apart", ahead.filter(pl.col("seconds") > CLOCKS_APART_S).sort("source", "target")
    )


def _beside_logs(places: pl.DataFrame, logs: pl.DataFrame, *, strategy: str) -> pl.DataFrame:
    """Add the answer about the log before or after each position was read."""
    here = logs.join(places.select(_LOG).unique(), on=_LOG, how="semi").sort("ts")
    return (
        places.with_columns(pl.col("ts").cast(_TIME))
        .sort("ts")
        .join_asof(
            here,
            on="ts",
            by=_LOG,
            strategy=strategy,
            check_sortedness=False,  # type: ignore[arg-type]
        )
    )

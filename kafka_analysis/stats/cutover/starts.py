"""Where each group will start at the target: by its own offset there, or by its newest checkpoint."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "target", "group", "topic", "partition"]
COMMIT, CHECKPOINT = "offset at the target", "checkpoint"


def group_starts(
    moving: Moving, *, checkpoints: Frame, commits: Frame, logs: Frame, clients_translate: bool = False
) -> pl.DataFrame:
    """Return where each group that moves would start in each partition of the target.

    Parameters
    ----------
    moving
        What moves.
    checkpoints
        The newest of each group and partition: ``source``, ``target`` (clusters), ``group``, ``topic`` (at the target),
        ``partition``, ``upstream_offset``, ``downstream_offset``.
    commits
        Last committed offsets of both ends: ``cluster``, ``group``, ``topic``, ``partition``, ``committed_offset``.
    logs
        The last answer about each log: ``cluster``, ``topic``, ``partition``, ``log_start_offset``, ``log_end_offset``,
        ``log_grown`` (records since the answer before; absent: none): offsets of groups are read a little later.
    clients_translate
        Clients take their offsets from checkpoints themselves: those come first.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``group``, ``topic``, ``remote_topic``, ``partition``, ``committed_offset`` (at the
        source), ``start_offset`` (at the target; null: none, so that ``auto.offset.reset`` decides), ``known_by``
        (``offset at the target`` or ``checkpoint``), ``checkpoint_offset``, ``upstream_offset`` (of the source, which
        the checkpoint is of), ``log_start_offset``, ``log_end_offset`` and ``log_grown`` of the target.

    Examples
    --------
    >>> from kafka_analysis.stats.cutover.moving import moving as made
    >>> topics = pl.DataFrame({"wave": [1], "source": "a", "target": "b", "topic": "t", "remote_topic": "a.t"})
    >>> held = pl.DataFrame({"cluster": "a", "topic": "t", "partition": [0]})
    >>> stored = pl.DataFrame({"cluster": ["a", "b"], "group": "g", "topic": ["t", "a.t"], "partition": 0,
    ...     "committed_offset": [9, 7]})
    >>> marks = pl.DataFrame({"source": ["a"], "target": "b", "group": "g", "topic": "a.t", "partition": 0,
    ...     "upstream_offset": 8, "downstream_offset": 7})
    >>> ends = pl.DataFrame({"cluster": ["b"], "topic": "a.t", "partition": 0, "log_start_offset": 0,
    ...     "log_end_offset": 9, "log_grown": 0})
    >>> moved = made(topics, partitions=held, commits=stored)
    >>> found = group_starts(moved, checkpoints=marks, commits=stored, logs=ends)
    >>> found.select("start_offset", "known_by", "upstream_offset").rows()
    [(7, 'offset at the target', 8)]
    """
    at_target = to_polars(commits).select(
        "group",
        pl.col("partition").cast(pl.Int32),
        own_offset="committed_offset",
        target="cluster",
        remote_topic="topic",
    )
    marks = to_polars(checkpoints).select(
        "source",
        "target",
        "group",
        pl.col("partition").cast(pl.Int32),
        "upstream_offset",
        remote_topic="topic",
        checkpoint_offset="downstream_offset",
    )
    known = to_polars(logs)
    if "log_grown" not in known.columns:
        known = known.with_columns(log_grown=pl.lit(0, pl.Int64))
    ends = known.select(
        pl.col("partition").cast(pl.Int32),
        "log_start_offset",
        "log_end_offset",
        "log_grown",
        target="cluster",
        remote_topic="topic",
    )
    place = ["target", "group", "remote_topic", "partition"]
    rows = (
        moving.groups.join(at_target, on=place, how="left")
        .join(marks, on=["source", *place], how="left")
        .join(ends, on=["target", "remote_topic", "partition"], how="left")
    )
    checkpoint = pl.when(pl.col("checkpoint_offset") >= 0).then("checkpoint_offset")
    order = [(pl.col("own_offset"), COMMIT), (checkpoint, CHECKPOINT)]
    order = order[::-1] if clients_translate else order
    return rows.select(
        *_KEYS,
        "remote_topic",
        "committed_offset",
        start_offset=pl.coalesce(*(offset for offset, _ in order)),
        known_by=pl.coalesce(*(pl.when(offset.is_not_null()).then(pl.lit(word)) for offset, word in order)),
        checkpoint_offset="checkpoint_offset",
        upstream_offset="upstream_offset",
        log_start_offset="log_start_offset",
        log_end_offset="log_end_offset",
        log_grown="log_grown",
    ).sort(_KEYS)


def start_checks(
    moving: Moving,
    starts: Frame,
    *,
    unread: Frame,
    hidden: Frame | None = None,
    clients_translate: bool = False,
) -> pl.DataFrame:
    """Say of each group and partition whether it has an offset at the target from which it can go on.

    Parameters
    ----------
    moving
        What moves.
    starts
        Result of :func:`group_starts`.
    unread
        ``cluster``: clusters of which groups or checkpoints could not be read: what is not seen there is unknown.
    hidden
        ``cluster`` and, as far as it is known, ``why``: clusters of which there may be groups that were not seen at
        all, or whose offsets were not. None: those of ``unread``.
    clients_translate
        Clients take their offsets from checkpoints themselves, so that a group needs none of its own at the target.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``offsets``; ``value``: the offset. A group without one would start where
        ``auto.offset.reset`` says: at the end it skips records, at the beginning it reads all of them again. Where
        the log at the target holds no record this is a note: nothing is there to be skipped, but for what is written
        before the group has joined.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "group": "g", "topic": "t", "partition": [0, 1, 2],
    ...     "committed_offset": [5, 5, 5], "start_offset": [5, None, 9], "checkpoint_offset": [5, -1, 9],
    ...     "known_by": ["checkpoint", None, "offset at the target"], "log_start_offset": 0, "log_end_offset": 8,
    ...     "log_grown": 0})
    >>> none = pl.DataFrame(schema={"cluster": pl.String})
    >>> start_checks(Moving(rows, rows, rows), rows, unread=none)["finding"].to_list()
    ['offset not set at the target', 'offset not translated', 'offset beyond the log']
    """
    blind = to_polars(unread)["cluster"].implode()
    start, end = pl.col("start_offset"), pl.col("log_end_offset")
    is_blind = start.is_null() & (pl.col("target").is_in(blind) | pl.col("source").is_in(blind))
    is_empty = (end == pl.col("log_start_offset")).fill_null(value=False)
    needs_none = start.is_null() & is_empty
    is_missing = start.is_null() & ~needs_none
    is_beyond = (start > end + pl.col("log_grown").fill_null(0)).fill_null(value=False)
    is_gone = (start < pl.col("log_start_offset")).fill_null(value=False)
    by_checkpoint = (pl.col("known_by") == CHECKPOINT).fill_null(value=False)
    is_unset = by_checkpoint & pl.lit(not clients_translate)
    judged = to_polars(starts).with_columns(
        state=pl.when(is_blind)
        .then(pl.lit("unknown"))
        .when(is_missing | is_beyond | is_gone | is_unset)
        .then(pl.lit("blocks"))
        .when(by_checkpoint | needs_none)
        .then(pl.lit("note"))
        .when(end.is_null())
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_blind)
        .then(pl.lit("offsets unknown"))
        .when(is_missing)
        .then(pl.lit("offset not translated"))
        .when(is_beyond)
        .then(pl.lit("offset beyond the log"))
        .when(is_gone)
        .then(pl.lit("offset before the log"))
        .when(is_unset)
        .then(pl.lit("offset not set at the target"))
        .when(end.is_null() & ~by_checkpoint)
        .then(pl.lit("offsets unknown")),
        detail=pl.when(is_blind)
        .then(pl.lit("offsets or checkpoints could not be read at one end"))
        .when(is_missing & (pl.col("checkpoint_offset") < 0))
        .then(
            pl.format(
                "MirrorMaker cannot translate offset {}: it is older than its oldest offset sync",
                "committed_offset",
            )
        )
        .when(is_missing)
        .then(
            pl.format(
                "offset {} at the source has no checkpoint and no offset at the target", "committed_offset"
            )
        )
        .when(is_beyond)
        .then(pl.format("it would start at {}, and the log ends at {}", "start_offset", "log_end_offset"))
        .when(is_gone)
        .then(pl.format("it would start at {}, and the log starts at {}", "start_offset", "log_start_offset"))
        .when(needs_none)
        .then(pl.lit("no offset, and no record at the target: auto.offset.reset decides where it starts"))
        .when(by_checkpoint)
        .then(pl.format("only a checkpoint says {}: the group's own offset is not set there", "start_offset"))
        .when(end.is_null())
        .then(pl.format("it starts at {}, and the log was not seen", "start_offset"))
        .otherwise(pl.format("it starts at {}", "start_offset")),
        value=start.cast(pl.Float64),
    )
    return pl.concat([check_rows("offsets", judged), _hidden(moving, unread if hidden is None else hidden)])


def _hidden(moving: Moving, hidden: Frame) -> pl.DataFrame:
    """Return a row for each pair of clusters of which one hides groups."""
    names = to_polars(hidden)
    known = names if "why" in names.columns else names.with_columns(why=pl.lit(None, pl.String))
    whys = known.select(where="cluster", why="why").unique("where", keep="first", maintain_order=True)
    ends = moving.topics.select("source", "target").drop_nulls().unique().sort("source", "target")
    is_hidden = [pl.col(end).is_in(whys["where"].implode()) for end in ("source", "target")]
    rows = (
        ends.with_columns(where=pl.when(is_hidden[0]).then("source").when(is_hidden[1]).then("target"))
        .drop_nulls("where")
        .join(whys, on="where", how="left", maintain_order="left")
    )
    general = pl.format("groups of {} were not read with the right to see all", "where")
    return check_rows(
        "offsets",
        rows,
        state="unknown",
        finding="offsets unknown",
        detail=pl.coalesce(pl.format("{}: {}", "where", "why"), general),
    )

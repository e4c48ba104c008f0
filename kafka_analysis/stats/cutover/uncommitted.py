"""Groups that read what moves and have committed nothing there: ``auto.offset.reset`` decides where they start."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.moving import Moving
from kafka_analysis.stats.cutover.rows import check_rows

_WITHOUT_MEMBERS, _SETTLED = ("EMPTY", "DEAD"), "STABLE"
# Made up by a console consumer for itself: it never commits, and MirrorMaker's default groups.exclude has it too.
_BY_CHANCE = "^console-consumer-[0-9]+$"
_KEYS = ["source", "target", "group", "topic", "partition"]


def uncommitted_reads(moving: Moving, *, groups: Frame, members: Frame) -> pl.DataFrame:
    """Return the partitions that move and that a group is assigned, with no committed offset of the group there.

    Parameters
    ----------
    moving
        What moves; ``groups`` are those with committed offsets.
    groups
        Latest row of each group: ``cluster``, ``group``, ``state``.
    members
        Members of groups by the last answer: ``cluster``, ``group``, ``assignments`` (texts ``topic-partition``).

    Returns
    -------
    polars.DataFrame
        As ``groups`` of :class:`~kafka_analysis.stats.cutover.moving.Moving`, with ``committed_offset`` null.

    Examples
    --------
    >>> from kafka_analysis.stats.cutover.moving import moving as made
    >>> topics = pl.DataFrame({"wave": [1], "source": "a", "target": "b", "topic": "t", "remote_topic": "t"})
    >>> held = pl.DataFrame({"cluster": "a", "topic": "t", "partition": [0, 1]})
    >>> stored = pl.DataFrame({"cluster": ["a"], "group": "g", "topic": "t", "partition": 0, "committed_offset": 4})
    >>> states = pl.DataFrame({"cluster": ["a"], "group": "g", "state": "STABLE"})
    >>> member = pl.DataFrame({"cluster": ["a"], "group": "g", "assignments": [["t-0", "t-1", "u-0"]]})
    >>> found = uncommitted_reads(made(topics, partitions=held, commits=stored), groups=states, members=member)
    >>> found.select("group", "topic", "partition", "committed_offset").rows()
    [('g', 't', 1, None)]
    """
    places = moving.partitions.with_columns(assignments=pl.format("{}-{}", "topic", "partition")).unique()
    assigned = (
        to_polars(members)
        .select("group", "assignments", source="cluster")
        .explode("assignments")
        .drop_nulls("assignments")
        .unique()
    )
    reading = assigned.join(_states(groups), on=["source", "group"], how="left").filter(
        ~pl.col("state").is_in(_WITHOUT_MEMBERS).fill_null(value=False)
    )
    uncommitted = reading.join(places, on=["source", "assignments"]).join(
        moving.groups, on=_KEYS, how="anti", nulls_equal=True
    )
    return (
        uncommitted.with_columns(committed_offset=pl.lit(None, pl.Int64))
        .select("wave", *_KEYS[:4], "remote_topic", "partition", "committed_offset")
        .sort(_KEYS, nulls_last=True)
    )


def uncommitted_checks(starts: Frame, *, unread: Frame) -> pl.DataFrame:
    """Say of each partition that a group reads without a committed offset where it would start at the target.

    Parameters
    ----------
    starts
        Result of :func:`~kafka_analysis.stats.cutover.starts.group_starts` for :func:`uncommitted_reads`, where no
        offset is set at the target.
    unread
        ``cluster``: clusters of which the committed offsets of groups could not be read.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``offsets``; ``value``: records at the target that it would read again with ``earliest``. An
        empty log at the target is a note, as for a group whose offset was not translated; and so is a console consumer.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "group": "g", "topic": "t", "partition": [0, 1],
    ...     "log_start_offset": [2, 5], "log_end_offset": [9, 5]})
    >>> none = pl.DataFrame(schema={"cluster": pl.String})
    >>> uncommitted_checks(rows, unread=none).select("state", "finding", "value").rows()
    [('blocks', 'no committed offset', 7.0), ('note', None, 0.0)]
    """
    rows = to_polars(starts).with_columns(left=pl.col("log_end_offset") - pl.col("log_start_offset"))
    is_blind = pl.col("source").is_in(to_polars(unread)["cluster"].implode())
    is_empty = (pl.col("left") == 0).fill_null(value=False)
    is_console = pl.col("group").str.contains(_BY_CHANCE)
    again = pl.coalesce(counted("left", "record"), pl.lit("all records"))
    judged = rows.with_columns(
        state=pl.when(is_console)
        .then(pl.lit("note"))
        .when(is_blind)
        .then(pl.lit("unknown"))
        .when(is_empty)
        .then(pl.lit("note"))
        .otherwise(pl.lit("blocks")),
        finding=pl.when(is_console)
        .then(pl.lit(None, pl.String))
        .when(is_blind)
        .then(pl.lit("offsets unknown"))
        .when(~is_empty)
        .then(pl.lit("no committed offset")),
        detail=pl.when(is_console)
        .then(
            pl.lit(
                "a console consumer without a group of its own: it never commits offsets, and does not move"
            )
        )
        .when(is_blind)
        .then(pl.lit("its members read it at the source, and its offsets there could not be read"))
        .when(is_empty)
        .then(
            pl.lit(
                "no committed offset, and no record at the target: auto.offset.reset decides where it starts"
            )
        )
        .otherwise(
            pl.format(
                "its members read it at the source and have committed no offset: with auto.offset.reset = earliest it "
                "reads {} at the target again, with latest it skips those written before it joins there",
                again,
            )
        ),
        value=pl.col("left").cast(pl.Float64),
    )
    return check_rows("offsets", judged, unit="records")


def uncommitted_readers(reads: Frame) -> pl.DataFrame:
    """Return a row for each group that still reads a topic at the source without a committed offset.

    Console consumers without a group of their own are left out: they do not move.

    Parameters
    ----------
    reads
        Result of :func:`uncommitted_reads`.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``consumers``.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "group": "g", "topic": "t", "partition": [0, 1]})
    >>> uncommitted_readers(rows).select("group", "state", "detail").row(0)
    ('g', 'blocks', 'its members are assigned 2 partitions and have committed no offset')
    """
    keys = _KEYS[:4]
    moving_on = to_polars(reads).filter(~pl.col("group").str.contains(_BY_CHANCE))
    rows = moving_on.unique(_KEYS).group_by(keys).agg(held=pl.len().cast(pl.Int64)).sort(keys)
    return check_rows(
        "consumers",
        rows,
        state="blocks",
        finding="the group still reads at the source",
        detail=pl.format(
            "its members are assigned {} and have committed no offset", counted("held", "partition")
        ),
    )


def unseen_readers(moving: Moving, *, groups: Frame, members: Frame, commits: Frame) -> pl.DataFrame:
    """Return a row for each group of a source of which nothing says what it reads.

    Parameters
    ----------
    moving
        What moves.
    groups
        Latest row of each group: ``cluster``, ``group``, ``state``, ``kind``.
    members
        Members of groups by the last answer: ``cluster``, ``group``, ``assignments``.
    commits
        ``cluster``, ``group`` of every committed offset of any topic.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``offsets``, of no topic. Unknown: a group that is rebalancing, with no partition assigned and
        no offset committed; a streams group without committed offsets, whose members Kafka's clients do not show. A
        note: a share group, of which Kafka keeps no committed offsets.

    Examples
    --------
    >>> ends = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t"})
    >>> rows = pl.DataFrame({"cluster": "a", "group": ["g", "q"], "state": ["PREPARING_REBALANCING", "STABLE"],
    ...     "kind": ["classic", "share"]})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "group": pl.String, "assignments": pl.List(pl.String)})
    >>> found = unseen_readers(Moving(ends, ends, ends), groups=rows, members=none, commits=none)
    >>> found.select("group", "state").rows()
    [('g', 'unknown'), ('q', 'note')]
    """
    ends = moving.topics.select("source", "target").drop_nulls().unique()
    states = _states(groups).filter(pl.col("state") != "DEAD")
    seen = pl.concat(
        [
            to_polars(commits).select("group", source="cluster"),
            to_polars(members).filter(pl.col("assignments").list.len() > 0).select("group", source="cluster"),
        ]
    ).unique()
    is_share = (pl.col("kind") == "share").fill_null(value=False)
    is_streams = (pl.col("kind") == "streams").fill_null(value=False)
    is_hidden = ~pl.col("state").is_in(_WITHOUT_MEMBERS) & (is_streams | (pl.col("state") != _SETTLED))
    unseen = states.filter(is_share | is_hidden).join(seen, on=["source", "group"], how="anti")
    judged = (
        ends.join(unseen, on="source")
        .sort("source", "target", "group")
        .with_columns(
            state=pl.when(is_share).then(pl.lit("note")).otherwise(pl.lit("unknown")),
            finding=pl.when(~is_share).then(pl.lit("group unknown")),
            detail=pl.when(is_share)
            .then(
                pl.lit(
                    "a share group, of which Kafka keeps no committed offsets: if it reads what moves, "
                    "share.auto.offset.reset decides where it starts"
                )
            )
            .otherwise(
                pl.format("its state is {}, without committed offsets: what it reads is unknown", "state")
            ),
        )
    )
    return check_rows("offsets", judged)


def _states(groups: Frame) -> pl.DataFrame:
    rows = to_polars(groups)
    kind = pl.col("kind").cast(pl.String) if "kind" in rows.columns else pl.lit(None, pl.String)
    return rows.select("group", source="cluster", state=pl.col("state").str.to_uppercase(), kind=kind).unique(
        ["source", "group"], keep="last"
    )

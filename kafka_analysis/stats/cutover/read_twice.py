"""How many records each group will read twice, by where it would start and where it stands."""

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.cutover.counted import counted
from kafka_analysis.stats.cutover.rows import check_rows

_KEYS = ["source", "target", "group", "topic", "partition"]
_WHERE = ["source", "target", "topic", "partition"]
MATCHED, SYNCED, BY_END = "matched record", "offset sync", "log ends"


def matched_offsets(starts: Frame, reads: Frame, checks: Frame) -> pl.DataFrame:
    """Find the offsets at the target that committed offsets of the source correspond to, by the records there.

    Parameters
    ----------
    starts
        Result of :func:`~kafka_analysis.stats.cutover.starts.group_starts`.
    reads, checks
        The capture's ``record_reads`` (``purpose`` ``committed offset``) and ``record_checks``.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``topic``, ``partition``, ``committed_offset``, ``target_offset``: of the first record
        that the group has not read; after the last one that it has, where none is left. Records that occur more than
        once at an end are no evidence, and not used.

    Examples
    --------
    >>> from kafka_analysis.model.tables import empty_table
    >>> rows = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t", "partition": 0,
    ...     "committed_offset": 4}, schema_overrides={"partition": pl.Int32})
    >>> len(matched_offsets(rows, empty_table("record_reads"), empty_table("record_checks")))
    0
    """
    wanted = to_polars(starts).select(*_WHERE, "remote_topic", "committed_offset").unique()
    stretches = (
        to_polars(reads)
        .filter(purpose="committed offset")
        .select(
            "topic",
            "partition",
            "stretch",
            source="cluster",
            committed_offset="wanted_offset",
            is_reached=(pl.col("next_offset") >= pl.col("wanted_offset")) | (pl.col("ended") == "end of log"),
        )
        .unique(
            ["source", "topic", "partition", "committed_offset", "stretch"], keep="last", maintain_order=True
        )
    )
    hashes = to_polars(checks)
    record = ["written_at", "key_hash", "record_hash"]
    is_unread = pl.col("offset") >= pl.col("committed_offset")
    at_source = (
        wanted.join(stretches, on=["source", "topic", "partition", "committed_offset"])
        .join(
            hashes.select("topic", "partition", "stretch", "offset", *record, source="cluster"),
            on=["source", "topic", "partition", "stretch"],
        )
        # Where reading ended before the committed offset, nobody knows how many records lie between.
        .filter(is_unread | pl.col("is_reached").fill_null(value=False))
        .unique([*_WHERE, "committed_offset", "offset"], keep="first", maintain_order=True)
    )
    at_target = hashes.select(
        "partition", "stretch", *record, remote_topic="topic", target="cluster", target_offset="offset"
    )
    alone = at_target.unique(["target", "remote_topic", "partition", "target_offset"]).filter(
        pl.len().over("target", "remote_topic", "partition", *record) == 1
    )
    once = at_source.filter(pl.len().over(*_WHERE, "committed_offset", *record) == 1)
    found = once.join(
        alone.drop("stretch"), on=["target", "remote_topic", "partition", *record], nulls_equal=True
    )
    # A record after the first unread one, or before the last read one, tells as well: records between count one by one.
    unread = at_source.filter(is_unread).with_columns(
        ahead=(pl.col("offset").rank("ordinal") - 1).over(*_WHERE, "committed_offset").cast(pl.Int64)
    )
    read = at_source.filter(~is_unread).with_columns(
        ahead=(-pl.col("offset").rank("ordinal", descending=True).cast(pl.Int64)).over(
            *_WHERE, "committed_offset"
        )
    )
    numbered = pl.concat([unread, read]).select(*_WHERE, "committed_offset", "offset", "ahead")
    joined = found.join(numbered, on=[*_WHERE, "committed_offset", "offset"])
    # Nothing lies between the first unread record, or the last read one, and the stand.
    is_next = ~pl.col("ahead").is_in([0, -1])
    nearest = (
        joined.sort(is_next, pl.col("ahead").abs())
        .group_by(*_WHERE, "committed_offset", maintain_order=True)
        .first()
    )
    return nearest.select(
        *_WHERE, "committed_offset", target_offset=pl.col("target_offset") - pl.col("ahead")
    ).sort(*_WHERE, "committed_offset")


def synced_offsets(starts: Frame, syncs: Frame) -> pl.DataFrame:
    """Compute the offsets at the target that committed offsets correspond to, from MirrorMaker's newest offset syncs.

    Between the two of a sync and the committed offset every offset counts as one record at both ends: markers of
    transactions and compacted records make it larger or smaller than it is.

    Parameters
    ----------
    starts
        Result of :func:`~kafka_analysis.stats.cutover.starts.group_starts`.
    syncs
        ``source``, ``target``, ``topic`` (at the source), ``partition``, ``upstream_offset``, ``downstream_offset``.

    Returns
    -------
    polars.DataFrame
        As of :func:`matched_offsets`.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "partition": 0, "committed_offset": 12})
    >>> pairs = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "partition": 0, "upstream_offset": 10,
    ...     "downstream_offset": 3})
    >>> synced_offsets(rows, pairs)["target_offset"].to_list()
    [5]
    """
    wanted = to_polars(starts).select(*_WHERE, "committed_offset").unique()
    rows = wanted.join(to_polars(syncs), on=_WHERE)
    shift = pl.col("downstream_offset") - pl.col("upstream_offset")
    rows = rows.filter(pl.col("downstream_offset") >= 0, pl.col("upstream_offset") >= 0)
    return rows.select(*_WHERE, "committed_offset", target_offset=pl.col("committed_offset") + shift).sort(
        *_WHERE, "committed_offset"
    )


def offsets_by_ends(starts: Frame, measured: Frame) -> pl.DataFrame:
    """Compute the offsets at the target that committed offsets correspond to, counted back from the ends of both logs.

    Only for replicas that hold every record: the end of the target's log is then that of the source's.

    Parameters
    ----------
    starts
        Result of :func:`~kafka_analysis.stats.cutover.starts.group_starts`; ``log_end_offset`` is the target's.
    measured
        ``partitions`` of :func:`~kafka_analysis.stats.mirror.measure.measure_mirrors`: ``lag_records``, ``is_at_most``,
        ``log_end_offset`` of the source.

    Returns
    -------
    polars.DataFrame
        As of :func:`matched_offsets`.

    Examples
    --------
    >>> where = {"source": "a", "target": "b", "topic": "t", "partition": 0}
    >>> rows = pl.DataFrame([where | {"committed_offset": 4, "log_end_offset": 7}])
    >>> complete = pl.DataFrame([where | {"lag_records": 0, "is_at_most": False, "log_end_offset": 9}])
    >>> offsets_by_ends(rows, complete)["target_offset"].to_list()
    [2]
    """
    complete = to_polars(measured).filter((pl.col("lag_records") == 0) & ~pl.col("is_at_most"))
    ends = complete.select(*_WHERE, source_end="log_end_offset").unique(_WHERE)
    rows = (
        to_polars(starts).select(*_WHERE, "committed_offset", "log_end_offset").unique().join(ends, on=_WHERE)
    )
    unread = pl.col("source_end") - pl.col("committed_offset")
    return rows.select(*_WHERE, "committed_offset", target_offset=pl.col("log_end_offset") - unread).sort(
        *_WHERE, "committed_offset"
    )


def read_twice(
    starts: Frame,
    stands: list[tuple[str, pl.DataFrame]],
    *,
    active: Frame,
    pace: Frame,
    horizon_s: float,
    drift_records: int = 100,
) -> pl.DataFrame:
    """Predict how many records each group reads twice when it moves, and how many it would skip.

    Parameters
    ----------
    starts
        Result of :func:`~kafka_analysis.stats.cutover.starts.group_starts`.
    stands
        Where groups stand, in offsets of the target, as (known by, frame of :func:`matched_offsets`), the best first.
    active
        ``cluster``, ``group`` of groups that have members: they go on reading at the source.
    pace
        ``cluster``, ``group``, ``topic``, ``partition``, ``consumed_per_s`` of the groups at the source.
    horizon_s
        So long what an active group reads may not be in its offset at the target: between two checkpoints and two
        syncs of group offsets.
    drift_records
        MirrorMaker's ``offset.lag.max``: a sync may be missing for so many records.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``group``, ``topic``, ``partition``, ``committed_offset``, ``start_offset``,
        ``stand_offset`` (where it stands, at the target), ``known_by``, ``is_active``, ``twice_low``, ``twice_high``,
        ``skipped``; null where it is unknown. Of a group that is stopped low and high are one number: start to stand.
        Of an active one the low is 0, and the high what it would be now, plus what it reads within ``horizon_s`` and
        ``drift_records``. A start behind the stand skips records: at most once, which is a loss.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": ["a"], "target": "b", "group": "g", "topic": "t", "partition": 0,
    ...     "committed_offset": 12, "start_offset": 2, "log_start_offset": 0, "log_end_offset": 9})
    >>> stand = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "partition": 0, "committed_offset": 12,
    ...     "target_offset": 5})
    >>> none = pl.DataFrame(schema={"cluster": pl.String, "group": pl.String})
    >>> pace = pl.DataFrame(schema={"cluster": pl.String, "group": pl.String, "topic": pl.String,
    ...     "partition": pl.Int64, "consumed_per_s": pl.Float64})
    >>> found = read_twice(rows, [("offset sync", stand)], active=none, pace=pace, horizon_s=60)
    >>> found.select("stand_offset", "twice_low", "twice_high", "skipped").rows()
    [(5, 3, 3, 0)]
    """
    rows = to_polars(starts)
    names = []
    for number, (known_by, found) in enumerate(stands):
        name = f"_stand_{number}"
        names.append((name, known_by))
        rows = rows.join(
            found.rename({"target_offset": name}),
            on=[*_WHERE, "committed_offset"],
            how="left",
            maintain_order="left",
        )
    is_active = to_polars(active).select("group", source="cluster", is_active=pl.lit(value=True)).unique()
    paces = to_polars(pace).select("group", "topic", "partition", "consumed_per_s", source="cluster")
    joined = (
        rows.join(is_active, on=["source", "group"], how="left", maintain_order="left")
        .join(paces, on=["source", "group", "topic", "partition"], how="left", maintain_order="left")
        .with_columns(
            pl.col("is_active").fill_null(value=False),
            stand_offset=pl.coalesce(*(name for name, _ in names)) if names else pl.lit(None, pl.Int64),
            known_by=pl.coalesce(*(pl.when(pl.col(n).is_not_null()).then(pl.lit(k)) for n, k in names))
            if names
            else pl.lit(None, pl.String),
        )
    )
    # Without an offset and without a record at the target there is nothing to be read twice, wherever it starts.
    is_nothing = pl.col("start_offset").is_null() & (pl.col("log_end_offset") == pl.col("log_start_offset"))
    gap = pl.when(is_nothing).then(0).otherwise(pl.col("stand_offset") - pl.col("start_offset"))
    now = gap.clip(lower_bound=0)
    further = (pl.col("consumed_per_s") * horizon_s).ceil().cast(pl.Int64) + drift_records
    # Both ends are not asked at one moment: what an active group reads in between is not skipped.
    between = pl.when(pl.col("is_active")).then(further.fill_null(drift_records)).otherwise(0)
    return joined.select(
        *_KEYS,
        "committed_offset",
        "start_offset",
        "stand_offset",
        "known_by",
        "is_active",
        twice_low=pl.when(~pl.col("is_active")).then(now).when(now.is_not_null()).then(0),
        twice_high=pl.when(pl.col("is_active")).then(now + further).otherwise(now),
        skipped=(-gap - between).clip(lower_bound=0),
    ).sort(_KEYS)


def by_group(twice: Frame) -> pl.DataFrame:
    """Add up what each group reads twice; null where a partition of it is unknown.

    Returns
    -------
    polars.DataFrame
        ``source``, ``target``, ``group``, ``partitions``, ``unknown`` (partitions), ``is_active``, ``twice_low``,
        ``twice_high``, ``skipped``.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "group": "g", "is_active": False, "twice_low": [1, None],
    ...     "twice_high": [1, None], "skipped": [0, None]})
    >>> by_group(rows).select("partitions", "unknown", "twice_high").rows()
    [(2, 1, None)]
    """
    whole = {
        name: pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum())
        for name in ("twice_low", "twice_high", "skipped")
    }
    rows = (
        to_polars(twice)
        .group_by("source", "target", "group")
        .agg(
            partitions=pl.len().cast(pl.Int64),
            unknown=pl.col("twice_high").null_count().cast(pl.Int64),
            is_active=pl.col("is_active").any(),
            **whole,
        )
    )
    return rows.sort("source", "target", "group")


def read_twice_checks(twice: Frame, *, most: int | None) -> pl.DataFrame:
    """Say of each group and partition how many records it reads twice, and that none is skipped.

    Parameters
    ----------
    twice
        Result of :func:`read_twice`.
    most
        So many records of a group may be read twice; None: any number, which is a note.

    Returns
    -------
    polars.DataFrame
        Checklist rows, ``read twice``; ``value``: the high end. Records that would be skipped always block.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": "a", "target": "b", "group": "g", "topic": "t", "partition": [0, 1],
    ...     "is_active": False, "twice_low": [3, 0], "twice_high": [3, 0], "skipped": [0, 2],
    ...     "known_by": "offset sync"})
    >>> read_twice_checks(rows, most=None).select("state", "finding", "value").rows()
    [('note', None, 3.0), ('blocks', 'records skipped', 0.0)]
    """
    total = pl.col("twice_high").sum().over("source", "target", "group")
    too_many = total > most if most is not None else pl.lit(value=False)
    is_skipping = (pl.col("skipped") > 0).fill_null(value=False)
    is_unknown = pl.col("twice_high").is_null()
    is_over = (too_many & (pl.col("twice_high") > 0)).fill_null(value=False)
    between = (
        pl.when(pl.col("twice_low") == pl.col("twice_high"))
        .then(counted("twice_high", "record is read twice", "records are read twice"))
        .otherwise(pl.format("{} to {} records are read twice", "twice_low", "twice_high"))
    )
    judged = to_polars(twice).with_columns(
        state=pl.when(is_skipping | is_over)
        .then(pl.lit("blocks"))
        .when(is_unknown)
        .then(pl.lit("unknown"))
        .when(pl.col("twice_high") > 0)
        .then(pl.lit("note"))
        .otherwise(pl.lit("ok")),
        finding=pl.when(is_skipping)
        .then(pl.lit("records skipped"))
        .when(is_over)
        .then(pl.lit("too many read twice"))
        .when(is_unknown)
        .then(pl.lit("read twice unknown")),
        detail=pl.when(is_skipping)
        .then(counted("skipped", "record would not be read at all", "records would not be read at all"))
        .when(is_unknown)
        .then(pl.lit("where it starts, or its position now, is unknown"))
        .when(pl.col("known_by").is_null())
        .then(between)
        .otherwise(pl.format("{}, known by {}", between, "known_by")),
        value=pl.col("twice_high").cast(pl.Float64),
        limit=pl.lit(most, pl.Float64),
    )
    return check_rows("read twice", judged, unit="records")

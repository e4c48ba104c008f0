"""How far a mirror is in each partition of its source, and what says so."""

from collections.abc import Collection
from typing import Literal, get_args

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind

KnownBy = Literal["committed position", "offset sync", "record counts", "no position"]
KNOWN_BY: tuple[KnownBy, ...] = get_args(KnownBy)
SCHEMA = {
    "ts": pl.Datetime("ms", "UTC"), "tool": pl.String, "source": pl.String, "target": pl.String,
    "connector": pl.String, "topic": pl.String, "partition": pl.Int32, "position": pl.Int64, "age_s": pl.Float64,
    "known_by": pl.String,
}  # fmt: skip
MIRROR_MAKER = "MirrorMaker 2"
SOURCE_CONNECTOR = "MirrorSourceConnector"
_PARTITION = ["source", "target", "topic", "partition"]
_TIME = pl.col("ts").cast(pl.Datetime("ms", "UTC"))


@same_kind
def committed_places(positions: Frame, aliases: Frame) -> Frame:
    """Return where MirrorMaker 2 is by the source offsets that Connect committed.

    Parameters
    ----------
    positions
        The capture's ``mirror_positions``.
    aliases
        Result of :func:`~kafka_analysis.stats.mirror.aliases.mirror_aliases`.

    Returns
    -------
    frame of the kind given
        ``ts``, ``tool``, ``source`` and ``target`` (clusters; an alias that is unknown stays), ``connector``, ``topic``
        and ``partition`` at the source, ``position``: offset of the record mirrored next, ``age_s``: how old that is,
        ``known_by``. Connect commits each ``offset.flush.interval.ms``, so the mirror is at the position or beyond.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in (0, 1)]
    >>> rows = pl.DataFrame({"ts": t[1:], "cluster": "cell", "connector": "MirrorSourceConnector", "source": "old",
    ...     "topic": "t", "partition": 0, "position": 7, "committed_at": t[:1]})
    >>> named = pl.DataFrame({"cluster": ["cell"], "alias": ["old"], "means": ["prod"], "reason": [""]})
    >>> committed_places(rows, named).select("source", "target", "position", "age_s", "known_by").row(0)
    ('prod', 'cell', 7, 60.0, 'committed position')
    """
    named = _with_meaning(positions, aliases, alias="source")
    age_s = (pl.col("ts") - pl.col("committed_at")).dt.total_milliseconds() / 1000
    return _frame(
        named.with_columns(
            target="cluster", source="means", age_s=age_s, known_by=_said("committed position")
        )
    )


@same_kind
def synced_places(offset_syncs: Frame, aliases: Frame, *, at_target: Frame) -> Frame:
    """Return where MirrorMaker 2 is at least, by the last offset sync of each partition.

    Parameters
    ----------
    offset_syncs
        The capture's ``offset_syncs``.
    aliases
        Result of :func:`~kafka_analysis.stats.mirror.aliases.mirror_aliases`.
    at_target
        ``cluster``, ``peer`` of topics of offset syncs that lie at the target (``offset-syncs.topic.location``); the
        others lie at the source, as is the default.

    Returns
    -------
    frame of the kind given
        As of :func:`committed_places`. A sync is written when a record was mirrored, but not for each: the mirror may
        be far beyond it.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> rows = pl.DataFrame({"ts": [t], "cluster": "prod", "peer": "cell", "topic": "t", "partition": 0,
    ...     "upstream_offset": 6, "downstream_offset": 6, "written_at": [t]})
    >>> named = pl.DataFrame({"cluster": ["prod"], "alias": ["cell"], "means": ["cell"], "reason": [""]})
    >>> synced_places(rows, named, at_target=rows.clear()).select("source", "target", "position").row(0)
    ('prod', 'cell', 7)
    """
    return _frame(
        _turned(offset_syncs, aliases, at_target).with_columns(
            connector=pl.lit(SOURCE_CONNECTOR),
            position=pl.col("upstream_offset") + 1,
            age_s=(pl.col("ts") - pl.col("written_at")).dt.total_milliseconds() / 1000,
            known_by=_said("offset sync"),
        )
    )


@same_kind
def newest_syncs(offset_syncs: Frame, aliases: Frame, *, at_target: Frame) -> Frame:
    """Return the newest pair of offsets of one record, at the source and in the target, of each partition.

    Parameters
    ----------
    offset_syncs, aliases, at_target
        As for :func:`synced_places`.

    Returns
    -------
    frame of the kind given
        ``source``, ``target``, ``topic`` (at the source), ``partition``, ``upstream_offset``, ``downstream_offset``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> rows = pl.DataFrame({"ts": [t], "cluster": "prod", "peer": "cell", "topic": "t", "partition": 0,
    ...     "upstream_offset": 6, "downstream_offset": 4, "written_at": [t]})
    >>> named = pl.DataFrame({"cluster": ["prod"], "alias": ["cell"], "means": ["cell"], "reason": [""]})
    >>> newest_syncs(rows, named, at_target=rows.clear()).row(0)
    ('prod', 'cell', 't', 0, 6, 4)
    """
    place = ["source", "target", "topic", "partition"]
    rows = _turned(offset_syncs, aliases, at_target).sort("ts")
    newest = rows.group_by(place).agg(pl.col("upstream_offset", "downstream_offset").last())
    return newest.with_columns(pl.col("partition").cast(pl.Int32)).sort(place)


def _turned(offset_syncs: pl.DataFrame, aliases: pl.DataFrame, at_target: pl.DataFrame) -> pl.DataFrame:
    """Say of each offset sync between which clusters it is: its topic may lie at either end."""
    named = _with_meaning(offset_syncs.drop_nulls("peer"), aliases, alias="peer")
    joined = named.join(
        at_target.select("cluster", "peer").with_columns(_turned=True), on=["cluster", "peer"], how="left"
    )
    is_turned = pl.col("_turned").fill_null(value=False)
    return joined.with_columns(
        source=pl.when(is_turned).then("means").otherwise("cluster"),
        target=pl.when(is_turned).then("cluster").otherwise("means"),
    )


@same_kind
def counted_places(readings: Frame, flows: Frame, offsets: Frame) -> Frame:
    """Return where MirrorMaker 2 is at least, by its own counts of records since it was seen to begin.

    It begins at the start of the log unless it was told otherwise. A compacted record and the marker of a transaction
    have an offset and are not mirrored: then the count stays behind the log's end for good.

    Parameters
    ----------
    readings
        ``stats.readings`` of ``mirror_records_total``, counters carried on.
    flows
        Result of ``stats.mirror_flows``: ``entity``, ``topic``, ``source``, ``source_topic``, ``target``.
    offsets
        The capture's ``offsets``.

    Returns
    -------
    frame of the kind given
        As of :func:`committed_places`; partitions whose count did not begin at 0 are left out: what was mirrored before
        is unknown.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> counts = pl.DataFrame({"ts": [t, t.replace(hour=1)], "entity": "a->b", "topic": "t", "partition": 0,
    ...     "value": [0.0, 7.0]})
    >>> flows = pl.DataFrame({"entity": "a->b", "topic": "t", "source": ["a"], "source_topic": "t", "target": "b"})
    >>> ends = pl.DataFrame({"ts": [t], "cluster": "a", "topic": "t", "partition": 0, "log_start_offset": 2,
    ...     "log_end_offset": 9})
    >>> counted_places(counts, flows, ends)["position"].to_list()
    [2, 9]
    """
    series = ["entity", "topic", "partition"]
    first = pl.col("value").sort_by("ts").first().over(series)
    counts = readings.drop_nulls(["entity", "topic", "partition"]).filter(first == 0)
    ends = flows.drop_nulls(["source", "target"]).select(
        "entity", "topic", "source", "source_topic", "target"
    )
    named = counts.join(ends, on=["entity", "topic"]).drop("topic").rename({"source_topic": "topic"})
    begins = _log_starts(named.group_by(*_PARTITION).agg(pl.col("ts").min()), offsets)
    placed = named.join(begins.drop("ts"), on=_PARTITION, how="left")
    return _frame(
        placed.with_columns(
            connector=pl.lit(SOURCE_CONNECTOR),
            position=pl.col("log_start_offset") + pl.col("value").cast(pl.Int64),
            age_s=pl.lit(0.0),
            known_by=_said("record counts"),
        ).drop_nulls("position")
    )


@same_kind
def assigned_places(connectors: Frame, aliases: Frame) -> Frame:
    """Return the partitions that MirrorMaker 2 has given to its tasks, each time its connectors were asked for.

    Parameters
    ----------
    connectors
        The capture's ``connectors``: ``task.assigned.partitions`` of the tasks of source connectors.
    aliases
        Result of :func:`~kafka_analysis.stats.mirror.aliases.mirror_aliases`.

    Returns
    -------
    frame of the kind given
        As of :func:`committed_places`, without a position.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"ts": [datetime(2026, 1, 1, tzinfo=UTC)], "cluster": "b", "peer": "a", "connector": "m",
    ...     "task": 0, "name": "task.assigned.partitions", "value": "a-b-0,t-1", "kind": "config"})
    >>> named = pl.DataFrame({"cluster": ["b"], "alias": ["a"], "means": ["prod"], "reason": [""]})
    >>> assigned_places(rows, named).select("source", "topic", "partition").rows()
    [('prod', 'a-b', 0), ('prod', 't', 1)]
    """
    named = _assigned(connectors, aliases)
    return _frame(
        named.with_columns(position=pl.lit(None), age_s=pl.lit(None), known_by=_said("no position")),
    )


@same_kind
def assigned_tasks(connectors: Frame, aliases: Frame) -> Frame:
    """Return the task that mirrors each partition, by the last answer about the connectors.

    Parameters
    ----------
    connectors, aliases
        As :func:`assigned_places` takes them.

    Returns
    -------
    frame of the kind given
        ``source``, ``target``, ``connector``, ``topic``, ``partition``, ``task``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"ts": [datetime(2026, 1, 1, tzinfo=UTC)], "cluster": "b", "peer": "a", "connector": "m",
    ...     "task": 3, "name": "task.assigned.partitions", "value": "t-0,t-1", "kind": "config"})
    >>> named = pl.DataFrame({"cluster": ["b"], "alias": ["a"], "means": ["prod"], "reason": [""]})
    >>> assigned_tasks(rows, named).select("topic", "partition", "task").rows()
    [('t', 0, 3), ('t', 1, 3)]
    """
    last = connectors.filter(pl.col("ts") == pl.col("ts").max().over("cluster", "peer"))
    return _assigned(last, aliases).select(
        "source", "target", "connector", "topic", pl.col("partition").cast(pl.Int32), "task"
    )


@same_kind
def unmirrored_places(
    places: Frame, offsets: Frame, *, assigned: Frame, at_latest: Collection[tuple[str, str]] = ()
) -> Frame:
    """Return the partitions of mirrored topics that have no position: nothing of them was mirrored, or ever written.

    Connect stores a position when a record was mirrored, so that partitions without records have none.

    Parameters
    ----------
    places
        Result of :func:`committed_places`.
    offsets
        The capture's ``offsets``.
    assigned
        Result of :func:`assigned_places`: topics that are to be mirrored, even if no position of them is known.
    at_latest
        Source and target of mirrors that begin at the end of a log (``auto.offset.reset``).

    Returns
    -------
    frame of the kind given
        As of :func:`committed_places`, with the log's start as the position, for each answer about the flow in which
        the partition has none but exists at the source. Of a mirror that begins at the end of a log the position is
        unknown, unless the log is empty.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = datetime(2026, 1, 1, tzinfo=UTC)
    >>> known = pl.DataFrame([(t, "MirrorMaker 2", "a", "b", "m", "t", 0, 5, 0.0, "committed position")],
    ...     schema=SCHEMA, orient="row")
    >>> ends = pl.DataFrame({"ts": t, "cluster": "a", "topic": "t", "partition": [0, 1], "log_start_offset": [0, 2],
    ...     "log_end_offset": [9, 4]}, schema_overrides={"partition": pl.Int32})
    >>> unmirrored_places(known, ends, assigned=known.clear()).select("partition", "position", "known_by").rows()
    [(1, 2, 'no position')]
    """
    flow = ["tool", "source", "target", "connector"]
    logs = _first_seen(offsets.rename({"cluster": "source"}))
    known = places.group_by(*_PARTITION, "connector").agg(known=pl.col("ts").min())
    topics = pl.concat([part.select(*flow, "topic") for part in (places, assigned)]).unique()
    answers = pl.concat([part.select(*flow, "ts") for part in (places, assigned)]).unique()
    partitions = topics.join(logs, on=["source", "topic"]).join(
        known, on=[*_PARTITION, "connector"], how="left"
    )
    begins = answers.group_by(flow).agg(first=pl.col("ts").min())
    late = partitions.join(begins, on=flow).filter(
        pl.col("known").is_null() | (pl.col("known") > pl.col("first"))
    )
    rows = (
        late.drop("first")
        .join(answers, on=flow)
        .filter(pl.col("ts") >= pl.col("seen"), pl.col("known").is_null() | (pl.col("ts") < pl.col("known")))
    )
    starts = _log_starts(rows, offsets)
    begun = pl.DataFrame(list(at_latest), schema={"source": pl.String, "target": pl.String}, orient="row")
    late = starts.join(begun.with_columns(_late=True), on=["source", "target"], how="left")
    is_unknown = pl.col("_late").fill_null(value=False) & (
        pl.col("log_end_offset") > pl.col("log_start_offset")
    )
    return _frame(
        late.with_columns(
            position=pl.when(~is_unknown).then("log_start_offset"),
            age_s=pl.lit(None, pl.Float64),
            known_by=_said("no position"),
        )
    )


@same_kind
def best_places(*parts: Frame) -> Frame:
    """Keep of each flow and partition what comes from the first part that knows it.

    Examples
    --------
    >>> row = (None, "MirrorMaker 2", "a", "b", "m", "t", 0, 5, 0.0, "committed position")
    >>> exact = pl.DataFrame([row], schema=SCHEMA, orient="row")
    >>> len(best_places(exact, exact.with_columns(known_by=pl.lit("offset sync"))))
    1
    """
    kept = [parts[0].select(SCHEMA.keys())]
    for part in parts[1:]:
        known = pl.concat(kept).select(_PARTITION).unique()
        kept.append(part.select(SCHEMA.keys()).join(known, on=_PARTITION, how="anti"))
    return pl.concat(kept)


def _first_seen(logs: pl.DataFrame) -> pl.DataFrame:
    """Return when each log was first seen; most are in the first answer about their cluster."""
    place = ["source", "topic", "partition"]
    begun = logs.select("source", "ts").unique().group_by("source").agg(pl.col("ts").min())
    first = logs.join(begun, on=["source", "ts"], how="semi").select(*place, seen="ts").unique(place)
    others = logs.join(first, on=place, how="anti").group_by(place).agg(seen=pl.col("ts").min())
    return pl.concat([first, others])


def _log_starts(rows: pl.DataFrame, offsets: pl.DataFrame) -> pl.DataFrame:
    """Add where each partition's log at the source began, and ended, at the time of the row."""
    logs = offsets.select(_TIME, "log_start_offset", "log_end_offset", "topic", "partition", source="cluster")
    place = ["source", "topic", "partition"]
    here = logs.join(rows.select(place).unique(), on=place, how="semi")
    return (
        rows.with_columns(_TIME)
        .sort("ts")
        .join_asof(here.sort("ts"), on="ts", by=place, check_sortedness=False)
    )


def _assigned(connectors: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    tasks = connectors.filter(pl.col("task").is_not_null(), name="task.assigned.partitions").drop_nulls(
        "value"
    )
    whole = connectors.filter(pl.col("task").is_null(), kind="config")
    keys = ["ts", "cluster", "peer", "connector"]
    ends = whole.group_by(keys).agg(
        pl.col("value").filter(pl.col("name") == f"{end}.cluster.alias").first().alias(f"{end}_alias")
        for end in ("source", "target")
    )
    counts = connectors.filter(pl.col("task").is_null(), name="tasks").select(
        *keys, count=pl.col("value").cast(pl.Int64, strict=False)
    )
    rows = tasks.join(ends, on=keys, how="left", nulls_equal=True).with_columns(
        alias=pl.coalesce("source_alias", "peer"), place=pl.col("value").str.split(",")
    )
    counted = rows.join(counts, on=keys, how="left", nulls_equal=True)
    split = (  # what is stored of tasks that a connector had before stays
        counted.filter((pl.col("task") < pl.col("count")).fill_null(value=True))
        .drop_nulls("alias")
        .explode("place")
        .with_columns(
            topic=pl.col("place").str.extract(r"(?s)^(.+)-\d+$", 1),
            partition=pl.col("place").str.extract(r"-(\d+)$", 1),
        )
    )
    named = _with_meaning(split.drop_nulls(["topic", "partition"]), aliases, alias="alias")
    return named.with_columns(source="means", target="cluster")


def _said(known_by: KnownBy) -> pl.Expr:
    return pl.lit(known_by, pl.String)


def _with_meaning(rows: pl.DataFrame, aliases: pl.DataFrame, *, alias: str) -> pl.DataFrame:
    """Add the cluster that an alias means; an unknown alias stands for itself."""
    named = rows.join(
        aliases.select("cluster", "alias", "means"), left_on=["cluster", alias], right_on=["cluster", "alias"],
        how="left", maintain_order="left",
    )  # fmt: skip
    return named.with_columns(means=pl.coalesce("means", alias))


def _frame(rows: pl.DataFrame) -> pl.DataFrame:
    named = rows if "tool" in rows.columns else rows.with_columns(tool=pl.lit(MIRROR_MAKER, pl.String))
    return named.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())

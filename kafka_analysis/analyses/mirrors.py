"""Replication flows of a capture: positions from every tool, their lag, and the failures found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.scope import chosen_topics
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters.describing import MirroredParameters
from kafka_analysis.stats.mirror.not_replicated import WANTED

_READ = ("mirror_positions", "offset_syncs", "connectors", "checkpoints")
_COUNTER = "mirror_records_total"


@dataclass(frozen=True)
class Observed:
    """What a capture says of replication within a window.

    ``topics``: all topics and their kinds. ``halted``: answers that a mirror did not run. ``commits``: the last
    committed offset of each group and partition.
    ``places``: positions of the flows looked at, over time; ``former``: those of connectors that were deleted;
    ``mirrors``: what was measured of the places; ``reported``: lag that cluster links and MSK Replicators report of
    themselves; ``remote``: mirrored topics and their names at the target; ``checkpoints``: the newest, sources named as
    the capture does; ``logs``: log ends of mirrored topics. ``syncs``: MirrorMaker's
    newest pair of offsets of each partition.
    """

    topics: pl.DataFrame
    aliases: pl.DataFrame
    connectors: Sequence[stats.Connector]
    commits: pl.DataFrame
    halted: pl.DataFrame
    places: pl.DataFrame
    former: pl.DataFrame
    mirrors: stats.Mirrors
    reported: pl.DataFrame
    remote: pl.DataFrame
    checkpoints: pl.DataFrame
    logs: pl.DataFrame
    syncs: pl.DataFrame
    notes: tuple[str, ...]


def observed_mirrors(whole: Capture, recorded: Capture, parameters: MirroredParameters) -> Observed:
    """Put together what every source of a capture says of replication.

    Parameters
    ----------
    whole
        The whole capture: earlier answers about logs date old records.
    recorded
        The same narrowed to the window.
    parameters
        ``cluster`` (one target), ``aliases``, ``topics_exclude``, ``include_internal`` and ``tolerance`` count.

    Raises
    ------
    InputError
        ``aliases`` name a cluster that is not in the capture.
    """
    clusters, topics = whole.cluster_table, whole.known_topics()
    # Samples reach beyond the window, for rates; a position after the log was last read would make its lag too small.
    inside = pl.col("ts").is_between(recorded.start, recorded.end)
    read = {name: recorded.scan_table(name).filter(inside).collect(engine="streaming") for name in _READ}
    aliases = stats.mirror_aliases(
        clusters=clusters, topics=topics, brokers=whole.table("brokers"), positions=_read_topics(read),
        offset_syncs=read["offset_syncs"], connectors=read["connectors"], given=_given(parameters, clusters),
    )  # fmt: skip
    connectors = stats.mirror_connectors(read["connectors"], aliases)
    series = recorded.samples(*stats.MIRROR_METRICS).select("metric", "entity", "topic").unique().collect()
    flows = stats.mirror_flows(series, topics=topics, clusters=clusters)
    places, logs = _positions(whole, recorded, read, aliases, connectors, flows, topics)
    places, former = _without_deleted(_chosen(places, topics, parameters), read["connectors"])
    windows = dict.fromkeys(clusters["cluster"], stats.Window(recorded.start, recorded.end))
    mirrors = stats.measure_mirrors(
        places, logs, topic_configs=stats.snapshots_in(whole.table("topic_configs"), windows),
        tolerance_s=parameters.tolerance, tasks=stats.assigned_tasks(read["connectors"], aliases),
    )  # fmt: skip
    reported = stats.reported_lag(stats.readings(recorded.samples(*stats.REPORTED_METRICS).filter(inside)))
    wanted = parameters.cluster
    return Observed(
        topics=topics,
        aliases=aliases,
        connectors=[c for c in connectors if wanted in (None, c.target)],
        commits=latest_commits(recorded, places),
        halted=stats.halted_mirrors(read["connectors"], aliases),
        places=places,
        former=former,
        mirrors=mirrors,
        reported=reported if wanted is None else reported.filter(target=wanted),
        remote=stats.remote_topics(places, connectors, flows, topics=topics),
        checkpoints=stats.named_checkpoints(read["checkpoints"], aliases),
        logs=logs,
        syncs=stats.newest_syncs(read["offset_syncs"], aliases, at_target=_syncs_at_target(connectors)),
        notes=(*stats.describe_aliases(aliases), *stats.describe_mirroring(flows)),
    )


def _positions(
    whole: Capture,
    recorded: Capture,
    read: dict[str, pl.DataFrame],
    aliases: pl.DataFrame,
    connectors: Sequence[stats.Connector],
    flows: pl.DataFrame,
    topics: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the positions of all flows by the best that is known of each, and the log ends of what they read.

    The positions are taken out of ``read``: there may be millions, and they are not needed twice.
    """
    inside = pl.col("ts").is_between(recorded.start, recorded.end)
    committed = stats.committed_places(read.pop("mirror_positions"), aliases)
    synced = stats.synced_places(read["offset_syncs"], aliases, at_target=_syncs_at_target(connectors))
    assigned = stats.assigned_places(read["connectors"], aliases)
    flink = stats.flink_places(
        stats.readings(recorded.samples(*stats.FLINK_METRICS).filter(inside)),
        topics=topics,
        clusters=whole.cluster_table,
    )
    sources = [places.select("source", "topic") for places in (committed, synced, assigned, flink)]
    copied = pl.concat([*sources, flows.select("source", topic="source_topic")]).unique()
    logs = _logs(whole, recorded, copied)
    counted = _counted(recorded, flows, committed, logs)
    bounds = stats.best_places(committed, synced, counted)
    at_latest = {
        (c.source or "", c.target or "") for c in connectors if c.kind == "source" and c.starts_at_latest
    }
    unmirrored = stats.unmirrored_places(
        pl.concat([committed, flink]), logs, assigned=assigned, at_latest=at_latest
    )
    exact = stats.best_places(bounds.filter(pl.col("known_by") != "committed position"), unmirrored)
    return pl.concat([committed, flink, exact]), logs


def _without_deleted(places: pl.DataFrame, connectors: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the positions of connectors that are there, and those that deleted ones left behind."""
    deleted = stats.deleted_connectors(connectors).filter(pl.col("peer").is_null())
    if deleted.is_empty():
        return places, places.clear()
    names = deleted.rename({"cluster": "target"})
    former = places.join(names, on=["target", "connector"], how="semi")
    return places.join(names, on=["target", "connector"], how="anti", maintain_order="left"), former


def _counted(
    recorded: Capture, flows: pl.DataFrame, committed: pl.DataFrame, logs: pl.DataFrame
) -> pl.DataFrame:
    """Estimate positions from MirrorMaker's counters, for topics without a committed position."""
    known = committed.select("source", "target", source_topic="topic").unique()
    others = flows.join(known, on=["source", "target", "source_topic"], how="anti")
    of_others = others.select("entity", "topic").lazy()
    samples = (
        recorded.samples(_COUNTER)
        .filter(pl.col("ts") <= recorded.end)
        .join(of_others, on=["entity", "topic"], how="semi")
    )
    return stats.counted_places(stats.readings(samples, counters=True), others, logs)


def _read_topics(read: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the topics read from each alias: by positions, and by what tasks are to read."""
    nothing = pl.DataFrame(schema=dict.fromkeys(("cluster", "alias", "means"), pl.String))
    assigned = stats.assigned_places(read["connectors"], nothing)
    parts = [read["mirror_positions"], assigned.with_columns(cluster="target")]
    return pl.concat([part.select("cluster", "source", "topic") for part in parts]).unique()


def _given(parameters: MirroredParameters, clusters: pl.DataFrame) -> dict[str, str]:
    given = parameters.named_aliases()
    for cluster in given.values():
        if cluster not in clusters["cluster"]:
            raise InputError.unknown("cluster", cluster, clusters["cluster"])
    return given


def _syncs_at_target(connectors: Sequence[stats.Connector]) -> pl.DataFrame:
    rows = [
        (c.cluster, c.source_alias)
        for c in connectors
        if c.settings.get("offset-syncs.topic.location", "source") == "target"
    ]
    return pl.DataFrame(rows, schema={"cluster": pl.String, "peer": pl.String}, orient="row").unique()


def _logs(whole: Capture, recorded: Capture, copied: pl.DataFrame) -> pl.DataFrame:
    """Read the log ends of copied topics at their sources, until the end of the window."""
    log_ends = whole.scan_table("offsets").filter(pl.col("ts") <= recorded.end)
    topics = copied.drop_nulls().rename({"source": "cluster"}).lazy()
    return log_ends.join(topics, on=["cluster", "topic"], how="semi").collect(engine="streaming")


def _chosen(places: pl.DataFrame, topics: pl.DataFrame, parameters: MirroredParameters) -> pl.DataFrame:
    """Keep the topics and the target asked for; topics of a source that is unknown are chosen by their names."""
    unknown = places.select(cluster="source", topic="topic").unique().join(
        topics.select("cluster").unique(), on="cluster", how="anti"
    )  # fmt: skip
    every = pl.concat(
        [topics.select("cluster", "topic", "kind"), unknown.with_columns(kind=pl.lit(None, pl.String))]
    )
    chosen = chosen_topics(every, parameters, clusters=every.select("cluster").unique())
    kept = places.join(
        chosen.rename({"cluster": "source"}), on=["source", "topic"], how="semi", maintain_order="left"
    )
    return kept if parameters.cluster is None else kept.filter(target=parameters.cluster)


def observed_failures(
    whole: Capture,
    recorded: Capture,
    observed: Observed,
    not_copied: pl.DataFrame,
    parameters: MirroredParameters,
) -> pl.DataFrame:
    """Return every known failure of replication that a capture shows within a window, a row for each place."""
    clusters = whole.cluster_table["cluster"]
    windows = dict.fromkeys(clusters, stats.Window(recorded.start, recorded.end))
    remote = observed.remote.drop_nulls("remote_topic")
    places = observed.places
    topics = whole.table("topics").filter(pl.col("ts") <= recorded.end)
    parts = [
        stats.position_failures(
            places, observed.logs, topics, halted=observed.halted, former=observed.former,
            interval_s=observed.mirrors.commit_interval_s,
        ),
        stats.offsets_topic_failures(places, topics, observed.aliases, observed.logs),
        stats.retention_failures(
            observed.mirrors.partitions, interval_s=observed.mirrors.answer_interval_s or recorded.interval_s,
            amber=parameters.retention_amber, red=parameters.retention_red,
            commit_interval_s=observed.mirrors.commit_interval_s,
        ),
        stats.connector_failures(observed.connectors, topics=observed.topics, moved=_moved(places)),
        stats.unmirrored_failures(not_copied, _last_logs(whole, recorded, not_copied)),
        stats.partition_failures(remote, stats.snapshots_in(recorded.table("partitions"), windows)),
        stats.group_failures(
            not_copied,
            checkpoints=observed.checkpoints,
            groups=stats.groups_in(recorded.table("groups"), windows),
            committed=observed.commits,
        ),
        stats.access_failures(
            remote, stats.snapshots_in(recorded.table("acls"), windows), known=_access_known(recorded)
        ),
        stats.permission_failures(observed.reported, observed.logs),
    ]  # fmt: skip
    place = ["failure", "source", "target", "connector", "task", "topic", "partition", "group"]
    detail = pl.when(pl.col("partition").is_null()).then("detail").alias("_detail")  # found twice, it is one
    every = pl.concat(parts).with_columns(detail)
    found = every.unique([*place, "_detail"], keep="first", maintain_order=True).drop("_detail")
    return found if parameters.cluster is None else found.filter(target=parameters.cluster)


def _last_logs(whole: Capture, recorded: Capture, not_copied: pl.DataFrame) -> pl.DataFrame:
    """Return the last answer about the logs of topics that are wanted and not replicated."""
    topics = not_copied.filter(what="topic", reason=WANTED).select("source", topic="name")
    logs = _logs(whole, recorded, topics).sort("ts")
    return logs.group_by("cluster", "topic", "partition").last()


def latest_commits(recorded: Capture, places: pl.DataFrame) -> pl.DataFrame:
    """Return the last committed offset of each group and partition at the ends of the flows."""
    ends = pl.concat([places["source"], places["target"]]).unique().implode()
    here = pl.col("cluster").is_in(ends) & pl.col("ts").is_between(recorded.start, recorded.end)
    keys = ["cluster", "group", "topic", "partition"]
    rows = recorded.scan_table("group_offsets").filter(here).group_by(keys)
    return rows.agg(pl.col("committed_offset").sort_by("ts").last()).collect(engine="streaming")


def _moved(places: pl.DataFrame) -> dict[tuple[str, str], datetime]:
    """Return when a position between two clusters was last stored."""
    committed_at = pl.col("ts") - pl.duration(milliseconds=pl.col("age_s") * 1000)
    last = places.drop_nulls("age_s").group_by("source", "target").agg(committed_at.max())
    return {(source, target): moment for source, target, moment in last.iter_rows()}


def _access_known(recorded: Capture) -> list[str]:
    """Return the clusters whose access control entries were read: an answer without the right to see is none."""
    asked = recorded.targets.filter(pl.col("kind") == "access", pl.col("ok") > 0)["cluster"].to_list()
    lacking = recorded.gaps.filter(target="access")["cluster"].to_list()
    having = recorded.table("acls")["cluster"].unique().to_list()
    return sorted({*having, *(name for name in asked if name not in lacking)})

"""Every check of a cut-over, of the waves that are judged at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.cutover_moment import Moment, moment_of
from kafka_analysis.analyses.cutover_scope import without_excluded
from kafka_analysis.analyses.cutover_sight import (
    answered,
    hiding,
    known_tables,
    never_whole,
    transactions_known,
    transactions_lacking,
    without_offsets,
)
from kafka_analysis.analyses.mirrors import observed_failures
from kafka_analysis.analyses.scope import Scope
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.units import format_time


@dataclass(frozen=True)
class Judged:
    """What was found of some waves: rows of the checklist, and the frames that they rest on."""

    topics: pl.DataFrame
    checks: pl.DataFrame
    read_twice: pl.DataFrame
    starts: pl.DataFrame
    counts: pl.DataFrame
    records: pl.DataFrame
    differences: pl.DataFrame
    reads: pl.DataFrame
    record_checks: pl.DataFrame
    answers: pl.DataFrame
    notes: tuple[str, ...]


def together(parts: Sequence[Judged]) -> Judged:
    """Put what was found at several moments together."""
    frames = {
        field.name: pl.concat([getattr(part, field.name) for part in parts])
        for field in fields(Judged)
        if field.name != "notes"
    }
    return Judged(**frames, notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)))


def judged_waves(
    whole: Capture, recorded: Capture, waves: pl.DataFrame | None, parameters: CutoverReadinessParameters
) -> Judged:
    """Make every check of some waves, as it stands at the end of a window.

    Parameters
    ----------
    whole
        The whole capture: earlier answers about logs date old records.
    recorded
        The same narrowed to the window.
    waves
        ``topic``, ``cell``, ``wave``; None: everything that is replicated.
    """
    at = moment_of(whole, recorded, waves, parameters)
    found = _found(at)
    rows = [*_ends(at), *_replica(at, found), *_groups(at, found), *_producers(at)]
    return Judged(
        topics=at.moving.topics,
        checks=stats.with_waves(pl.concat(rows), at.moving.topics, groups=at.moving.groups),
        read_twice=found.twice,
        starts=found.starts,
        counts=found.counts,
        records=found.records,
        differences=found.parity.differences,
        reads=at.read["record_reads"],
        record_checks=at.read["record_checks"],
        answers=at.logs.select("cluster", "ts").unique().sort("cluster", "ts"),
        notes=(*_as_of(waves, at.logs), *at.observed.notes, *stats.describe_commits(at.observed.mirrors)),
    )


@dataclass(frozen=True)
class _Found:
    """What is measured once and looked at by several checks, or kept beside them.

    ``starts``: where groups with committed offsets would start; ``uncommitted``: where the others would that read what
    moves. ``unread``: how far groups are behind at their sources, and what retention leaves them.
    """

    starts: pl.DataFrame
    uncommitted: pl.DataFrame
    unread: pl.DataFrame
    twice: pl.DataFrame
    uneven: pl.DataFrame
    counts: pl.DataFrame
    records: pl.DataFrame
    parity: stats.Parity


def _found(at: Moment) -> _Found:
    """Measure what moves."""
    copied = at.observed.mirrors.partitions
    starts, unread = _starts(at, at.moving), _unread_records(at)
    return _Found(
        starts=starts,
        uncommitted=_starts(at, at.moving._replace(groups=_uncommitted(at))),
        unread=unread,
        twice=_read_twice(at, starts, unread),
        uneven=stats.uneven_topics(
            at.moving,
            topic_configs=at.tables["topic_configs"],
            transactions=at.answered["transactions"],
            producers=_transactional(at.read["active_producers"], at.read["transactions"]),
        ),
        counts=stats.sealed_counts(at.moving, at.read["offsets_at"], at.newest, copied=copied),
        records=stats.compared_records(
            at.moving, at.read["record_reads"], at.read["record_checks"], copied=copied
        ),
        parity=_parity(at),
    )


def _ends(at: Moment) -> list[pl.DataFrame]:
    """Check clusters, their brokers and certificates, headroom, and the way back."""
    given = at.parameters
    return [
        stats.cluster_checks(
            at.moving,
            at.whole.cluster_table,
            flows=at.flows,
            answered=at.newest.drop_nulls("log_end_offset"),
        ),
        stats.broker_checks(at.moving, at.tables["partitions"], configs=at.tables["topic_configs"]),
        stats.headroom_checks(_headroom(at), most=given.headroom),
        stats.certificate_checks(
            at.read["certificates"],
            clusters=at.clusters,
            known=answered(at.recorded, "certificates"),
            now=at.recorded.end,
            margin_s=given.certificate_s,
        ),
        stats.way_back_checks(at.moving, at.flows, is_needed=given.needs_way_back),
    ]


def _replica(at: Moment, found: _Found) -> list[pl.DataFrame]:
    """Check that both ends are alike: positions, counts, records, time stamps, settings; and the replicator itself."""
    reads, checks = at.read["record_reads"], at.read["record_checks"]
    failures = observed_failures(at.whole, at.recorded, at.observed, _not_copied(at), at.parameters)
    return [
        stats.replica_checks(
            at.moving,
            at.observed.mirrors.partitions,
            is_quiet=at.is_quiet,
            tolerance_s=at.parameters.tolerance,
            reads=reads,
            checks=checks,
        ),
        stats.count_checks(at.moving, found.counts, at.newest, uneven=found.uneven),
        stats.record_checks(at.moving, found.records, uneven=found.uneven, offsets=at.newest),
        stats.timestamp_checks(at.moving, checks, at.tables["topic_configs"]),
        stats.parity_checks(*found.parity),
        stats.replicator_checks(at.moving, failures, clients_translate=at.parameters.clients_translate),
    ]


def _groups(at: Moment, found: _Found) -> list[pl.DataFrame]:
    """Check groups: where they start, what they read twice, what they have left unread, and retention."""
    given = at.parameters
    partial = never_whole(at.recorded)
    absent = pl.concat([without_offsets(at.recorded), partial])
    hidden = pl.concat([absent, hiding(at.recorded, "groups")])
    is_set = pl.col("start_offset").is_not_null()
    groups = without_excluded(at.groups, given.groups_exclude)
    return [
        stats.start_checks(
            at.moving,
            pl.concat([found.starts, found.uncommitted.filter(is_set)]),
            unread=pl.concat([absent, hiding(at.recorded, "mirror")]),
            hidden=hidden,
            clients_translate=given.clients_translate,
        ),
        stats.uncommitted_checks(found.uncommitted.filter(~is_set), unread=hidden),
        stats.unseen_readers(at.moving, groups=groups, members=at.members, commits=at.commits),
        stats.read_twice_checks(found.twice, most=given.most_read_twice),
        stats.consumer_checks(
            at.moving,
            at.groups,
            at.newest,
            at.read["record_reads"],
            members=at.members,
            may_lag=given.may_lag,
        ),
        stats.uncommitted_readers(found.uncommitted),
        stats.retention_checks(at.moving, found.unread, needed_s=given.move_s),
    ]


def _producers(at: Moment) -> list[pl.DataFrame]:
    """Check producers and their transactions."""
    return [
        stats.producer_checks(at.moving, at.logs, at.read["active_producers"], at.read["transactions"]),
        stats.transaction_checks(
            at.moving,
            at.answered["transactions"],
            at.read["active_producers"],
            declared=at.parameters.tied_topics,
            known=transactions_known(at.recorded, at.read),
            is_quiet=at.is_quiet,
            lacking=transactions_lacking(at.recorded, at.read),
        ),
    ]


def _starts(at: Moment, moving: stats.Moving) -> pl.DataFrame:
    return stats.group_starts(
        moving,
        checkpoints=at.observed.checkpoints,
        commits=at.commits,
        logs=at.newest,
        clients_translate=at.parameters.clients_translate,
    )


def _uncommitted(at: Moment) -> pl.DataFrame:
    """Return what groups read that have committed nothing there."""
    members = without_excluded(at.members, at.parameters.groups_exclude)
    return stats.uncommitted_reads(at.moving, groups=at.groups, members=members)


def _parity(at: Moment) -> stats.Parity:
    return stats.measure_parity(
        at.moving.topics.select("source", "target", source_topic="topic", topic="remote_topic"),
        at.tables,
        known=known_tables(at.recorded, at.tables),
        flavours=dict(at.whole.cluster_table.select("cluster", "flavour").iter_rows()),
        authorizers=stats.authorizers_of(at.tables["broker_configs"]),
    )


def _as_of(waves: pl.DataFrame | None, logs: pl.DataFrame) -> list[str]:
    """Say of when the verdict is: of the last answer, whenever it is read."""
    if logs.is_empty():
        return []
    numbers = [] if waves is None else [str(number) for number in waves["wave"].unique().sort()]
    which = (
        f"wave{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
        if numbers
        else "everything that is replicated"
    )
    return [f"Judged as of {format_time(logs['ts'].max())}: {which}."]  # type: ignore[arg-type]


def _unread_records(at: Moment) -> pl.DataFrame:
    """Return how far each group is behind at its source, and what retention leaves it."""
    topics = at.moving.topics.lazy().select("topic", cluster="source").unique()
    logs = (
        at.whole.scan_table("offsets")
        .filter(pl.col("ts") <= at.recorded.end)
        .join(topics, on=["cluster", "topic"], how="semi")
    )
    lag = stats.measure_lag(_recent_commits(at), logs, tolerance_s=at.parameters.tolerance)
    return stats.retention_used(lag.partitions, stats.topic_retention(at.tables["topic_configs"]))


def _recent_commits(at: Moment) -> pl.LazyFrame:
    """Return the committed offsets that tell lag and pace: of the last answers, and where a group has none in these."""
    place = ["cluster", "group", "topic"]
    places = at.moving.groups.select("group", "topic", cluster="source").unique()
    rows = (
        at.recorded.scan_table("group_offsets")
        .filter(pl.col("ts").is_between(at.recorded.start, at.recorded.end))
        .join(places.lazy(), on=place, how="semi")
        .select(*place, "partition", "committed_offset", "ts")
    )
    answers = rows.select("cluster", "ts").unique().collect(engine="streaming")
    last = answers.group_by("cluster").agg(
        pl.col("ts").sort(descending=True).head(stats.RECENT_ANSWERS).min()
    )
    since = last.rename({"ts": "since"})
    ended = (
        at.commits.join(places, on=place, how="semi")
        .join(since, on="cluster")
        .filter(pl.col("ts") < pl.col("since"))
    )
    recent = rows.join(since.lazy(), on="cluster").filter(pl.col("ts") >= pl.col("since"))
    return pl.concat(
        [part.select(*place, "partition", "committed_offset", "ts") for part in (recent, ended.lazy())]
    )


def _transactional(producers: pl.DataFrame, transactions: pl.DataFrame) -> pl.DataFrame:
    ids = transactions.select("cluster", "producer_id").drop_nulls().unique()
    return producers.join(ids, on=["cluster", "producer_id"], how="semi")


def _read_twice(at: Moment, starts: pl.DataFrame, unread: pl.DataFrame) -> pl.DataFrame:
    """Predict what each group reads twice, by where it starts and where it stands."""
    stands = [
        (stats.MATCHED, stats.matched_offsets(starts, at.read["record_reads"], at.read["record_checks"])),
        (stats.SYNCED, stats.synced_offsets(starts, at.observed.syncs)),
        (stats.BY_END, stats.offsets_by_ends(starts, at.observed.mirrors.partitions)),
    ]
    reading = stats.reading_groups(at.moving, at.groups, at.members).filter(reads=stats.MOVING)
    horizon_s, drift = stats.checkpoint_horizon(at.observed.connectors)
    return stats.read_twice(
        starts,
        stands,
        active=reading.select("group", cluster="source"),
        horizon_s=horizon_s,
        drift_records=drift,
        pace=unread.select("cluster", "group", "topic", "partition", "consumed_per_s"),
    )


def _headroom(at: Moment) -> pl.DataFrame:
    """Return what each broker of the cells carries once the topics have moved, beside what it can carry."""
    known = at.recorded.known_topics()
    scope = Scope(at.recorded, at.recorded, at.recorded.cluster_table, known, at.windows)
    rates, sizes = measured.traffic(scope), measured.replica_sizes(scope)
    brokers = at.tables["brokers"]
    load = stats.broker_load(rates, sizes=sizes, partitions=at.tables["partitions"], brokers=brokers)
    out = stats.topic_load(rates).select("topic", "bytes_out_per_s", source="cluster")
    # Where a source was scraped, a topic without a row was read by nobody.
    scraped = out.drop_nulls("bytes_out_per_s")["source"].unique().implode()
    nothing = pl.when(pl.col("source").is_in(scraped)).then(0.0)
    topics = at.moving.topics
    read = topics.join(out, on=["source", "topic"], how="left").drop_nulls(["source", "target"])
    read = read.with_columns(pl.coalesce("bytes_out_per_s", nothing))
    brought = {
        target: None if rows["bytes_out_per_s"].null_count() else float(rows["bytes_out_per_s"].sum())
        for (target,), rows in read.group_by("target")
    }
    types = {target: at.parameters.broker_type or _type_of(brokers, target) for target in sorted(brought)}
    return plan.cell_headroom(load, brought=brought, broker_types=types)


def _type_of(brokers: pl.DataFrame, cluster: str) -> str | None:
    types = brokers.filter(cluster=cluster)["instance_type"].drop_nulls().unique()
    return types[0] if len(types) == 1 else None


def _not_copied(at: Moment) -> pl.DataFrame:
    return stats.not_replicated(
        at.observed.mirrors.flows,
        places=at.observed.places,
        connectors=at.observed.connectors,
        topics=at.observed.topics,
        groups=at.groups,
        committed=at.observed.commits,
        checkpoints=at.observed.checkpoints,
    )

"""Every check of a cut-over, of the waves that are judged at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses import measured
from kafka_analysis.analyses.cutover_scope import group_commits, moving_in
from kafka_analysis.analyses.mirrors import Observed, observed_failures, observed_mirrors
from kafka_analysis.analyses.scope import Scope
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.units import format_time

_READ_BY = {"acls": "access", "quotas": "access", "users": "access"}
_OF_CHECKS = (
    "record_reads",
    "record_checks",
    "offsets_at",
    "transactions",
    "active_producers",
    "certificates",
)


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
    observed = observed_mirrors(whole, recorded, parameters)
    inside = pl.col("ts").is_between(recorded.start, recorded.end)
    windows = dict.fromkeys(whole.cluster_table["cluster"], stats.Window(recorded.start, recorded.end))
    tables = {name: stats.snapshots_in(recorded.table(name), windows) for name in stats.PARITY_TABLES}
    commits = group_commits(recorded, parameters)
    moving = moving_in(whole, recorded, observed, waves, parameters)
    topics = moving.topics
    ends = pl.concat([topics["source"], topics["target"]]).drop_nulls().unique().sort()
    logs = _log_ends(recorded, topics, inside)
    newest = _newest(logs)
    answered = {name: recorded.table(name).filter(inside) for name in _OF_CHECKS}
    read = {name: _latest(rows) for name, rows in answered.items()}
    groups = stats.groups_in(recorded.table("groups"), windows)
    members = _latest(recorded.table("group_members").filter(inside))
    unread = _unread_records(whole, recorded, moving, tables["topic_configs"], inside, parameters)
    starts = stats.group_starts(
        moving,
        checkpoints=observed.checkpoints,
        commits=commits,
        logs=newest,
        clients_translate=parameters.clients_translate,
    )
    reading = stats.reading_groups(moving, groups, members).filter(reads=stats.MOVING)
    twice = _read_twice(observed, starts, read, reading.select("group", cluster="source"), unread)
    uneven = stats.uneven_topics(
        moving,
        topic_configs=tables["topic_configs"],
        transactions=answered["transactions"],
        producers=_transactional(read["active_producers"], read["transactions"]),
    )
    copied = observed.mirrors.partitions
    counts = stats.sealed_counts(moving, read["offsets_at"], newest, copied=copied)
    compared = stats.compared_records(moving, read["record_reads"], read["record_checks"], copied=copied)
    parity = stats.measure_parity(
        topics.select("source", "target", source_topic="topic", topic="remote_topic"),
        tables,
        known=_known(recorded, tables),
        flavours=dict(whole.cluster_table.select("cluster", "flavour").iter_rows()),
        authorizers=stats.authorizers_of(tables["broker_configs"]),
    )
    failures = observed_failures(whole, recorded, observed, _not_copied(observed, groups), parameters)
    flows = pl.concat(
        [
            observed.mirrors.flows.select("source", "target"),
            stats.reported_flows(observed.reported).select("source", "target"),
        ]
    ).unique()
    is_quiet = parameters.stage != "prepared"
    rows = [
        stats.cluster_checks(
            moving, whole.cluster_table, flows=flows, answered=newest.drop_nulls("log_end_offset")
        ),
        stats.broker_checks(moving, tables["partitions"], configs=tables["topic_configs"]),
        stats.replica_checks(
            moving,
            observed.mirrors.partitions,
            is_quiet=is_quiet,
            tolerance_s=parameters.tolerance,
            reads=read["record_reads"],
            checks=read["record_checks"],
        ),
        stats.count_checks(moving, counts, newest, uneven=uneven),
        stats.record_checks(moving, compared, uneven=uneven, offsets=newest),
        stats.start_checks(
            moving,
            starts,
            unread=pl.concat([_unread(recorded), _hiding(recorded, "mirror")]),
            hidden=pl.concat([_unread(recorded), _hiding(recorded, "groups")]),
            clients_translate=parameters.clients_translate,
        ),
        stats.read_twice_checks(twice, most=parameters.most_read_twice),
        stats.producer_checks(moving, logs, read["active_producers"], read["transactions"]),
        stats.consumer_checks(
            moving, groups, newest, read["record_reads"], members=members, may_lag=parameters.may_lag
        ),
        stats.parity_checks(*parity),
        stats.transaction_checks(
            moving,
            answered["transactions"],
            read["active_producers"],
            declared=parameters.tied_topics,
            known=_transactions_known(recorded, answered),
            is_quiet=is_quiet,
        ),
        stats.retention_checks(moving, unread, needed_s=parameters.move_s),
        stats.timestamp_checks(moving, read["record_checks"], tables["topic_configs"]),
        stats.headroom_checks(_headroom(recorded, topics, windows, parameters), most=parameters.headroom),
        stats.certificate_checks(
            read["certificates"],
            clusters=ends.to_list(),
            known=_answered(recorded, "certificates"),
            now=recorded.end,
            margin_s=parameters.certificate_s,
        ),
        stats.replicator_checks(moving, failures, clients_translate=parameters.clients_translate),
        stats.way_back_checks(moving, flows, is_needed=parameters.needs_way_back),
    ]
    return Judged(
        topics=topics,
        checks=stats.with_waves(pl.concat(rows), topics, groups=moving.groups),
        read_twice=twice,
        starts=starts,
        counts=counts,
        records=compared,
        differences=parity.differences,
        reads=read["record_reads"],
        record_checks=read["record_checks"],
        answers=logs.select("cluster", "ts").unique().sort("cluster", "ts"),
        notes=(*_as_of(waves, logs), *observed.notes, *stats.describe_commits(observed.mirrors)),
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


def _unread_records(
    whole: Capture,
    recorded: Capture,
    moving: stats.Moving,
    configs: pl.DataFrame,
    inside: pl.Expr,
    parameters: CutoverReadinessParameters,
) -> pl.DataFrame:
    """Return how far each group is behind at its source, and what retention leaves it."""
    places = moving.groups.lazy().select("group", "topic", cluster="source").unique()
    topics = moving.topics.lazy().select("topic", cluster="source").unique()
    committed = (
        recorded.scan_table("group_offsets")
        .filter(inside)
        .join(places, on=["cluster", "group", "topic"], how="semi")
    )
    logs = (
        whole.scan_table("offsets")
        .filter(pl.col("ts") <= recorded.end)
        .join(topics, on=["cluster", "topic"], how="semi")
    )
    lag = stats.measure_lag(committed, logs, tolerance_s=parameters.tolerance)
    return stats.retention_used(lag.partitions, stats.topic_retention(configs))


def _newest(logs: pl.DataFrame) -> pl.DataFrame:
    """Return the last answer about each log, and by how much it has grown since the one before."""
    end = pl.col("log_end_offset")
    grown = (end.last() - end.slice(-2, 1).first()).alias("log_grown")
    return logs.sort("ts").group_by("cluster", "topic", "partition").agg(pl.all().last(), grown)


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the last answer of each cluster: an earlier check of the same capture is another moment."""
    return rows.filter(pl.col("ts") == pl.col("ts").max().over("cluster"))


def _log_ends(recorded: Capture, topics: pl.DataFrame, inside: pl.Expr) -> pl.DataFrame:
    """Return every answer about the logs of what moves, at both ends."""
    places = (
        pl.concat(
            [
                topics.select("topic", cluster="source"),
                topics.select(topic="remote_topic", cluster="target"),
            ]
        )
        .drop_nulls()
        .unique()
    )
    rows = (
        recorded.scan_table("offsets").filter(inside).join(places.lazy(), on=["cluster", "topic"], how="semi")
    )
    return rows.collect(engine="streaming")


def _transactional(producers: pl.DataFrame, transactions: pl.DataFrame) -> pl.DataFrame:
    ids = transactions.select("cluster", "producer_id").drop_nulls().unique()
    return producers.join(ids, on=["cluster", "producer_id"], how="semi")


def _read_twice(
    observed: Observed,
    starts: pl.DataFrame,
    read: dict[str, pl.DataFrame],
    active: pl.DataFrame,
    unread: pl.DataFrame,
) -> pl.DataFrame:
    stands = [
        (stats.MATCHED, stats.matched_offsets(starts, read["record_reads"], read["record_checks"])),
        (stats.SYNCED, stats.synced_offsets(starts, observed.syncs)),
        (stats.BY_END, stats.offsets_by_ends(starts, observed.mirrors.partitions)),
    ]
    horizon_s, drift = stats.checkpoint_horizon(observed.connectors)
    return stats.read_twice(
        starts,
        stands,
        active=active,
        horizon_s=horizon_s,
        drift_records=drift,
        pace=unread.select("cluster", "group", "topic", "partition", "consumed_per_s"),
    )


def _known(recorded: Capture, tables: dict[str, pl.DataFrame]) -> set[tuple[str, str]]:
    """Return the clusters and tables that were read with the right to see all: without it, no answer is none."""
    asked = recorded.targets.filter(pl.col("ok") > 0).select("cluster", "kind").rows()
    refused = recorded.gaps.filter(pl.col("target") == "access").select("cluster", "reason").rows()
    found = {
        (cluster, name)
        for name, kind in _READ_BY.items()
        for cluster, of in asked
        if of == kind
        and not any(cluster == c and (name in reason or "right" in reason) for c, reason in refused)
    }
    return found | {(cluster, name) for name, rows in tables.items() for cluster in rows["cluster"].unique()}


def _unread(recorded: Capture) -> pl.DataFrame:
    """Return the clusters of which groups were never read."""
    having = set(recorded.scan_table("group_offsets").select("cluster").unique().collect()["cluster"])
    read = having.union(_answered(recorded, "groups"))
    names = [name for name in recorded.cluster_table["cluster"] if name not in read]
    return pl.DataFrame({"cluster": names}, schema={"cluster": pl.String})


def _hiding(recorded: Capture, target: str) -> pl.DataFrame:
    """Return the clusters that refused to show something of a kind: without the right, what is absent is unknown."""
    refused = pl.col("reason").str.contains("(?i)no right|authorization failed")
    rows = recorded.gaps.filter(refused, pl.col("target") == target).select("cluster")
    lacking = [
        info.cluster
        for info in recorded.manifest.clusters
        if any(right.resource == target for right in info.missing_rights or ())
    ]
    return pl.concat([rows, pl.DataFrame({"cluster": lacking}, schema={"cluster": pl.String})]).unique()


def _transactions_known(recorded: Capture, read: dict[str, pl.DataFrame]) -> list[str]:
    having = (set(read[table]["cluster"].unique()) for table in ("transactions", "active_producers"))
    return sorted(set.intersection(*having).union(_answered(recorded, "transactions")))


def _answered(recorded: Capture, kind: str) -> list[str]:
    """Return the clusters that answered a question, be it that there is nothing."""
    return recorded.targets.filter(pl.col("kind") == kind, pl.col("ok") > 0)["cluster"].to_list()


def _headroom(
    recorded: Capture,
    topics: pl.DataFrame,
    windows: dict[str, stats.Window],
    parameters: CutoverReadinessParameters,
) -> pl.DataFrame:
    """Return what each broker of the cells carries once the topics have moved, beside what it can carry."""
    known = recorded.known_topics()
    scope = Scope(recorded, recorded, recorded.cluster_table, known, windows)
    rates, sizes = measured.traffic(scope), measured.replica_sizes(scope)
    brokers = stats.snapshots_in(recorded.table("brokers"), windows)
    partitions = stats.snapshots_in(recorded.table("partitions"), windows)
    load = stats.broker_load(rates, sizes=sizes, partitions=partitions, brokers=brokers)
    out = stats.topic_load(rates).select("topic", "bytes_out_per_s", source="cluster")
    # Where a source was scraped, a topic without a row was read by nobody.
    scraped = out.drop_nulls("bytes_out_per_s")["source"].unique().implode()
    nothing = pl.when(pl.col("source").is_in(scraped)).then(0.0)
    read = topics.join(out, on=["source", "topic"], how="left").drop_nulls(["source", "target"])
    read = read.with_columns(pl.coalesce("bytes_out_per_s", nothing))
    brought = {
        target: None if rows["bytes_out_per_s"].null_count() else float(rows["bytes_out_per_s"].sum())
        for (target,), rows in read.group_by("target")
    }
    types = {target: parameters.broker_type or _type_of(brokers, target) for target in sorted(brought)}
    return plan.cell_headroom(load, brought=brought, broker_types=types)


def _type_of(brokers: pl.DataFrame, cluster: str) -> str | None:
    types = brokers.filter(cluster=cluster)["instance_type"].drop_nulls().unique()
    return types[0] if len(types) == 1 else None


def _not_copied(observed: Observed, groups: pl.DataFrame) -> pl.DataFrame:
    return stats.not_replicated(
        observed.mirrors.flows,
        places=observed.places,
        connectors=observed.connectors,
        topics=observed.topics,
        groups=groups,
        committed=observed.commits,
        checkpoints=observed.checkpoints,
    )

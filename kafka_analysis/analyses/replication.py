"""Replication: what is copied, what is missing, how far behind the copies are."""

from dataclasses import dataclass
from typing import Annotated, Any

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.mirrors import Observed, observed_failures, observed_mirrors
from kafka_analysis.analyses.scope import Scope, chosen_clusters, chosen_topics
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.describing import ReplicationParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Replication(Answer):
    """What replicates what, how far behind it is, what it leaves out and what went wrong."""

    flows: Annotated[pl.DataFrame, "each replication flow: tool, ends, pattern, lag, pace, time to catch up"]
    partitions: Annotated[pl.DataFrame, "the same for each partition, and how its position is known"]
    over_time: Annotated[pl.DataFrame, "lag of each flow, each time its positions were read"]
    failures: Annotated[pl.DataFrame, "known failures that were found, a row for each place"]
    parts: Annotated[pl.DataFrame, "connectors, tasks and internal topics of each flow, and where they live"]
    settings: Annotated[pl.DataFrame, "settings that differ from the recommended ones, and what that costs"]
    tasks: Annotated[pl.DataFrame, "what each task mirrors now, and with a better division"]
    division: Annotated[pl.DataFrame, "the better division of topics among connectors"]
    not_replicated: Annotated[pl.DataFrame, "topics and groups that are not replicated, and why"]
    limits: Annotated[pl.DataFrame, "what these tools do not replicate"]
    advice: Annotated[pl.DataFrame, "replication tools judged by the requirements, and why"]
    advice_reasons: Annotated[pl.DataFrame, "the same, a row for each reason and the fact behind it"]
    events: Annotated[pl.DataFrame, "what happened during the recording"]
    asked: str


@analysis(ReplicationParameters)
def replication(capture: Capture, parameters: ReplicationParameters) -> Replication:
    """Find what replicates what, measure how far it is behind, and name what is missing or went wrong.

    Returns
    -------
    Replication
        Judged for each target by records that were lost, copied twice, or that wait longer than the tolerance.

    Raises
    ------
    InputError
        There is no such cluster; also in ``aliases``.
    """
    recorded = capture.window(parameters.start, parameters.end)
    clusters = chosen_clusters(recorded, parameters.cluster)
    observed = observed_mirrors(capture, recorded, parameters)
    mirrors = observed.mirrors
    chosen = chosen_topics(observed.topics, parameters, clusters=capture.cluster_table)
    windows = dict.fromkeys(
        capture.cluster_table["cluster"], stats.Window(recorded.start, recorded.end, "as requested")
    )
    groups = stats.groups_in(recorded.table("groups"), windows)
    not_copied = stats.not_replicated(
        mirrors.flows, places=observed.places, connectors=observed.connectors,
        topics=observed.topics.join(chosen, on=["cluster", "topic"], how="semi"), groups=groups,
        committed=observed.commits, checkpoints=observed.checkpoints,
    )  # fmt: skip
    failures = observed_failures(capture, recorded, observed, not_copied, parameters)
    flows = _flows(observed, groups)
    loads, division = plan.loads_of_tasks(
        mirrors.partitions, tasks=_tasks(observed), better_tasks=parameters.tasks
    )
    answers = pl.concat([mirrors.answers, observed.reported.select("ts", cluster="target")]).unique()
    judged = dict.fromkeys(
        [*clusters["cluster"], *flows["target"].unique().sort()], windows[clusters["cluster"][0]]
    )
    coverage = stats.answers_seen(
        answers,
        windows=judged,
        required_ratio=parameters.coverage_required,
        of="replicators' positions",
    )
    roles = dict(clusters.select("cluster", "role").iter_rows())
    sources = set(flows["source"]) | {name for name, role in roles.items() if role == "source"}
    results = stats.replication_results(
        flows,
        failures,
        coverage=coverage,
        sources=sources,
    )
    advice = plan.advise_replication(parameters.asked(**_known(capture, observed)))
    return Replication(
        parameters=parameters,
        scope=Scope(
            capture, recorded, clusters, chosen,
            {name: windows[name] for name in clusters["cluster"]}, {r.cluster: r.coverage for r in results},
        ),
        results=tuple(results),
        notes=(*observed.notes, *stats.describe_commits(mirrors), *recorded.notes),
        flows=flows,
        partitions=mirrors.partitions,
        over_time=mirrors.over_time,
        failures=failures,
        parts=stats.mirror_parts(
            mirrors.flows, connectors=observed.connectors, internal=stats.internal_topics(observed.topics),
            partitions=stats.snapshots_in(recorded.table("partitions"), windows), aliases=observed.aliases,
        ),
        settings=pl.concat([
            stats.settings_beside_recommended(observed.connectors),
            stats.tasks_beside_recommended(mirrors.flows, stats.task_counts(observed.connectors)),
        ]),
        tasks=loads,
        division=division,
        not_replicated=not_copied,
        limits=plan.limits_of_tools(flows["tool"]),
        advice=advice.tools,
        advice_reasons=advice.reasons,
        events=recorded.table("events"),
        asked=", ".join(parameters.asked().asked) or "nothing",
    )  # fmt: skip


def _flows(observed: Observed, groups: pl.DataFrame) -> pl.DataFrame:
    """Return all flows, MirrorMaker's and Flink's first, with the pattern each is part of."""
    active = groups.filter(~pl.col("state").str.to_uppercase().is_in(["EMPTY", "DEAD"]))
    reading = observed.commits.join(active, on=["cluster", "group"], how="semi").select(
        "group", target="cluster", remote_topic="topic"
    )
    local = (
        observed.remote.join(reading, on=["target", "remote_topic"])
        .select("source", "target", "group")
        .unique()
    )
    every = pl.concat([observed.mirrors.flows, stats.reported_flows(observed.reported)], how="diagonal")
    return stats.replication_patterns(every, local_groups=local)


def _known(capture: Capture, observed: Observed) -> dict[str, Any]:
    """Return what the capture says of the two ends of a replication."""
    clusters, flows = capture.cluster_table, observed.mirrors.flows
    sources = set(flows["source"]) or set(clusters.filter(role="source")["cluster"])
    targets = set(flows["target"]) or set(clusters.filter(role="target")["cluster"])
    versions = clusters.filter(pl.col("cluster").is_in(list(sources)))["kafka_version"].drop_nulls()
    known: dict[str, Any] = {"sources": len(sources) or None, "targets": len(targets) or None}
    known["topics"] = observed.remote["topic"].n_unique() or None
    known["source_version"] = versions[0] if len(versions) else None
    return known


def _tasks(observed: Observed) -> dict[str, int]:
    """Return how many tasks each flow's connector has; of one whose settings are unknown none."""
    counts = observed.mirrors.flows.join(
        stats.task_counts(observed.connectors), on=["source", "target", "connector"]
    )
    return dict(counts.select("flow", "tasks").iter_rows())

"""Throughput before and after: did traffic hold through the migration."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.before_after_effects import Compared, effects_of
from kafka_analysis.analyses.scope import Scope, chosen_clusters, chosen_topics
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.findings import Finding
from kafka_analysis.model.parameters.describing import ThroughputBeforeAfterParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ThroughputBeforeAfter(Answer):
    """Two windows side by side: traffic of all clusters by kind, and of each topic."""

    comparison: Annotated[pl.DataFrame, "business traffic before and after, and the change"]
    effects: Annotated[
        pl.DataFrame, "by how much each flow changed, with an interval, and the noise it was separated from"
    ]
    verdicts: Annotated[
        pl.DataFrame, "better, same, worse or cannot tell: traffic, requests, lag, utilisation, cost"
    ]
    confounders: Annotated[
        pl.DataFrame, "the change as measured, per message produced, and beside topics that did not move"
    ]
    topics: Annotated[pl.DataFrame, "traffic of each topic before and after"]
    topic_effects: Annotated[
        pl.DataFrame, "by how much each topic changed, with an interval, and which of them beyond chance"
    ]
    cluster_effects: Annotated[
        pl.DataFrame, "what each cluster carried before and after by kind, and the change with an interval"
    ]
    changes: Annotated[pl.DataFrame, "topics that lost, stopped, began or are read less"]
    kinds: Annotated[pl.DataFrame, "traffic of each cluster by kind, before and after"]
    over_time: Annotated[pl.DataFrame, "traffic over time, by kind"]
    moves: Annotated[
        pl.DataFrame, "when the targets' share changed, by the traffic alone, beside the stated cut-overs"
    ]
    events: Annotated[pl.DataFrame, "what happened during the recording"]
    agreement: str
    compared: tuple[stats.Window, stats.Window]

    @property
    def shown_windows(self) -> list[tuple[str, object, object]]:
        """Return the two windows as name, start, end."""
        return [(name, w.start, w.end) for name, w in zip(("before", "after"), self.compared, strict=True)]


@analysis(ThroughputBeforeAfterParameters)
def throughput_before_after(
    capture: Capture, parameters: ThroughputBeforeAfterParameters
) -> ThroughputBeforeAfter:
    """Compare the traffic of two windows: business, migration and internal traffic apart, topic by topic.

    Returns
    -------
    ThroughputBeforeAfter
        Judged by the business traffic that was lost, and never better than the worst topic.
    """
    recorded = capture.window(parameters.start, parameters.end)
    clusters = chosen_clusters(recorded, parameters.cluster)
    events = recorded.table("events")
    before, after = stats.before_and_after(
        events, before=(parameters.before_start, parameters.before_end),
        after=(parameters.after_start, parameters.after_end), capture_start=recorded.start, capture_end=recorded.end,
    )  # fmt: skip
    known = recorded.known_topics()
    topics = chosen_topics(known, parameters, clusters=clusters)
    mirroring = stats.mirror_flows(
        recorded.samples(*stats.MIRROR_METRICS).select("metric", "entity", "topic").unique(),
        topics=known, clusters=recorded.cluster_table,
    )  # fmt: skip
    traffic = recorded.samples(*stats.TRAFFIC_METRICS, "mirror_records_total")
    then, now = (
        stats.traffic_in(traffic, window, topics=topics, flows=mirroring) for window in (before, after)
    )
    sums_before, sums_after = stats.sum_by_kind(then), stats.sum_by_kind(now)
    comparison = stats.compare_windows(sums_before, sums_after)
    by_topic, copied = (
        stats.compare_topics(then, now, kind=kind, flows=mirroring) for kind in ("business", "migration")
    )
    changes = stats.topic_changes(
        by_topic, migration=copied, after_s=after.seconds,
        loss=parameters.topic_loss, least_share=parameters.topic_share,
    )  # fmt: skip
    happened = stats.window_events(
        stats.select_cluster(events, parameters.cluster), before=before, after=after,
        counters=stats.select_cluster(recorded.samples("bytes_in_total"), parameters.cluster),
    )  # fmt: skip
    findings: list[Finding] = [
        *stats.change_findings(changes, happened=happened, loss=parameters.topic_loss),
        *stats.mirroring_findings(mirroring),
    ]
    coverage = stats.coverage_of_windows(
        recorded.scrapes(), stats.select_cluster(recorded.expected_brokers, parameters.cluster),
        windows=[before, after], interval_s=recorded.interval_s, required_ratio=parameters.coverage_required,
    )  # fmt: skip
    name = parameters.cluster or stats.ALL_CLUSTERS
    found = effects_of(
        Compared(capture, recorded, clusters, topics, mirroring, (before, after)),
        then=then, now=now, by_topic=by_topic,
    )  # fmt: skip
    result = stats.throughput_result(
        comparison, before=sums_before, after=sums_after, targets=recorded.target_clusters, coverage=coverage,
        windows=[before, after], cluster=name, findings=findings, effects=found.traffic,
    )  # fmt: skip
    every = stats.bucket_length(recorded.start, recorded.end, interval_s=recorded.interval_s)
    moved = stats.move_step(recorded.start, recorded.end, interval_s=recorded.interval_s)
    share = stats.target_share(
        stats.traffic_over_time(
            traffic, start=recorded.start, end=recorded.end, topics=topics, flows=mirroring, every=moved
        ),
        targets=recorded.target_clusters,
    )
    agreed, moves = stats.found_moves(
        share, stats.stated_moves(events), step=moved, others=events.filter(pl.col("kind") != "cutover")
    )
    scope = Scope(
        recorded, recorded, clusters, topics,
        dict.fromkeys(clusters["cluster"], stats.Window(recorded.start, recorded.end)), {name: coverage},
    )  # fmt: skip
    return ThroughputBeforeAfter(
        parameters=parameters,
        scope=scope,
        results=(result,),
        notes=(
            f"Before: {before}", f"After: {after}", *stats.describe_rates(traffic),
            *stats.describe_mirroring(mirroring), *recorded.notes,
        ),
        comparison=comparison,
        effects=found.traffic,
        verdicts=found.verdicts,
        confounders=found.confounders,
        topics=by_topic,
        topic_effects=found.topics,
        cluster_effects=scope.in_order(found.clusters),
        changes=changes,
        kinds=stats.both_windows(sums_before, sums_after),
        over_time=stats.traffic_over_time(
            traffic, start=recorded.start, end=recorded.end, topics=topics, flows=mirroring, every=every
        ),
        moves=moves,
        events=events,
        agreement=agreed.sentence,
        compared=(before, after),
    )  # fmt: skip

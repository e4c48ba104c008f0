"""Consumer lag: which groups are behind, do they catch up, and does retention leave them the time."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from kafka_analysis import stats
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.scope import Scope, chosen_clusters, chosen_topics
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.parameters.describing import ConsumerLagParameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ConsumerLag(Answer):
    """How far each consumer group is behind, in records and in seconds."""

    groups: Annotated[
        pl.DataFrame, "each group: state, condition, lag, pace, time to catch up, retention used"
    ]
    partitions: Annotated[pl.DataFrame, "the same of each partition that a group reads"]
    over_time: Annotated[pl.DataFrame, "lag of each group, each time its offsets were read"]
    phases: Annotated[pl.DataFrame, "lag of each group before, during and after the migration"]
    events: Annotated[pl.DataFrame, "what happened during the recording"]
    compared: tuple[stats.Window, ...]

    @property
    def shown_windows(self) -> list[tuple[str, object, object]]:
        """Return the windows before and after as (name, start, end); empty where no event dates the migration."""
        return [(name, w.start, w.end) for name, w in zip(("before", "after"), self.compared, strict=False)]


@analysis(ConsumerLagParameters)
def consumer_lag(capture: Capture, parameters: ConsumerLagParameters) -> ConsumerLag:
    """Measure how far consumer groups are behind, whether they catch up, and what retention leaves of the time.

    Returns
    -------
    ConsumerLag
        Judged at the end of the window by groups that lost records or nearly do, stand still, fall behind, or are read
        by nobody.
    """
    recorded = capture.window(parameters.start, parameters.end)
    clusters = chosen_clusters(recorded, parameters.cluster)
    topics = chosen_topics(capture.known_topics(), parameters, clusters=clusters)
    windows = dict.fromkeys(clusters["cluster"], stats.Window(recorded.start, recorded.end, "as requested"))

    in_window = pl.col("ts").is_between(recorded.start, recorded.end)
    here = in_window & pl.col("cluster").is_in(clusters["cluster"].implode())
    all_states = recorded.scan_table("groups").filter(here).collect()
    states = stats.select_groups(all_states, include_internal=parameters.include_internal)
    left_out = set(all_states["group"]) - set(states["group"])
    committed = recorded.scan_table("group_offsets").filter(here, ~pl.col("group").is_in(left_out))
    log_ends = capture.scan_table("offsets").filter(
        pl.col("ts") <= recorded.end
    )  # earlier answers date old records
    places = topics.lazy().select("cluster", "topic")
    lag = stats.measure_lag(
        committed.join(places, on=["cluster", "topic"], how="semi"),
        log_ends,
        tolerance_s=parameters.tolerance,
    )
    configs = stats.snapshots_in(capture.table("topic_configs"), windows)
    partitions = stats.retention_used(lag.partitions, stats.topic_retention(configs))
    listed = stats.groups_in(states, windows)
    groups = stats.lag_by_group(partitions, lag.over_time, groups=listed, states=states)
    without_members = groups.filter(pl.col("condition").is_in(["dead", "empty"]))
    alone = without_members.select("cluster", "group", alone="condition")
    named = partitions.join(alone, on=["cluster", "group"], how="left", maintain_order="left")
    coverage = stats.answers_seen(lag.answers, windows=windows, required_ratio=parameters.coverage_required)
    results = stats.lag_results(
        groups, coverage=coverage, amber=parameters.retention_amber, red=parameters.retention_red,
        tolerance_s=parameters.tolerance,
    )  # fmt: skip
    events = recorded.table("events")
    before, after = stats.before_and_after(
        events, before=(parameters.before_start, parameters.before_end),
        after=(parameters.after_start, parameters.after_end), capture_start=recorded.start, capture_end=recorded.end,
    )  # fmt: skip
    compared = () if before.guessed else (before, after)
    phases = stats.lag_in_phases(lag.over_time, before=before, after=after)
    return ConsumerLag(
        parameters=parameters,
        scope=Scope(capture, recorded, clusters, topics, windows, coverage),
        results=tuple(results),
        notes=(
            *(f"{name}: {window}" for name, window in zip(("Before", "After"), compared, strict=False)),
            *stats.describe_pace(lag.answers), *stats.describe_groups(listed), *stats.describe_unread(listed),
            *recorded.notes,
        ),
        groups=groups,
        partitions=named.with_columns(condition=pl.coalesce("alone", "condition")).drop("alone"),
        over_time=lag.over_time,
        phases=phases if compared else phases.clear(),
        events=events,
        compared=compared,
    )  # fmt: skip

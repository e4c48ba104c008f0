"""How sure a change is: traffic, the other questions, and what else may explain it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.capture.capture import Capture


class Effects(NamedTuple):
    """By how much things changed: each flow of traffic, each question, beside what else changed, topics, clusters."""

    traffic: pl.DataFrame
    verdicts: pl.DataFrame
    confounders: pl.DataFrame
    topics: pl.DataFrame
    clusters: pl.DataFrame


@dataclass(frozen=True)
class Compared:
    """What two windows are compared of: the capture, whole and narrowed, clusters, topics and a replicator's flows."""

    whole: Capture
    recorded: Capture
    clusters: pl.DataFrame
    topics: pl.DataFrame
    flows: pl.DataFrame
    windows: tuple[stats.Window, stats.Window]

    @property
    def steps(self) -> tuple[timedelta, str]:
        """Return how finely windows are compared, and whether hours of the week are matched."""
        before, after = self.windows
        return stats.steps_of(
            self.recorded.table("events"), before=before, after=after, interval_s=self.recorded.interval_s
        )

    def topic_traffic(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the traffic of each topic in each window, step by step."""
        samples = self.recorded.samples(*stats.TRAFFIC_METRICS, "mirror_records_total")
        first, second = (
            stats.topic_traffic_over_time(
                samples,
                start=window.start,
                end=window.end,
                topics=self.topics,
                flows=self.flows,
                every=self.steps[0],
            )
            for window in self.windows
        )
        return first, second


def effects_of(
    compared: Compared, *, then: pl.DataFrame, now: pl.DataFrame, by_topic: pl.DataFrame
) -> Effects:
    """Measure by how much traffic, requests, lag, utilisation and cost changed, and beside what.

    Parameters
    ----------
    then, now
        Results of ``stats.traffic_in`` of the two windows: they say which topics moved.
    by_topic
        Result of ``stats.compare_topics`` of them.
    """
    step, season = compared.steps
    topics = compared.topic_traffic()
    before, after = (stats.sum_by_kind(rows) for rows in topics)
    traffic = stats.traffic_effects(before, after, windows=compared.windows, step=step, season=season)
    sides = stats.at_work(
        stats.sides_of(compared.clusters, windows=compared.windows, step=step, season=season), before, after
    )
    moved = stats.moved_topics(then, now, flows=compared.flows)
    parts = {}
    if not stats.no_control(moved):
        parts = {state: _in_state(topics, moved, state) for state in ("moved", "stayed")}
    confounders = stats.confounder_effects(
        before, after, effects=traffic, topics=moved, sides=sides, moved=parts.get("moved"),
        stayed=parts.get("stayed"),
    )  # fmt: skip
    return Effects(
        traffic=traffic,
        verdicts=_verdicts(compared, traffic, sides, moved),
        confounders=confounders,
        topics=stats.topic_effects(*topics, topics=by_topic, sides=sides, flows=compared.flows),
        clusters=stats.cluster_effects(
            before, after, sums_before=stats.sum_by_kind(then), sums_after=stats.sum_by_kind(now), sides=sides
        ),
    )


def _in_state(
    topics: tuple[pl.DataFrame, pl.DataFrame], moved: pl.DataFrame, state: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the traffic of the topics in a state, in each window."""
    places = moved.filter(state=state)
    before, after = (
        stats.sum_by_kind(rows.join(places, on=["cluster", "topic"], how="semi")) for rows in topics
    )
    return before, after


def _verdicts(
    compared: Compared, traffic: pl.DataFrame, sides: stats.Sides, moved: pl.DataFrame
) -> pl.DataFrame:
    recorded = compared.recorded
    return stats.question_verdicts(
        traffic,
        stats.request_effects(recorded.samples(*stats.REQUEST_METRICS), sides=sides),
        stats.lag_effects(
            _committed(compared, moved),
            compared.whole.scan_table("offsets"),
            events=recorded.table("events"),
            sides=sides,
        ),
        stats.utilisation_effects(recorded.samples(*stats.UTILISATION_METRICS), sides=sides),
        stats.cost_effect(plan.broker_prices(recorded.known_brokers()), traffic, sides=sides),
    )


def _committed(compared: Compared, moved: pl.DataFrame) -> pl.LazyFrame:
    """Return the committed offsets of the topics that moved, without groups of Kafka's machinery and of probes.

    A replicator copies the offsets of groups that still read a topic at the source: their lag at the target is none.
    Where no topic moved, all business topics count.
    """
    committed = compared.recorded.scan_table("group_offsets")
    groups = stats.select_groups(committed.select("group").unique().collect(engine="streaming"))
    places = moved.filter(state="moved")
    if places.is_empty():
        places = compared.topics.filter(pl.col("kind") == "business")
    kept = committed.join(groups.lazy(), on="group", how="semi")
    return kept.join(places.lazy().select("cluster", "topic"), on=["cluster", "topic"], how="semi")

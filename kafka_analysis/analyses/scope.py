"""What an analysis looks at: clusters, topics, a window for each cluster, and how much of it was scraped."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.findings import Coverage
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.model.topic_names import check_topic_names


@dataclass(frozen=True)
class Scope:
    """What an analysis looks at, made in one place for all of them.

    ``whole``: the capture as it was recorded, whose answers before and after the windows count where something lies
    between two of them; ``recorded``: narrowed to the windows; both None where files are given in place of a capture.
    ``clusters``: cluster, role, kafka_version, flavour, of those chosen. ``topics``: cluster, topic, kind, of those
    chosen. ``windows`` and ``coverage`` by cluster.
    """

    whole: Capture | None
    recorded: Capture | None
    clusters: pl.DataFrame
    topics: pl.DataFrame
    windows: Mapping[str, stats.Window] = field(default_factory=dict)
    coverage: Mapping[str, Coverage | None] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Return the names of the clusters, in their order."""
        return self.clusters["cluster"].to_list()

    def in_order(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a frame cluster by cluster: the source first, then the cells in their order."""
        if not self.names or "cluster" not in frame.columns:
            return frame
        places = list(range(len(self.names)))
        place = pl.col("cluster").replace_strict(
            self.names, places, default=len(places), return_dtype=pl.Int64
        )
        return frame.sort(place, maintain_order=True)

    @property
    def gaps(self) -> pl.DataFrame:
        """Return the gaps within the windows: cluster, target, start, end, reason."""
        return pl.DataFrame() if self.recorded is None else stats.gaps_in(self.recorded.gaps, self.windows)


def windows_of_clusters(
    capture: Capture, parameters: NotebookParameters, *, sources_only: bool = False
) -> Scope:
    """Choose clusters, topics, and for each cluster a steady window of its own.

    Parameters
    ----------
    capture
        The whole capture.
    parameters
        ``cluster``, ``start``, ``end``, ``topics_exclude``, ``include_internal`` and ``coverage_required`` count.
    sources_only
        Without ``cluster``, only those clusters that the capture calls sources, where it names any.

    Raises
    ------
    InputError
        There is no such cluster, or no such topic.
    WindowError
        The window asked for is empty, or does not overlap the capture.
    """
    chosen = chosen_clusters(capture, parameters.cluster)
    clusters = plan.sources_of(chosen) if sources_only else chosen
    windows = stats.choose_windows(
        capture.table("events"), clusters=clusters, start=parameters.start, end=parameters.end,
        capture_start=capture.start, capture_end=capture.end,
    )  # fmt: skip
    topics = chosen_topics(capture.known_topics(), parameters, clusters=clusters)
    recorded = capture.window(*stats.span(windows))
    return Scope(
        whole=capture,
        recorded=recorded,
        clusters=clusters,
        topics=topics,
        windows=windows,
        coverage=coverage_in(recorded, windows, parameters),
    )


def chosen_clusters(capture: Capture, cluster: str | None) -> pl.DataFrame:
    """Return the rows of the clusters chosen: the one named, else all.

    Raises
    ------
    InputError
        There is no such cluster.
    """
    clusters = capture.cluster_table
    if cluster is not None and cluster not in clusters["cluster"]:
        raise InputError.unknown("cluster", cluster, clusters["cluster"])
    return stats.select_cluster(clusters, cluster)


def chosen_topics(
    topics: pl.DataFrame, parameters: NotebookParameters, *, clusters: pl.DataFrame
) -> pl.DataFrame:
    """Return cluster, topic and kind of the topics chosen; a name without wildcards must be one.

    Raises
    ------
    InputError
        There is no topic of a name in ``topics_exclude``.
    """
    here = topics.join(clusters.select("cluster"), on="cluster", how="semi")
    check_topic_names(parameters.topics_exclude, here["topic"].unique())
    return stats.select_topics(
        here, exclude=parameters.topics_exclude, include_internal=parameters.include_internal
    )


def coverage_in(
    recorded: Capture, windows: Mapping[str, stats.Window], parameters: NotebookParameters
) -> dict[str, Coverage]:
    """Return how much of what was expected in each cluster's window was scraped."""
    return stats.coverage_by_cluster(
        recorded.scrapes(), recorded.expected_brokers, windows=windows, interval_s=recorded.interval_s,
        required_ratio=parameters.coverage_required,
    )  # fmt: skip

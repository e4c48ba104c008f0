"""A capture as analyses see it: its manifest, tables and samples, or a window of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from kafka_analysis.capture.parquet import damage_named, scan_files
from kafka_analysis.capture.plausible import implausible
from kafka_analysis.capture.repr import capture_html, capture_text
from kafka_analysis.capture.streams import REJECTED_STREAM, schema_of, stream_of
from kafka_analysis.capture.topic import Topic
from kafka_analysis.model.errors import InputError, MetricMissingError, WindowError
from kafka_analysis.model.manifest import ClusterInfo, Manifest
from kafka_analysis.model.metrics import HOST_METRICS, metric
from kafka_analysis.model.moments import in_utc
from kafka_analysis.model.samples import SERIES
from kafka_analysis.model.tables import empty_table, table_schema
from kafka_analysis.model.topic_kinds import topic_kinds

_OF_BROKERS = ("jmx", "prometheus", "cloudwatch")
_OF_HOSTS = ("node_exporter",)
_KINDS_FROM = {"configs": "topic_configs", "partitions": "partitions", "groups": "groups"}
_COUNTS = ("attempts", "ok", "failed", "errors", "gaps", "lines_read", "samples_stored", "rejected")
_TARGETS = {
    **dict.fromkeys(("cluster", "target", "kind"), pl.String),
    "broker": pl.Int64,
    "dialect": pl.String,
    **dict.fromkeys(_COUNTS, pl.Int64),
}
_GAPS = {
    "cluster": pl.String,
    "target": pl.String,
    "start": pl.Datetime("ms", "UTC"),
    "end": pl.Datetime("ms", "UTC"),
    "reason": pl.String,
}


@dataclass(frozen=True, repr=False)
class Capture:
    """A capture, or a window of one. ``read_capture`` opens one.

    ``start`` and ``end`` bound what it speaks of, [start, end), UTC.
    """

    path: Path
    manifest: Manifest
    start: datetime
    end: datetime

    @property
    def id(self) -> str:
        """Return the capture's id."""
        return self.manifest.capture_id

    @property
    def clusters(self) -> tuple[ClusterInfo, ...]:
        """Return the clusters, sources first."""
        return self.manifest.ordered_clusters

    @property
    def interval_s(self) -> float:
        """Return the seconds between two scrapes of the brokers (15 when the manifest does not say)."""
        of_brokers = [s.interval_s for s in self.manifest.sources if s.broker is not None and s.interval_s]
        return max(of_brokers, default=15.0)

    @property
    def targets(self) -> pl.DataFrame:
        """Return a row per target asked, with how often it answered and what became of its lines."""
        rows = []
        for s in self.manifest.sources:
            outcomes = (s.attempts, s.ok, s.failed, s.errors, len(s.gaps))
            lines = (s.lines.read, s.lines.stored, s.lines.in_rejected) if s.lines else (None, None, None)
            rows.append((s.cluster, s.label, s.kind, s.broker, s.dialect, *outcomes, *lines))
        return pl.DataFrame(rows, schema=_TARGETS, orient="row")

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what a reader of any report must know: what the recording was not allowed to see, and its notes."""
        return (*self.manifest.missing_rights, *self.manifest.notes)

    @property
    def cluster_table(self) -> pl.DataFrame:
        """Return a row per cluster, sources first: cluster, role, kafka_version, flavour, kafka_cluster_id."""
        names = ("cluster", "role", "kafka_version", "flavour", "kafka_cluster_id")
        rows = [{name: getattr(cluster, name) for name in names} for cluster in self.clusters]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))

    @property
    def target_clusters(self) -> list[str]:
        """Return the names of the clusters a migration goes to."""
        return [cluster.cluster for cluster in self.clusters if cluster.role == "target"]

    @property
    def expected_brokers(self) -> pl.DataFrame:
        """Return the brokers whose metrics were asked for: cluster, broker.

        Those of the ``brokers`` table when no source says (a capture made of dumps).
        """
        scraped = {
            (s.cluster, s.broker)
            for s in self.manifest.sources
            if s.kind in _OF_BROKERS and s.dialect not in _OF_HOSTS and s.broker is not None
        }
        if scraped:
            return pl.DataFrame(
                sorted(scraped), schema={"cluster": pl.String, "broker": pl.Int32}, orient="row"
            )
        return self.table("brokers").select("cluster", "broker").unique().sort("cluster", "broker")

    @property
    def gaps(self) -> pl.DataFrame:
        """Return a row per gap that touches the capture's bounds: cluster, target, start, end, reason."""
        rows = [
            (s.cluster, s.label, g.start, g.end, g.reason)
            for s in self.manifest.sources
            for g in s.gaps
            if g.start < self.end and g.end >= self.start
        ]
        return pl.DataFrame(rows, schema=_GAPS, orient="row").sort("start")

    def window(self, start: datetime | None = None, end: datetime | None = None) -> Capture:
        """Return the same capture narrowed to [start, end); times without a time zone are UTC.

        Raises
        ------
        WindowError
            When the window is empty or does not overlap the capture.
        """
        low, high = in_utc(start or self.start), in_utc(end or self.end)
        if low >= high:
            raise WindowError(f"start {low} is not before end {high}; swap them")
        if high <= self.start or low >= self.end:
            message = f"{low} to {high} lies outside the capture, which covers {self.start} to {self.end}"
            raise WindowError(message)
        return replace(self, start=max(low, self.start), end=min(high, self.end))

    def samples(
        self, *metrics: str, start: datetime | None = None, end: datetime | None = None
    ) -> pl.LazyFrame:
        """Return the samples of some metrics, lazily.

        Parameters
        ----------
        *metrics
            Canonical names; none = all. One that the capture does not hold adds no row: :meth:`require` says so.
        start, end
            Bounds, by default the capture's; without a time zone they are UTC. Up to two scrapes more on each side are
            returned, because what a counter was at an edge lies between its neighbours; ``stats.reduce`` takes the
            exact window.

        Raises
        ------
        InputError
            When a metric is not in the catalogue.
        """
        for name in metrics:
            metric(name)
        margin = timedelta(seconds=2 * self.interval_s)
        frame = self._scan("samples/")
        if metrics:
            frame = frame.filter(pl.col("metric").is_in(metrics))
        low, high = in_utc(start or self.start) - margin, in_utc(end or self.end) + margin
        return frame.filter(pl.col("ts").is_between(low, high))

    def scrapes(self) -> pl.DataFrame:
        """Return when each broker's own metrics came: cluster, broker, ts; its host's page has times of its own."""
        of_broker = pl.col("broker").is_not_null() & ~pl.col("metric").is_in(sorted(HOST_METRICS))
        rows = self.samples().filter(of_broker).select("cluster", "broker", "ts")
        return rows.unique().collect(engine="streaming")

    def require(self, *metrics: str) -> pl.DataFrame:
        """Return the samples of some metrics as a frame, all of which must be there.

        Raises
        ------
        InputError
            When a metric is not in the catalogue.
        MetricMissingError
            When the capture holds no sample of one of them; it names the metrics that it holds.
        """
        rows = self.samples(*metrics).collect()
        missing = set(metrics) - set(rows["metric"].unique())
        if missing:
            held = self.samples().select("metric").unique().collect(engine="streaming")["metric"]
            raise MetricMissingError.among(missing, held, capture=self.id)
        return rows

    def has_table(self, name: str) -> bool:
        """Return whether the capture holds rows of a table."""
        table_schema(name)
        return any(stream == f"tables/{name}" for stream, _ in self._files())

    def table(self, name: str) -> pl.DataFrame:
        """Return a metadata table; without rows when the capture has none.

        Rows whose time lies before 2001 or after 2100 are left out: a clock was wrong. In a window: its rows, those of
        up to two intervals around it, and each cluster's last snapshot before it.

        Raises
        ------
        CaptureError
            When the contract knows no table of that name, or its file is damaged.
        """
        with damage_named(self.path, f"tables/{name}.parquet"):
            return self.scan_table(name).collect(engine="streaming")

    def scan_table(self, name: str) -> pl.LazyFrame:
        """Return a metadata table as :meth:`table` does, lazily: filter it before it is collected.

        Raises
        ------
        CaptureError
            When the contract knows no table of that name, or its file is damaged.
        """
        if not self.has_table(name):
            return empty_table(name).lazy()
        rows = self._scan(f"tables/{name}")
        rows = rows.filter(~implausible(rows.collect_schema()))
        if (self.start, self.end) == (self.manifest.window.start, self.manifest.window.end):
            return rows
        margin = timedelta(seconds=2 * self.interval_s)
        earlier = rows.filter(pl.col("ts") <= self.start).group_by("cluster").agg(pl.col("ts").max())
        latest = [
            (pl.col("cluster") == cluster) & (pl.col("ts") == ts)
            for cluster, ts in earlier.collect(engine="streaming").iter_rows()
        ]
        inside = pl.col("ts").is_between(self.start - margin, self.end + margin)
        return rows.filter(pl.any_horizontal(inside, *latest))

    def tables(self, *names: str) -> dict[str, pl.DataFrame]:
        """Return metadata tables by name, each as :meth:`table` does."""
        return {name: self.table(name) for name in names}

    def known_topics(self) -> pl.DataFrame:
        """Return cluster, topic and its kind: from the metadata, or from the samples where a cluster has none.

        The kind (``business``, ``internal``, ``canary``, ``mirror``) is that of
        :func:`kafka_analysis.model.topic_kinds.topic_kinds`, from all the capture knows of a topic.
        """
        return self._with_kinds(self._with_sampled("topics", "topic"))

    def _with_kinds(self, topics: pl.DataFrame) -> pl.DataFrame:
        kinds = topic_kinds(topics, **{name: self.table(table) for name, table in _KINDS_FROM.items()})
        return topics.join(kinds, on=["cluster", "topic"], how="left", maintain_order="left")

    def known_brokers(self) -> pl.DataFrame:
        """Return the ``brokers`` table; for a cluster that has none, the brokers of its samples, with no more known."""
        return self._with_sampled("brokers", "broker")

    def _with_sampled(self, name: str, key: str) -> pl.DataFrame:
        """Return a table, and what samples tell of the clusters that it lacks."""
        table = self.table(name)
        lacking = ~pl.col("cluster").is_in(table["cluster"].unique().implode())
        rows = self.samples().filter(lacking, pl.col(key).is_not_null()).select("cluster", key)
        sampled = rows.unique().collect(engine="streaming")
        sampled = sampled.with_columns(ts=pl.lit(self.start).cast(table.schema["ts"]))
        return pl.concat([table, sampled], how="diagonal").select(table.columns).sort("cluster", key, "ts")

    def rejected(self) -> pl.DataFrame:
        """Return the input lines that were not understood."""
        with damage_named(self.path, "rejected.parquet"):
            return self._scan(REJECTED_STREAM).collect()

    def metrics(self, *, by_cluster: bool = False) -> pl.DataFrame:
        """Return a row per metric seen: metric, kind, clusters, series, samples; ``by_cluster``: per cluster too."""
        series = self.samples().group_by(SERIES).agg(samples=pl.len()).collect(engine="streaming")
        counted = series.group_by("cluster", "metric").agg(
            clusters=pl.lit(1, pl.UInt32), series=pl.len(), samples=pl.col("samples").sum()
        )
        kinds = {name: metric(name).kind for name in counted["metric"].unique()}
        kind = pl.col("metric").replace_strict(kinds, return_dtype=pl.String)
        columns = ["cluster", "metric", "kind", "clusters", "series", "samples"]
        seen = counted.with_columns(kind=kind).select(columns).sort("cluster", "metric")
        return seen if by_cluster else of_all_clusters(seen)

    def topic(self, name: str, *, cluster: str | None = None) -> Topic:
        """Return what the capture knows about one topic, for looking at.

        Raises
        ------
        InputError
            When no cluster has a topic of that name; the nearest one is suggested.
        """
        topics = self.table("topics")
        if cluster is not None:
            topics = topics.filter(pl.col("cluster") == cluster)
        if name not in topics["topic"]:
            raise InputError.unknown("topic", name, topics["topic"].unique())
        owner = cluster or topics.filter(pl.col("topic") == name)["cluster"].sort()[0]
        tables = {}
        for table in ("partitions", "topic_configs", "offsets", "group_offsets"):
            with damage_named(self.path, f"tables/{table}.parquet"):
                rows = self.scan_table(table).filter(cluster=owner, topic=name)
                tables[table] = rows.collect(engine="streaming")
        kinds = self._with_kinds(topics).filter(cluster=owner, topic=name)["kind"]
        return Topic(name=name, cluster=owner, kind=kinds[0], **tables)

    def _scan(self, stream: str) -> pl.LazyFrame:
        """Return the rows of a stream; ``samples/``: of all clusters."""
        is_kind = stream.endswith("/")
        files = [path for of, path in self._files() if of == stream or (is_kind and of.startswith(stream))]
        return scan_files(files, stream) if files else pl.LazyFrame(schema=schema_of(stream))

    def _files(self) -> list[tuple[str, Path]]:
        """Return the stream and the path of each file that the manifest names and the contract knows."""
        named = [(stream_of(file.path), self.path / file.path) for file in self.manifest.files]
        return [(stream, path) for stream, path in named if stream is not None]

    def __repr__(self) -> str:
        return capture_text(self.manifest, self.start, self.end)

    def _repr_html_(self) -> str:
        return capture_html(self.manifest, self.start, self.end)


def of_all_clusters(metrics: pl.DataFrame) -> pl.DataFrame:
    """Return a row per metric from one per cluster and metric (:meth:`Capture.metrics`, ``by_cluster``).

    Examples
    --------
    >>> seen = pl.DataFrame({"cluster": ["a", "b"], "metric": "m", "kind": "gauge", "clusters": 1, "series": [2, 3],
    ...     "samples": [5, 6]})
    >>> of_all_clusters(seen).row(0)
    ('m', 'gauge', 2, 5, 11)
    """
    sums = pl.col("clusters", "series", "samples").sum()
    return metrics.group_by("metric", "kind").agg(sums).sort("metric")

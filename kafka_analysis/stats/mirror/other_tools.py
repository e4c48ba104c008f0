"""How far replicators other than MirrorMaker 2 are: Flink jobs, cluster links, MSK Replicators."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind, to_polars
from kafka_analysis.stats.lag.partitions import RECENT_ANSWERS
from kafka_analysis.stats.mirror.places import SCHEMA

FLINK, CLUSTER_LINKING, MSK_REPLICATOR = "Flink", "Cluster Linking", "MSK Replicator"
FLINK_METRICS = ("flink_committed_offset", "flink_current_offset")
REPORTED_METRICS = ("link_mirror_lag_records", "replicator_message_lag", "replicator_latency_ms")
REPORTED_SCHEMA = {
    "ts": pl.Datetime("ms", "UTC"), "tool": pl.String, "target": pl.String, "connector": pl.String,
    "topic": pl.String, "partition": pl.Int32, "lag_records": pl.Int64, "latency_s": pl.Float64,
}  # fmt: skip
UNKNOWN_CLUSTER = "unknown"
_LEAST_ANSWERS = 3


class _Ends(NamedTuple):
    source: str
    target: str


@same_kind
def flink_places(readings: Frame, *, topics: Frame, clusters: Frame) -> Frame:
    """Return where Flink jobs are in the topics that they read from Kafka.

    Parameters
    ----------
    readings
        ``stats.readings`` of :data:`FLINK_METRICS`: gauges.
    topics
        ``cluster``, ``topic`` of all topics.
    clusters
        ``cluster``, ``role``.

    Returns
    -------
    frame of the kind given
        As :func:`~kafka_analysis.stats.mirror.places.committed_places` returns. The position is the one of the last
        checkpoint; of a job that never made one, that of the record read last. Flink's metrics name no cluster: the
        source is the only one with all topics of the job (of several, the only one of role source), the target the only
        other one with them; else ``unknown``. That a job writes to Kafka at all, its metrics do not say.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"metric": "flink_committed_offset", "ts": [datetime(2026, 1, 1, tzinfo=UTC)],
    ...     "entity": "copy/source", "topic": "t", "partition": 0, "value": 9.0})
    >>> held = pl.DataFrame({"cluster": ["a", "b"], "topic": "t"})
    >>> roles = pl.DataFrame({"cluster": ["a", "b"], "role": ["source", "target"]})
    >>> flink_places(rows, topics=held, clusters=roles).select("source", "target", "position").row(0)
    ('a', 'b', 9)
    """
    series = ["ts", "entity", "topic", "partition"]
    rows = readings.filter(pl.col("metric").is_in(FLINK_METRICS)).drop_nulls(["entity", "topic", "partition"])
    of = {
        name: pl.col("value").filter(pl.col("metric") == name).max().cast(pl.Int64) for name in FLINK_METRICS
    }
    wide = rows.group_by(series).agg(committed=of[FLINK_METRICS[0]], current=of[FLINK_METRICS[1]])
    has_checkpoint = pl.col("committed").is_not_null().any().over("entity")
    position = pl.when(has_checkpoint).then("committed").otherwise(pl.col("current") + 1)
    ends = {
        job: _ends(names, topics, clusters)
        for job, names in wide.group_by("entity").agg(pl.col("topic").unique()).iter_rows()
    }
    known_by = pl.when(has_checkpoint).then(pl.lit("checkpoint")).otherwise(pl.lit("record read last"))
    return (
        wide.with_columns(
            tool=pl.lit(FLINK),
            source=pl.col("entity").replace_strict(
                {job: e.source for job, e in ends.items()}, return_dtype=pl.String
            ),
            target=pl.col("entity").replace_strict(
                {job: e.target for job, e in ends.items()}, return_dtype=pl.String
            ),
            connector="entity",
            position=position,
            age_s=pl.lit(None, pl.Float64),
            known_by=known_by,
        )
        .drop_nulls("position")
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
        .sort("ts", "connector", "topic", "partition")
    )


def _ends(names: Sequence[str], topics: pl.DataFrame, clusters: pl.DataFrame) -> _Ends:
    held = topics.filter(pl.col("topic").is_in(names)).group_by("cluster").agg(pl.col("topic").n_unique())
    having = held.filter(pl.col("topic") == len(set(names)))["cluster"].sort().to_list()
    roles = dict(clusters.select("cluster", "role").iter_rows())
    sources = [name for name in having if roles.get(name) == "source"] or having
    if len(sources) != 1:
        return _Ends(UNKNOWN_CLUSTER, UNKNOWN_CLUSTER)
    targets = [name for name in having if name != sources[0]]
    return _Ends(sources[0], targets[0] if len(targets) == 1 else UNKNOWN_CLUSTER)


@same_kind
def reported_lag(readings: Frame) -> Frame:
    """Return the lag that cluster links and MSK Replicators report of themselves; no position is known of them.

    Parameters
    ----------
    readings
        ``stats.readings`` of :data:`REPORTED_METRICS`: gauges. Their cluster is the target.

    Returns
    -------
    frame of the kind given
        ``ts``, ``tool``, ``target``, ``connector`` (link or replicator), ``topic``, ``partition`` (null: of the topic),
        ``lag_records``, ``latency_s`` (MSK Replicator's ReplicationLatency). MSK's MessageLag is that of the replicator
        behind the source, not of the target.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = pl.DataFrame({"metric": "link_mirror_lag_records", "ts": [datetime(2026, 1, 1, tzinfo=UTC)],
    ...     "cluster": "b", "entity": "link-1", "topic": "t", "partition": 0, "stat": None, "value": 9.0})
    >>> reported_lag(rows).select("tool", "connector", "lag_records").row(0)
    ('Cluster Linking', 'link-1', 9)
    """
    rows = readings.filter(pl.col("metric").is_in(REPORTED_METRICS)).drop_nulls("topic")
    if "stat" in rows.columns:
        rows = rows.filter(pl.col("stat").fill_null("max").is_in(["max", "mean"]))
    of = {name: pl.col("value").filter(pl.col("metric") == name).max() for name in REPORTED_METRICS}
    is_link = pl.col("metric") == REPORTED_METRICS[0]
    tool = pl.when(is_link).then(pl.lit(CLUSTER_LINKING)).otherwise(pl.lit(MSK_REPLICATOR))
    wide = (
        rows.with_columns(tool=tool, target="cluster", connector=pl.col("entity").fill_null(""))
        .group_by("ts", "tool", "target", "connector", "topic", "partition")
        .agg(
            lag_records=pl.coalesce(of[REPORTED_METRICS[0]], of[REPORTED_METRICS[1]]).clip(lower_bound=0),
            latency_s=of[REPORTED_METRICS[2]] / 1000,
        )
    )
    return wide.select(pl.col(name).cast(dtype) for name, dtype in REPORTED_SCHEMA.items()).sort(
        "ts", "connector", "topic", "partition"
    )


def reported_flows(reported: Frame) -> pl.DataFrame:
    """Sum up by flow what cluster links and MSK Replicators report.

    Parameters
    ----------
    reported
        Result of :func:`reported_lag`.

    Returns
    -------
    polars.DataFrame
        As ``flows`` of :func:`~kafka_analysis.stats.mirror.measure.measure_mirrors`; their source is unknown. The
        condition is ``catching up``, ``slow`` or ``stuck`` where the lag only fell, only grew or stayed the same over
        the last answers, ``keeps up`` where it went up and down or was 0, ``unknown`` after fewer than three.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> t = [datetime(2026, 1, 1, 0, m, tzinfo=UTC) for m in range(3)]
    >>> rows = pl.DataFrame({"ts": t, "tool": "Cluster Linking", "target": "b", "connector": "l", "topic": "t",
    ...     "partition": 0, "lag_records": [9, 6, 4], "latency_s": None}, schema_overrides={"latency_s": pl.Float64})
    >>> reported_flows(rows).select("flow", "condition", "lag_records").row(0)
    ('l → b', 'catching up', 4)
    """
    flow = ["tool", "target", "connector"]
    rows = to_polars(reported)
    moments = rows.group_by(*flow, "ts").agg(
        lag_records=pl.when(pl.col("lag_records").count() > 0).then(pl.col("lag_records").sum()),
        lag_seconds=pl.col("latency_s").max(),
        topics=pl.col("topic").n_unique(),
        partitions=pl.struct("topic", "partition").n_unique(),
    )
    recent = moments.sort("ts").group_by(flow, maintain_order=True).tail(RECENT_ANSWERS)
    lag = pl.col("lag_records")
    last = recent.group_by(flow, maintain_order=True).agg(
        lag.last(),
        pl.col("lag_seconds").last(),
        pl.col("topics").last(),
        pl.col("partitions").last(),
        first=lag.first(),
        least=lag.min(),
        only_falls=(lag.diff().fill_null(0) <= 0).all(),
        only_grows=(lag.diff().fill_null(0) >= 0).all(),
        answers=lag.count(),
    )
    condition = (
        pl.when((pl.col("answers") < _LEAST_ANSWERS) | lag.is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("least") == 0)
        .then(pl.lit("keeps up"))
        .when(pl.col("only_falls") & pl.col("only_grows"))
        .then(pl.lit("stuck"))
        .when("only_falls")
        .then(pl.lit("catching up"))
        .when("only_grows")
        .then(pl.lit("slow"))
        .otherwise(pl.lit("keeps up"))
    )
    known_by = (
        pl.when(pl.col("tool") == CLUSTER_LINKING)
        .then(pl.lit("the link"))
        .otherwise(pl.lit("the replicator"))
    )
    return last.select(
        *flow,
        "lag_records",
        "lag_seconds",
        "topics",
        "partitions",
        source=pl.lit(UNKNOWN_CLUSTER),
        flow=pl.format("{} → {}", "connector", "target"),
        condition=condition,
        known_by=known_by,
        is_at_least=pl.lit(value=False),
        is_at_most=pl.lit(value=False),
    )

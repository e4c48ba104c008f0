"""Hold the predicted blast radius of every outage of a capture beside the measured one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from kafka_analysis.model.frames import Frame, as_lazy, back_to, same_kind, to_polars
from kafka_analysis.stats.blast.measured import measured_blast
from kafka_analysis.stats.blast.outages import find_outages, restarted_clusters
from kafka_analysis.stats.blast.predicted import PLACE, predicted_blast
from kafka_analysis.stats.blast.shares import MEASURED_EFFECTS
from kafka_analysis.stats.reduce.samples import increase
from kafka_analysis.stats.scope.snapshots import records_appended, snapshot_at

# Begin at 0 with each process; one grows always.
RESTART_METRICS = ("bytes_in_total", "process_cpu_seconds_total")
OUTAGE_METRICS = (*RESTART_METRICS, "bytes_out_total", "messages_in_total")
BASELINE_SCRAPES = 3.2  # so many intervals before a fault say what is usual
RECORDS_OVER = 10  # baselines: so long before an outage records are weighed
# So long after the end of an outage its brokers are looked at for a restart.
BACK_WITHIN = timedelta(seconds=180)
_KEYS = ["effect", "what"]
_COMPARED = {
    "outage": pl.Int32, "cluster": pl.String, "name": pl.String, "split": pl.String, "effect": pl.String,
    "what": pl.String, "total": pl.Float64, "predicted": pl.Float64, "measured": pl.Float64, "unknown": pl.Int64,
    "evidence": pl.String,
}  # fmt: skip


def compare_outages(
    events: Frame,
    flows: Frame,
    *,
    clusters: Frame,
    partitions: Frame,
    configs: Frame,
    offsets: Frame,
    counters: Frame,
    baseline_s: float = 30.0,
) -> Frame:
    """Compare for each outage the shares predicted from the placement before it with those measured in it.

    Parameters
    ----------
    events, partitions, configs, offsets
        The capture's ``events``, ``partitions``, ``topic_configs`` and ``offsets``.
    flows
        ``client``, ``kind``, ``topic``: all clients, wherever their topics are. With ``bytes_per_s``, those of 0 are
        left out: who read or wrote nothing loses nothing.
    clusters
        ``cluster``, ``role``: of two clusters that hold a topic, :func:`serving_clusters` tells which one clients use.
    counters
        Samples of :data:`OUTAGE_METRICS`; lazy ones are read an outage at a time.
    baseline_s
        Seconds before each fault that say what is usual: at least three intervals of the capture, under load.

    Returns
    -------
    frame of the kind given
        ``outage`` (from 1), ``cluster``, ``name``, ``split`` (before | after: whether a target is hit), ``effect``,
        ``what``, ``total``, ``predicted``, ``measured`` (shares), ``unknown`` (partitions or clients that could not be
        measured), ``evidence`` of what was measured (bytes are always estimated). Shares are of all clusters together.
        An outage whose event does not name its brokers is predicted as the loss of them all. One of a cluster that no
        client is known to use, or of which no placement is on record, is left out.

    Examples
    --------
    >>> from datetime import datetime
    >>> events = pl.DataFrame(schema={"ts": pl.Datetime, "cluster": pl.String, "kind": pl.String, "name": pl.String,
    ...     "detail": pl.String})
    >>> none = pl.DataFrame()
    >>> compare_outages(events, none, clusters=none, partitions=none, configs=none, offsets=none, counters=none).height
    0
    """
    outages = to_polars(find_outages(events))
    compared = pl.DataFrame(schema=_COMPARED)
    if len(outages):
        lazy = as_lazy(counters)
        frames = {"partitions": partitions, "configs": configs, "offsets": offsets, "clusters": clusters}
        given = {name: to_polars(frame) for name, frame in frames.items()}
        used = _moving(to_polars(flows))
        rows = [
            _compared(
                outage, used, **given, counters=_around(lazy, outage, baseline_s), baseline_s=baseline_s
            )
            for outage in outages.iter_rows(named=True)
        ]
        compared = pl.concat([compared, *(row for row in rows if row is not None)])
    return back_to(compared, events)


def outage_baseline_s(interval_s: float) -> float:
    """Return how many seconds before a fault say what is usual, for a capture with such an interval.

    Examples
    --------
    >>> outage_baseline_s(10.0)
    32.0
    """
    return BASELINE_SCRAPES * interval_s


def _moving(flows: pl.DataFrame) -> pl.DataFrame:
    if "bytes_per_s" not in flows.columns:
        return flows
    return flows.filter(pl.col("bytes_per_s").is_null() | (pl.col("bytes_per_s") > 0))


def _around(counters: pl.LazyFrame, outage: Mapping[str, Any], baseline_s: float) -> pl.DataFrame:
    """Read what is needed of the counters: from well before the outage until its brokers are back."""
    since = outage["start"] - (RECORDS_OVER + 1) * timedelta(seconds=baseline_s)
    return counters.filter(pl.col("ts").is_between(since, outage["end"] + BACK_WITHIN)).collect()


@same_kind
def serving_clusters(records: Frame, *, clusters: Frame) -> Frame:
    """Say which cluster of each topic clients use, where a replicator keeps it in several.

    Parameters
    ----------
    records
        Result of ``stats.records_appended`` over a time under load.
    clusters
        ``cluster``, ``role`` (source | target; null is taken as target).

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``: the source as long as its log grows (the targets' copies do too), then the targets where
        it grows. A topic that grows nowhere is in the source if it is there, else in each cluster that has it.

    Examples
    --------
    >>> records = pl.DataFrame({"cluster": ["old", "new", "old", "new"], "topic": ["a", "a", "b", "b"], "partition": 0,
    ...     "records": [5.0, 5.0, 0.0, 7.0]})
    >>> clusters = pl.DataFrame({"cluster": ["old", "new"], "role": ["source", "target"]})
    >>> serving_clusters(records, clusters=clusters).rows()
    [('old', 'a'), ('new', 'b')]
    """
    grown = records.group_by("cluster", "topic").agg(pl.col("records").sum())
    roles = clusters.select("cluster", is_source=(pl.col("role") == "source").fill_null(value=False))
    ranked = grown.join(roles, on="cluster", how="left").with_columns(grows=pl.col("records") > 0)
    rank = pl.when("grows", "is_source").then(3).when("grows").then(2).when("is_source").then(1).otherwise(0)
    best = ranked.with_columns(rank=rank).filter(pl.col("rank") == pl.col("rank").max().over("topic"))
    return best.select("cluster", "topic").sort("topic", "cluster")


def _compared(
    outage: Mapping[str, Any],
    flows: pl.DataFrame,
    *,
    clusters: pl.DataFrame,
    partitions: pl.DataFrame,
    configs: pl.DataFrame,
    offsets: pl.DataFrame,
    counters: pl.DataFrame,
    baseline_s: float,
) -> pl.DataFrame | None:
    start, end = outage["start"], outage["end"]
    usual = {"start": start - timedelta(seconds=baseline_s), "end": start}
    records = records_appended(offsets, **usual)
    placed = flows.drop("cluster", strict=False).join(
        serving_clusters(records, clusters=clusters), on="topic"
    )
    used = snapshot_at(partitions, start).join(placed, on=["cluster", "topic"], how="semi")
    if used.filter(cluster=outage["cluster"]).is_empty():
        return None
    before = counters.filter(pl.col("ts") <= start)
    grown = increase(before, start=start - RECORDS_OVER * timedelta(seconds=baseline_s), end=start)
    places = _with_bytes(used.join(records.select(*PLACE, "records_per_s"), on=PLACE, how="left"), grown)
    lost = {outage["cluster"]: outage["brokers"]}
    latest = configs.sort("ts").unique(["cluster", "topic", "name"], keep="last", maintain_order=True)
    predicted = predicted_blast(places, placed, lost=lost, configs=latest)
    totals = counters.filter(pl.col("metric").is_in(RESTART_METRICS))
    restarted = restarted_clusters(
        totals.filter(pl.col("ts") >= usual["start"]), start=start, end=end + BACK_WITHIN
    )
    measured = measured_blast(
        places, placed, offsets=offsets, start=start, end=end, baseline_s=baseline_s, restarted=restarted
    )
    is_source = "source" in clusters.filter(cluster=outage["cluster"])["role"].to_list()
    return _side_by_side(outage, predicted, measured, split="before" if is_source else "after")


def _with_bytes(places: pl.DataFrame, grown: pl.DataFrame) -> pl.DataFrame:
    """Add bytes in and out of each partition: its records, which the offsets tell, times the bytes of one.

    The counters alone will not do: of a broker that was not scraped shortly before it was lost they tell nothing.
    """
    of_topics = grown.drop_nulls("topic")
    of_all, of_cluster = ["topic"], ["cluster", "topic"]
    joined = places.join(_each(of_topics, "bytes_in", of_all), on=of_all, how="left", maintain_order="left")
    both = joined.join(
        _each(of_topics, "bytes_out", of_cluster), on=of_cluster, how="left", maintain_order="left"
    )
    none = pl.col("records_per_s") == 0
    return both.with_columns(
        pl.when(none).then(0.0).otherwise(pl.col("records_per_s") * pl.col(f"_{name}")).alias(f"{name}_per_s")
        for name in ("bytes_in", "bytes_out")
    )


def _each(grown: pl.DataFrame, name: str, keys: list[str]) -> pl.DataFrame:
    """Return how many bytes were counted for each record that came."""
    metric, amount = pl.col("metric"), pl.col("increase")
    sums = grown.group_by(keys).agg(
        size=amount.filter(metric == f"{name}_total").sum(),
        n=amount.filter(metric == "messages_in_total").sum(),
    )
    return sums.select(*keys, pl.when(pl.col("n") > 0).then(pl.col("size") / pl.col("n")).alias(f"_{name}"))


def _side_by_side(
    outage: Mapping[str, Any], predicted: pl.DataFrame, measured: pl.DataFrame, *, split: str
) -> pl.DataFrame:
    expected = predicted.filter(pl.col("effect").is_in(MEASURED_EFFECTS)).rename({"share": "predicted"})
    seen = measured.select(*_KEYS, "unknown", "evidence", measured="share")
    both = expected.drop("unknown", "affected").join(seen, on=_KEYS, how="left", maintain_order="left")
    named = {name: pl.lit(outage[name]) for name in ("outage", "cluster", "name")}
    return both.with_columns(**named, split=pl.lit(split)).select(
        pl.col(name).cast(kind) for name, kind in _COMPARED.items()
    )

"""Throughput per window and cluster, business, internal and migration traffic told apart."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.load.topics import per_bucket
from kafka_analysis.stats.scope.selection import kind_of

FLOWS = ("bytes_in_per_s", "bytes_out_per_s", "messages_in_per_s")


@same_kind
def traffic_by_kind(topics: Frame, *, mirrored: Frame = None) -> Frame:
    """Split each topic's traffic into business, internal and migration.

    A replicator reading the source is a consumer there and a producer on the target. Of a mirrored topic's
    messages in on the target, the part ``mirrored / messages in`` is migration; on the source the replicator's reads
    are mirrored records × the topic's mean record size there. Both are estimates; everything else is measured.

    Parameters
    ----------
    topics
        Result of ``stats.topic_load``; with ``kind`` (``stats.select_topics``) that counts, else the name.
    mirrored
        ``source``, ``target``, ``topic`` (its name at the target), ``records_per_s`` of a replicator, and
        ``source_topic`` where it has another name there (``mirroring.mirrored_records``); None = none is known.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``kind`` (business, internal, migration), ``bytes_in_per_s``, ``bytes_out_per_s``,
        ``messages_in_per_s``, ``evidence``. The kinds of a topic add up to what its counters said. Where both frames
        have ``window_start``, bucket by bucket.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": ["new"], "topic": ["t"], "bytes_in_per_s": [100.0],
    ...     "bytes_out_per_s": [0.0], "messages_in_per_s": [10.0], "uncovered_s": [0.0]})
    >>> mirrored = pl.DataFrame({"source": ["old"], "target": ["new"], "topic": ["t"], "records_per_s": [4.0]})
    >>> traffic_by_kind(topics, mirrored=mirrored).select("kind", "bytes_in_per_s", "evidence").rows()
    [('business', 60.0, 'estimated'), ('migration', 40.0, 'estimated')]
    """
    kind = kind_of(topics)
    frame = topics.with_columns(kind=pl.when(kind == "business").then(kind).otherwise(pl.lit("internal")))
    shares = _migration_share(frame, mirrored)
    frame = frame.join(shares, on=per_bucket(topics, "cluster", "topic"), how="left").with_columns(
        pl.col("in_share", "out_share").fill_null(0.0)
    )
    share = {"bytes_in_per_s": "in_share", "messages_in_per_s": "in_share", "bytes_out_per_s": "out_share"}
    moved = (pl.col("in_share") > 0) | (pl.col("out_share") > 0)
    is_estimate = moved | pl.col("reported") if "reported" in frame.columns else moved
    evidence = pl.when(is_estimate).then(pl.lit("estimated")).otherwise(pl.lit("measured"))
    rest = frame.with_columns(*[pl.col(f) * (1 - pl.col(share[f])) for f in FLOWS], evidence=evidence)
    migration = frame.filter(moved).with_columns(
        *[pl.col(f) * pl.col(share[f]) for f in FLOWS], kind=pl.lit("migration"), evidence=pl.lit("estimated")
    )
    keys = per_bucket(topics, "cluster", "topic", "kind")
    columns = [*keys, *FLOWS, "evidence"]
    return pl.concat([rest.select(columns), migration.select(columns)]).sort(keys)


def _migration_share(topics: pl.DataFrame, mirrored: pl.DataFrame | None) -> pl.DataFrame:
    keys = per_bucket(topics, "cluster", "topic")
    if mirrored is None or len(mirrored) == 0:
        return topics.select(keys).clear().with_columns(in_share=pl.lit(0.0), out_share=pl.lit(0.0))
    named = "source_topic" if "source_topic" in mirrored.columns else "topic"
    bucket = per_bucket(topics)
    written = mirrored.group_by(*bucket, cluster="target", topic="topic").agg(
        _in=pl.col("records_per_s").sum()
    )
    read = mirrored.group_by(*bucket, cluster="source", topic=named).agg(_out=pl.col("records_per_s").sum())
    joined = topics.join(written, on=keys, how="left").join(read, on=keys, how="left")
    record_bytes = pl.col("bytes_in_per_s") / pl.col("messages_in_per_s")
    in_share = pl.col("_in") / pl.col("messages_in_per_s")
    out_share = pl.col("_out") * record_bytes / pl.col("bytes_out_per_s")
    return joined.select(*keys, in_share=_ratio(in_share), out_share=_ratio(out_share))


def _ratio(share: pl.Expr) -> pl.Expr:
    return pl.when(share.is_finite()).then(share.clip(0.0, 1.0)).otherwise(0.0)


@same_kind
def sum_by_kind(traffic: Frame) -> Frame:
    """Sum traffic per cluster and kind, and per bucket where there is ``window_start``.

    Examples
    --------
    >>> traffic = pl.DataFrame({"cluster": "c", "topic": ["a", "b"], "kind": "business", "bytes_in_per_s": [1.0, 2.0],
    ...     "bytes_out_per_s": [3.0, 4.0], "messages_in_per_s": [5.0, 6.0], "evidence": "measured"})
    >>> sum_by_kind(traffic).row(0)
    ('c', 'business', 3.0, 7.0, 11.0, 'measured')
    """
    sums = [pl.when(pl.col(f).count() > 0).then(pl.col(f).sum()).alias(f) for f in FLOWS]
    keys = per_bucket(traffic, "cluster", "kind")
    estimated = (pl.col("evidence") == "estimated").any()
    evidence = pl.when(estimated).then(pl.lit("estimated")).otherwise(pl.lit("measured"))
    return traffic.group_by(keys).agg(*sums, evidence=evidence).sort(keys)

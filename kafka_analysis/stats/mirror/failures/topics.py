"""Partitions and access control entries of mirrored topics that the target lacks."""

from collections.abc import Collection

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.mirror.failures.rows import failure_rows, no_failures
from kafka_analysis.stats.mirror.not_replicated import WANTED
from kafka_analysis.stats.mirror.places import MIRROR_MAKER

_TOPIC = ["source", "target", "topic"]
_OPERATIONS = ("READ", "WRITE")
_EVERYONE = "User:*"


def partition_failures(remote: Frame, partitions: Frame) -> pl.DataFrame:
    """Find topics that have fewer partitions at the target than at the source.

    MirrorMaker adds them when it looks for topics again (``refresh.topics.interval.seconds``, 600 by default); until
    then nothing of the new partitions is mirrored.

    Parameters
    ----------
    remote
        ``source``, ``target``, ``topic``, ``remote_topic``: mirrored topics and their names at the target.
    partitions
        ``cluster``, ``topic``, ``partition``: of the last answer about each.

    Returns
    -------
    polars.DataFrame
        Failures ``partitions_added``; ``detail`` has both numbers. A topic that one side does not have is left out.

    Examples
    --------
    >>> names = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "a.t"})
    >>> held = pl.DataFrame({"cluster": ["a", "a", "b"], "topic": ["t", "t", "a.t"], "partition": [0, 1, 0]})
    >>> partition_failures(names, held)["detail"].to_list()
    ['2 partitions at the source, 1 at the target']
    """
    counts = (
        to_polars(partitions).group_by("cluster", "topic").agg(pl.col("partition").n_unique().alias("count"))
    )
    both = (
        to_polars(remote)
        .join(counts, left_on=["source", "topic"], right_on=["cluster", "topic"])
        .join(counts, left_on=["target", "remote_topic"], right_on=["cluster", "topic"], suffix="_target")
    )
    fewer = both.filter(pl.col("count_target") < pl.col("count")).with_columns(
        tool=pl.lit(MIRROR_MAKER),
        detail=pl.format("{} partitions at the source, {} at the target", "count", "count_target"),
    )
    return failure_rows("partitions_added", fewer.sort(_TOPIC))


def unmirrored_failures(not_copied: Frame, logs: Frame) -> pl.DataFrame:
    """Find topics that a connector wants, that hold records, and of which nothing was ever mirrored.

    MirrorMaker looks for new topics each ``refresh.topics.interval.seconds``; it does not see those that it may not
    describe, and says nothing.

    Parameters
    ----------
    not_copied
        Result of ``stats.not_replicated``.
    logs
        The last answer about each log: ``cluster``, ``topic``, ``log_start_offset``, ``log_end_offset``.

    Returns
    -------
    polars.DataFrame
        Failures ``topic_not_mirrored``; ``records`` that the topic holds.

    Examples
    --------
    >>> rows = pl.DataFrame({"source": ["a"], "target": "b", "what": "topic", "name": "t", "reason": WANTED})
    >>> held = pl.DataFrame({"cluster": ["a"], "topic": "t", "log_start_offset": 2, "log_end_offset": 9})
    >>> unmirrored_failures(rows, held).select("topic", "records").row(0)
    ('t', 7)
    """
    held = to_polars(logs).group_by(source="cluster", topic="topic").agg(
        records=(pl.col("log_end_offset") - pl.col("log_start_offset").fill_null(0)).sum()
    )  # fmt: skip
    wanted = to_polars(not_copied).filter(what="topic", reason=WANTED).rename({"name": "topic"})
    rows = wanted.join(held.filter(pl.col("records") > 0), on=["source", "topic"])
    return failure_rows("topic_not_mirrored", rows.with_columns(tool=pl.lit(MIRROR_MAKER)).sort(_TOPIC))


def access_failures(remote: Frame, acls: Frame, *, known: Collection[str]) -> pl.DataFrame:
    """Find who may read or write a mirrored topic at the source, and not at the target.

    MirrorMaker syncs entries of literal topics only, leaves out ALLOW WRITE, and makes ALLOW ALL an ALLOW READ
    (``MirrorSourceConnector.updateTopicAcls``): whoever writes to the source may not write to the target. Where the
    copy has another name, nobody is meant to write to it.

    Parameters
    ----------
    remote
        ``source``, ``target``, ``topic``, ``remote_topic``.
    acls
        One snapshot of the capture's ``acls``.
    known
        Clusters whose entries could be read; an empty answer without the right to see is unknown, not none.

    Returns
    -------
    polars.DataFrame
        Failures ``acls_not_carried``: one for each topic and principal; ``group`` is null, ``detail`` says which.

    Examples
    --------
    >>> names = pl.DataFrame({"source": ["a"], "target": "b", "topic": "t", "remote_topic": "t"})
    >>> rows = pl.DataFrame({"cluster": ["a"], "principal": "User:app", "host": "*", "resource_type": "TOPIC",
    ...     "resource_name": "t", "pattern_type": "LITERAL", "operation": "WRITE", "permission": "ALLOW"})
    >>> access_failures(names, rows, known=["a", "b"])["detail"].to_list()
    ['User:app may WRITE at the source, and not at the target']
    """
    flows = to_polars(remote).filter(
        pl.col("source").is_in(list(known)) & pl.col("target").is_in(list(known))
    )
    allowed = to_polars(acls).filter(resource_type="TOPIC", permission="ALLOW")
    if flows.is_empty() or allowed.is_empty():
        return no_failures()
    at_source = _entitled(flows.select(*_TOPIC, "remote_topic", cluster="source", name="topic"), allowed)
    at_target = _entitled(
        flows.select(*_TOPIC, "remote_topic", cluster="target", name="remote_topic"), allowed
    )
    is_wanted = (pl.col("operation") == "READ") | (pl.col("topic") == pl.col("remote_topic"))
    everyone = at_target.filter(principal=_EVERYONE).drop("principal")
    lost = (
        at_source.filter(is_wanted)
        .join(at_target, on=[*_TOPIC, "principal", "operation"], how="anti")
        .join(everyone, on=[*_TOPIC, "operation"], how="anti")
    )
    texts = (
        lost.group_by(*_TOPIC, "principal")
        .agg(pl.col("operation").unique().sort().str.join(" and "))
        .sort(*_TOPIC, "principal")
    )
    detail = pl.format("{} may {} at the source, and not at the target", "principal", "operation")
    return failure_rows("acls_not_carried", texts.with_columns(tool=pl.lit(MIRROR_MAKER), detail=detail))


def _entitled(topics: pl.DataFrame, allowed: pl.DataFrame) -> pl.DataFrame:
    """Return who may read or write each topic, by whatever entry: literal, prefixed, of all topics, of ALL."""
    operations = (
        pl.when(pl.col("operation") == "ALL").then(list(_OPERATIONS)).otherwise(pl.concat_list("operation"))
    )
    entries = (
        allowed.select("cluster", "principal", "pattern_type", "resource_name", operation=operations)
        .explode("operation")
        .filter(pl.col("operation").is_in(_OPERATIONS))
    )
    pairs = topics.drop_nulls("name").join(entries, on="cluster")
    literal = (pl.col("pattern_type") == "LITERAL") & (
        (pl.col("resource_name") == pl.col("name")) | (pl.col("resource_name") == "*")
    )
    prefixed = (pl.col("pattern_type") == "PREFIXED") & pl.col("name").str.starts_with(
        pl.col("resource_name")
    )
    return pairs.filter(literal | prefixed).select(*_TOPIC, "remote_topic", "principal", "operation").unique()

"""Which client reads and writes which topic, and how much: the edges a split of the cluster cuts or keeps."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.flows.producers import producer_flows

_TOPIC = ["cluster", "topic"]
_CLIENT = ["cluster", "client", "kind", "topic"]
FLOW_COLUMNS = (*_CLIENT, "bytes_per_s", "evidence")
MORE_COLUMNS = ("team", "criticality", "application", "transactional_id")


@same_kind
def mean_record_bytes(traffic: Frame, *, records: Frame) -> Frame:
    """Return what a record of each topic weighs on average: bytes in ÷ records appended.

    Parameters
    ----------
    traffic
        Result of ``stats.topic_load``.
    records
        Result of ``stats.records_appended``. For a topic without offsets, messages in take their place.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``record_bytes``; null where nothing was appended in the window. Markers of transactions
        count as records, as they do in committed offsets.

    Examples
    --------
    >>> traffic = pl.DataFrame({"cluster": "c", "topic": ["t"], "bytes_in_per_s": [500.0], "messages_in_per_s": 9.0})
    >>> records = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "records_per_s": [4.0, 1.0]})
    >>> mean_record_bytes(traffic, records=records).rows()
    [('c', 't', 100.0)]
    """
    appended = records.group_by(_TOPIC).agg(_appended=pl.col("records_per_s").sum())
    joined = traffic.join(appended, on=_TOPIC, how="left")
    count = pl.coalesce("_appended", "messages_in_per_s")
    size = pl.when(count > 0).then(pl.col("bytes_in_per_s") / count)
    return joined.select(*_TOPIC, record_bytes=size).sort(_TOPIC)


@same_kind
def group_flows(progress: Frame, *, record_bytes: Frame, members: Frame = None) -> Frame:
    """Return what each group reads of each topic: progress of its committed offsets × mean record size.

    Parameters
    ----------
    progress
        Result of ``group_progress.group_progress``.
    record_bytes
        Result of :func:`mean_record_bytes`.
    members
        Rows of the capture's ``group_members`` table: a group that is assigned partitions of a topic and never
        committed there reads it, nobody knows how much.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``client``, ``kind``, ``topic``, ``bytes_per_s``, ``evidence``: always ``measured``. A group that
        stood still reads 0; null is unknown.

    Examples
    --------
    >>> progress = pl.DataFrame({"cluster": "c", "group": "g", "topic": ["t", "u"], "partition": 0,
    ...     "records_per_s": [5.0, 0.0]})
    >>> sizes = pl.DataFrame({"cluster": "c", "topic": ["t", "u"], "record_bytes": [100.0, None]})
    >>> group_flows(progress, record_bytes=sizes).select("client", "topic", "bytes_per_s").rows()
    [('g', 't', 500.0), ('g', 'u', 0.0)]
    """
    rate, keys = pl.col("records_per_s"), ["cluster", "group", "topic"]
    of_topic = progress.group_by(keys).agg(pl.when(rate.count() > 0).then(rate.sum()).alias("records_per_s"))
    size = pl.when(rate == 0).then(0.0).otherwise(rate * pl.col("record_bytes"))
    flows = of_topic.join(record_bytes, on=_TOPIC, how="left").select(*keys, bytes_per_s=size)
    if members is not None:
        silent = _assigned(members).join(flows, on=keys, how="anti")
        flows = pl.concat([flows, silent], how="diagonal")
    return flows.select(
        "cluster", pl.col("group").alias("client"), pl.lit("group").alias("kind"), "topic", "bytes_per_s",
        pl.lit("measured").alias("evidence"),
    ).sort(_CLIENT)  # fmt: skip


def _assigned(members: pl.DataFrame) -> pl.DataFrame:
    """Return the topics of which each group's members were assigned a partition; a topic's name may hold dashes."""
    places = members.select("cluster", "group", topic="assignments").explode("topic").drop_nulls("topic")
    return places.with_columns(pl.col("topic").str.replace(r"-\d+$", "")).unique()


@same_kind
def client_flows(
    progress: Frame,
    *,
    traffic: Frame,
    records: Frame,
    topics: Frame,
    members: Frame = None,
    declared: Frame = None,
    recorded: Frame = None,
    acls: Frame = None,
) -> Frame:
    """Return which client reads and writes which topic, how much, and on what each figure rests.

    Groups are measured from the offsets they commit. Kafka does not count producers: they come from declarations, and
    for topics without any from the rights to write; what is not declared of a topic's bytes in is shared evenly among
    its producers and called estimated. A topic without a known producer gets none (:func:`unknown_producers`).

    Parameters
    ----------
    progress, members
        As for :func:`group_flows`. Leave out groups that are no clients first (``stats.select_groups``).
    traffic, records
        Results of ``stats.topic_load`` and ``stats.records_appended`` in the same window.
    topics
        ``cluster``, ``topic`` to look at.
    declared
        ``client``, ``kind``, ``topic`` and, where known, ``bytes_per_s``, ``evidence``, ``cluster``: the user's, as
        ``capture.ownership.read_flows`` reads them. Without ``cluster`` they hold for every cluster that has the topic.
    recorded
        Rows of the capture's ``flows`` table; where both speak of the same flow, ``declared`` counts.
    acls
        Rows of the capture's ``acls`` table.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``client``, ``kind`` (producer or group), ``topic``, ``bytes_per_s`` (null = unknown), ``evidence``
        (measured, estimated, declared), and ``team``, ``criticality``, ``application``, ``transactional_id`` where
        ``declared`` has them. A client is identified by ``client`` and ``kind``.

    Examples
    --------
    >>> progress = pl.DataFrame({"cluster": "c", "group": "g", "topic": ["t"], "partition": 0, "records_per_s": 5.0})
    >>> traffic = pl.DataFrame({"cluster": "c", "topic": ["t"], "bytes_in_per_s": [500.0], "messages_in_per_s": 5.0})
    >>> records = pl.DataFrame({"cluster": "c", "topic": ["t"], "partition": 0, "records_per_s": [5.0]})
    >>> declared = pl.DataFrame({"client": ["p"], "kind": "producer", "topic": "t"})
    >>> client_flows(progress, traffic=traffic, records=records, topics=traffic, declared=declared).rows()
    [('c', 'g', 'group', 't', 500.0, 'measured'), ('c', 'p', 'producer', 't', 500.0, 'estimated')]
    """
    wanted = topics.select(_TOPIC).unique()
    sizes = mean_record_bytes(traffic, records=records)
    measured = group_flows(progress, record_bytes=sizes, members=members)
    said = _said([declared, recorded], wanted)
    producers = producer_flows(said.filter(kind="producer"), traffic=traffic, topics=wanted, acls=acls)
    groups = _with_declared(measured, said.filter(kind="group"))
    more = [name for name in MORE_COLUMNS if name in said.columns]
    flows = pl.concat([groups, producers], how="diagonal_relaxed").join(wanted, on=_TOPIC, how="semi")
    return flows.select(*FLOW_COLUMNS, *more).sort(_CLIENT)


def _said(frames: list[pl.DataFrame | None], topics: pl.DataFrame) -> pl.DataFrame:
    """Return what was declared of known topics, the first word of each flow; a null of bytes is none."""
    empty = {**dict.fromkeys(_CLIENT, pl.String), "bytes_per_s": pl.Float64, "evidence": pl.String}
    parts = [pl.DataFrame(schema=empty)]
    for frame in frames:
        if frame is not None and len(frame):
            keys = _TOPIC if "cluster" in frame.columns else ["topic"]
            kept = [c for c in (*FLOW_COLUMNS, *MORE_COLUMNS) if c in frame.columns or c == "cluster"]
            parts.append(frame.join(topics, on=keys, how="inner").select(kept))
    said = pl.concat(parts, how="diagonal_relaxed").with_columns(pl.col("evidence").fill_null("declared"))
    return said.unique(_CLIENT, keep="first", maintain_order=True)


def _with_declared(measured: pl.DataFrame, declared: pl.DataFrame) -> pl.DataFrame:
    """Add groups' flows that were declared; what was measured counts before what was declared, if it is known."""
    joined = measured.join(declared, on=_CLIENT, how="full", coalesce=True, suffix="_declared")
    is_measured = pl.col("bytes_per_s").is_not_null() | (
        pl.col("bytes_per_s_declared").is_null() & pl.col("evidence").is_not_null()
    )
    evidence = pl.when(is_measured).then("evidence").otherwise("evidence_declared")
    return joined.with_columns(
        bytes_per_s=pl.coalesce("bytes_per_s", "bytes_per_s_declared"), evidence=evidence
    ).drop("bytes_per_s_declared", "evidence_declared")


@same_kind
def unknown_producers(flows: Frame, *, traffic: Frame) -> Frame:
    """List the topics that are written to, nobody knows by whom.

    Parameters
    ----------
    flows
        Result of :func:`client_flows`.
    traffic
        ``cluster``, ``topic``, ``bytes_in_per_s``: ``stats.topic_load`` of the topics of interest.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``bytes_in_per_s``, the largest first. A split that cuts such a topic off may cut off a
        producer too: ask for declarations, ACLs or the clients' own metrics.

    Examples
    --------
    >>> flows = pl.DataFrame({"cluster": ["c"], "client": "p", "kind": "producer", "topic": "t"})
    >>> traffic = pl.DataFrame({"cluster": "c", "topic": ["t", "u", "v"], "bytes_in_per_s": [1.0, 2.0, 0.0]})
    >>> unknown_producers(flows, traffic=traffic).rows()
    [('c', 'u', 2.0)]
    """
    written = traffic.filter(pl.col("bytes_in_per_s") > 0).select(*_TOPIC, "bytes_in_per_s")
    producers = flows.filter(kind="producer")
    return written.join(producers, on=_TOPIC, how="anti").sort(
        "bytes_in_per_s", *_TOPIC, descending=[True, False, False]
    )


@same_kind
def unknown_topics(declared: Frame, *, topics: Frame) -> Frame:
    """List the declared flows of topics that no cluster has: a wrong name, or a topic that is gone.

    Examples
    --------
    >>> declared = pl.DataFrame({"client": ["p", "p"], "kind": "producer", "topic": ["t", "tt"]})
    >>> unknown_topics(declared, topics=pl.DataFrame({"cluster": ["c"], "topic": ["t"]})).rows()
    [('p', 'producer', 'tt')]
    """
    keys = _TOPIC if "cluster" in declared.columns else ["topic"]
    return declared.join(topics, on=keys, how="anti").select("client", "kind", "topic")

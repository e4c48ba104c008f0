"""Predict what an outage takes along: the blast radius of brokers and of whole cells, from where replicas lie.

The blast radius of a cell is the share of clients, and of bytes, that lose service when the cell is lost; that of a
broker is the share of partitions whose leader, or whose least number of in-sync replicas, it takes along.
"""

from collections.abc import Collection, Mapping

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.blast.shares import EFFECTS, blast_shares
from kafka_analysis.stats.scope.snapshots import last_snapshot

PLACE = ["cluster", "topic", "partition"]
MIN_ISR = "min.insync.replicas"


@same_kind
def predicted_blast(
    partitions: Frame, flows: Frame, *, lost: Mapping[str, Collection[int] | None], configs: Frame = None
) -> Frame:
    """Predict which share of partitions, clients and bytes loses service, or is interrupted, when brokers are lost.

    Parameters
    ----------
    partitions
        The last snapshot of every cluster in service: ``cluster``, ``topic``, ``partition``, ``leader``, ``replicas``,
        ``isr``, and ``bytes_in_per_s``, ``bytes_out_per_s`` where they are known (``stats.partition_load``). Leave out
        topics that no client uses, such as those the source keeps after a cut-over.
    flows
        ``client``, ``kind`` (producer | group), ``topic``, and ``cluster`` where a topic is in several. A client of
        several clusters counts in each.
    lost
        Cluster → brokers lost; None: all of them.
    configs
        The capture's ``topic_configs``, for min.insync.replicas. Without it nobody knows which partitions can still be
        written, so that what is ``not_writable`` is unknown wherever an in-sync replica is lost.

    Returns
    -------
    frame of the kind given
        ``effect``, ``what`` (partitions, producers, groups, starved_groups, bytes_in_per_s, bytes_out_per_s),
        ``affected``, ``total`` (what is known), ``share`` = affected ÷ total, ``unknown`` (how many partitions or
        clients). Effects:

        - ``loses_service``: ``unavailable`` or ``not_writable``;
        - ``unavailable``: no in-sync replica is left, so nobody leads (an unclean election would bring the partition
          back and lose records);
        - ``not_writable``: fewer in-sync replicas than min.insync.replicas are left, so producers with acks=all are
          refused; they are all taken for such. Groups read on;
        - ``interrupted``: until the controller has noticed, which takes broker.session.timeout.ms (9 s): a leader must
          be elected (``leader_moves``), or a follower leave the in-sync replicas, which acks=all and readers wait for.

        A client counts under the worst that any partition of its topics meets; ``starved_groups`` counts groups that
        get nothing new from some partition, whether nobody leads it or nobody may write to it. Read ``loses_service``
        as the blast radius. What is interrupted is a lower bound: a producer sends what is for several partitions of
        one leader in one request, which is answered when the slowest of them is.

    Raises
    ------
    InputError
        When ``lost`` names a cluster, or a broker, that holds no replica.

    Examples
    --------
    >>> partitions = pl.DataFrame({"cluster": "c", "topic": ["a", "b"], "partition": 0, "leader": [1, 2],
    ...     "replicas": [[1, 2], [2]], "isr": [[1, 2], [2]]})
    >>> flows = pl.DataFrame({"client": ["p", "g"], "kind": ["producer", "group"], "topic": ["a", "b"]})
    >>> configs = pl.DataFrame({"cluster": "c", "topic": ["a", "b"], "name": MIN_ISR, "value": ["2", "1"]})
    >>> predicted_blast(partitions, flows, lost={"c": [2]}, configs=configs).filter(
    ...     effect="loses_service").select("what", "affected", "share").rows()[:3]
    [('partitions', 2.0, 1.0), ('producers', 1.0, 1.0), ('groups', 1.0, 1.0)]
    """
    return blast_shares(partition_effects(partitions, lost=lost, configs=configs), flows, effects=EFFECTS)


@same_kind
def partition_effects(
    partitions: Frame, *, lost: Mapping[str, Collection[int] | None], configs: Frame = None
) -> Frame:
    """Say of each partition what the loss of brokers does to it.

    Parameters
    ----------
    partitions, lost, configs
        As for :func:`predicted_blast`.

    Returns
    -------
    frame of the kind given
        ``partitions`` with ``isr_left``, ``min_isr`` and a column for each effect: true, false, or null for unknown.
        ``unavailable``, ``not_writable`` and ``interrupted`` exclude each other; ``leader_moves`` is a part of the
        last; ``reading_waits``: whoever reads the partition is interrupted.

    Raises
    ------
    InputError
        When ``lost`` names a cluster, or a broker, that holds no replica.

    Examples
    --------
    >>> partitions = pl.DataFrame({"cluster": "c", "topic": "t", "partition": [0, 1], "leader": [1, 2],
    ...     "replicas": [[1, 2], [2, 3]], "isr": [[1, 2], [2, 3]]})
    >>> partition_effects(partitions, lost={"c": [1]}).select("isr_left", "unavailable", "not_writable").rows()
    [(1, False, None), (2, False, False)]
    """
    partitions = last_snapshot(partitions)
    gone = _lost_brokers(partitions, lost)
    alive = _with_min_isr(partitions, configs).join(gone, on="cluster", how="left")
    missing = pl.col("_lost").fill_null([])
    left = pl.col("isr").list.set_difference(missing)
    counted = alive.with_columns(
        isr_left=left.list.len().cast(pl.Int64),
        _touched=left.list.len() < pl.col("isr").list.len(),
        _leads=pl.col("leader").is_in(missing),
    )
    held = pl.col("isr").list.len() >= pl.col("min_isr")  # what cannot be written already is not taken along
    unavailable = pl.col("_touched") & (pl.col("isr_left") == 0)
    refused = pl.col("_touched") & ~unavailable & held & (pl.col("isr_left") < pl.col("min_isr"))
    waits = pl.col("_touched") & ~unavailable
    effects = counted.with_columns(unavailable=unavailable, not_writable=refused, reading_waits=waits)
    interrupted = waits & ~pl.col("not_writable")
    named = effects.with_columns(interrupted=interrupted, leader_moves=interrupted & pl.col("_leads"))
    return named.drop("_lost", "_touched", "_leads")


def _lost_brokers(partitions: pl.DataFrame, lost: Mapping[str, Collection[int] | None]) -> pl.DataFrame:
    """Return a list of brokers for each cluster that loses some."""
    rows = []
    for cluster, brokers in lost.items():
        replicas = partitions.filter(cluster=cluster)["replicas"].explode().drop_nulls()
        here = sorted(set(replicas.to_list()))
        if not here:
            raise InputError.unknown("cluster lost", cluster, partitions["cluster"].unique().to_list())
        strange = sorted(set(brokers or ()) - set(here))
        if strange:
            what = f"broker lost of {cluster}"
            raise InputError.unknown(what, str(strange[0]), map(str, here))
        rows.append((cluster, here if brokers is None else sorted(brokers)))
    schema = {"cluster": pl.String, "_lost": partitions.schema["isr"]}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_min_isr(partitions: pl.DataFrame, configs: pl.DataFrame | None) -> pl.DataFrame:
    if configs is None:
        return partitions.with_columns(min_isr=pl.lit(None, pl.Int64))
    values = configs.filter(name=MIN_ISR).select(
        "cluster", "topic", min_isr=pl.col("value").cast(pl.Int64, strict=False)
    )
    latest = values.unique(["cluster", "topic"], keep="last", maintain_order=True)
    return partitions.join(latest, on=["cluster", "topic"], how="left", maintain_order="left")

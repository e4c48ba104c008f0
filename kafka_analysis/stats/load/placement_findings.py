"""Findings about where replicas lie: no leader, out of sync, racks shared, too few copies, not the preferred leader."""

from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.stats.scope.snapshots import last_snapshot

_ADVISED_REPLICAS = 3


@same_kind
def placement_findings(partitions: Frame, brokers: Frame) -> list[Finding]:
    """Find placements that make an outage worse: racks shared, replicas out of sync, few copies, no leader.

    Parameters
    ----------
    partitions, brokers
        One cluster's tables; of several snapshots the last counts.

    Examples
    --------
    >>> partitions = pl.DataFrame({"topic": ["t"], "partition": [0], "leader": [1], "replicas": [[1, 2]],
    ...     "isr": [[1, 2]]})
    >>> brokers = pl.DataFrame({"broker": [1, 2, 3], "rack": ["a", "a", "b"]})
    >>> [f.title for f in placement_findings(partitions, brokers)]
    ['1 of 1 partitions is not spread across all available racks', '1 of 1 partitions has fewer than 3 replicas']
    """
    partitions, brokers = last_snapshot(partitions), last_snapshot(brokers)
    copies = pl.col("replicas").list.len()
    checks = [
        _Check(
            Light.RED,
            partitions.filter(pl.col("leader").fill_null(-1) < 0),
            one="has no leader: it cannot be written or read",
            many="have no leader: they cannot be written or read",
            action="Bring back a broker that holds one of its replicas.",
        ),
        _Check(
            Light.RED,
            partitions.filter(pl.col("isr").list.len() < copies),
            one="is under-replicated",
            many="are under-replicated",
            action="Wait for the replicas to catch up, or find out what slows them down, before moving anything.",
        ),
        _Check(
            Light.AMBER,
            sharing_racks(partitions, brokers),
            one="is not spread across all available racks",
            many="are not spread across all available racks",
            action="Include the rack rule in the rebalance plan.",
        ),
        _Check(
            Light.AMBER,
            partitions.filter(copies < _ADVISED_REPLICAS),
            one="has fewer than 3 replicas",
            many="have fewer than 3 replicas",
            action="MSK advises 3 replicas with 2 in sync; raise the replication factor during the migration, or "
            "accept the risk.",
        ),
        _Check(
            Light.AMBER,
            partitions.filter(
                (pl.col("leader") >= 0) & (pl.col("leader") != pl.col("replicas").list.first())
            ),
            one="is not led by its preferred leader",
            many="are not led by their preferred leaders",
            action="Run a preferred leader election: it copies no data.",
        ),
    ]
    return [_partition_finding(check, of=len(partitions)) for check in checks if len(check.rows)]


@dataclass(frozen=True)
class _Check:
    light: Light
    rows: pl.DataFrame
    one: str
    many: str
    action: str


def sharing_racks(partitions: pl.DataFrame, brokers: pl.DataFrame) -> pl.DataFrame:
    """Return partitions in fewer racks than they could be, wherever the replicas of unknown rack may lie.

    Parameters
    ----------
    partitions, brokers
        ``topic``, ``partition``, ``replicas``; ``broker``, ``rack``: of one cluster.

    Examples
    --------
    >>> partitions = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1, 2], [1, 3]]})
    >>> brokers = pl.DataFrame({"broker": [1, 2, 3], "rack": ["a", "a", "b"]})
    >>> sharing_racks(partitions, brokers).select("partition", "at_most").rows()
    [(0, 1)]
    """
    racks = brokers.drop_nulls("rack").select("broker", "rack").unique()
    available = racks["rack"].n_unique()
    if available < 2:
        return partitions.clear()
    keys = ["topic", "partition"]
    spread = (
        partitions.select(*keys, pl.col("replicas").alias("broker"), rf=pl.col("replicas").list.len())
        .explode("broker")
        .join(racks, on="broker", how="left")
        .group_by(keys)
        .agg(
            at_most=pl.col("rack").drop_nulls().n_unique() + pl.col("rack").null_count(),
            rf=pl.col("rf").first(),
        )
    )
    possible = pl.min_horizontal(pl.col("rf"), pl.lit(available))
    return spread.filter(pl.col("at_most") < possible)


def _partition_finding(check: _Check, *, of: int) -> Finding:
    counts = check.rows.group_by("topic").len().sort(["len", "topic"], descending=[True, False])
    names = [f"{topic} ({n})" for topic, n in counts.head(5).iter_rows()]
    more = f" and {len(counts) - 5} more topics" if len(counts) > 5 else ""
    n = len(check.rows)
    return Finding(
        light=check.light,
        title=f"{n} of {of} partitions {check.one if n == 1 else check.many}",
        detail=f"Topics (partitions): {', '.join(names)}{more}.",
        action=check.action,
    )

"""What is known of the tools that copy between clusters, each fact with its source."""

from collections.abc import Iterable
from importlib.resources import files

import polars as pl


def replication_facts() -> pl.DataFrame:
    """Return the facts that the adviser's reasons cite.

    Returns
    -------
    polars.DataFrame
        ``fact`` (its name), ``statement``, ``source``, ``date`` on which it was written down, ``evidence``:
        ``published`` by who makes the tool, ``practice`` of those who used it, or ``unverified``.

    Examples
    --------
    >>> replication_facts().filter(fact="mm2_renames")["statement"].item()
    'DefaultReplicationPolicy renames a topic to <alias>.<topic>, and so breaks loops.'
    """
    text = (files("kafka_analysis.plan.mirroring") / "facts.csv").read_bytes()
    return pl.read_csv(text, infer_schema=False)


_LIMITS = {
    "MirrorMaker 2": (
        "mm2_groups_left_out", "mm2_group_sync", "mm2_sparse_syncs", "mm2_configs_left_out", "mm2_acls_partial",
        "mm2_retention_gap", "transactional_ids",
    ),
    "Flink": ("flink_no_metadata", "flink_duplicates", "transactional_ids"),
    "Cluster Linking": (
        "cluster_linking_read_only", "cluster_linking_confluent", "cluster_linking_metadata", "transactional_ids",
    ),
    "MSK Replicator": (
        "msk_replicator_starts_latest", "msk_replicator_partitions", "msk_replicator_metadata", "transactional_ids",
    ),
}  # fmt: skip


def limits_of_tools(tools: Iterable[str]) -> pl.DataFrame:
    """Return what tools of replication do not carry: ``tool``, ``fact``, ``statement``, ``source``.

    Examples
    --------
    >>> limits_of_tools(["Flink"])["fact"].to_list()
    ['flink_no_metadata', 'flink_duplicates', 'transactional_ids']
    """
    pairs = [(tool, fact) for tool in sorted(set(tools)) for fact in _LIMITS.get(tool, ())]
    named = pl.DataFrame(pairs, schema={"tool": pl.String, "fact": pl.String}, orient="row")
    facts = replication_facts().select("fact", "statement", "source")
    return named.join(facts, on="fact", how="left", maintain_order="left")

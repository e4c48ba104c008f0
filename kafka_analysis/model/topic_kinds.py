"""What every topic of a capture is for: by its name, and by what its settings, partitions and siblings add."""

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.internal import is_heartbeats, is_store, store_words, topic_kind

_KEYS = ["cluster", "topic"]
_STORES = {"config", "offset", "status"}


@same_kind
def topic_kinds(
    topics: Frame, *, configs: Frame = None, partitions: Frame = None, groups: Frame = None
) -> Frame:
    """Return what each topic is for, from everything known about it.

    Names come first (:func:`kafka_analysis.model.internal.topic_kind`). Then:

    - The three topics of Connect workers are internal under any name: names that differ in one word (``configs``,
      ``offsets``, ``status``), all three there, and all three compacted. Without settings, a consumer group or Connect
      worker group named like them is needed instead. One or two such topics say nothing: ``order-status`` or
      ``app-configs`` are ordinary names of business topics, and compaction alone is ordinary too.
    - A name like MirrorMaker 2's heartbeats or Connect's stores is business when Kafka knows better: those topics are
      always compacted (Connect does not start otherwise), and heartbeats and configs have one partition each.

    Parameters
    ----------
    topics
        ``cluster``, ``topic``.
    configs
        Rows of the ``topic_configs`` table; ``cleanup.policy`` counts.
    partitions
        Rows of the ``partitions`` table.
    groups
        Rows of the ``groups`` table.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``topic``, ``kind``, each topic once.

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": "c", "topic": ["etl-configs", "etl-offsets", "etl-status", "order-status"]})
    >>> policies = topics.with_columns(name=pl.lit("cleanup.policy"), value=pl.lit("compact"))
    >>> topic_kinds(topics, configs=policies)["kind"].to_list()
    ['internal', 'internal', 'internal', 'business']
    """
    named = topics.select(_KEYS).unique().sort(_KEYS)
    joined = named.join(_policies(configs), on=_KEYS, how="left").join(
        _partition_counts(partitions), on=_KEYS, how="left"
    )
    stores = _stores(joined, set() if groups is None else set(groups.select("cluster", "group").rows()))
    kinds = [
        _kind(topic, policy, count, is_one_of_three=(cluster, topic) in stores)
        for cluster, topic, policy, count in joined.select(*_KEYS, "policy", "count").rows()
    ]
    return named.with_columns(kind=pl.Series(kinds, dtype=pl.String))


def _policies(configs: pl.DataFrame | None) -> pl.DataFrame:
    if configs is None:
        return pl.DataFrame(schema=dict.fromkeys((*_KEYS, "policy"), pl.String))
    rows = configs.filter(name="cleanup.policy").drop_nulls("value")
    rows = rows.sort("ts") if "ts" in rows.columns else rows
    return rows.group_by(_KEYS).agg(policy=pl.col("value").last())


def _partition_counts(partitions: pl.DataFrame | None) -> pl.DataFrame:
    if partitions is None:
        return pl.DataFrame(schema={**dict.fromkeys(_KEYS, pl.String), "count": pl.UInt32})
    return partitions.group_by(_KEYS).agg(count=pl.col("partition").n_unique())


def _kind(topic: str, policy: str | None, count: int | None, *, is_one_of_three: bool) -> str:
    """Return the kind of a topic by its name, unless siblings, settings or partitions contradict it."""
    heartbeats = is_heartbeats(topic)
    if heartbeats or is_store(topic):
        single = heartbeats or any(store.what == "config" for store in store_words(topic))
        compacted = policy is None or "compact" in policy
        if not compacted or (single and count is not None and count > 1):
            return "business"
    named = topic_kind(topic)
    return "internal" if is_one_of_three and named == "business" else named


def _stores(topics: pl.DataFrame, groups: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the topics in which Connect workers keep their state, found by their siblings."""
    families: dict[tuple[str, str], dict[str, tuple[str, str | None, int | None]]] = {}
    for cluster, topic, policy, count in topics.select(*_KEYS, "policy", "count").rows():
        for family, what, _ in store_words(topic):
            families.setdefault((cluster, family), {})[what] = (topic, policy, count)
    return {
        (cluster, topic)
        for (cluster, family), kept in families.items()
        if set(kept) == _STORES and _is_connect(kept, has_group=(cluster, family.strip("*._-")) in groups)
        for topic, _, _ in kept.values()
    }


def _is_connect(kept: dict[str, tuple[str, str | None, int | None]], *, has_group: bool) -> bool:
    policies = [policy for _, policy, _ in kept.values()]
    count = kept["config"][2]
    if count is not None and count > 1:
        return False
    if None in policies:
        return has_group and all(policy is None or "compact" in policy for policy in policies)
    return all("compact" in policy for policy in policies if policy is not None)

"""Tell Kafka's and Amazon MSK's own topics and groups, and those of MirrorMaker 2, from business ones."""

from __future__ import annotations

import re
from typing import Literal

TopicKind = Literal["business", "internal", "canary", "mirror"]

_INTERNAL_TOPICS = frozenset(
    {
        "__consumer_offsets",
        "__transaction_state",
        "__share_group_state",
        "__cluster_metadata",
        "__remote_log_metadata",
        "__strimzi_store_topic",
        "_schemas",
        "_confluent-command",
    }
)
_INTERNAL_PATTERN = re.compile(
    r"__|_confluent|connect-(?:configs|offsets|status)$|.*-(?:changelog|repartition)$"
)
_CANARY_TOPICS = re.compile(
    r"__amazon_msk_canary|__redpanda\.e2e_probe$|__kafka_analysis_canary|__strimzi_canary$"
)
_MIRROR_TOPICS = re.compile(
    r"(?:.+\.)?heartbeats$|mm2-(?:offset-syncs|offsets|configs|status)\..+|.+\.checkpoints\.internal$"
    r"|__CruiseControl(?:Metrics)?$"
)
_CLUSTERS_OWN = re.compile(r"__|_confluent")
_INTERNAL_GROUPS = re.compile(r"amazon\.msk\.canary\.group\.|__|_confluent|connect-|mm2-")


def topic_kind(name: str) -> TopicKind:
    """Tell what a topic is for by its name.

    Returns
    -------
    str
        ``business``; ``internal``: Kafka, Connect, Streams or a registry keep their state in it; ``canary``: a
        probe writes it; ``mirror``: MirrorMaker 2 keeps its state in it. Everything but business is excluded by
        default and never lost.

    Examples
    --------
    >>> [topic_kind(n) for n in ("orders", "__consumer_offsets", "__amazon_msk_canary", "mm2-offset-syncs.b.internal")]
    ['business', 'internal', 'canary', 'mirror']
    """
    if _CANARY_TOPICS.match(name):
        return "canary"
    if _MIRROR_TOPICS.match(name):
        return "mirror"
    return "internal" if name in _INTERNAL_TOPICS or _INTERNAL_PATTERN.match(name) else "business"


def is_internal_group(name: str) -> bool:
    """Tell whether a consumer group belongs to Kafka's own machinery or a probe.

    Examples
    --------
    >>> is_internal_group("amazon.msk.canary.group.broker-1"), is_internal_group("billing")
    (True, False)
    """
    return _INTERNAL_GROUPS.match(name) is not None


def stays_behind(name: str) -> bool:
    """Tell whether a topic is a cluster's own and is never moved: every cluster has, or makes, one of its own.

    Topics in which Connect, Streams and MirrorMaker 2 keep their state are not: they go where their owners go.

    Examples
    --------
    >>> [stays_behind(n) for n in ("__consumer_offsets", "orders", "billing-totals-changelog", "connect-offsets")]
    [True, False, False, False]
    """
    return topic_kind(name) == "canary" or _CLUSTERS_OWN.match(name) is not None

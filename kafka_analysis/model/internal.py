"""Tell the topics and groups of Kafka, its tools and Amazon MSK from business ones, by their names."""

import re
from typing import Literal, NamedTuple

TopicKind = Literal["business", "internal", "canary", "mirror"]
Store = Literal["config", "offset", "status"]

# Sources of the names. Kafka: org.apache.kafka.common.internals.Topic, and the defaults of Connect. Confluent: its
# documentation of Schema Registry (kafkastore.topic, _schema_encoders, schema linking's exporters, DEK registry),
# ksqlDB (command topic under _confluent, processing log) and Control Center. Redpanda: its documentation of audit
# logging, data transforms and managed connectors. Apicurio Registry: its documentation of KafkaSQL storage.
_INTERNAL = re.compile(
    r"__|_confluent|_redpanda[._-]|_internal_connectors_|.*ksql_processing_log$"
    r"|(?:.+[._-])?_schemas(?:[._-][^.]+)?$|_schema_encoders$|_exporter_(?:configs|states)$|_dek_registry_keys$"
    r"|kafkasql-(?:journal|snapshots)$|.*-(?:changelog|repartition)$"
)
# Cruise Control's own (metric.reporter.topic, sample.store.topic) begin with __; Strimzi names them otherwise.
_CRUISE_CONTROL = re.compile(
    r"(?:.+[._-])?(?:__|kafka)*cruise[._-]?control[._-]?(?:metrics|modeltrainingsamples|partitionmetricsamples)$",
    re.IGNORECASE,
)
# KMinion and Xinfra's monitor: the defaults of their end-to-end probes.
_CANARY = re.compile(
    r"__amazon_msk_canary|__redpanda\.e2e_probe$|__kafka_analysis_canary|__strimzi_canary$"
    r"|kminion-end-to-end$|xinfra-monitor-topic$"
)
# MirrorMaker 2 (org.apache.kafka.connect.mirror.DefaultReplicationPolicy, MirrorMakerConfig): its separator may be any
# text, and the internal topics have it twice; those of a dedicated worker's Connect always have dots.
_MIRROR = re.compile(
    r"mm2-offset-syncs(?P<sep>.+?)(?:.+)(?P=sep)internal$|mm2-(?:offset-syncs|offsets|configs|status)\..+"
)
_HEARTBEATS = re.compile(r"(?:.*[^A-Za-z0-9])?heartbeats$", re.DOTALL)
_WORKERS = r"(?:kafka)?connect|mirror[._-]?maker(?:[._-]?2)?|mm2"
_STORE = re.compile(
    rf"(?:.*[._-])?(?P<worker>{_WORKERS})(?:[._-]cluster)?[._-](?P<what>configs?|offsets?|status(?:es)?)$",
    re.IGNORECASE,
)
_STORE_WORD = re.compile(
    r"(?<![^._-])(?:(?P<config>configs?|configurations?|cfg)|(?P<offset>offsets?)|(?P<status>status(?:es)?))(?![^._-])",
    re.IGNORECASE,
)
_CLUSTERS_OWN = re.compile(r"__|_confluent|_redpanda[._-]")
_INTERNAL_GROUPS = re.compile(r"amazon\.msk\.canary\.group\.|__|_confluent|connect-|mm2-")


def topic_kind(name: str) -> TopicKind:
    """Return what a topic is for, judged by its name alone.

    Two kinds of name are also used by businesses: heartbeats, and the configs, offsets and status of something called
    connect. A name alone counts for MirrorMaker 2 and Connect. :func:`kafka_analysis.model.topic_kinds.topic_kinds`
    also looks at settings, partitions and sibling topics where they are known, and corrects both mistakes.

    Returns
    -------
    str
        ``business``; ``internal``: Kafka, Connect, Streams, Cruise Control or a registry keep their state in it;
        ``canary``: a probe writes it; ``mirror``: MirrorMaker 2 keeps its state in it. Everything but business is
        excluded by default and never lost.

    Examples
    --------
    >>> [topic_kind(n) for n in ("orders", "__consumer_offsets", "__amazon_msk_canary", "mm2-offset-syncs_b_internal")]
    ['business', 'internal', 'canary', 'mirror']
    >>> [topic_kind(n) for n in ("connect-cluster-configs", "app-configs", "order-status")]
    ['internal', 'business', 'business']
    """
    if _CANARY.match(name):
        return "canary"
    if _MIRROR.match(name) or _is_checkpoints(name) or is_heartbeats(name):
        return "mirror"
    store = _STORE.match(name)
    if store:
        return "internal" if "connect" in store["worker"].lower() else "mirror"
    return "internal" if _INTERNAL.match(name) or _CRUISE_CONTROL.match(name) else "business"


def _is_checkpoints(name: str) -> bool:
    """Tell whether a name is an alias, ``checkpoints`` and ``internal`` with the same separator between them."""
    head, word, tail = name.rpartition("checkpoints")
    separator = tail.removesuffix("internal")
    return bool(word and separator and separator != tail) and head.endswith(separator) and head != separator


def is_heartbeats(name: str) -> bool:
    """Tell whether a name is MirrorMaker 2's ``heartbeats``, or ends with it after an alias and a separator.

    Examples
    --------
    >>> [is_heartbeats(n) for n in ("heartbeats", "old_heartbeats", "my-heartbeats-of-patients")]
    [True, True, False]
    """
    return "heartbeats" in name and _HEARTBEATS.match(name) is not None


def is_store(name: str) -> bool:
    """Tell whether a name alone says that Connect workers keep their state in a topic.

    Examples
    --------
    >>> [is_store(n) for n in ("connect-cluster-offsets", "mirrormaker2-cluster-status", "order-status")]
    [True, True, False]
    """
    return _STORE.match(name) is not None


class StoreWord(NamedTuple):
    """What a topic may keep for Connect workers: the name of their three topics, the kind of state, and its word."""

    family: str
    what: Store
    word: str


def store_words(name: str) -> list[StoreWord]:
    """Return what Connect workers would keep in a topic of this name.

    The three topics of Connect workers usually differ in one word; ``family`` has ``*`` in its place. A name that holds
    several such words is returned with each.

    Examples
    --------
    >>> [(found.family, found.what) for found in store_words("etl-configs-v2")], store_words("orders")
    ([('etl-*-v2', 'config')], [])
    """
    return [
        StoreWord(f"{name[: match.start()]}*{name[match.end() :]}", match.lastgroup, match[0])  # type: ignore[arg-type]
        for match in _STORE_WORD.finditer(name)
    ]


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
    by_name = _CLUSTERS_OWN.match(name) or _CRUISE_CONTROL.match(name)
    return topic_kind(name) == "canary" or by_name is not None

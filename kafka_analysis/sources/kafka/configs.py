"""Read configurations of topics and brokers with confluent-kafka, as tables of the capture."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource

from kafka_analysis.sources.kafka.metadata import (
    BATCH,
    Row,
    each,
    metadata,
    not_read,
    now,
    table,
    visible_topics,
)


def read_topic_configs(
    admin: AdminClient, *, cluster: str, timeout_s: float
) -> tuple[pl.DataFrame, str | None]:
    """Return the ``topic_configs`` table, sensitive values null, and what it lacks (None: nothing).

    Raises
    ------
    SourceError
        When no topic's configurations could be read.
    """
    names = sorted(visible_topics(admin, timeout_s))
    stamp = now()
    rows, missing = _configs(admin, ConfigResource.Type.TOPIC, names, "configs of topics", timeout_s)
    return table("topic_configs", cluster, ({"topic": n, **r} for n, r in rows), ts=stamp), missing


def read_broker_configs(
    admin: AdminClient, *, cluster: str, timeout_s: float
) -> tuple[pl.DataFrame, str | None]:
    """Return the ``broker_configs`` table, sensitive values null, and what it lacks (None: nothing).

    Raises
    ------
    SourceError
        When no broker's configurations could be read.
    """
    names = [str(broker) for broker in sorted(metadata(admin, timeout_s).brokers)]
    stamp = now()
    rows, missing = _configs(admin, ConfigResource.Type.BROKER, names, "configs of brokers", timeout_s)
    return table("broker_configs", cluster, ({"broker": int(n), **r} for n, r in rows), ts=stamp), missing


def _configs(
    admin: AdminClient, kind: ConfigResource.Type, names: Sequence[str], what: str, timeout_s: float
) -> tuple[list[tuple[str, Row]], str | None]:
    described, failed = each(
        lambda part: admin.describe_configs(part, request_timeout=timeout_s),
        [ConfigResource(kind, name) for name in names],
        timeout_s,
        batch=1 if kind == ConfigResource.Type.BROKER else BATCH,  # Kafka answers for one broker at a time
    )
    missing = not_read(described, failed, what)
    rows = [
        (
            resource.name,
            {
                "name": entry.name,
                "value": None if entry.is_sensitive else entry.value,
                "is_default": bool(entry.is_default),
                "source": ConfigSource(entry.source).name,
            },
        )
        for resource, entries in described.items()
        for entry in entries.values()
    ]
    return rows, missing

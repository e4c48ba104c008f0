"""Look which rights are missing: without them Kafka answers several questions with nothing, and no error says so.

Each right is looked at by asking for a topic or group that is not there: Kafka refuses it to who has not the right on
all of them, whether it is there or not. Nothing is created.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient, ConfigResource

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.rights import RIGHTS, MissingRight
from kafka_analysis.sources.kafka.access import has_authorizer
from kafka_analysis.sources.kafka.client import is_forbidden, result_of
from kafka_analysis.sources.kafka.log_dirs import admin_client
from kafka_analysis.sources.kafka.metadata import PROBE, Described, describe_cluster

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

_GROUP_REFUSED = "[Error 30]"  # as kafka-python writes GROUP_AUTHORIZATION_FAILED


class ClusterAnswer(NamedTuple):
    """What a cluster says when it is first asked; ``has_authorizer`` is None where it does not say."""

    cluster_id: str
    nodes: tuple[Any, ...]
    missing_rights: tuple[MissingRight, ...]
    has_authorizer: bool | None

    @property
    def recorded(self) -> dict[str, Any]:
        """Return what the manifest keeps of it."""
        return {
            "kafka_cluster_id": self.cluster_id,
            "missing_rights": self.missing_rights,
            "has_authorizer": self.has_authorizer,
        }


def describe_with_rights(admin: AdminClient, cluster: ClusterProfile, *, timeout_s: float) -> ClusterAnswer:
    """Return the cluster's id, its nodes, which rights a recording needs are missing, and whether rights are checked.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    described = describe_cluster(admin, timeout_s=timeout_s)
    refused, authorizer = _groups_and_authorizer(cluster, described, timeout_s)
    lacking = {
        ("Describe", "cluster"): not described.may_describe,
        **_of_topics(admin, described, timeout_s),
        ("Describe", "groups"): refused,
    }
    missing = tuple(right for right in RIGHTS if lacking[right.operation, right.resource])
    return ClusterAnswer(described.cluster_id, described.nodes, missing, authorizer)


def _of_topics(admin: AdminClient, described: Described, timeout_s: float) -> dict[tuple[str, str], bool]:
    """Ask side by side for the configurations of a broker, and for a topic and its configurations."""
    kinds = {"topics": ConfigResource(ConfigResource.Type.TOPIC, PROBE)}
    if described.nodes:
        kinds["cluster"] = ConfigResource(ConfigResource.Type.BROKER, str(described.nodes[0].id))
    answers = {
        ("DescribeConfigs", what): admin.describe_configs([kind], request_timeout=timeout_s)[kind]
        for what, kind in kinds.items()
    }
    answers["Describe", "topics"] = admin.describe_topics(
        TopicCollection([PROBE]), request_timeout=timeout_s
    )[PROBE]
    refused = {("DescribeConfigs", "cluster"): False}
    refused |= {right: is_forbidden(answer, timeout_s) for right, answer in answers.items()}
    if described.operations is not None:
        refused["DescribeConfigs", "cluster"] = AclOperation.DESCRIBE_CONFIGS not in described.operations
    return refused


def unreadable_topics(admin: AdminClient, topics: Collection[str], *, timeout_s: float) -> list[str] | None:
    """Return the topics that the caller may not Read, as the brokers say; None where they say it of no topic.

    Nothing is read. A topic that is gone meanwhile, and one of which they do not answer, is none of them.
    """
    asked = admin.describe_topics(
        TopicCollection(list(topics)), include_authorized_operations=True, request_timeout=timeout_s
    )
    allowed = {name: _operations(answer, timeout_s) for name, answer in asked.items()}
    known = {name: operations for name, operations in allowed.items() if operations is not None}
    if not known:
        return None
    return sorted(name for name, operations in known.items() if AclOperation.READ not in operations)


def _operations(answer: Future[Any], timeout_s: float) -> frozenset[AclOperation] | None:
    """Return what the caller may do with a topic; None where it is gone, or the broker does not say."""
    try:
        operations = result_of(answer, timeout_s).authorized_operations
    except SourceError:
        return None
    return None if operations is None else frozenset(operations)


def _groups_and_authorizer(
    cluster: ClusterProfile, described: Described, timeout_s: float
) -> tuple[bool, bool | None]:
    """Tell whether groups are refused, and whether the cluster has an authorizer: None where it does not say."""
    try:
        with admin_client(cluster, timeout_s=timeout_s) as client:
            broker = described.nodes[0].id if described.nodes else None
            refused = broker is not None and groups_refused(client, broker)
            return refused, has_authorizer(client, broker)
    except SourceError:
        return False, None


def groups_refused(client: KafkaAdminClient, broker: int) -> bool:
    """Tell whether the caller may not describe every group, by asking a broker for one that is not there.

    The broker is asked straight away: to look for a group's coordinator would create Kafka's own topic of offsets.
    """
    groups = client.describe_groups([PROBE], group_coordinator_id=broker)
    return any(str(group["error"]).startswith(_GROUP_REFUSED) for group in groups.values())

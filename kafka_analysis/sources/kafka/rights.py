"""Look which rights are missing: without them Kafka answers several questions with nothing, and no error says so.

Each right is looked at by asking for a topic or group that is not there: Kafka refuses it to who has not the right on
all of them, whether it is there or not. Nothing is created.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient, ConfigResource

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.rights import RIGHTS, MissingRight
from kafka_analysis.sources.kafka.client import is_forbidden
from kafka_analysis.sources.kafka.log_dirs import admin_client
from kafka_analysis.sources.kafka.metadata import PROBE, Described, describe_cluster

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

_GROUP_REFUSED = "[Error 30]"  # as kafka-python writes GROUP_AUTHORIZATION_FAILED


class ClusterAnswer(NamedTuple):
    """What a cluster says when it is first asked: its id, its nodes, and which rights are missing."""

    cluster_id: str
    nodes: tuple[Any, ...]
    missing_rights: tuple[MissingRight, ...]


def describe_with_rights(admin: AdminClient, cluster: ClusterProfile, *, timeout_s: float) -> ClusterAnswer:
    """Return the cluster's id, its nodes, and which of the rights a recording needs are missing.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    known = describe_cluster(admin, timeout_s=timeout_s)
    lacking = {
        ("Describe", "cluster"): not known.may_describe,
        **_of_topics(admin, known, timeout_s),
        ("Describe", "groups"): _groups_refused(cluster, known, timeout_s),
    }
    missing = tuple(right for right in RIGHTS if lacking[right.operation, right.resource])
    return ClusterAnswer(known.cluster_id, known.nodes, missing)


def _of_topics(admin: AdminClient, known: Described, timeout_s: float) -> dict[tuple[str, str], bool]:
    """Ask side by side for the configurations of a broker, and for a topic and its configurations."""
    kinds = {"topics": ConfigResource(ConfigResource.Type.TOPIC, PROBE)}
    if known.nodes:
        kinds["cluster"] = ConfigResource(ConfigResource.Type.BROKER, str(known.nodes[0].id))
    asked = {
        ("DescribeConfigs", what): admin.describe_configs([kind], request_timeout=timeout_s)[kind]
        for what, kind in kinds.items()
    }
    asked["Describe", "topics"] = admin.describe_topics(TopicCollection([PROBE]), request_timeout=timeout_s)[
        PROBE
    ]
    found = {("DescribeConfigs", "cluster"): False}
    found |= {right: is_forbidden(answer, timeout_s) for right, answer in asked.items()}
    if known.operations is not None:
        found["DescribeConfigs", "cluster"] = AclOperation.DESCRIBE_CONFIGS not in known.operations
    return found


def _groups_refused(cluster: ClusterProfile, known: Described, timeout_s: float) -> bool:
    try:
        with admin_client(cluster, timeout_s=timeout_s) as client:
            return any(groups_refused(client, node.id) for node in known.nodes[:1])
    except SourceError:
        return False


def groups_refused(client: KafkaAdminClient, broker: int) -> bool:
    """Tell whether the caller may not describe every group, by asking a broker for one that is not there.

    The broker is asked straight away: to look for a group's coordinator would create Kafka's own topic of offsets.
    """
    told = client.describe_groups([PROBE], group_coordinator_id=broker)
    return any(str(group["error"]).startswith(_GROUP_REFUSED) for group in told.values())

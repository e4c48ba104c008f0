"""Users of the secured cluster that lack one right each: what a collector that only reads can be refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from testbed.secured import Secured, principal

TIMEOUT_S = 30
PREFIX = "orders."
Grant = tuple[str, str, str]  # operation, resource type, name; a name that ends with a dot is a prefix
CLUSTER, TOPICS, GROUPS = ("Cluster", "kafka-cluster"), ("Topic", "*"), ("Group", "*")
ALL: tuple[Grant, ...] = (
    ("Describe", *CLUSTER),
    ("DescribeConfigs", *CLUSTER),
    ("Describe", *TOPICS),
    ("DescribeConfigs", *TOPICS),
    ("Describe", *GROUPS),
)


def _without(operation: str, kind: str) -> tuple[Grant, ...]:
    return tuple(grant for grant in ALL if grant[:2] != (operation, kind))


USERS: Mapping[str, tuple[Grant, ...]] = MappingProxyType(
    {
        "full": ALL,
        "no-cluster": _without("Describe", "Cluster"),
        "no-cluster-configs": _without("DescribeConfigs", "Cluster"),
        "no-topics": _without("Describe", "Topic"),
        "no-topic-configs": _without("DescribeConfigs", "Topic"),
        "no-groups": _without("Describe", "Group"),
        "some-topics": (
            *(grant for grant in ALL if grant[1] != "Topic"),
            ("Describe", "Topic", PREFIX),
            ("DescribeConfigs", "Topic", PREFIX),
        ),
        "none": (),
    }
)


def grant(cluster: Secured, users: Mapping[str, Iterable[Grant]]) -> None:
    """Give users their rights, under the names both listeners know them by."""
    bindings = [
        _binding(name, given) for user, grants in users.items() for given in grants for name in _names(user)
    ]
    admin = AdminClient(cluster.client_config())
    for future in admin.create_acls(bindings, request_timeout=TIMEOUT_S).values():
        future.result(timeout=TIMEOUT_S)


def _names(user: str) -> tuple[str, str]:
    return f"User:{user}", principal(user)


def _binding(name: str, given: Grant) -> AclBinding:
    operation, kind, resource = given
    resource_type = {"Cluster": ResourceType.BROKER}.get(kind) or ResourceType[kind.upper()]
    pattern = ResourcePatternType.PREFIXED if resource.endswith(".") else ResourcePatternType.LITERAL
    allowed = {"Describe": AclOperation.DESCRIBE, "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS}[operation]
    return AclBinding(resource_type, resource, pattern, name, "*", allowed, AclPermissionType.ALLOW)

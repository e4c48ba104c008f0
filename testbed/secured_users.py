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
from kafka.protocol.admin import AlterClientQuotasRequest

from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.log_dirs import admin_client
from testbed.errors import TestbedError
from testbed.secured import ADMIN, Secured, principal

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


# Rights and quotas of applications: what a recording of ACLs, quotas and users must bring back as it was given.
WRITER = "User:CN=\u00fcml\u00e4ut [x] $y$,O=billing"
APPLICATION_ACLS = (
    AclBinding(
        ResourceType.TOPIC,
        PREFIX,
        ResourcePatternType.PREFIXED,
        WRITER,
        "*",
        AclOperation.WRITE,
        AclPermissionType.ALLOW,
    ),
    AclBinding(
        ResourceType.GROUP,
        "billing",
        ResourcePatternType.LITERAL,
        "User:auditor",
        "10.0.0.1",
        AclOperation.READ,
        AclPermissionType.DENY,
    ),
)
# User, client id and address; an empty text is the default of its kind: none of them slows anybody down here.
QUOTAS: Mapping[tuple[str | None, str | None, str | None], tuple[str, float]] = MappingProxyType(
    {
        ("alice", None, None): ("producer_byte_rate", 1e6),
        ("", None, None): ("consumer_byte_rate", 5e9),
        ("\u00fc[$]", "", None): ("request_percentage", 12.5),
        (None, "<default>", None): ("producer_byte_rate", 7e9),
        (None, None, "10.0.0.1"): ("connection_creation_rate", 3.0),
        (None, None, ""): ("connection_creation_rate", 9e6),
    }
)


def give_to_applications(cluster: Secured) -> None:
    """Give applications their rights and quotas."""
    admin = AdminClient(cluster.client_config())
    for future in admin.create_acls(list(APPLICATION_ACLS), request_timeout=TIMEOUT_S).values():
        future.result(timeout=TIMEOUT_S)
    entry = AlterClientQuotasRequest.EntryData
    entries = [
        entry(
            entity=[
                entry.EntityData(entity_type=kind, entity_name=name or None)
                for kind, name in zip(("user", "client-id", "ip"), names, strict=True)
                if name is not None
            ],
            ops=[entry.OpData(key=key, value=value, remove=False)],
        )
        for names, (key, value) in QUOTAS.items()
    ]
    profile = ClusterProfile.model_validate(cluster.profile(ADMIN, "mtls"))
    with admin_client(profile, timeout_s=TIMEOUT_S) as client:
        manager = client._manager  # noqa: SLF001 (the client has no method for it)
        answer = manager.run(manager.send, AlterClientQuotasRequest(entries=entries, validate_only=False))
    if any(done.error_code for done in answer.entries):
        message = f"quotas could not be set: {answer}"
        raise TestbedError(message)


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

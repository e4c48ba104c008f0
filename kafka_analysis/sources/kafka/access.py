"""Read who may do what with kafka-python: ACLs, client quotas, and the names of SCRAM users.

confluent-kafka is not asked: without the right, or without an authorizer, it answers ACLs with an empty list; it has no
call for quotas; and asking for users without the right may end the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.kafka.client import first_line
from kafka_analysis.sources.kafka.metadata import PROBE, Row, table

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

ANY, LITERAL, TOPIC = 1, 3, 2
REFUSED, UNSUPPORTED, NO_AUTHORIZER = 31, 35, 54  # codes of Kafka's protocol
TWO_PHASE_COMMIT = 15  # an operation of Kafka 4.0 that kafka-python does not name
ENTITY_COLUMNS = {"user": "user", "client-id": "client_id", "ip": "ip"}
Read = tuple[pl.DataFrame | None, str | None]


def read_acls(client: KafkaAdminClient, *, cluster: str) -> Read:
    """Return the ``acls`` table; None where the cluster has no authorizer, so that there can be none.

    Raises
    ------
    SourceError
        When the right to Describe the cluster is missing, or nobody answers.
    """
    answer = sent(client, _acls_request(ANY, None, ANY))
    if answer.error_code == NO_AUTHORIZER:
        return None, None
    _check(answer, right="Describe")
    return table("acls", cluster, _acl_rows(answer.resources or ())), None


def has_authorizer(client: KafkaAdminClient, broker: int | None = None) -> bool | None:
    """Tell whether the cluster has an authorizer, by asking for ACLs that are not there; None where it does not say.

    Parameters
    ----------
    broker
        The broker that is asked; None leaves it to the client.
    """
    try:
        code = sent(client, _acls_request(TOPIC, PROBE, LITERAL), broker).error_code
    except SourceError:
        return None
    return {0: True, REFUSED: True, NO_AUTHORIZER: False}.get(code)


def read_quotas(client: KafkaAdminClient, *, cluster: str) -> Read:
    """Return the ``quotas`` table of users, client ids and addresses, defaults included, and what it lacks.

    Raises
    ------
    SourceError
        When the right to DescribeConfigs of the cluster is missing, nobody answers, or brokers are older than 2.6.
    """
    from kafka.protocol.admin import DescribeClientQuotasRequest

    answer = sent(client, DescribeClientQuotasRequest(components=[], strict=False))
    _check(answer, right="DescribeConfigs")
    entries = answer.entries or ()
    plain = [entry for entry in entries if all(part.entity_type in ENTITY_COLUMNS for part in entry.entity)]
    lacking = len(entries) - len(plain)
    missing = f"quotas: {lacking} of {len(entries)} have unknown entity types" if lacking else None
    return table("quotas", cluster, _quota_rows(plain)), missing


def read_users(client: KafkaAdminClient, *, cluster: str) -> Read:
    """Return the ``users`` table: names of SCRAM users and their mechanisms, nothing of their credentials.

    Raises
    ------
    SourceError
        When the right to Describe the cluster is missing, nobody answers, or brokers are older than 2.7.
    """
    from kafka.admin import ScramMechanism
    from kafka.protocol.admin import DescribeUserScramCredentialsRequest

    # Everybody is asked for by an empty list: without the right, brokers fail on null and never answer.
    answer = sent(client, DescribeUserScramCredentialsRequest(users=[]))
    _check(answer, right="Describe")
    results = answer.results or ()
    rows = [
        {"user": user.user, "mechanism": _name(ScramMechanism, info.mechanism).replace("_", "-")}
        for user in results
        if not user.error_code
        for info in user.credential_infos
    ]
    failed = sum(bool(user.error_code) for user in results)
    return table("users", cluster, rows), f"users: {failed} of {len(results)} not read" if failed else None


def _acls_request(kind: int, name: str | None, pattern: int) -> Any:
    from kafka.protocol.admin import DescribeAclsRequest

    return DescribeAclsRequest(
        resource_type_filter=kind,
        resource_name_filter=name,
        pattern_type_filter=pattern,
        principal_filter=None,
        host_filter=None,
        operation=ANY,
        permission_type=ANY,
    )


def _acl_rows(resources: Any) -> Iterator[Row]:
    from kafka.admin import ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourceType

    for resource in resources:
        for acl in resource.acls:
            operation = acl.operation
            yield {
                "principal": acl.principal,
                "host": acl.host,
                "resource_type": _name(ResourceType, resource.resource_type),
                "resource_name": resource.resource_name,
                "pattern_type": _name(ACLResourcePatternType, resource.pattern_type),
                "operation": "TWO_PHASE_COMMIT"
                if operation == TWO_PHASE_COMMIT
                else _name(ACLOperation, operation),
                "permission": _name(ACLPermissionType, acl.permission_type),
            }


def _quota_rows(entries: Any) -> Iterator[Row]:
    for entry in entries:
        named = {ENTITY_COLUMNS[part.entity_type]: part.entity_name for part in entry.entity}
        defaults = sorted(column for column, name in named.items() if name is None)
        for quota in entry.values:
            yield {**named, "defaults": defaults, "name": quota.key, "value": quota.value}


def _name(words: type[IntEnum], code: int) -> str:
    """Return Kafka's word for a code; of one that is newer than the client, the code itself."""
    return words(code).name if code in list(words) else f"UNKNOWN_{code}"


def sent(client: KafkaAdminClient, request: Any, broker: int | None = None) -> Any:
    """Send a request that the client has no method for, or whose method hides what brokers answer.

    Raises
    ------
    SourceError
        When nobody answers, or brokers have no such question.
    """
    from kafka.errors import IncompatibleBrokerVersion, KafkaError

    manager = getattr(client, "_manager", None)  # what the client's own methods send by
    if manager is None:
        raise SourceError(
            "this version of kafka-python does not support it; install the version in constraints.txt"
        )
    try:
        return manager.run(manager.send, request, broker)
    except IncompatibleBrokerVersion:
        raise SourceError(too_old(request)) from None
    except (KafkaError, OSError) as error:
        raise SourceError(first_line(error)) from None


def _check(answer: Any, *, right: str) -> None:
    from kafka.errors import for_code

    if answer.error_code == REFUSED:
        raise SourceError(f"no right to {right} on the cluster: unknown, not none")
    if answer.error_code == UNSUPPORTED:
        raise SourceError(too_old(answer))
    if answer.error_code:
        error = for_code(answer.error_code)
        message = f"{error.__name__}: {error.description}"
        raise SourceError(message[:200])


def too_old(message: Any) -> str:
    """Say that brokers have no such question: unknown, not none."""
    question = type(message).__name__.removesuffix("Request").removesuffix("Response")
    return f"the brokers do not support {question}: their Kafka version is too old"

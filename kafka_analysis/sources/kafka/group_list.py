"""List a cluster's groups of every kind: each broker lists those that it coordinates."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from confluent_kafka.admin import AdminClient

from kafka_analysis.model.tables import GROUP_KINDS
from kafka_analysis.sources.kafka.client import first_line, reason, result_of, source_error
from kafka_analysis.sources.kafka.contact import ensure_contact
from kafka_analysis.sources.kafka.metadata import RETRY_EVERY_S, SHORTEST_WAIT_S

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

UNKNOWN = "UNKNOWN"
WITHOUT_MEMBERS_KNOWN = ("share", "streams")
_CONSUMERS = ("consumer", "")  # protocol types: a consumer's, and none where only offsets were committed
_STATES = {
    "PREPARING_REBALANCE": "PREPARING_REBALANCING",
    "COMPLETING_REBALANCE": "COMPLETING_REBALANCING",
}


@dataclass(frozen=True)
class Listed:
    """What a list says of a group; null where it does not say."""

    state: str
    kind: str | None = None
    coordinator: int | None = None


@dataclass(frozen=True)
class GroupList:
    """Groups by name, and why the list may lack some: None where every broker listed its own."""

    groups: Mapping[str, Listed] = field(default_factory=dict)
    silent: str | None = None

    def joined(self, other: GroupList) -> GroupList:
        """Return the union of two lists; of a group in both, the first says its state.

        Examples
        --------
        >>> one = GroupList({"a": Listed("STABLE")}, "broker 2 is down")
        >>> both = one.joined(GroupList({"a": Listed("EMPTY", "classic", 1), "b": Listed("EMPTY", "share", 2)}))
        >>> both.groups["a"], sorted(both.groups), both.silent
        (Listed(state='STABLE', kind='classic', coordinator=1), ['a', 'b'], 'broker 2 is down')
        """
        groups = dict(other.groups)
        for name, listed in self.groups.items():
            also = groups.get(name, listed)
            groups[name] = Listed(
                also.state if listed.state == UNKNOWN else listed.state,
                listed.kind or also.kind,
                listed.coordinator if listed.coordinator is not None else also.coordinator,
            )
        return GroupList(groups, self.silent or other.silent)


def list_consumer_groups(admin: AdminClient, deadline: float) -> GroupList:
    """List consumer groups with confluent-kafka, again until every broker has listed its own or the time is up.

    Raises
    ------
    SourceError
        When no broker answers: that is not a cluster without groups.
    """
    ensure_contact(admin, max(deadline - time.monotonic(), SHORTEST_WAIT_S))
    while True:
        left = max(deadline - time.monotonic(), SHORTEST_WAIT_S)
        listed = result_of(admin.list_consumer_groups(request_timeout=left), left)
        if not listed.errors or time.monotonic() + RETRY_EVERY_S >= deadline:
            break
        time.sleep(RETRY_EVERY_S)
    if listed.errors and not listed.valid:
        raise source_error(listed.errors[0])
    groups = {
        group.group_id: Listed(_name(getattr(group, "state", None)) or UNKNOWN, kind_of(group))
        for group in listed.valid
    }
    return GroupList(groups, reason(listed.errors[0]) if listed.errors else None)


def live_brokers(client: KafkaAdminClient) -> list[int]:
    """Return the brokers that can be asked: kafka-python names also those that are registered and down (fenced)."""
    brokers = client.describe_cluster()["brokers"]
    return [broker["broker_id"] for broker in brokers if not broker.get("is_fenced")]


def list_groups_of_every_kind(client: KafkaAdminClient, brokers: Iterable[int]) -> GroupList:
    """List groups with kafka-python, which share and streams groups are known to as well (Kafka 4.0 and newer).

    Groups of other protocols (the workers of Connect, say) are left out: they read no topics.
    """
    from kafka.errors import KafkaError

    groups: dict[str, Listed] = {}
    silent = None
    for broker in brokers:
        try:
            listed = client.list_groups(broker_ids=[broker])
        except (KafkaError, OSError) as error:
            silent = f"broker {broker}: {first_line(error)}"
            continue
        groups |= {group["group_id"]: _listed(group, broker) for group in listed if _reads(group)}
    return GroupList(groups, silent)


def kind_of(group: Any) -> str | None:
    """Return the kind of a group as confluent-kafka describes it, None where it does not say."""
    return _kind(_name(getattr(group, "type", None)))


def _name(member: Any) -> str | None:
    return None if member is None else str(member.name)


def _kind(text: str | None) -> str | None:
    kind = (text or "").lower()
    return kind if kind in GROUP_KINDS else None


def _reads(group: Mapping[str, Any]) -> bool:
    return _kind(group.get("group_type")) in WITHOUT_MEMBERS_KNOWN or group["protocol_type"] in _CONSUMERS


def _listed(group: Mapping[str, Any], broker: int) -> Listed:
    state = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", group.get("group_state") or UNKNOWN).upper()
    return Listed(_STATES.get(state, state), _kind(group.get("group_type")), broker)

"""Read a cluster's consumer groups with confluent-kafka: every coordinator answers for its own groups."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import polars as pl
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError
from confluent_kafka.admin import AdminClient

from kafka_analysis.sources.kafka.client import code_of, reason
from kafka_analysis.sources.kafka.group_list import (
    UNKNOWN,
    WITHOUT_MEMBERS_KNOWN,
    GroupList,
    Listed,
    kind_of,
    list_consumer_groups,
)
from kafka_analysis.sources.kafka.metadata import (
    RETRY_EVERY_S,
    SHORTEST_WAIT_S,
    Row,
    each,
    now,
    table,
)

_SETTLED = frozenset(
    {
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.GROUP_ID_NOT_FOUND,
        KafkaError.INVALID_GROUP_ID,
    }
)
DEAD = "DEAD"
T = TypeVar("T")


@dataclass(frozen=True)
class Groups:
    """The tables of a cluster's groups; ``missing`` says what they lack, None: nothing."""

    tables: dict[str, pl.DataFrame]
    missing: str | None = None


def read_groups(
    admin: AdminClient,
    *,
    cluster: str,
    timeout_s: float,
    earlier: Collection[str] = (),
    others: Callable[[], GroupList] = GroupList,
) -> Groups:
    """Return the ``groups``, ``group_members`` and ``group_offsets`` tables.

    Every coordinator lists, describes and answers for its own groups; one that does not is asked again until the time
    is up. While a coordinator moves, its groups are absent from every list, and no error says so: groups known from
    before are asked about by name, which their coordinator answers, with ``DEAD`` for those that are gone.

    Parameters
    ----------
    timeout_s
        Seconds for each of the three questions: which groups, what state, what offsets.
    earlier
        Consumer groups that were there before (:func:`still_there`).
    others
        Lists groups of every kind by another client, once a broker has answered: its share and streams groups are
        read too.

    Returns
    -------
    Groups
        The tables, and in words what they lack because a broker did not answer or the right to describe is missing.
        A group that may not be described keeps the state its list says.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    listed = list_consumer_groups(admin, time.monotonic() + timeout_s).joined(others())
    stamp = now()
    kinds = {name: group.kind for name, group in listed.groups.items()}
    unlisted = set(earlier) - set(kinds)
    named = unlisted | {name for name, kind in kinds.items() if kind not in WITHOUT_MEMBERS_KNOWN}
    described, unknown = _until_answered(admin.describe_consumer_groups, sorted(named), timeout_s)
    gone = {name for name in named if _is_gone(described.get(name), unknown.get(name))}
    reading = (named - gone) | {name for name, kind in kinds.items() if kind == "streams"}
    committed, unread = _until_answered(partial(_ask_committed, admin), sorted(reading), timeout_s)
    moved = len(unlisted - gone)
    lacking = [
        f"not every group is listed: {listed.silent}" if listed.silent else None,
        f"{moved} groups were not listed while their coordinators moved" if moved else None,
        _not_read(unknown, "state", len(named)),
        _not_read(unread, "offsets", len(reading)),
    ]
    names = sorted(set(kinds) | unlisted)
    members = [(group.group_id, member) for group in described.values() for member in group.members]
    return Groups(
        {
            "groups": table(
                "groups",
                cluster,
                (_group_row(n, listed.groups.get(n), described.get(n), gone=n in gone) for n in names),
                ts=stamp,
            ),
            "group_members": table(
                "group_members", cluster, (_member_row(g, m) for g, m in members), ts=stamp
            ),
            "group_offsets": table("group_offsets", cluster, _commits(committed), ts=stamp),
        },
        "; ".join(text for text in lacking if text) or None,
    )


def still_there(groups: pl.DataFrame) -> set[str]:
    """Return the consumer groups of a ``groups`` table that are to be asked about by name if a list lacks them.

    Examples
    --------
    >>> rows = [{"group": "a", "state": "EMPTY"}, {"group": "b", "state": "DEAD"},
    ...     {"group": "c", "state": "STABLE", "kind": "share"}]
    >>> still_there(table("groups", "c", rows))
    {'a'}
    """
    shared = pl.col("kind").is_in(WITHOUT_MEMBERS_KNOWN).fill_null(value=False)
    return set(groups.filter(pl.col("state") != DEAD, ~shared)["group"])


def _is_gone(group: Any, error: BaseException | None) -> bool:
    if error is not None:
        return code_of(error) == KafkaError.GROUP_ID_NOT_FOUND
    return group is not None and group.state.name == DEAD


def _not_read(errors: Mapping[str, BaseException], what: str, of: int) -> str | None:
    lacking = [error for error in errors.values() if not _is_gone(None, error)]
    return f"{what} of {len(lacking)} of {of} groups not read: {reason(lacking[0])}" if lacking else None


def _until_answered(
    ask: Callable[..., Mapping[str, Future[T]]], names: Sequence[str], timeout_s: float
) -> tuple[dict[str, T], dict[str, BaseException]]:
    """Ask about groups, again for those whose coordinator did not answer; return answers, and errors of the rest."""
    deadline = time.monotonic() + timeout_s
    read: dict[str, T] = {}
    failed: dict[str, BaseException] = {}
    waiting = list(names)
    while waiting:
        left = max(deadline - time.monotonic(), SHORTEST_WAIT_S)
        answered, errors = each(partial(ask, request_timeout=left), waiting, left)
        read |= answered
        failed |= errors
        waiting = [name for name in waiting if name not in read and code_of(failed[name]) not in _SETTLED]
        if time.monotonic() + RETRY_EVERY_S >= deadline:
            break
        if waiting:
            time.sleep(RETRY_EVERY_S)
    return read, {name: error for name, error in failed.items() if name not in read}


def _group_row(name: str, listed: Listed | None, group: Any, *, gone: bool) -> Row:
    entry = listed or Listed(UNKNOWN)
    if gone:
        return {"group": name, "state": DEAD, "kind": entry.kind}
    if group is None:
        return {"group": name, "state": entry.state, "coordinator": entry.coordinator, "kind": entry.kind}
    return {
        "group": name,
        "state": group.state.name,
        "protocol": group.partition_assignor or None,
        "coordinator": group.coordinator.id if group.coordinator is not None else None,
        "kind": entry.kind or kind_of(group),
    }


def _member_row(group: str, member: Any) -> Row:
    assigned = member.assignment.topic_partitions if member.assignment else []
    return {
        "group": group,
        "member_id": member.member_id,
        "client_id": member.client_id,
        "client_host": member.host,
        "assignments": [f"{place.topic}-{place.partition}" for place in assigned],
    }


def _ask_committed(
    admin: AdminClient, names: Sequence[str], request_timeout: float
) -> dict[str, Future[Any]]:
    """Ask for offsets: the client takes one group at a time."""
    futures: dict[str, Future[Any]] = {}
    for name in names:
        group = [ConsumerGroupTopicPartitions(name)]
        futures |= admin.list_consumer_group_offsets(group, request_timeout=request_timeout)
    return futures


def _commits(answers: Mapping[str, Any]) -> list[Row]:
    return [
        {"group": name, "topic": place.topic, "partition": place.partition, "committed_offset": place.offset}
        for name, answer in answers.items()
        for place in answer.topic_partitions
        if place.error is None and place.offset >= 0
    ]

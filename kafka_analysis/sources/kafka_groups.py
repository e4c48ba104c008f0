"""Read a cluster's consumer groups with confluent-kafka: every coordinator answers for its own groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import polars as pl
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from kafka_analysis.sources.kafka_client import reason, result_of, source_error
from kafka_analysis.sources.kafka_metadata import BATCH, RETRY_EVERY_S, SHORTEST_WAIT_S, Row, now, table

_SETTLED = frozenset(
    {
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.GROUP_ID_NOT_FOUND,
        KafkaError.INVALID_GROUP_ID,
    }
)
T = TypeVar("T")


@dataclass(frozen=True)
class Groups:
    """What a cluster told of its consumer groups; ``missing`` says what was not told in time, None: nothing."""

    tables: dict[str, pl.DataFrame]
    missing: str | None = None


def read_groups(admin: AdminClient, *, cluster: str, timeout_s: float) -> Groups:
    """Return the ``groups``, ``group_members`` and ``group_offsets`` tables of the groups that may be described.

    Every coordinator answers for its own groups; one that does not is asked again until the time is up.

    Parameters
    ----------
    timeout_s
        Seconds for each of the three questions: which groups, what state, what offsets.

    Returns
    -------
    Groups
        The tables, and in words what they lack because a broker did not answer. Groups that the caller may not see
        and groups that have gone are not lacking.

    Raises
    ------
    SourceError
        When the cluster does not answer.
    """
    names, silent = _group_names(admin, time.monotonic() + timeout_s)
    stamp = now()
    described, unknown = _until_answered(
        lambda part, left: admin.describe_consumer_groups(part, request_timeout=left), names, timeout_s
    )
    committed, unread = _until_answered(partial(_ask_committed, admin), names, timeout_s)
    members = [(group.group_id, member) for group in described.values() for member in group.members]
    lacking = [
        f"not every broker listed its groups: {silent}" if silent else None,
        _told(unknown, "state", names),
        _told(unread, "offsets", names),
    ]
    return Groups(
        {
            "groups": table("groups", cluster, map(_group_row, described.values()), ts=stamp),
            "group_members": table(
                "group_members", cluster, (_member_row(g, m) for g, m in members), ts=stamp
            ),
            "group_offsets": table("group_offsets", cluster, _commits(committed), ts=stamp),
        },
        "; ".join(text for text in lacking if text) or None,
    )


def _group_names(admin: AdminClient, deadline: float) -> tuple[list[str], str | None]:
    """Return the groups' names, and why a broker did not list its own, if one did not."""
    while True:
        left = max(deadline - time.monotonic(), SHORTEST_WAIT_S)
        listed = result_of(admin.list_consumer_groups(request_timeout=left), left)
        if not listed.errors or time.monotonic() + RETRY_EVERY_S >= deadline:
            break
        time.sleep(RETRY_EVERY_S)
    if listed.errors and not listed.valid:  # no broker answered: that is no cluster without groups
        raise source_error(listed.errors[0])
    silent = reason(listed.errors[0]) if listed.errors else None
    return sorted(group.group_id for group in listed.valid), silent


def _told(unanswered: Mapping[str, BaseException], what: str, names: Sequence[str]) -> str | None:
    if not unanswered:
        return None
    why = reason(next(iter(unanswered.values())))
    return f"{what} of {len(unanswered)} of {len(names)} groups not told in time: {why}"


def _until_answered(
    ask: Callable[[Sequence[str], float], Mapping[str, Future[T]]], names: Sequence[str], timeout_s: float
) -> tuple[dict[str, T], dict[str, BaseException]]:
    """Ask about groups, again for those whose coordinator did not answer; fail when none of them did."""
    deadline = time.monotonic() + timeout_s
    found: dict[str, T] = {}
    open_, failed = list(names), dict[str, BaseException]()
    while open_:
        left = max(deadline - time.monotonic(), SHORTEST_WAIT_S)
        failed = {}
        for start in range(0, len(open_), BATCH):
            for name, future in ask(open_[start : start + BATCH], left).items():
                try:
                    found[name] = future.result(timeout=left + 1)
                except (KafkaException, FutureTimeoutError) as error:
                    failed[name] = error
        settled = {name for name, error in failed.items() if _is_settled(error)}
        open_ = [name for name in failed if name not in settled]
        if time.monotonic() + RETRY_EVERY_S >= deadline:
            break
        if open_:
            time.sleep(RETRY_EVERY_S)
    if names and not found and failed:
        raise source_error(next(iter(failed.values())))
    return found, {name: failed[name] for name in open_}


def _is_settled(error: BaseException) -> bool:
    """Tell whether an error is an answer: asked again, it would be the same."""
    first = next(iter(error.args), None)
    return isinstance(first, KafkaError) and first.code() in _SETTLED


def _group_row(group: Any) -> Row:
    return {
        "group": group.group_id,
        "state": group.state.name,
        "protocol": group.partition_assignor or None,
        "coordinator": group.coordinator.id if group.coordinator is not None else None,
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


def _ask_committed(admin: AdminClient, names: Sequence[str], left: float) -> dict[str, Future[Any]]:
    """Ask for offsets: the client takes one group at a time."""
    futures: dict[str, Future[Any]] = {}
    for name in names:
        futures |= admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(name)], request_timeout=left
        )
    return futures


def _commits(answers: Mapping[str, Any]) -> list[Row]:
    return [
        {"group": name, "topic": place.topic, "partition": place.partition, "committed_offset": place.offset}
        for name, answer in answers.items()
        for place in answer.topic_partitions
        if place.error is None and place.offset >= 0
    ]

"""Read with kafka-python which transactions there are, and which producers partitions remember.

The client's own methods are not asked: they give up at the first id or partition that is refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.moments import is_plausible
from kafka_analysis.model.units import moment_of
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.access import sent
from kafka_analysis.sources.kafka.group_list import live_brokers
from kafka_analysis.sources.kafka.metadata import PROBE, Row, now, table

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

MOST_IDS, MOST_OPEN, MOST_PRODUCERS = 10_000, 1_000, 100_000
NOT_ALL_IDS = "no right to Describe all transactional ids: those that are not visible are unknown, not none"
NO_READ = "no right to Read the topic"
_ID_REFUSED, _TOPIC_REFUSED = 53, 29  # codes of Kafka's protocol
_ENDED = frozenset({"Empty", "CompleteCommit", "CompleteAbort", "Dead"})
_IDS_AT_ONCE, _PARTITIONS_AT_ONCE = 100, 200
_LATEST_MS = 4_102_444_800_000  # the year 2100
Place = tuple[str, int]
T = TypeVar("T")
Read = tuple[pl.DataFrame, str | None]


def read_transactions(client: KafkaAdminClient, *, cluster: str, deadline: Deadline) -> Read:
    """Return the ``transactions`` table, and what it lacks (None: nothing).

    Every broker lists the ids that it coordinates, at most ``MOST_IDS`` in all; of at most ``MOST_OPEN`` whose
    transaction is open it is asked what they write to. Kafka leaves out ids that the caller may not Describe, and no
    error says so: whether there may be such is asked for by an id that nobody has.

    Raises
    ------
    SourceError
        When no broker answers, or all are older than Kafka 3.0.
    """
    stamp, lacking = now(), []
    brokers = live_brokers(client)
    listed: dict[int, list[Any]] = {}
    for broker in brokers:
        try:
            listed[broker] = _listed(client, broker, deadline)
        except SourceError as error:
            lacking.append(f"transactions that broker {broker} coordinates: {error}")
    if brokers and not listed:
        raise SourceError(lacking[0])
    if listed and _is_refused(client, next(iter(listed)), deadline):
        lacking.append(NOT_ALL_IDS)
    found = [(broker, each) for broker, of in listed.items() for each in of]
    if len(found) > MOST_IDS:
        lacking.append(f"{MOST_IDS} of {len(found)} transactional ids kept, open transactions first")
    found = sorted(found, key=lambda pair: pair[1].transaction_state in _ENDED)[:MOST_IDS]
    open_ids: dict[int, list[str]] = defaultdict(list)
    for broker, each in found:
        if each.transaction_state not in _ENDED:
            open_ids[broker].append(each.transactional_id)
    described, unknown = _described(client, open_ids, deadline)
    rows = [row for _, each in found for row in _rows_of(each, described.get(each.transactional_id))]
    lacking += [unknown] if unknown else []
    return table("transactions", cluster, rows, ts=stamp), "; ".join(lacking) or None


def read_active_producers(
    client: KafkaAdminClient, leaders: Mapping[Place, int], *, cluster: str, deadline: Deadline
) -> Read:
    """Return the ``active_producers`` table of some partitions, and what it lacks (None: nothing).

    At most ``MOST_PRODUCERS``, those that wrote last: a partition remembers a producer for a day.

    Parameters
    ----------
    leaders
        The broker that leads each partition.

    Raises
    ------
    SourceError
        When no partition's leader answers, or all are older than Kafka 2.8.
    """
    stamp, rows = now(), []
    failed: dict[Place, str] = {}
    of_brokers: dict[int, list[Place]] = defaultdict(list)
    for place, broker in sorted(leaders.items()):
        of_brokers[broker].append(place)
    for broker, places in of_brokers.items():
        for part in _parts(places, _PARTITIONS_AT_ONCE):
            try:
                deadline.check()
                answer = sent(client, _producers_request(part), broker)
            except SourceError as error:
                failed |= dict.fromkeys(part, str(error))
                continue
            rows += _producer_rows(answer)
            failed |= _refused(answer)
    if leaders and len(failed) == len(leaders) and set(failed.values()) != {NO_READ}:
        raise SourceError(next(iter(failed.values())))
    words = [f"{count} partitions: {why}" for why, count in Counter(failed.values()).most_common(3)]
    if words:
        words = [
            f"producers of {len(failed)} of {len(leaders)} partitions unknown, not none ({', '.join(words)})"
        ]
    if len(rows) > MOST_PRODUCERS:
        words.append(f"{MOST_PRODUCERS} of {len(rows)} producers kept, those that wrote last")
        rows = sorted(rows, key=lambda row: -(row["last_ms"] or 0))[:MOST_PRODUCERS]
    kept = [
        {name: value for name, value in row.items() if name != "last_ms"}
        | {"last_written_at": _moment(row["last_ms"])}
        for row in rows
    ]
    return table("active_producers", cluster, kept, ts=stamp), "; ".join(words) or None


def _parts(of: Sequence[T], size: int) -> list[Sequence[T]]:
    return [of[start : start + size] for start in range(0, len(of), size)]


def _listed(client: KafkaAdminClient, broker: int, deadline: Deadline) -> list[Any]:
    from kafka.errors import for_code
    from kafka.protocol.admin import ListTransactionsRequest

    deadline.check()
    answer = sent(client, ListTransactionsRequest(state_filters=[], producer_id_filters=[]), broker)
    if answer.error_code:
        raise SourceError(for_code(answer.error_code).__name__)
    return list(answer.transaction_states or ())


def _is_refused(client: KafkaAdminClient, broker: int, deadline: Deadline) -> bool:
    """Tell whether ids are refused, by asking a broker for one that nobody has, whether it coordinates it or not.

    The broker is asked straight away: to look for the coordinator would create Kafka's own topic of transactions.
    """
    from kafka.protocol.admin import DescribeTransactionsRequest

    try:
        deadline.check()
        answer = sent(client, DescribeTransactionsRequest(transactional_ids=[PROBE]), broker)
    except SourceError:
        return False
    return any(each.error_code == _ID_REFUSED for each in answer.transaction_states or ())


def _described(
    client: KafkaAdminClient, ids: Mapping[int, Sequence[str]], deadline: Deadline
) -> tuple[dict[str, Any], str | None]:
    """Ask coordinators what open transactions write to; return that, and of how many it is not known."""
    from kafka.protocol.admin import DescribeTransactionsRequest

    described: dict[str, Any] = {}
    asked = 0
    for broker, of in ids.items():
        for part in _parts(of[: max(MOST_OPEN - asked, 0)], _IDS_AT_ONCE):
            asked += len(part)
            try:
                deadline.check()
                answer = sent(client, DescribeTransactionsRequest(transactional_ids=list(part)), broker)
            except SourceError:
                continue
            described |= {
                each.transactional_id: each for each in answer.transaction_states or () if not each.error_code
            }
    wanted = sum(map(len, ids.values()))
    lacking = wanted - len(described)
    return (
        described,
        f"what {lacking} of {wanted} open transactions write to is unknown" if lacking else None,
    )


def _rows_of(listed: Any, described: Any | None) -> Iterator[Row]:
    """Yield the rows of an id: one for each partition of its open transaction, or one without any."""
    common = {
        "transactional_id": listed.transactional_id,
        "state": described.transaction_state if described else listed.transaction_state,
        "producer_id": _known(listed.producer_id),
        "started_at": _moment(described.transaction_start_time_ms) if described else None,
        "timeout_ms": _known(described.transaction_timeout_ms) if described else None,
    }
    topics = (described.topics or ()) if described else ()
    places = [(each.topic, number) for each in topics for number in each.partitions]
    for topic, number in places or [(None, None)]:
        yield {**common, "topic": topic, "partition": number}


def _producers_request(places: Iterable[Place]) -> Any:
    from kafka.protocol.admin import DescribeProducersRequest

    topics: dict[str, list[int]] = defaultdict(list)
    for topic, number in places:
        topics[topic].append(number)
    part = DescribeProducersRequest.TopicRequest
    return DescribeProducersRequest(
        topics=[part(name=name, partition_indexes=numbers) for name, numbers in topics.items()]
    )


def _producer_rows(answer: Any) -> Iterator[dict[str, Any]]:
    for topic in answer.topics or ():
        for part in topic.partitions:
            for producer in (part.active_producers or ()) if not part.error_code else ():
                yield {
                    "topic": topic.name,
                    "partition": part.partition_index,
                    "producer_id": producer.producer_id,
                    "producer_epoch": _known(producer.producer_epoch),
                    "last_sequence": _known(producer.last_sequence),
                    "last_ms": _known(producer.last_timestamp),
                    "open_since_offset": _known(producer.current_txn_start_offset),
                }


def _refused(answer: Any) -> dict[Place, str]:
    from kafka.errors import for_code

    return {
        (topic.name, part.partition_index): NO_READ
        if part.error_code == _TOPIC_REFUSED
        else for_code(part.error_code).__name__
        for topic in answer.topics or ()
        for part in topic.partitions
        if part.error_code
    }


def _known(number: int) -> int | None:
    return None if number < 0 else number


def _moment(ms: int | None) -> Any:
    if ms is None or not 0 <= ms <= _LATEST_MS:
        return None
    moment = moment_of(ms)
    return moment if is_plausible(moment) else None

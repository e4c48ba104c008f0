"""Transactions and producers as brokers answer them; the testbed's tests ask real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from kafka.errors import IncompatibleBrokerVersion
from kafka.protocol.admin import (
    DescribeProducersResponse,
    DescribeTransactionsResponse,
    ListTransactionsResponse,
)

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka import transactions
from kafka_analysis.sources.kafka.metadata import PROBE
from kafka_analysis.sources.kafka.transactions import (
    NO_READ,
    NOT_ALL_IDS,
    read_active_producers,
    read_transactions,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)
T0_MS = 1_767_225_600_000
LISTED, DESCRIBED = ListTransactionsResponse.TransactionState, DescribeTransactionsResponse.TransactionState
TOPIC = DescribeProducersResponse.TopicResponse
PART = TOPIC.PartitionResponse
PRODUCER = PART.ProducerState


def client(answer, brokers=(1,)):
    """Return a client that answers by a function of a request's name, the request and the broker."""
    asked = []

    def run(_, request, broker):
        asked.append((type(request).__name__, broker))
        found = answer(type(request).__name__, request, broker)
        if isinstance(found, Exception):
            raise found
        return found

    manager = SimpleNamespace(run=run, send=None)
    described = {"brokers": [{"broker_id": broker} for broker in brokers]}
    return SimpleNamespace(_manager=manager, describe_cluster=lambda: described, asked=asked)


def listed(*states, code=0):
    found = [
        LISTED(transactional_id=name, producer_id=n, transaction_state=state)
        for n, (name, state) in enumerate(states)
    ]
    return ListTransactionsResponse(error_code=code, unknown_state_filters=[], transaction_states=found)


def described(name, *, code=0, topics=()):
    data = DESCRIBED.TopicData
    return DESCRIBED(
        error_code=code,
        transactional_id=name,
        transaction_state="Ongoing",
        transaction_timeout_ms=60_000,
        transaction_start_time_ms=T0_MS,
        producer_id=0,
        producer_epoch=0,
        topics=[data(topic=topic, partitions=numbers) for topic, numbers in topics],
    )


def answers(states, *, probe=105, topics=(("t", [0, 2]),)):
    """Return a broker that lists these ids, says what open ones write to, and does not know the probe."""

    def answer(kind, request, _):
        if kind == "ListTransactionsRequest":
            return listed(*states)
        found = [
            described(name, code=probe) if name == PROBE else described(name, topics=topics)
            for name in request.transactional_ids
        ]
        return DescribeTransactionsResponse(transaction_states=found)

    return answer


def read(of, seconds=5.0):
    rows, missing = read_transactions(of, cluster="c", deadline=Deadline.after(seconds))
    assert table_schema("transactions").is_valid(rows)
    return rows.select("transactional_id", "state", "topic", "partition", "started_at").rows(), missing


def test_an_open_transaction_has_a_row_for_each_partition_and_another_has_one():
    of = client(
        answers([("a", "Ongoing"), ("b", "CompleteCommit"), ("c", "NewState")], topics=[("t", [0, 2])])
    )
    assert read(of) == (
        [
            ("a", "Ongoing", "t", 0, T0),
            ("a", "Ongoing", "t", 2, T0),
            ("c", "Ongoing", "t", 0, T0),
            ("c", "Ongoing", "t", 2, T0),
            ("b", "CompleteCommit", None, None, None),
        ],
        None,
    )


def test_an_empty_list_without_the_right_is_not_none():
    assert read(client(answers([], probe=53))) == ([], NOT_ALL_IDS)
    assert read(client(answers([]))) == ([], None)


def test_of_more_ids_than_are_kept_open_ones_stay(monkeypatch):
    monkeypatch.setattr(transactions, "MOST_IDS", 2)
    monkeypatch.setattr(transactions, "MOST_OPEN", 1)
    rows, missing = read(client(answers([("x", "Empty"), ("a", "Ongoing"), ("b", "Ongoing")])))
    assert [row[0] for row in rows] == ["a", "a", "b"]
    assert "2 of 3 transactional ids kept" in missing
    assert "what 1 of 2 open transactions write to is unknown" in missing


def test_a_broker_that_fails_is_named_and_all_of_them_are_an_error():
    def of_two(kind, request, broker):
        return listed(code=14) if broker == 2 else answers([("a", "Empty")])(kind, request, broker)

    rows, missing = read(client(of_two, brokers=(1, 2)))
    assert [row[0] for row in rows] == ["a"]
    assert missing.startswith("transactions that broker 2 coordinates: ")
    with pytest.raises(SourceError, match="their Kafka version is too old"):
        read(client(lambda *_: IncompatibleBrokerVersion("x")))
    with pytest.raises(SourceError, match="no full answer"):
        read(client(answers([])), seconds=0)


def producers(*parts):
    return DescribeProducersResponse(topics=[TOPIC(name="t", partitions=list(parts))])


def part(number, *of, code=0):
    made = [
        PRODUCER(
            producer_id=producer,
            producer_epoch=1,
            last_sequence=-1,
            last_timestamp=ms,
            coordinator_epoch=0,
            current_txn_start_offset=start,
        )
        for producer, ms, start in of
    ]
    return PART(partition_index=number, error_code=code, error_message=None, active_producers=made)


def read_producers(answer, leaders):
    rows, missing = read_active_producers(
        client(lambda *_: answer), leaders, cluster="c", deadline=Deadline.after(5)
    )
    assert table_schema("active_producers").is_valid(rows)
    columns = ("partition", "producer_id", "last_sequence", "last_written_at", "open_since_offset")
    return rows.select(columns).rows(), missing


def test_producers_of_partitions():
    answer = producers(part(0, (7, T0_MS, 5), (8, -1, -1)), part(1))
    assert read_producers(answer, {("t", 0): 1, ("t", 1): 1}) == (
        [(0, 7, None, T0, 5), (0, 8, None, None, None)],
        None,
    )


def test_without_the_right_to_read_they_are_unknown():
    rows, missing = read_producers(
        producers(part(0, (7, T0_MS, 5)), part(1, code=29)), {("t", 0): 1, ("t", 1): 1}
    )
    assert len(rows) == 1
    assert missing == f"producers of 1 of 2 partitions unknown, not none (1 partitions: {NO_READ})"


def test_of_too_many_those_that_wrote_last_are_kept(monkeypatch):
    monkeypatch.setattr(transactions, "MOST_PRODUCERS", 1)
    answer = producers(part(0, (7, T0_MS, -1), (8, T0_MS + 1, -1)))
    rows, missing = read_producers(answer, {("t", 0): 1})
    assert [row[1] for row in rows] == [8]
    assert missing == "1 of 2 producers kept, those that wrote last"


def test_older_brokers_say_nothing_of_producers():
    with pytest.raises(SourceError, match="too old"):
        read_producers(IncompatibleBrokerVersion("x"), {("t", 0): 1})

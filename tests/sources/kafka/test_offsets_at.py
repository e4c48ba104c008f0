from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime
from types import SimpleNamespace

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import OffsetSpec

from kafka_analysis.model.tables import table_schema
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.offsets_at import NO_DESCRIBE, NO_LEADER, ask_offsets, read_offsets_at

T0, T1 = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


class Admin:
    """Answer from a table; a list of answers is given one after the other."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def list_offsets(self, request, *, request_timeout):
        self.asked.append({(place.topic, place.partition): spec for place, spec in request.items()})
        return {place: self.future((place.topic, place.partition)) for place in request}

    def future(self, place):
        answer, future = self.answers[place], Future()
        answer = answer.pop(0) if isinstance(answer, list) else answer
        if isinstance(answer, KafkaError):
            future.set_exception(KafkaException(answer))
        else:
            future.set_result(SimpleNamespace(offset=answer))
        return future


def test_a_row_for_each_partition_and_time_that_is_answered():
    admin = Admin({("t", 0): 5, ("t", 1): -1})
    rows, missing = read_offsets_at(
        admin, [("t", 1), ("t", 0)], [T0, T1], cluster="c", deadline=Deadline.after(5)
    )
    assert table_schema("offsets_at").is_valid(rows)
    assert missing is None
    assert rows.drop("ts", "cluster").rows() == [
        ("t", 0, T0, 5),
        ("t", 1, T0, None),
        ("t", 0, T1, 5),
        ("t", 1, T1, None),
    ]


def test_what_is_refused_or_has_no_leader_is_said_and_has_no_row():
    refused = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    admin = Admin({("t", 0): 5, ("t", 1): -1001, ("u", 0): refused})
    rows, missing = read_offsets_at(admin, admin.answers, [T0], cluster="c", deadline=Deadline.after(0.5))
    assert rows["partition"].to_list() == [0]
    assert missing == f"offsets of 2 of 3 partitions unknown (1: {NO_LEADER}, 1: {NO_DESCRIBE})"
    assert [("u", 0) in asked for asked in admin.asked] == [True] + [False] * (len(admin.asked) - 1)


def test_a_leader_that_moves_is_asked_again_but_not_for_ever():
    moving = KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION)
    admin = Admin({("t", 0): [moving, 7], ("t", 1): moving})
    answers = ask_offsets(admin, dict.fromkeys(admin.answers, OffsetSpec.latest()), Deadline.after(5))
    assert (dict(answers.offsets), list(answers.failed)) == ({("t", 0): 7}, [("t", 1)])
    assert [len(asked) for asked in admin.asked] == [2, 2, 1]

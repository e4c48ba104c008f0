"""One consumer on one cluster: what it has handed out, how far it has read, and how it leaves its group."""

from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

TIMEOUT_S = 10.0
# Librdkafka's own codes have underscores and are public all the same.
_EOF = KafkaError._PARTITION_EOF  # noqa: SLF001
_NOTHING_TO_COMMIT = KafkaError._NO_OFFSET  # noqa: SLF001
_REVOKED = (KafkaError._STATE, KafkaError._UNKNOWN_PARTITION)  # noqa: SLF001
Place = tuple[str, int]


class Membership:
    """A member of a group on one cluster, of topics that do not change: other topics are another membership.

    Records count as processed when ``settle`` is called. Their offsets are stored then, and committed by librdkafka or
    by ``commit``.
    """

    def __init__(self, consumer: Consumer, topics: frozenset[str]) -> None:
        self.topics = topics
        self.problem: str | None = None
        self._consumer = consumer
        self._handed: dict[Place, int] = {}  # what follows the last record handed out
        self._read: set[Place] = set()
        self._ends: dict[Place, int] = {}  # where the end of a log was met
        self._was_assigned = False
        consumer.subscribe(sorted(topics), on_assign=self._assigned, on_revoke=self._revoked)

    def take(self, count: int, timeout: float) -> list[Message]:
        """Return up to `count` records.

        Raises
        ------
        KafkaException
            The consumer cannot go on.
        """
        records = []
        for message in self._consumer.consume(count, timeout=timeout):
            error = message.error()
            if error is None:
                records.append(message)
                self._read.add((message.topic(), message.partition()))
                self._hand((message.topic(), message.partition()), message.offset() + 1)
            elif error.code() == _EOF:
                self._met_end((message.topic(), message.partition()), message.offset())
            elif error.fatal():
                raise KafkaException(error)
            else:
                self.problem = str(error)
        return records

    def settle(self) -> None:
        """Store the offsets of everything handed out; partitions that were taken away meanwhile are another's now."""
        handed, self._handed = self._handed, {}
        if not handed:
            return
        try:
            self._consumer.store_offsets(offsets=[TopicPartition(*place, at) for place, at in handed.items()])
        except KafkaException as error:
            if error.args[0].code() not in _REVOKED:
                raise

    def at_end(self, topics: frozenset[str]) -> bool:
        """Tell whether this member has read its partitions of some topics to their end, once it has any."""
        if not self._was_assigned:
            return False
        return all(self._is_read(tp) for tp in self._consumer.assignment() if tp.topic in topics)

    def commit(self) -> bool:
        """Commit what is stored, and tell whether that succeeded."""
        try:
            self._consumer.commit(asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() != _NOTHING_TO_COMMIT:
                self.problem = str(error.args[0])
                return False
        return True

    def leave(self) -> None:
        """Commit and leave the group."""
        self.settle()
        self.commit()
        self._consumer.close()

    def _assigned(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._was_assigned = True
        for tp in partitions:  # read again from what is committed, so the end is met again
            self._ends.pop((tp.topic, tp.partition), None)

    def _revoked(self, _consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        self._was_assigned = False  # until the group has agreed again, nobody knows whose a partition is

    def _hand(self, place: Place, follows: int) -> None:
        self._handed[place] = max(follows, self._handed.get(place, 0))

    def _met_end(self, place: Place, end: int) -> None:
        self._ends[place] = end
        if place in self._read:  # the end lies behind the last record where a transaction left its marker
            self._hand(place, end)

    def _is_read(self, tp: Any) -> bool:
        met = self._ends.get((tp.topic, tp.partition))
        if met is None:
            return False
        try:
            marks = self._consumer.get_watermark_offsets(tp, timeout=TIMEOUT_S)
        except KafkaException as error:
            self.problem = str(error.args[0])
            return False
        return marks is not None and met >= marks[1]

"""Read how far MirrorMaker 2 has read its source, from the topic in which Kafka Connect keeps offsets."""

from collections.abc import Iterable

from kafka_analysis.sources.mirroring.records import (
    LARGEST_INT32,
    LARGEST_INT64,
    Read,
    Record,
    Row,
    json_of,
    read_each,
    text_of,
    whole_number,
)

_PLACE = {"cluster", "topic", "partition"}
_CONNECTOR_AND_PLACE = 2


def read_positions(records: Iterable[Record]) -> Read:
    """Return rows of the ``mirror_positions`` table.

    MirrorMaker stores the offset of the last record of which it knows that the target has it. ``position`` is one
    more: the offset of the record that a restarted task reads first.

    Offsets of other connectors lie in the same topic and are left out. So are deleted ones.

    Notes
    -----
    Apache Kafka, ``MirrorSourceTask``: ``convertRecord`` wraps ``record.offset()``; ``initializeConsumer`` seeks to the
    stored offset + 1. Only a ``MirrorSourceConnector`` names its place by ``cluster``, ``topic`` and ``partition``:
    checkpoints have a group in place of the cluster, heartbeats two aliases.

    Examples
    --------
    >>> key = b'["MirrorSourceConnector", {"cluster": "old", "partition": 0, "topic": "orders"}]'
    >>> read_positions([Record(key, b'{"offset": 41}')]).rows[0]["position"]
    42
    """
    return read_each(records, _rows)


def _rows(record: Record) -> list[Row]:
    key = json_of(record.key)
    if not isinstance(key, list) or len(key) != _CONNECTOR_AND_PLACE:
        raise ValueError("not a key of Kafka Connect's offsets")
    connector, place = key
    if not isinstance(place, dict) or place.keys() != _PLACE or record.value is None:
        return []
    value = json_of(record.value)
    if value is None:  # deleted, as the JSON converter may write it
        return []
    offset = value.get("offset") if isinstance(value, dict) else None
    last = whole_number(offset, most=LARGEST_INT64 - 1)
    return [
        {
            "connector": text_of(connector),
            "source": text_of(place["cluster"]),
            "topic": text_of(place["topic"]),
            "partition": whole_number(place["partition"], most=LARGEST_INT32),
            "position": last + 1,
            "committed_at": record.at,
        }
    ]

"""Read MirrorMaker 2's checkpoints: where a consumer group stands at the source, and where it would in the target."""

from collections.abc import Iterable

from kafka_analysis.sources.mirroring.records import Read, Record, Row, read_each
from kafka_analysis.sources.mirroring.structs import Fields, at_least

_VERSION = 0
_UNTRANSLATED = -1


def read_checkpoints(records: Iterable[Record], *, source: str | None) -> Read:
    r"""Return rows of the ``checkpoints`` table.

    Parameters
    ----------
    records
        Records of ``<source alias>.checkpoints.internal``.
    source
        The alias in the name of their topic.

    Notes
    -----
    Apache Kafka, ``org.apache.kafka.connect.mirror.Checkpoint``: the key is group, topic and partition; the value a
    version (0), both offsets and the metadata of the commit. ``topic`` is the name in the target (the remote topic).

    Examples
    --------
    >>> key = b"\x00\x01g\x00\x01t" + (0).to_bytes(4)
    >>> value = b"\x00\x00" + (100).to_bytes(8) + (90).to_bytes(8) + b"\x00\x00"
    >>> read_checkpoints([Record(key, value)], source="old").rows[0]["downstream_offset"]
    90
    """
    return read_each(records, lambda record: _rows(record, source))


def _rows(record: Record, source: str | None) -> list[Row]:
    key = Fields(record.key or b"")
    group, topic, partition = key.text(), key.text(), key.number("i")
    key.end()
    at_least(0, partition)
    if record.value is None:
        return []
    value = Fields(record.value)
    if value.number("h") != _VERSION:
        raise ValueError("an unknown version of checkpoints")
    upstream, downstream = at_least(_UNTRANSLATED, value.number("q"), value.number("q"))
    value.text()  # the commit's metadata
    value.end()
    return [
        {
            "source": source,
            "group": group,
            "topic": topic,
            "partition": partition,
            "upstream_offset": upstream,
            "downstream_offset": downstream,
            "written_at": record.at,
        }
    ]

"""Read MirrorMaker 2's offset syncs: which offset of a target's partition holds which record of the source's."""

from collections.abc import Iterable

from kafka_analysis.sources.mirroring.records import Read, Record, Row, read_each
from kafka_analysis.sources.mirroring.structs import Fields, at_least


def read_offset_syncs(records: Iterable[Record], *, peer: str | None) -> Read:
    r"""Return rows of the ``offset_syncs`` table.

    Parameters
    ----------
    records
        Records of ``mm2-offset-syncs.<alias>.internal``.
    peer
        The alias in the name of their topic: the target's where the topic lies on the source, which is the default;
        the source's where it lies on the target (``offset-syncs.topic.location``).

    Notes
    -----
    Apache Kafka, ``org.apache.kafka.connect.mirror.OffsetSync``: the key is topic and partition at the source, the
    value the offset there and the offset in the target.

    Examples
    --------
    >>> sync = Record(b"\x00\x01t" + (3).to_bytes(4), (100).to_bytes(8) + (90).to_bytes(8))
    >>> read_offset_syncs([sync], peer="new").rows[0]["upstream_offset"]
    100
    """
    return read_each(records, lambda record: _rows(record, peer))


def _rows(record: Record, peer: str | None) -> list[Row]:
    key = Fields(record.key or b"")
    topic, partition = key.text(), key.number("i")
    key.end()
    at_least(0, partition)
    if record.value is None:
        return []
    value = Fields(record.value)
    upstream, downstream = at_least(0, value.number("q"), value.number("q"))
    value.end()
    return [
        {
            "peer": peer,
            "topic": topic,
            "partition": partition,
            "upstream_offset": upstream,
            "downstream_offset": downstream,
            "written_at": record.at,
        }
    ]

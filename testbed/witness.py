"""A witness of a replication: it reads both ends from the beginning and says which records arrived.

A record is known by its key, value, headers and timestamp, so that nothing needs to be written into it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from testbed.clusters import Cluster, State
from testbed.errors import TestbedError
from testbed.load.truth_table import WRITTEN
from testbed.mirror import topics_of

AT_ONCE = 2000
POLL_S = 0.2  # consume waits this long unless it has as many as it was asked for
WAIT_S = 30.0
LOG = {
    "topic": pl.String, "partition": pl.Int32, "offset": pl.Int64, "bytes": pl.Int64, "record": pl.UInt64,
}  # fmt: skip
_PLACE = ["topic", "partition"]
_TRUTH = WRITTEN | {"ts": pl.Datetime("ms", "UTC")}


def read_log(cluster: Cluster, topics: Iterable[str]) -> pl.DataFrame:
    """Read all committed records of topics from the beginning to the present end.

    Returns
    -------
    pl.DataFrame
        ``topic``, ``partition``, ``offset``, ``bytes`` of key and value, and ``record``: 64 bits that stand for key,
        value, headers and timestamp.

    Raises
    ------
    TestbedError
        If a broker does not answer for 30 s.
    """
    parts = [_frame(messages) for messages in _answers(cluster, sorted(set(topics)))]
    return pl.concat([pl.DataFrame(schema=LOG), *parts])


def _frame(messages: Sequence[Message]) -> pl.DataFrame:
    rows = [
        (one.topic(), one.partition(), one.offset(), len(one.key() or b"") + len(one.value() or b""), _id_of(one))
        for one in messages
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LOG, orient="row")


def _answers(cluster: Cluster, topics: Sequence[str]) -> Iterator[list[Message]]:
    settings = {
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
    }
    consumer = Consumer(
        {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": "testbed-never-joined",
            "log_level": 0,
            **settings,
        }
    )
    try:
        metadata = consumer.list_topics(timeout=WAIT_S).topics
        remaining = {(name, p) for name in topics if name in metadata for p in metadata[name].partitions}
        consumer.assign([TopicPartition(*place, 0) for place in remaining])
        heard = time.monotonic()
        while remaining:
            answered = consumer.consume(AT_ONCE, timeout=POLL_S)
            heard = time.monotonic() if answered else heard
            if time.monotonic() - heard > WAIT_S:
                message = (
                    f"{cluster.name} did not answer for {WAIT_S:.0f} s: {len(remaining)} partitions unread"
                )
                raise TestbedError(message)
            yield [one for one in answered if one.error() is None]
            for error, place in ((one.error(), (one.topic(), one.partition())) for one in answered):
                if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                    raise KafkaException(error)
                if error is not None:
                    remaining.discard(place)
    finally:
        consumer.close()


def _id_of(message: Message) -> int:
    parts = [str(message.timestamp()[1]).encode(), message.key(), message.value()]
    for name, value in message.headers() or []:
        parts += [name.encode(), value]
    sized = b"".join(b"-" if part is None else b"%d:%b" % (len(part), part) for part in parts)
    return int.from_bytes(hashlib.blake2b(sized, digest_size=8).digest(), "big")


def arrived(source: pl.DataFrame, target: pl.DataFrame) -> pl.DataFrame:
    """Say of each partition which of the source's records are at the target.

    Parameters
    ----------
    source
        Result of :func:`read_log`, or the distinct rows of several: what retention deletes can be read only before.
    target
        Result of :func:`read_log` afterwards.

    Returns
    -------
    pl.DataFrame
        Per ``topic``, ``partition`` of the source: ``records`` and ``bytes`` that came from it, ``duplicates`` among
        them, ``first_offset``, ``last_offset`` of them at the target, ``first_position``, ``last_position``: offsets at
        the source of the first and last record that arrived, ``missing``: records before the last position that did not
        arrive, ``remaining``: records after it, ``others``: records at the target that came from elsewhere.

    Examples
    --------
    >>> old = pl.DataFrame([("t", 0, at, 9, at) for at in (4, 5, 6, 7)], schema=LOG, orient="row")
    >>> came = [("t", 0, at, 9, record) for at, record in enumerate((4, 6, 4, 99))]
    >>> new = pl.DataFrame(came, schema=LOG, orient="row")
    >>> arrived(old, new).select("records", "duplicates", "last_position", "missing", "remaining", "others").row(0)
    (3, 1, 6, 1, 1, 1)
    """
    same = [*_PLACE, "record"]
    sent = source.with_columns(copy=pl.col("offset").rank("ordinal").over(same))
    came = target.with_columns(copy=pl.col("offset").rank("ordinal").over(same))
    from_source = came.join(source.select(same).unique(), on=same, how="semi")
    matched = sent.join(came.select(*same, "copy"), on=[*same, "copy"], how="semi")
    copies = from_source.group_by(_PLACE).agg(
        records=pl.len().cast(pl.Int64), bytes=pl.col("bytes").sum(),
        first_offset=pl.col("offset").min(), last_offset=pl.col("offset").max(),
    )  # fmt: skip
    reached = matched.group_by(_PLACE).agg(
        distinct=pl.len().cast(pl.Int64),
        first_position=pl.col("offset").min(),
        last_position=pl.col("offset").max(),
    )
    totals = target.group_by(_PLACE).agg(total=pl.len().cast(pl.Int64))
    places = source.select(_PLACE).unique()
    both = places.join(copies, on=_PLACE, how="left").join(reached, on=_PLACE, how="left")
    counted = both.join(totals, on=_PLACE, how="left").with_columns(
        pl.col("records", "bytes", "distinct", "total").fill_null(0)
    )
    is_past = pl.col("offset") <= pl.col("last_position").fill_null(-1)
    behind = sent.join(reached.select(*_PLACE, "last_position"), on=_PLACE, how="left").group_by(_PLACE).agg(
        past=is_past.sum().cast(pl.Int64), remaining=(~is_past).sum().cast(pl.Int64)
    )  # fmt: skip
    return counted.join(behind, on=_PLACE).select(
        *_PLACE, "records", "bytes", "first_offset", "last_offset", "first_position", "last_position",
        "remaining", duplicates=pl.col("records") - pl.col("distinct"), missing=pl.col("past") - pl.col("distinct"),
        others=pl.col("total") - pl.col("records"),
    ).sort(_PLACE)  # fmt: skip


def truth_rows(found: pl.DataFrame, *, source: str, target: str, at: datetime) -> pl.DataFrame:
    """Return what arrived as rows of the table `truth`.

    Parameters
    ----------
    found
        Result of :func:`arrived`.
    source, target
        Names of the clusters.
    at
        When the target was read.

    Returns
    -------
    pl.DataFrame
        ``mirrored``, a row per partition at the target: records that came from the source, duplicates included, with
        offsets there. ``copied``, the same at the source: records of it that are at the target, each counted once, with
        offsets there. Partitions of which nothing arrived have no row.

    Examples
    --------
    >>> from datetime import UTC
    >>> log = pl.DataFrame([("t", 0, 4, 9, 1)], schema=LOG, orient="row")
    >>> rows = truth_rows(arrived(log, log.with_columns(offset=0)), source="a", target="b", at=datetime.now(UTC))
    >>> rows.select("cluster", "kind", "records", "last_offset").rows()
    [('b', 'mirrored', 1, 0), ('a', 'copied', 1, 4)]
    """
    came = found.filter(pl.col("records") > 0).with_columns(
        ts=pl.lit(at).cast(pl.Datetime("ms", "UTC")), actor=pl.lit(f"{source}->{target}")
    )
    mirrored = came.with_columns(cluster=pl.lit(target), kind=pl.lit("mirrored"))
    copied = came.with_columns(
        cluster=pl.lit(source), kind=pl.lit("copied"), records=pl.col("records") - pl.col("duplicates"),
        bytes=pl.lit(None), first_offset="first_position", last_offset="last_position",
    )  # fmt: skip
    empty = pl.DataFrame(schema=_TRUTH)
    return pl.concat([empty, *(_as_truth(rows, _TRUTH) for rows in (mirrored, copied))])


def witnessed(state: State) -> pl.DataFrame:
    """Return what MirrorMaker has brought from the source to each cell by now, as rows of the table `truth`.

    Records that compaction or retention removed from the source before are not among them.

    Raises
    ------
    TestbedError
        If a broker does not answer.
    """
    parts = [pl.DataFrame(schema=_TRUTH)]
    for cell in state.targets:
        topics = topics_of(state, cell.name)
        at = datetime.now(UTC)
        found = arrived(read_log(state.source, topics), read_log(cell, topics))
        parts.append(truth_rows(found, source=state.source.name, target=cell.name, at=at))
    return pl.concat(parts)


def _as_truth(rows: pl.DataFrame, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    lacking = [pl.lit(None).alias(name) for name in schema if name not in rows.columns]
    return rows.with_columns(lacking).select(pl.col(name).cast(dtype) for name, dtype in schema.items())

"""Schemas of the metadata tables of a capture; every table has ``ts`` and ``cluster``."""

from collections.abc import Mapping
from functools import cache

import dataframely as dy
import polars as pl

from kafka_analysis.model.errors import CaptureError
from kafka_analysis.model.frames import repeated

EVENT_KINDS = ("load", "plan", "replication", "cutover", "rollback", "fault", "recovery", "note")
GROUP_KINDS = ("classic", "consumer", "share", "streams")
EVIDENCE = ("measured", "estimated", "declared")
CONNECTOR_ROW_KINDS = ("config", "state")
READ_PURPOSES = ("sample", "committed offset")
CERTIFICATE_KINDS = ("broker", "client")
CERTIFICATE_PROBLEMS = (
    "expired",
    "not yet valid",
    "unknown CA",
    "wrong host name",
    "no TLS there",
    "silent",
    "cannot be reached",
    "cannot be read",
    "handshake fails",
)
READ_ENDS = ("enough", "end of log", "out of time", "too many bytes", "gone", "refused", "failed")


class Base(dy.Schema):
    """What every table has: when the snapshot was taken (rows of one snapshot share it), and of which cluster."""

    ts = dy.Datetime(nullable=False, time_unit="ms", time_zone="UTC")
    cluster = dy.String(nullable=False)


class Brokers(Base):
    """Brokers that are members; ``is_controller`` is null where it cannot be known (KRaft, without the quorum)."""

    broker = dy.Int32(nullable=False)
    host = dy.String(nullable=False)
    port = dy.Int32(nullable=False)
    rack = dy.String(nullable=True)
    is_controller = dy.Bool(nullable=True)
    instance_type = dy.String(nullable=True)
    disk_bytes = dy.Int64(nullable=True)


class Topics(Base):
    """Topics; ``internal`` is what the cluster says, which knows its own two or three only."""

    topic = dy.String(nullable=False)
    topic_id = dy.String(nullable=True)
    internal = dy.Bool(nullable=False)


class TopicConfigs(Base):
    """Configurations of topics, sensitive values null."""

    topic = dy.String(nullable=False)
    name = dy.String(nullable=False)
    value = dy.String(nullable=True)
    is_default = dy.Bool(nullable=False)
    source = dy.String(nullable=False)


class BrokerConfigs(Base):
    """Configurations of brokers, sensitive values null."""

    broker = dy.Int32(nullable=False)
    name = dy.String(nullable=False)
    value = dy.String(nullable=True)
    is_default = dy.Bool(nullable=False)
    source = dy.String(nullable=False)


class Partitions(Base):
    """Leader, replicas and in-sync replicas of each partition; leader −1 when there is none."""

    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    leader = dy.Int32(nullable=False)
    replicas = dy.List(dy.Int32(nullable=False), nullable=False)
    isr = dy.List(dy.Int32(nullable=False), nullable=False)


class LogDirs(Base):
    """Size of each replica on disk; ``is_future``: a copy being moved to another disk of the broker.

    ``is_cordoned``: the directory takes no new replicas (Kafka 4.3, KIP-1066); null where the broker does not say.
    A directory without a replica has no row.
    """

    broker = dy.Int32(nullable=False)
    path = dy.String(nullable=False)
    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    size_bytes = dy.Int64(nullable=False)
    is_future = dy.Bool(nullable=False)
    is_cordoned = dy.Bool(nullable=True)


class Offsets(Base):
    """First and next offset of each partition's log; null where the leader did not answer."""

    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    log_start_offset = dy.Int64(nullable=True)
    log_end_offset = dy.Int64(nullable=True)


class Groups(Base):
    """Groups; ``coordinator`` is a broker, ``kind`` one of ``GROUP_KINDS``; null where the cluster did not say.

    The lag of a share group is unknown: Kafka keeps no committed offsets for it.
    """

    group = dy.String(nullable=False)
    state = dy.String(nullable=False)
    protocol = dy.String(nullable=True)
    coordinator = dy.Int32(nullable=True)
    kind = dy.String(nullable=True)


class GroupMembers(Base):
    """Members of consumer groups; ``assignments`` are texts ``topic-partition``."""

    group = dy.String(nullable=False)
    member_id = dy.String(nullable=False)
    client_id = dy.String(nullable=False)
    client_host = dy.String(nullable=False)
    assignments = dy.List(dy.String(nullable=False), nullable=False)


class GroupOffsets(Base):
    """Committed offsets; a partition without a commit has no row, which is not a lag of 0."""

    group = dy.String(nullable=False)
    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    committed_offset = dy.Int64(nullable=False)


class Acls(Base):
    """Access control entries, as Kafka writes them: ``TOPIC``, ``PREFIXED``, ``WRITE``, ``ALLOW``.

    A code of a broker that is newer than the client is ``UNKNOWN_`` and its number.
    """

    principal = dy.String(nullable=False)
    host = dy.String(nullable=False)
    resource_type = dy.String(nullable=False)
    resource_name = dy.String(nullable=False)
    pattern_type = dy.String(nullable=False)
    operation = dy.String(nullable=False)
    permission = dy.String(nullable=False)


class Quotas(Base):
    """Client quotas: of a user, a client id, both together, or an address; null where the quota is not of that kind.

    ``defaults`` names the columns among ``user``, ``client_id`` and ``ip`` whose default the quota is: null there too.
    """

    user = dy.String(nullable=True)
    client_id = dy.String(nullable=True)
    ip = dy.String(nullable=True)
    defaults = dy.List(dy.String(nullable=False), nullable=False)
    name = dy.String(nullable=False)
    value = dy.Float64(nullable=False)


class Users(Base):
    """Names of SCRAM users and their mechanisms; neither passwords nor salts nor iterations."""

    user = dy.String(nullable=False)
    mechanism = dy.String(nullable=True)


class ClientSoftware(Base):
    """Open connections by client library and listener, as each broker counts them; of clients since Kafka 2.4.

    ``broker`` is null where a page of metrics does not tell it, ``mechanism`` always: brokers do not count by it.
    """

    broker = dy.Int32(nullable=True)
    name = dy.String(nullable=False)
    version = dy.String(nullable=False)
    listener = dy.String(nullable=False)
    mechanism = dy.String(nullable=True)
    connections = dy.Int64(nullable=False)


class Flows(Base):
    """Which client reads or writes which topic."""

    client = dy.String(nullable=False)
    kind = dy.String(nullable=False, check=lambda kind: kind.is_in(["producer", "group"]))
    topic = dy.String(nullable=False)
    bytes_per_s = dy.Float64(nullable=True)
    records_per_s = dy.Float64(nullable=True)
    evidence = dy.String(nullable=False, check=lambda evidence: evidence.is_in(EVIDENCE))


class Schemas(Base):
    """Schemas of a registry."""

    registry = dy.String(nullable=False)
    subject = dy.String(nullable=False)
    version = dy.Int32(nullable=False)
    id = dy.Int64(nullable=True)
    format = dy.String(nullable=False)
    compatibility = dy.String(nullable=True)
    fingerprint = dy.String(nullable=False)
    definition = dy.String(nullable=False)


class Events(Base):
    """What happened when; ``wave`` numbers cut-overs."""

    name = dy.String(nullable=False)
    kind = dy.String(nullable=False, check=lambda kind: kind.is_in(EVENT_KINDS))
    wave = dy.Int32(nullable=True)
    detail = dy.String(nullable=True)


class MirrorPositions(Base):
    """How far MirrorMaker 2 has read each partition of a source, as it stored it in this cluster.

    ``source`` is MirrorMaker's alias of the source, ``topic`` the name there. ``position`` is the offset of the record
    read next; ``committed_at`` is when MirrorMaker stored it.
    """

    connector = dy.String(nullable=False)
    source = dy.String(nullable=False)
    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    position = dy.Int64(nullable=False)
    committed_at = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")


class Checkpoints(Base):
    """MirrorMaker 2's newest translation of each group's committed offset, from the source to this cluster.

    ``source`` is the alias of the source, null where the topic's name has none; ``topic`` is the remote name.
    ``upstream_offset`` is −1 where MirrorMaker cannot tell.
    """

    source = dy.String(nullable=True)
    group = dy.String(nullable=False)
    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    upstream_offset = dy.Int64(nullable=False)
    downstream_offset = dy.Int64(nullable=False)
    written_at = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")


class OffsetSyncs(Base):
    """MirrorMaker 2's newest pair of offsets of one record, at the source and in the target, of each partition.

    ``peer`` is the alias in the name of the topic: the target's where the topic lies on the source, as is the default.
    """

    peer = dy.String(nullable=True)
    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    upstream_offset = dy.Int64(nullable=False)
    downstream_offset = dy.Int64(nullable=False)
    written_at = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")


class Connectors(Base):
    """Settings and states of MirrorMaker 2's connectors and tasks, a row each; sensitive values null.

    ``peer`` is the alias in the name of the topic they lie in: flows of two sources have connectors of the same names.
    Of settings from MirrorMaker's properties file it is the source's alias, as there.
    ``task`` is null in rows of the connector itself. Rows of kind ``state`` are named ``state``, ``worker_id``,
    ``trace`` (first line, last cause), ``tasks`` and ``target_state``.
    """

    peer = dy.String(nullable=True)
    connector = dy.String(nullable=False)
    task = dy.Int32(nullable=True)
    name = dy.String(nullable=False)
    value = dy.String(nullable=True)
    kind = dy.String(nullable=False, check=lambda kind: kind.is_in(CONNECTOR_ROW_KINDS))


class OffsetsAt(Base):
    """What logs answered when asked by time: the first offset of a record at or after ``at``, of each partition.

    ``offset`` is null where no record is that new. Asked of both ends of a replication, the difference of two answers
    is what was written between two times.
    """

    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    at = dy.Datetime(nullable=False, time_unit="ms", time_zone="UTC")
    offset = dy.Int64(nullable=True)


class RecordReads(Base):
    """What was read of a log to compare its records, a row for each stretch; what the reading cost, and why it ended.

    ``purpose``: one of ``READ_PURPOSES``. ``stretch`` numbers what belongs together at both ends of a replication.
    The records read are those from ``first_offset`` up to, without, ``next_offset``; ``ended``: one of ``READ_ENDS``,
    ``detail`` more words where it failed. ``bytes`` are those of keys, values and headers. For a committed offset
    ``group`` and ``wanted_offset`` say whose and which: at both ends the offset that was committed at the source.
    Groups at the same offset share a stretch: each has a row, and the bytes were read once.
    """

    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    purpose = dy.String(nullable=False, check=lambda purpose: purpose.is_in(READ_PURPOSES))
    stretch = dy.Int32(nullable=False)
    group = dy.String(nullable=True)
    wanted_offset = dy.Int64(nullable=True)
    first_offset = dy.Int64(nullable=True)
    next_offset = dy.Int64(nullable=True)
    records = dy.Int64(nullable=False)
    bytes = dy.Int64(nullable=False)
    seconds = dy.Float64(nullable=False)
    ended = dy.String(nullable=False, check=lambda ended: ended.is_in(READ_ENDS))
    detail = dy.String(nullable=True)


class RecordChecks(Base):
    """Hashes of the records read to compare both ends of a replication; the records themselves are not kept.

    ``record_hash`` is of key, value and headers, ``key_hash`` of the key, null where there is none; both of SHA-256,
    the first 16 bytes in hexadecimal. ``written_at`` is the record's time, ``time_kind`` whose clock it is of.
    """

    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    stretch = dy.Int32(nullable=False)
    offset = dy.Int64(nullable=False)
    written_at = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")
    time_kind = dy.String(nullable=True, check=lambda kind: kind.is_in(["CreateTime", "LogAppendTime"]))
    key_hash = dy.String(nullable=True)
    record_hash = dy.String(nullable=False)


class Transactions(Base):
    """Transactional ids and what they write to, a row for each partition of a transaction that is open.

    ``topic`` and ``partition`` are null where no transaction is open; the coordinator forgets what ended ones wrote to.
    """

    transactional_id = dy.String(nullable=False)
    state = dy.String(nullable=False)
    producer_id = dy.Int64(nullable=True)
    topic = dy.String(nullable=True)
    partition = dy.Int32(nullable=True)
    started_at = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")
    timeout_ms = dy.Int64(nullable=True)


class ActiveProducers(Base):
    """Idempotent and transactional producers a partition remembers, with the time of their last record.

    ``open_since_offset`` is where an open transaction began. Producers without idempotence are not among them.
    """

    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=False)
    producer_id = dy.Int64(nullable=False)
    producer_epoch = dy.Int32(nullable=True)
    last_sequence = dy.Int64(nullable=True)
    last_written_at = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")
    open_since_offset = dy.Int64(nullable=True)


class Certificates(Base):
    """Certificates brokers show, and those clients are given in the profile; ``kind``: ``broker`` or ``client``.

    ``problem``: why a certificate does not do, or why none could be read, of ``CERTIFICATE_PROBLEMS``, joined by
    ``; ``; null where all is well.
    """

    broker = dy.Int32(nullable=True)
    address = dy.String(nullable=False)
    kind = dy.String(nullable=False, check=lambda kind: kind.is_in(CERTIFICATE_KINDS))
    subject = dy.String(nullable=True)
    issuer = dy.String(nullable=True)
    names = dy.List(dy.String(nullable=False), nullable=True)
    valid_from = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")
    valid_until = dy.Datetime(nullable=True, time_unit="ms", time_zone="UTC")
    problem = dy.String(nullable=True)


class Canary(Base):
    """Probes written and read back."""

    broker = dy.Int32(nullable=True)
    partition = dy.Int32(nullable=False)
    seq = dy.Int64(nullable=False)
    produced_at = dy.Datetime(nullable=False, time_unit="ms", time_zone="UTC")
    produce_ms = dy.Float64(nullable=True)
    end_to_end_ms = dy.Float64(nullable=True)
    outcome = dy.String(nullable=False)


class Endpoints(Base):
    """Ways from an account to the brokers."""

    account = dy.String(nullable=False)
    broker = dy.Int32(nullable=True)
    az = dy.String(nullable=True)
    kind = dy.String(nullable=False)
    name = dy.String(nullable=False)
    target = dy.String(nullable=True)
    state = dy.String(nullable=True)


class Truth(Base):
    """The testbed's own record of what it sent and received; no analysis reads it."""

    actor = dy.String(nullable=False)
    kind = dy.String(nullable=False)
    topic = dy.String(nullable=False)
    partition = dy.Int32(nullable=True)
    group = dy.String(nullable=True)
    records = dy.Int64(nullable=True)
    bytes = dy.Int64(nullable=True)
    batches = dy.Int64(nullable=True)
    markers = dy.Int64(nullable=True)
    first_offset = dy.Int64(nullable=True)
    last_offset = dy.Int64(nullable=True)


TABLES: dict[str, type[Base]] = {
    "brokers": Brokers,
    "topics": Topics,
    "topic_configs": TopicConfigs,
    "broker_configs": BrokerConfigs,
    "partitions": Partitions,
    "log_dirs": LogDirs,
    "offsets": Offsets,
    "groups": Groups,
    "group_members": GroupMembers,
    "group_offsets": GroupOffsets,
    "mirror_positions": MirrorPositions,
    "checkpoints": Checkpoints,
    "offset_syncs": OffsetSyncs,
    "connectors": Connectors,
    "offsets_at": OffsetsAt,
    "record_reads": RecordReads,
    "record_checks": RecordChecks,
    "transactions": Transactions,
    "active_producers": ActiveProducers,
    "certificates": Certificates,
    "acls": Acls,
    "quotas": Quotas,
    "users": Users,
    "client_software": ClientSoftware,
    "flows": Flows,
    "schemas": Schemas,
    "events": Events,
    "canary": Canary,
    "endpoints": Endpoints,
    "truth": Truth,
}


# What writes each table: the kind of the source in the manifest of a recording, or what else makes the rows.
# None: nothing writes it yet, so that it is always empty; flows are read from the file beside a capture.
RECORDED_BY: dict[str, str | None] = {
    "brokers": "metadata",
    "topics": "metadata",
    "topic_configs": "metadata",
    "broker_configs": "metadata",
    "partitions": "leaders",
    "log_dirs": "log dirs",
    "offsets": "offsets",
    "groups": "groups",
    "group_members": "groups",
    "group_offsets": "groups",
    "mirror_positions": "mirror",
    "checkpoints": "mirror",
    "offset_syncs": "mirror",
    "connectors": "mirror",
    "offsets_at": "cut-over check",
    "record_reads": "cut-over check",
    "record_checks": "cut-over check",
    "transactions": "cut-over check",
    "active_producers": "cut-over check",
    "certificates": "cut-over check",
    "acls": "access",
    "quotas": "access",
    "users": "access",
    "client_software": "jmx",
    "flows": None,
    "schemas": None,
    "events": "simulation and testbed",
    "canary": None,
    "endpoints": None,
    "truth": "simulation and testbed",
}


def table_schema(name: str) -> type[Base]:
    """Return the schema of a table.

    Raises
    ------
    CaptureError
        When there is no table of that name in the contract.

    Examples
    --------
    >>> table_schema("partition")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureError: unknown table 'partition'; did you mean 'partitions'? ...
    """
    if name not in TABLES:
        raise CaptureError.unknown("table", name, TABLES)
    return TABLES[name]


def with_all_columns(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a table with null in nullable columns that are absent, as older captures have them.

    A required column is never made up: where it is absent, checking the rows fails.

    Examples
    --------
    >>> rows = empty_table("log_dirs").drop("is_cordoned")
    >>> with_all_columns("log_dirs", rows).columns == empty_table("log_dirs").columns
    True
    """
    columns = table_schema(name).columns()
    absent = [
        pl.lit(None, dtype=column.dtype).alias(field)
        for field, column in columns.items()
        if column.nullable and field not in rows.columns
    ]
    if not absent:
        return rows
    complete = rows.with_columns(absent)
    return complete.select(
        *[c for c in columns if c in complete.columns], *[c for c in complete.columns if c not in columns]
    )


def empty_table(name: str) -> pl.DataFrame:
    """Return a table without a row.

    Examples
    --------
    >>> empty_table("offsets").columns
    ['ts', 'cluster', 'topic', 'partition', 'log_start_offset', 'log_end_offset']
    """
    return pl.DataFrame(schema=_types(name))


@cache
def _types(name: str) -> pl.Schema:
    return table_schema(name).create_empty().schema


def filled(name: str, columns: Mapping[str, object]) -> pl.DataFrame:
    """Return a table of some of its columns: the others are null, and a single value stands in every row.

    Parameters
    ----------
    columns
        Arrays, series and lists of one length, times in ms since the epoch or as moments; or single values.

    Examples
    --------
    >>> filled("users", {"cluster": "c", "user": ["a", "b"]}).select("cluster", "user", "mechanism").rows()
    [('c', 'a', None), ('c', 'b', None)]
    """
    return repeated(columns, _types(name))

"""Redact a capture for sharing: names become stable pseudonyms, texts that may hold names go, numbers stay."""

import re
from collections.abc import Collection
from functools import partial
from pathlib import Path

import polars as pl

from kafka_analysis.capture.batches import batches, bytes_to_copy
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.join_sources import NOT_RECORDED
from kafka_analysis.capture.known_words import is_known_word
from kafka_analysis.capture.pseudonyms import Pseudonyms, read_or_make_key
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.redact_beside import (
    files_beside,
    read_beside,
    redact_beside,
    refuse_beside,
    written_beside,
)
from kafka_analysis.capture.redact_rows import Rule, redact_rows
from kafka_analysis.capture.repair import UNFINISHED
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.manifest import ClusterInfo, Gap, SourceInfo
from kafka_analysis.model.metrics import METRICS
from kafka_analysis.model.tables import CERTIFICATE_PROBLEMS

REDACTED = "redacted"
# Columns whose texts are words of Kafka or of this package; a word that is not known becomes a pseudonym even there.
WORDS: dict[str, tuple[str, ...]] = {
    "samples": ("stat",),
    "brokers": ("instance_type",),
    "topic_configs": ("source",),
    "broker_configs": ("source",),
    "groups": ("state", "protocol", "kind"),
    "mirror_positions": ("connector",),
    "connectors": ("connector", "name", "kind"),
    "record_reads": ("purpose", "ended"),
    "record_checks": ("time_kind",),
    "transactions": ("state",),
    "certificates": ("kind",),
    "acls": ("resource_type", "pattern_type", "operation", "permission"),
    "quotas": ("defaults", "name"),
    "users": ("mechanism",),
    "client_software": ("name", "version", "listener", "mechanism"),
    "flows": ("kind", "evidence"),
    "schemas": ("format", "compatibility"),
    "events": ("kind",),
    "canary": ("outcome",),
    "endpoints": ("kind", "state"),
    "truth": ("kind",),
}
NOTE = "redacted: names are pseudonyms, and texts that might contain names were left out"
_PHASES = ("baseline", "after")
_GAP_REASONS = re.compile(
    rf"HTTP status \d{{3}}|previous scrape still running|no full answer within [\d.]+ s|{NOT_RECORDED}|{UNFINISHED}"
    "|still at the answer before"  # as older versions wrote it
)
_CONFIG_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
_ALIASES = ("source.cluster.alias", "target.cluster.alias")
_LISTENER_CONFIG = re.compile(r"listener\.name\.([^.]+)\.(.+)", re.DOTALL)


def redact_capture(
    path: str | Path,
    out: str | Path,
    *,
    key_file: str | Path | None = None,
    words: Collection[str] = frozenset(),
) -> Capture:
    """Write a copy of a capture in which names are pseudonyms; the capture itself stays as it is.

    Topics, groups, clients, members, hosts, users, clusters, paths and every other text become pseudonyms, the same
    for the same name everywhere; known words of Kafka stay in the columns that hold such words, ``WORDS``. Event
    details, notes, rejected lines, values of configurations that are no number or known word, and definitions of
    schemas are left out. Names of metrics and configurations, numbers, times, versions and the names of Kafka's own
    topics stay, and so does every figure.

    Of the files beside a capture, those of owners, declared flows, cells and waves are redacted with it, and lie beside
    the copy (see :mod:`kafka_analysis.capture.redact_beside`). A folder ``<capture>.routing`` is not copied: it holds
    addresses.

    Parameters
    ----------
    path
        Folder of the capture.
    out
        Folder of the redacted one; absent or empty, and with no such file beside it.
    key_file
        Holds the key of the pseudonyms, or will: made when absent. Captures redacted with the same key can be compared
        and merged. Without it the key is random, used once and kept nowhere.
    words
        Words of exporters that may stay, such as names of dialects: ``sources.exporter_words`` has them. Without them
        they become pseudonyms too.

    Raises
    ------
    CaptureExistsError
        When ``out`` holds anything, or such a file lies beside it.
    InputError
        When a file beside the capture is not what it should be; when the key file cannot be used, or lies inside
        ``out``: who has the key can test names. Nothing is written.

    Examples
    --------
    >>> redact_capture("no/such/folder", "out")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.CaptureNotFoundError: no capture at no/such/folder: the folder does not exist; ...
    """
    capture, beside = read_capture(path), read_beside(path)
    key = None if key_file is None else Path(key_file)
    _refuse_key(key, Path(out))
    refuse_beside(out)
    synthetic = capture.manifest.synthetic
    with CaptureWriter(
        out, synthetic=synthetic, notes=[NOTE], keep_unfinished=False, needed_bytes=bytes_to_copy(capture)
    ) as writer:
        names = Pseudonyms(read_or_make_key(key), clusters=[c.cluster for c in capture.clusters], words=words)
        for stream, rows in batches(capture):
            named = with_topics_of_prefixes(rows, capture.known_topics()) if stream == "tables/acls" else rows
            writer.add(stream, redact_rows(named, rules_of(stream, names), names))
        with written_beside(out, redact_beside(beside, capture, names)):
            writer.finish(
                window=(capture.start, capture.end),
                clusters=[_cluster(cluster, names) for cluster in capture.manifest.clusters],
                sources=[_source(source, names) for source in capture.manifest.sources],
            )
    return read_capture(out, verify=False)


def _refuse_key(key: Path | None, out: Path) -> None:
    """Refuse a key file that would be shared with the redacted capture."""
    if key is None:
        return
    place = key.resolve()
    if place.is_relative_to(out.resolve()) or place in (file.resolve() for file in files_beside(out)):
        message = f"key file {key} is inside the redacted capture; keep it elsewhere, and never share it"
        raise InputError(message)


def rules_of(stream: str, names: Pseudonyms) -> dict[tuple[str, ...], Rule]:
    """Return what becomes of the texts of a stream, by column; see :func:`redact_rows`.

    Examples
    --------
    >>> rules = rules_of("tables/users", Pseudonyms(b"0123456789abcdef"))
    >>> rules[("topic",)]("__consumer_offsets")
    '__consumer_offsets'
    """
    rules: dict[tuple[str, ...], Rule] = {
        ("cluster",): names.cluster,
        ("topic",): names.topic,
        ("group",): names.group,
        ("host",): names.host,
        ("client_id",): partial(names.of, "client"),
        ("client_host",): names.host,
        ("member_id",): partial(names.of, "member"),
        ("assignments",): names.topic_partition,
        ("principal",): names.principal,
        ("ip",): names.host,
        ("az",): partial(names.of, "rack"),
        ("rack",): partial(names.of, "rack"),
        ("subject",): names.subject,
        ("user",): partial(names.of, "user"),
        ("path",): partial(names.of, "path"),
        ("topic_id",): partial(names.of, "id"),
    }
    name = "samples" if stream.startswith("samples/") else stream.removeprefix("tables/")
    kept: dict[tuple[str, ...], Rule] = {
        (column,): partial(names.word, column) for column in WORDS.get(name, ())
    }
    return rules | kept | _rules_of_table(name, names)


def _rules_of_table(name: str, names: Pseudonyms) -> dict[tuple[str, ...], Rule]:
    configs: dict[tuple[str, ...], Rule] = {
        ("name",): partial(_config_name, names),
        ("value",): lambda value: value if is_known_word(value) else REDACTED,
    }
    hashed = partial(names.of, "hash")
    alias: dict[tuple[str, ...], Rule] = {("source",): names.cluster, ("peer",): names.cluster}
    tables: dict[str, dict[tuple[str, ...], Rule]] = {
        "mirror_positions": alias,
        "checkpoints": alias,
        "offset_syncs": alias,
        "connectors": {**alias, ("value", "name"): partial(_connector_value, names)},
        "record_reads": {("detail",): lambda _: None},
        # whoever can guess a key can hash it
        "record_checks": {("key_hash",): hashed, ("record_hash",): hashed},
        "certificates": {
            ("address",): names.address,
            ("subject",): partial(names.of, "subject"),
            ("names",): names.host,
            ("problem",): _problem,
        },
        "topic_configs": configs,
        "broker_configs": configs,
        "acls": {("resource_name", "resource_type"): partial(_resource, names)},
        "flows": {("client", "kind"): names.client},
        "schemas": {
            ("definition",): lambda _: REDACTED,
            ("fingerprint",): partial(names.of, "fingerprint"),
        },
        "events": {("name", "kind"): partial(_event, names), ("detail",): lambda _: None},
        "endpoints": {
            ("account",): partial(names.of, "account"),
            ("name",): partial(names.of, "endpoint"),
            ("target",): names.host,
        },
        "truth": {("actor",): partial(names.of, "client")},
        "samples": {
            ("metric",): lambda metric: metric if metric in METRICS else names.of("metric", metric),
            ("entity", "metric"): partial(_entity, names),
        },
        "rejected": {
            ("source",): partial(_rejected_source, names),
            ("text",): lambda _: REDACTED,
            ("reason",): lambda _: REDACTED,
        },
    }
    return tables.get(name, {})


def _entity(names: Pseudonyms, entity: str, metric: str) -> str:
    """Redact what the catalogue says an entity is; of what it does not say, nothing is kept but known words."""
    about = METRICS[metric].entity if metric in METRICS else ""
    if about == "source->target":
        return "->".join(map(names.cluster, entity.split("->")))
    kind = {"listener and network processor": "listener", "job/operator": "job"}.get(about)
    if kind is not None:
        return "/".join(names.word(kind, part) for part in entity.split("/"))
    if about == "mount" and entity == "/":
        return entity
    return names.word(about.split()[0] if about else "entity", entity)


def _problem(text: str) -> str:
    """Keep what this package says of certificates."""
    return text if set(text.split("; ")) <= set(CERTIFICATE_PROBLEMS) else REDACTED


def _connector_value(names: Pseudonyms, value: str, name: str) -> str:
    """Redact the value of a connector's setting; an alias becomes the pseudonym it has everywhere."""
    if name in _ALIASES:
        return names.cluster(value)
    return value if is_known_word(value) else REDACTED


def _config_name(names: Pseudonyms, name: str) -> str:
    match = _LISTENER_CONFIG.fullmatch(name)
    if match is not None:
        listener, rest = match.groups()
        kept = listener if is_known_word(listener.upper()) else names.of("listener", listener)
        return f"listener.name.{kept}.{_config_name(names, rest)}"
    return name if _CONFIG_NAME.fullmatch(name) else names.of("config", name)


def _resource(names: Pseudonyms, name: str, kind: str) -> str:
    if kind.upper() == "CLUSTER" and name == "kafka-cluster":
        return name
    rules: dict[str, Rule] = {"TOPIC": names.topic, "GROUP": names.group, "USER": names.principal}
    return rules.get(kind.upper(), partial(names.of, "resource"))(name)


def _event(names: Pseudonyms, name: str, kind: str) -> str:
    phase, colon, edge = name.rpartition(":")
    if kind == "load" and colon and edge in ("start", "end"):
        return f"{phase if phase in _PHASES else names.of('phase', phase)}:{edge}"
    return names.of("event", name)


def _rejected_source(names: Pseudonyms, source: str) -> str:
    return names.address(source) if source.startswith("http") else names.of("source", source)


def _cluster(cluster: ClusterInfo, names: Pseudonyms) -> ClusterInfo:
    def if_harmless(text: str | None) -> str | None:
        return text if text is not None and is_known_word(text) else None

    return ClusterInfo(
        cluster=names.cluster(cluster.cluster),
        role=cluster.role,
        kafka_cluster_id=cluster.kafka_cluster_id and names.of("id", cluster.kafka_cluster_id),
        kafka_version=if_harmless(cluster.kafka_version),
        flavour=if_harmless(cluster.flavour),
        missing_rights=cluster.missing_rights,
        has_authorizer=cluster.has_authorizer,
    )


def _source(source: SourceInfo, names: Pseudonyms) -> SourceInfo:
    return source.model_copy(
        update={
            "kind": names.word("kind", source.kind),
            "cluster": names.cluster(source.cluster),
            "address": names.address(source.address),
            "dialect": source.dialect
            and ", ".join(names.word("dialect", dialect) for dialect in source.dialect.split(", ")),
            "gaps": tuple(map(_without_names, source.gaps)),
        }
    )


def _without_names(gap: Gap) -> Gap:
    return gap if _GAP_REASONS.fullmatch(gap.reason) else gap.model_copy(update={"reason": REDACTED})


_WRITES = ("WRITE", "ALL")


def with_topics_of_prefixes(acls: pl.DataFrame, topics: pl.DataFrame) -> pl.DataFrame:
    """Add to rights to write to a prefix one entry for each topic it is about, so that flows read from ACLs stay.

    Parameters
    ----------
    acls
        Rows of the table ``acls``, names not yet redacted.
    topics
        ``cluster``, ``topic``: the topics of the capture.

    Returns
    -------
    polars.DataFrame
        The rows, then those added: LITERAL, and the same but for that. Which topics share a prefix is lost otherwise.

    Examples
    --------
    >>> acls = pl.DataFrame({"cluster": "c", "principal": "User:a", "resource_type": "TOPIC",
    ...     "resource_name": ["orders."], "pattern_type": "PREFIXED", "operation": "WRITE"})
    >>> topics = pl.DataFrame({"cluster": "c", "topic": ["orders.new", "clicks"]})
    >>> with_topics_of_prefixes(acls, topics).select("resource_name", "pattern_type").rows()
    [('orders.', 'PREFIXED'), ('orders.new', 'LITERAL')]
    """
    writes = pl.col("operation").is_in(_WRITES) & (pl.col("resource_type") == "TOPIC")
    prefixed = acls.filter(writes, pattern_type="PREFIXED")
    names = topics.select("cluster", "topic").unique()
    prefixes = prefixed.select("cluster", "resource_name").unique().join(names, on="cluster")
    about = prefixes.filter(pl.col("topic").str.starts_with(pl.col("resource_name")))
    added = prefixed.join(about, on=["cluster", "resource_name"], maintain_order="left").with_columns(
        resource_name=pl.col("topic"), pattern_type=pl.lit("LITERAL")
    )
    return pl.concat([acls, added.select(acls.columns)])

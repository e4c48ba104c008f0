"""Which topics belong together because of what they are: a split that parts them breaks an application."""

import re
from collections.abc import Iterable, Iterator

import polars as pl

from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.model.internal import stays_behind, topic_kind

_SCHEMA = {"cluster": pl.String, "family": pl.String, "kind": pl.String, "topic": pl.String, "why": pl.String}
_STREAMS = re.compile(r"(?P<rest>.+)-(?P<what>changelog|repartition)$")
_GENERATED = re.compile(r"-(?:KSTREAM|KTABLE|KTABLE-FK|KSTREAM-KEY-SELECT)-")
_CONNECT = re.compile(r"(?P<worker>.+)[-_.](?P<what>config|offset|status)(?:s|es)?$")
_CONNECT_KEEPS = {"config", "offset", "status"}
_SUBJECT = re.compile(r"(?P<topic>.+)-(?:key|value)$")
Row = tuple[str, str, str, str]  # family, kind, topic, why


@same_kind
def internal_families(
    topics: Frame, *, flows: Frame = None, acls: Frame = None, schemas: Frame = None
) -> Frame:
    """List the topics that belong together, and why; a topic can be in several families, or in none.

    Parameters
    ----------
    topics
        ``cluster``, ``topic``: all of a cluster's, internal ones too. Kafka's own (``__consumer_offsets``) and probes'
        are left out: every cluster has its own.
    flows
        ``client``, ``kind``, ``topic`` and, where known, ``cluster``, ``transactional_id``: groups tell the
        applications of Kafka Streams, producers what they write in one transaction.
    acls
        Rows of the capture's ``acls`` table.
    schemas
        Rows of the capture's ``schemas`` table.

    Returns
    -------
    frame of the kind given
        ``cluster``, ``family``, ``kind``, ``topic``, ``why``, families of two topics or more. Kinds: ``streams`` (an
        application's changelogs and repartition topics, and what it reads and writes: it speaks to one cluster only),
        ``connect`` (the three topics of Connect workers), ``mirror`` (MirrorMaker 2's own), ``transaction`` (written
        under one transactional id), ``schema`` (subjects of one definition), ``acl`` (under one prefixed entry).

    Examples
    --------
    >>> topics = pl.DataFrame({"cluster": "c", "topic": ["orders", "bill-sum-changelog", "bill-sum-repartition", "x"]})
    >>> flows = pl.DataFrame({"client": ["bill"], "kind": "group", "topic": "orders"})
    >>> internal_families(topics, flows=flows).select("family", "topic").rows()
    [('streams:bill', 'bill-sum-changelog'), ('streams:bill', 'bill-sum-repartition'), ('streams:bill', 'orders')]
    """
    rows = []
    for (cluster,), part in topics.select("cluster", "topic").unique().group_by("cluster"):
        names = sorted(name for name in part["topic"] if not stays_behind(name))
        parts = [_of_cluster(frame, cluster) for frame in (flows, acls, schemas)]
        rows += [(cluster, *row) for row in _families(names, *parts)]
    family = ["cluster", "family"]
    members = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    distinct = members.unique([*family, "topic"], keep="first", maintain_order=True)
    return distinct.filter(pl.len().over(family) > 1).sort(*family, "topic")


def _of_cluster(frame: pl.DataFrame | None, cluster: object) -> pl.DataFrame:
    """Return the rows about a cluster; rows that name none are about each."""
    if frame is None or frame.is_empty():
        return pl.DataFrame()
    return frame.filter(cluster=cluster) if "cluster" in frame.columns else frame


def _families(
    names: list[str], flows: pl.DataFrame, acls: pl.DataFrame, schemas: pl.DataFrame
) -> Iterator[Row]:
    yield from _streams(names, flows)
    yield from _connect(names)
    yield from _mirror(names)
    yield from _transactions(names, flows)
    yield from _subjects(names, schemas)
    yield from _prefixes(names, acls)


def _streams(names: list[str], flows: pl.DataFrame) -> Iterator[Row]:
    """Yield the internal topics of each Streams application, and the topics it reads and writes."""
    groups = set(flows.filter(kind="group")["client"]) if len(flows) else set()
    applications = set()
    for name in names:
        if match := _STREAMS.match(name):
            application = _application(match["rest"], groups)
            applications.add(application)
            why = f"{match['what']} of the application {application}"
            yield f"streams:{application}", "streams", name, why
    if applications and len(flows):
        does = flows.filter(pl.col("client").is_in(applications), pl.col("topic").is_in(names))
        for client, kind, topic in does.select("client", "kind", "topic").unique().sort(pl.all()).rows():
            verb = "read" if kind == "group" else "written"
            why = f"{verb} by the Streams application {client}, which speaks to one cluster only"
            yield f"streams:{client}", "streams", topic, why


def _application(rest: str, groups: Iterable[str]) -> str:
    """Return the application an internal topic is of: its consumer group, else what the name begins with.

    The name is application id, store and kind; both of the first may hold dashes, and the longest group counts.
    """
    of_groups = [group for group in groups if rest.startswith(f"{group}-")]
    if of_groups:
        return max(of_groups, key=len)
    generated = _GENERATED.search(rest)
    return rest[: generated.start()] if generated else rest.rpartition("-")[0] or rest


def _connect(names: list[str]) -> Iterator[Row]:
    """Yield the topics of Connect workers: names that differ in what is kept there, and have all three of them."""
    stores = [(name, match["worker"], match["what"]) for name in names if (match := _CONNECT.match(name))]
    kept: dict[str, set[str]] = {}
    for _, worker, what in stores:
        kept.setdefault(worker, set()).add(what)
    for name, worker, what in stores:
        if kept[worker] == _CONNECT_KEEPS:
            yield f"connect:{worker}", "connect", name, f"{what} topic of the Connect workers {worker}"


def _mirror(names: list[str]) -> Iterator[Row]:
    for name in names:
        if topic_kind(name) == "mirror":
            yield "mirror", "mirror", name, "MirrorMaker 2 keeps its state in it"


def _transactions(names: list[str], flows: pl.DataFrame) -> Iterator[Row]:
    if "transactional_id" not in flows.columns:
        return
    written = flows.drop_nulls("transactional_id").filter(pl.col("topic").is_in(names), kind="producer")
    for name, topic in written.select("transactional_id", "topic").unique().rows():
        yield f"transaction:{name}", "transaction", topic, f"written in transactions of {name}"


def _subjects(names: list[str], schemas: pl.DataFrame) -> Iterator[Row]:
    """Yield the topics whose subjects hold the same definition in the same registry."""
    if schemas.is_empty():
        return
    topics = set(names)
    for registry, subject, print_ in schemas.select("registry", "subject", "fingerprint").unique().rows():
        match = _SUBJECT.match(subject)
        if match and match["topic"] in topics:
            why = f"shares the schema of subject {subject}"
            yield f"schema:{registry}:{print_}", "schema", match["topic"], why


def _prefixes(names: list[str], acls: pl.DataFrame) -> Iterator[Row]:
    if acls.is_empty():
        return
    entries = acls.filter(resource_type="TOPIC", pattern_type="PREFIXED")
    for prefix in entries["resource_name"].unique().sort():
        for name in names:
            if prefix and name.startswith(prefix):
                yield f"acl:{prefix}", "acl", name, f"access is granted by the prefix {prefix}"

"""What a recording asks, of whom and how often: made from a profile, each target a function without arguments."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Literal

import httpx
import polars as pl
from confluent_kafka.admin import AdminClient

from kafka_analysis.live.record.children import ChildProcesses
from kafka_analysis.live.record.mirror_files import FileFlow, MirrorSettings
from kafka_analysis.live.record.mirror_topics import MirrorTopics
from kafka_analysis.model.addresses import redacted
from kafka_analysis.model.errors import InputError, SourceError, TooLargeError
from kafka_analysis.model.manifest import LineCounts
from kafka_analysis.model.page_limits import DEFAULT_LIMITS, MOST_BYTES, MOST_LINES, PageLimits
from kafka_analysis.model.profile import ClusterProfile, Endpoint, OpenMonitoring
from kafka_analysis.sources.exposition.any_page import plausible
from kafka_analysis.sources.exposition.instances import by_instance
from kafka_analysis.sources.exposition.page import MOST_CELLS, Exposition, parse_exposition
from kafka_analysis.sources.exposition.page_bytes import text_of
from kafka_analysis.sources.exposition.page_kind import kind_of
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.scrape import fetched
from kafka_analysis.sources.jolokia.answers import read_jolokia
from kafka_analysis.sources.jolokia.reads import bulk_read
from kafka_analysis.sources.kafka import access as kafka_access
from kafka_analysis.sources.kafka import groups as kafka_groups
from kafka_analysis.sources.kafka import log_dirs as kafka_log_dirs
from kafka_analysis.sources.kafka import metadata as kafka_metadata
from kafka_analysis.sources.kafka.client import connect
from kafka_analysis.sources.kafka.group_list import GroupList, list_groups_of_every_kind, live_brokers
from kafka_analysis.sources.kafka.rights import groups_refused
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.dialects import find_dialect
from kafka_analysis.sources.spelling.families import Dialect
from kafka_analysis.sources.spelling.translate import joined, translate

Cadence = Literal["interval", "minute", "ends"]
_QUESTIONS_IN_A_ROW = 4  # at most, of one metadata target
_ACCESS = {
    "acls": kafka_access.read_acls,
    "quotas": kafka_access.read_quotas,
    "users": kafka_access.read_users,
}


@dataclass(frozen=True)
class Answer:
    """What a target said: samples, tables, lines not understood, and when; ``missing``: what it did not say in time.

    ``notes``: sentences a reader of any report on the capture must know.
    """

    ts: datetime
    samples: pl.DataFrame | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    rejected: pl.DataFrame | None = None
    lines: LineCounts | None = None
    dialect: str | None = None
    missing: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """One thing asked again and again; ``ask`` returns an answer or raises ``SourceError``.

    ``deadline_s``: seconds after which an answer comes too late; ``ask`` itself keeps to them where it can.
    """

    kind: str
    cluster: str
    address: str
    cadence: Cadence
    ask: Callable[[], Answer]
    deadline_s: float
    broker: int | None = None

    @property
    def words(self) -> str:
        """Return what is asked, and where."""
        return f"{self.cluster} {self.kind} {self.address}"


def endpoint_targets(
    cluster: ClusterProfile,
    brokers: Iterable[tuple[int, str]],
    *,
    client: httpx.Client,
    timeout_s: float,
    limits: PageLimits = DEFAULT_LIMITS,
) -> list[Target]:
    """List the pages of metrics of a cluster: those of the profile, and Open Monitoring's of every broker.

    Parameters
    ----------
    brokers
        Ids and hosts of the cluster's brokers, as far as they are known.
    client
        One of :func:`~kafka_analysis.sources.http.client.http_client`.
    timeout_s
        Seconds from connecting to the last line that is understood.
    limits
        How large a page may be.

    Raises
    ------
    InputError
        An endpoint names a dialect that is not there, or a file of one that is wrong.
    """
    monitored = _open_monitoring(cluster.open_monitoring, brokers) if cluster.open_monitoring else []
    listed = {str(endpoint.url) for endpoint in cluster.endpoints}
    endpoints = [*cluster.endpoints, *[e for e in monitored if str(e.url) not in listed]]
    return [
        Target(
            kind="jmx" if endpoint.kind == "jolokia" else endpoint.kind,
            cluster=cluster.name,
            broker=endpoint.broker,
            address=redacted(str(endpoint.url)),
            cadence="interval",
            ask=partial(
                _scrape, _Scrape(client, timeout_s, limits), endpoint, _dialects(endpoint), cluster.name
            ),
            deadline_s=timeout_s,
        )
        for endpoint in endpoints
    ]


def prepare() -> None:
    """Load what reading a page needs (compiled code, dialects): the first target's deadline is too short for it.

    Examples
    --------
    >>> prepare()
    """
    page = parse_exposition(b"up 1\n" * 100)
    translate(page, detect(page), ts=kafka_metadata.now(), cluster="-", broker=None, source="-")


def _open_monitoring(ports: OpenMonitoring, brokers: Iterable[tuple[int, str]]) -> list[Endpoint]:
    kinds = [("jmx", ports.jmx_port), ("node", ports.node_port)]
    return [
        Endpoint.model_validate({"url": f"http://{host}:{port}/metrics", "kind": kind, "broker": broker})
        for broker, host in brokers
        for kind, port in kinds
        if port is not None
    ]


@dataclass
class _Dialects:
    """The dialects a target's pages are read by: those the profile names, or those detected on its last page.

    They are detected anew when a page has other names or labels than the one before, and while there are none.
    """

    chosen: tuple[Dialect, ...] = ()
    is_fixed: bool = False
    spelling: frozenset[str] = frozenset()

    def of(self, page: Exposition) -> tuple[Dialect, ...]:
        spelling = frozenset(page.samples["metric"].unique()).union(page.samples.columns)
        if not self.is_fixed and (not self.chosen or spelling != self.spelling):
            self.chosen, self.spelling = detect(page), spelling
        return self.chosen


def _dialects(endpoint: Endpoint) -> _Dialects:
    chosen = () if endpoint.dialect is None else (find_dialect(endpoint.dialect),)
    return _Dialects(chosen, is_fixed=bool(chosen))


@dataclass(frozen=True)
class _Scrape:
    """How pages are fetched: with which client, within how many seconds, and how large they may be."""

    client: httpx.Client
    timeout_s: float
    limits: PageLimits


def _scrape(how: _Scrape, endpoint: Endpoint, dialects: _Dialects, cluster: str) -> Answer:
    deadline = Deadline.after(how.timeout_s)
    jolokia = endpoint.kind == "jolokia"
    question, read = (bulk_read(), _jolokia) if jolokia else (None, _text)
    fetching = fetched(how.client, str(endpoint.url), deadline=deadline, limits=how.limits, body=question)
    try:
        with fetching as (ts, page):
            exposition = read(page, ts, how.limits, deadline)
            chosen = dialects.of(exposition)
            deadline.check()
            source = redacted(str(endpoint.url))
            parts = by_instance(
                exposition, chosen, broker=endpoint.broker, is_given=endpoint.broker is not None
            )
            common = {"ts": ts, "cluster": cluster, "source": source}
            done = joined([translate(p.page, chosen, broker=p.broker, **common) for p in parts])
            deadline.check()
    except TooLargeError as error:
        message = f"too large: {error}; to read it, raise max_page_bytes or max_page_lines in the profile"
        raise SourceError(message) from None
    dialect = done.spoken or None
    return Answer(ts=ts, samples=done.samples, rejected=done.rejected, lines=done.lines, dialect=dialect)


def _text(answer: bytes, ts: datetime, limits: PageLimits, deadline: Deadline) -> Exposition:
    page = text_of(answer)
    try:
        exposition = parse_exposition(page, check=deadline.check, most_cells=_cells(limits))
    except InputError as error:
        raise TooLargeError(str(error)) from None
    if exposition.samples.is_empty():
        raise SourceError(f"the answer is not a page of metrics: {kind_of(page)}")
    return plausible(exposition, answered=ts)


def _cells(limits: PageLimits) -> int:
    """Return how much memory the lines of a page may take: in proportion to what it may be."""
    return round(MOST_CELLS * max(limits.most_bytes / MOST_BYTES, limits.most_lines / MOST_LINES))


def _jolokia(answer: bytes, _ts: datetime, limits: PageLimits, deadline: Deadline) -> Exposition:
    """Read an agent's MBeans; all have the time of the answer, which is finer than the agent's seconds."""
    page = read_jolokia(answer, limits=limits, check=deadline.check)
    if page.samples.is_empty():
        reason = page.rejected["reason"].first() or "no Kafka MBeans found"
        raise SourceError(str(reason))
    return replace(page, samples=page.samples.with_columns(pl.lit(None, pl.Int64).alias("timestamp_ms")))


def metadata_targets(
    cluster: ClusterProfile,
    admin: AdminClient,
    *,
    children: ChildProcesses,
    timeout_s: float,
    flows: tuple[FileFlow, ...] = (),
) -> list[Target]:
    """List what is asked of a cluster's own interface: offsets, MirrorMaker 2, leaders, groups, and the rest.

    ``flows``: those of MirrorMaker 2 into the cluster, as its properties files have them.
    """
    settings = MirrorSettings(cluster.name, flows)
    asks: list[tuple[str, Cadence, Callable[[], Answer]]] = [
        ("offsets", "interval", partial(_offsets, admin, cluster.name, timeout_s)),
        ("mirror", "interval", partial(_mirror, MirrorTopics(admin, cluster, timeout_s), settings)),
        ("leaders", "minute", partial(_leaders, admin, cluster.name, timeout_s)),
        ("groups", "minute", partial(_groups, children, cluster, timeout_s, set())),
        ("metadata", "ends", partial(_metadata, admin, cluster, timeout_s)),
        ("log dirs", "ends", partial(_log_dirs, admin, cluster, timeout_s)),
        ("access", "ends", partial(_access, admin, cluster, timeout_s)),
    ]
    address = cluster.bootstrap
    return [
        Target(
            kind=kind,
            cluster=cluster.name,
            address=address,
            cadence=cadence,
            ask=ask,
            deadline_s=_QUESTIONS_IN_A_ROW * timeout_s,
        )
        for kind, cadence, ask in asks
    ]


def _offsets(admin: AdminClient, cluster: str, timeout_s: float) -> Answer:
    offsets = kafka_metadata.read_offsets(admin, cluster=cluster, timeout_s=timeout_s)
    return Answer(ts=kafka_metadata.now(), tables={"offsets": offsets})


def _mirror(topics: MirrorTopics, settings: MirrorSettings) -> Answer:
    """Read what MirrorMaker 2 keeps in a cluster; where that fails, the settings of its files are kept."""
    try:
        tables, missing = topics.read()
    except SourceError as error:
        missing = str(error)
        found, notes = settings.added_to({})
        if not found:
            raise
    else:
        found, notes = settings.added_to(tables)
    return Answer(ts=kafka_metadata.now(), tables=found, missing=missing, notes=notes)


def _leaders(admin: AdminClient, cluster: str, timeout_s: float) -> Answer:
    tables, missing = kafka_metadata.read_topics(admin, cluster=cluster, timeout_s=timeout_s)
    return Answer(ts=kafka_metadata.now(), tables={"partitions": tables["partitions"]}, missing=missing)


def _groups(children: ChildProcesses, cluster: ClusterProfile, timeout_s: float, earlier: set[str]) -> Answer:
    """Read the groups; ``earlier`` keeps which were there at the last answer, for the next request."""
    groups = children.ask(
        _QUESTIONS_IN_A_ROW * timeout_s, groups_of, cluster.model_dump_json(), timeout_s, frozenset(earlier)
    )
    earlier.clear()
    earlier.update(kafka_groups.still_there(groups.tables["groups"]))
    return Answer(ts=kafka_metadata.now(), tables=groups.tables, missing=groups.missing)


def groups_of(profile: str, timeout_s: float, earlier: Collection[str]) -> kafka_groups.Groups:
    """Read the tables of groups; called in a child process.

    Each time with a client of its own: one that is kept goes on asking the broker that coordinated a group before a
    broker was lost, for minutes after the group has another.

    Parameters
    ----------
    profile
        A ``ClusterProfile`` as JSON: it refers to secrets, and holds none.
    earlier
        Consumer groups that were there before.
    """
    cluster = ClusterProfile.model_validate_json(profile)
    return kafka_groups.read_groups(
        connect(cluster),
        cluster=cluster.name,
        timeout_s=timeout_s,
        earlier=earlier,
        others=partial(_every_kind, cluster, timeout_s),
    )


def _every_kind(cluster: ClusterProfile, timeout_s: float) -> GroupList:
    """List groups with the client that knows share and streams groups; without it they stay unknown."""
    try:
        with kafka_log_dirs.admin_client(cluster, timeout_s=timeout_s) as client:
            brokers = live_brokers(client)
            listed = list_groups_of_every_kind(client, brokers)
            if brokers and not listed.groups and not listed.silent and groups_refused(client, brokers[0]):
                return GroupList(silent="no groups are visible: the right to Describe groups is missing")
            return listed
    except SourceError as error:
        return GroupList(silent=None if str(error) == kafka_log_dirs.MISSING else str(error))


def _metadata(admin: AdminClient, cluster: ClusterProfile, timeout_s: float) -> Answer:
    """Read topics, configurations and brokers; it fails as a whole where nobody answers."""
    nodes = kafka_metadata.describe_cluster(admin, timeout_s=timeout_s).nodes
    common = {"cluster": cluster.name, "timeout_s": timeout_s}
    reads: dict[str, Callable[[], tuple[pl.DataFrame, str | None]]] = {
        "topics": lambda: _of_topics(kafka_metadata.read_topics(admin, **common)),
        "topic_configs": lambda: kafka_metadata.read_topic_configs(admin, **common),
        "broker_configs": lambda: kafka_metadata.read_broker_configs(admin, **common),
        "brokers": lambda: (
            kafka_metadata.brokers_table(
                nodes,
                cluster=cluster.name,
                controller=_controller(cluster, timeout_s),
                instance_type=cluster.instance_type,
            ),
            None,
        ),
    }
    return _tables(reads)


def _tables(reads: Mapping[str, Callable[[], tuple[pl.DataFrame | None, str | None]]]) -> Answer:
    """Read table by table: what fails, for want of a right or of a newer broker, takes nothing else along."""
    tables: dict[str, pl.DataFrame] = {}
    lacking = []
    for name, read in reads.items():
        try:
            rows, missing = read()
        except SourceError as error:
            rows, missing = None, f"{name}: {error}"
        tables |= {} if rows is None else {name: rows}
        lacking += [missing] if missing else []
    return Answer(ts=kafka_metadata.now(), tables=tables, missing="; ".join(lacking) or None)


def _of_topics(read: tuple[Mapping[str, pl.DataFrame], str | None]) -> tuple[pl.DataFrame, str | None]:
    return read[0]["topics"], read[1]


def _controller(cluster: ClusterProfile, timeout_s: float) -> int | None:
    try:
        with kafka_log_dirs.admin_client(cluster, timeout_s=timeout_s) as client:
            return kafka_log_dirs.quorum_leader(client)
    except SourceError:
        return None


def _access(admin: AdminClient, cluster: ClusterProfile, timeout_s: float) -> Answer:
    """Read ACLs, quotas and users."""
    kafka_metadata.describe_cluster(
        admin, timeout_s=timeout_s
    )  # kafka-python leaves sockets where none answers
    with kafka_log_dirs.admin_client(cluster, timeout_s=timeout_s) as client:
        return _tables({n: partial(read, client, cluster=cluster.name) for n, read in _ACCESS.items()})


def _log_dirs(admin: AdminClient, cluster: ClusterProfile, timeout_s: float) -> Answer:
    described = kafka_metadata.describe_cluster(admin, timeout_s=timeout_s)
    with kafka_log_dirs.admin_client(cluster, timeout_s=timeout_s) as client:
        brokers = sorted(node.id for node in described.nodes)
        sizes = kafka_log_dirs.read_log_dirs(client, cluster=cluster.name, brokers=brokers)
    if sizes.is_empty() and not described.may_describe:
        raise SourceError("no right to Describe the cluster: sizes of its log dirs are unknown")
    if sizes.is_empty() and not kafka_metadata.may_describe_topics(admin, timeout_s=timeout_s):
        raise SourceError("no right to Describe topics: sizes of log dirs are unknown")
    return Answer(ts=kafka_metadata.now(), tables={"log_dirs": sizes})

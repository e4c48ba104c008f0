"""Record a capture: ask every target in its rhythm, and let none that is down or slow hold up the rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import polars as pl
from confluent_kafka.admin import AdminClient

from kafka_analysis.capture.join_sources import join_sources
from kafka_analysis.capture.spool import SpoolState
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.attempts import Attempts, source_info
from kafka_analysis.live.children import ChildProcesses
from kafka_analysis.live.targets import Answer, Cadence, Target, endpoint_targets, metadata_targets
from kafka_analysis.model.errors import InputError, SourceError, UnreachableError
from kafka_analysis.model.manifest import ClusterInfo, LineCounts, SourceInfo, Span
from kafka_analysis.model.profile import Profile
from kafka_analysis.model.rights import joined_rights
from kafka_analysis.sources.kafka_client import connect
from kafka_analysis.sources.kafka_metadata import now
from kafka_analysis.sources.kafka_rights import describe_with_rights

MINUTE_S = 60.0
FLUSH_S = 10.0
MOST_CHILDREN = 2
SHORTEST_INTERVAL_S = 1.0
_STILL_BUSY = "still at the answer before"


@dataclass(frozen=True)
class Progress:
    """How far a recording is, for showing."""

    elapsed_s: float
    duration_s: float | None
    asked: int
    failed: int
    samples: int
    down: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Reached:
    """What answered before recording: clusters with their ids, and all targets."""

    clusters: tuple[ClusterInfo, ...]
    targets: tuple[Target, ...]


@dataclass
class _Recording:
    """A recording under way; only its own thread writes. ``before``: what an unfinished one already holds."""

    writer: CaptureWriter
    pool: ThreadPoolExecutor
    clusters: tuple[ClusterInfo, ...]
    attempts: dict[Target, Attempts]
    interval_s: float
    start: datetime
    before: SpoolState | None = None
    pending: dict[Target, tuple[datetime, Future[Answer]]] = field(default_factory=dict)
    samples: int = 0

    def sources(self, end: datetime) -> tuple[SourceInfo, ...]:
        """Return the manifest's entries as they would be if the recording ended now."""
        rhythm: dict[Cadence, float | None] = {
            "interval": self.interval_s,
            "minute": _minute(self.interval_s),
            "ends": None,
        }
        fresh = tuple(
            source_info(target, attempts, end=end, interval_s=rhythm[target.cadence])
            for target, attempts in self.attempts.items()
        )
        if self.before is None:
            return fresh
        earlier = Span(start=self.before.start, end=self.before.flushed_at)
        return join_sources([(earlier, self.before.sources), (Span(start=self.start, end=end), fresh)])

    @property
    def began(self) -> datetime:
        """Return when the capture began: before this recording, where it goes on with another."""
        return self.start if self.before is None else self.before.start

    def flush(self) -> None:
        """Put on disk what came so far."""
        self.writer.flush(start=self.began, clusters=self.clusters, sources=self.sources(now()))


def record_capture(
    profile: Profile,
    out: str | Path,
    *,
    duration_s: float | None,
    interval_s: float = 15.0,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    extra_tables: Callable[[], Mapping[str, pl.DataFrame]] | None = None,
    notes: Iterable[str] = (),
    resume: bool = False,
) -> Path:
    """Record a capture from the clusters of a profile; only reads from them.

    What came is put on disk every 10 seconds, or every interval where that is longer: a process that is killed loses
    no more than that.

    Parameters
    ----------
    profile
        Clusters, endpoints and how to reach them.
    out
        Folder of the new capture.
    duration_s
        Seconds to record; None = until ``stop``.
    interval_s
        Seconds between two scrapes, at least 1.
    stop
        Ends the recording early: what came so far becomes a valid, shorter capture.
    on_progress
        Told after every round.
    extra_tables
        Asked once at the end for more tables (the testbed's events).
    notes
        Sentences a reader of any report on this capture must know.
    resume
        Go on with the unfinished capture in ``out``; the time between is a gap of every target.

    Returns
    -------
    Path
        The capture's folder.

    Raises
    ------
    UnreachableError
        No cluster and no endpoint answered; nothing is written.
    CaptureExistsError, ProfileError, InputError
        The folder is taken, a secret cannot be read, or the interval is too short.
    CaptureNotFoundError, BusyError
        With ``resume``: there is no unfinished capture, or its recording still runs.
    """
    if interval_s < SHORTEST_INTERVAL_S or (duration_s is not None and duration_s <= 0):
        message = (
            f"interval {interval_s:g} s, duration {duration_s} s: give an interval ≥ 1 s and a duration > 0 s"
        )
        raise InputError(message)
    ended = stop or threading.Event()
    workers = min(len(profile.clusters), MOST_CHILDREN)
    with (
        CaptureWriter(out, notes=notes, resume=resume) as writer,
        _clients(profile) as (client, admins),
        ChildProcesses(workers) as children,
    ):
        before = writer.state if resume else None
        timeout_s = min(profile.scrape_timeout_s, interval_s)
        reached = _reach(profile, client, admins, children=children, timeout_s=timeout_s)
        clusters = reached.clusters if before is None else _same_clusters(before.clusters, reached.clusters)
        attempts = {target: Attempts() for target in reached.targets}
        with ThreadPoolExecutor(max_workers=len(reached.targets)) as pool:
            recording = _Recording(writer, pool, clusters, attempts, interval_s, now(), before)
            _run(recording, duration_s, ended, on_progress)
            end = now()
        for name, table in (extra_tables() if extra_tables else {}).items():
            writer.add_table(name, table)
        writer.finish(window=(recording.began, end), clusters=clusters, sources=recording.sources(end))
    return Path(out)


def _same_clusters(before: Iterable[ClusterInfo], reached: Iterable[ClusterInfo]) -> tuple[ClusterInfo, ...]:
    """Return the clusters of a capture that goes on; they must be the ones it began with."""
    known = {cluster.cluster: cluster for cluster in before}
    found = {cluster.cluster: cluster for cluster in reached}
    if known and known.keys() != found.keys():
        message = (
            f"the capture was begun with clusters {', '.join(sorted(known))}, and the profile names "
            f"{', '.join(sorted(found))}; resume with the profile it was begun with"
        )
        raise InputError(message)
    for name, cluster in found.items():
        ids = {c.kafka_cluster_id for c in (known.get(name), cluster) if c is not None and c.kafka_cluster_id}
        if len(ids) > 1:
            message = (
                f"cluster {name!r} has another id than when the capture was begun "
                f"({' and '.join(sorted(ids))}); correct bootstrap_servers, or record into another folder"
            )
            raise InputError(message)
    return tuple(_continued(known.get(name), cluster) for name, cluster in found.items())


def _continued(before: ClusterInfo | None, cluster: ClusterInfo) -> ClusterInfo:
    if before is None:
        return cluster
    return cluster.model_copy(
        update={
            "kafka_cluster_id": cluster.kafka_cluster_id or before.kafka_cluster_id,
            "missing_rights": joined_rights(before.missing_rights, cluster.missing_rights),
        }
    )


@contextmanager
def _clients(profile: Profile) -> Iterator[tuple[httpx.Client, dict[str, AdminClient]]]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    with httpx.Client(limits=limits, follow_redirects=False, trust_env=False) as client:
        yield client, {cluster.name: connect(cluster) for cluster in profile.clusters}


def _reach(
    profile: Profile,
    client: httpx.Client,
    admins: Mapping[str, AdminClient],
    *,
    children: ChildProcesses,
    timeout_s: float,
) -> _Reached:
    """Ask every cluster and endpoint once, all at the same time; fail when none answers."""
    admin_s = profile.admin_timeout_s
    with ThreadPoolExecutor(max_workers=8 + 4 * len(admins)) as pool:
        asked = {
            cluster.name: pool.submit(describe_with_rights, admins[cluster.name], cluster, timeout_s=admin_s)
            for cluster in profile.clusters
        }
        early = [
            t for c in profile.clusters for t in endpoint_targets(c, (), client=client, timeout_s=timeout_s)
        ]
        pages = [pool.submit(target.ask) for target in early]
        failures = [f"{name}: {error}" for name, future in asked.items() if (error := _error_of(future))]
        silent = [
            f"{t.address}: {error}"
            for t, page in zip(early, pages, strict=True)
            if (error := _error_of(page))
        ]
    if len(failures) == len(asked) and len(silent) == len(pages):
        message = (
            f"nothing answered ({'; '.join([*failures, *silent][:4])}); check addresses, ports and security"
        )
        raise UnreachableError(message)
    clusters, targets = [], []
    for cluster in profile.clusters:
        future = asked[cluster.name]
        cluster_id, nodes, missing = (None, (), None) if future.exception() else future.result()
        clusters.append(
            ClusterInfo(
                cluster=cluster.name,
                role=cluster.role,
                kafka_cluster_id=cluster_id,
                kafka_version=cluster.kafka_version,
                flavour=cluster.flavour,
                missing_rights=missing,
            )
        )
        hosts = [(node.id, node.host) for node in nodes]
        targets += endpoint_targets(cluster, hosts, client=client, timeout_s=timeout_s)
        targets += metadata_targets(cluster, admins[cluster.name], children=children, timeout_s=admin_s)
    return _Reached(tuple(clusters), tuple(targets))


def _error_of(future: Future[object]) -> BaseException | None:
    error = future.exception()
    if error is not None and not isinstance(error, SourceError):
        raise error
    return error


def _minute(interval_s: float) -> float:
    """Return the rhythm of group state: every minute, or every interval where that is longer."""
    return max(round(MINUTE_S / interval_s), 1) * interval_s


def _run(
    recording: _Recording,
    duration_s: float | None,
    ended: threading.Event,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    """Ask in rounds until the time is up or the end is called, then once more for the state at the end."""
    begun = flushed = time.monotonic()
    interval_s = recording.interval_s
    every_minute = round(_minute(interval_s) / interval_s)
    number = 0
    while not ended.is_set() and (duration_s is None or number * interval_s < duration_s):
        first = number == 0
        chosen = {
            "interval",
            *(["minute"] if number % every_minute == 0 else []),
            *(["ends"] if first else []),
        }
        _ask(recording, chosen)
        number += 1
        left = number * interval_s if duration_s is None else min(number * interval_s, duration_s)
        ended.wait(max(begun + left - time.monotonic(), 0.0))
        _gather(recording)
        if first or time.monotonic() - flushed >= FLUSH_S:
            recording.flush()
            flushed = time.monotonic()
        if on_progress:
            on_progress(_progress(recording, time.monotonic() - begun, duration_s))
    wait([future for _, future in recording.pending.values()])
    _gather(recording)
    _ask(recording, {"interval", "minute", "ends"})
    wait([future for _, future in recording.pending.values()])
    _gather(recording)


def _ask(recording: _Recording, cadences: set[str]) -> None:
    for target, attempts in recording.attempts.items():
        if target.cadence not in cadences:
            continue
        if target in recording.pending:
            attempts.asked.append((now(), _STILL_BUSY))
        else:
            recording.pending[target] = (now(), recording.pool.submit(target.ask))


def _gather(recording: _Recording) -> None:
    """Write down the answers that are there."""
    for target, (asked_at, future) in list(recording.pending.items()):
        if not future.done():
            continue
        del recording.pending[target]
        attempts = recording.attempts[target]
        error = _error_of(future)
        if error is None:
            answer = future.result()
            attempts.asked.append((asked_at, answer.missing))
            _write(recording, attempts, answer)
        else:
            attempts.asked.append((asked_at, str(error)))


def _write(recording: _Recording, attempts: Attempts, answer: Answer) -> None:
    if answer.samples is not None:
        recording.writer.add_samples(answer.samples)
        recording.samples += len(answer.samples)
    if answer.rejected is not None:
        recording.writer.add_rejected(answer.rejected)
    for name, table in answer.tables.items():
        recording.writer.add_table(name, table)
    if answer.lines is not None:
        attempts.lines = answer.lines + (attempts.lines or LineCounts())
    attempts.dialect = answer.dialect or attempts.dialect


def _progress(recording: _Recording, elapsed_s: float, duration_s: float | None) -> Progress:
    asked = [attempt for attempts in recording.attempts.values() for attempt in attempts.asked]
    down = [
        f"{target.cluster} {target.kind} {target.address}"
        for target, attempts in recording.attempts.items()
        if attempts.asked and attempts.asked[-1][1] is not None
    ]
    return Progress(
        elapsed_s=elapsed_s,
        duration_s=duration_s,
        asked=len(asked),
        failed=sum(reason is not None for _, reason in asked),
        samples=recording.samples,
        down=tuple(down),
    )

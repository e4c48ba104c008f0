"""Import history from Prometheus as a capture: target by target, stretch by stretch, what does not come is a gap."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.imports.chunks import SHORTEST_MS, ChunkLength
from kafka_analysis.live.imports.histories import KIND, ClusterHistory, TargetHistory
from kafka_analysis.live.record.client_software import add_page
from kafka_analysis.live.record.error_log import ErrorLog, secrets_of
from kafka_analysis.live.record.outcomes import failure_of
from kafka_analysis.model.errors import (
    InputError,
    ProfileError,
    TooLargeError,
    UnreachableError,
    WindowError,
)
from kafka_analysis.model.profile import ClusterProfile, Profile, PrometheusServer
from kafka_analysis.model.units import milliseconds_of, moment_of
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.prometheus.api import connected
from kafka_analysis.sources.prometheus.samples import read_matrix, times_seen
from kafka_analysis.sources.prometheus.targets import discover
from kafka_analysis.sources.spelling.translate import Translation, translate

MOST_NOTES = 20


@dataclass(frozen=True)
class Progress:
    """How far an import is, for showing; ``share`` is 0 to 1."""

    share: float
    asked: int
    failed: int
    samples: int


@dataclass
class _Import:
    """An import under way, of [start, end) in milliseconds."""

    writer: CaptureWriter
    start_ms: int
    end_ms: int
    step_ms: int
    log: ErrorLog
    on_progress: Callable[[Progress], None] | None
    targets: int = 0
    asked: int = 0
    failed: int = 0
    samples: int = 0
    histories: list[TargetHistory] = field(default_factory=list)


def import_prometheus(
    profile: Profile,
    out: str | Path,
    *,
    start: datetime,
    end: datetime,
    interval_s: float = 60.0,
    on_progress: Callable[[Progress], None] | None = None,
    transport: httpx.BaseTransport | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Path:
    """Import what Prometheus has stored of the clusters of a profile; only reads from it.

    Parameters
    ----------
    profile
        Clusters with a ``prometheus`` section; others are passed over.
    out
        Folder of the new capture.
    start, end
        The window [start, end), UTC.
    interval_s
        Seconds between two scrapes as far as known, at least 1: sizes the first questions, and is the step where the
        server does not give samples as they were scraped. The manifest holds what was seen.
    on_progress
        Told after every question.
    transport, pause
        What carries the questions, and what waits before one is asked again; the network and the clock by default.

    Returns
    -------
    Path
        The capture's folder.

    Raises
    ------
    UnreachableError
        No server answered; nothing is written.
    InputError, WindowError, ProfileError, CaptureExistsError
        Nothing known is stored there, the window is empty, no cluster has a section, a secret cannot be read, or the
        folder is taken.
    """
    sections = _with_history(profile)
    _check(start, end, interval_s)
    with CaptureWriter(out) as writer, ExitStack() as stack:
        clusters = [
            ClusterHistory(c, s, stack.enter_context(connected(s, transport=transport, pause=pause)))
            for c, s in sections
        ]
        log = ErrorLog(writer.path, partial(secrets_of, profile))
        run = _Import(
            writer, milliseconds_of(start), milliseconds_of(end), round(interval_s * 1000), log, on_progress
        )
        _find_targets(run, clusters)
        every = [TargetHistory(cluster, target) for cluster in clusters for target in cluster.targets]
        writer.flush(  # should the import be killed, a repair knows whom it had not asked yet
            clusters=[cluster.profile.info() for cluster in clusters],
            sources=[history.info(end=end, interval_s=interval_s) for history in every],
        )
        for cluster in clusters:
            for target in cluster.targets:
                _pull(run, TargetHistory(cluster, target))
        _check_something_came(run)
        sources = [history.info(end=end, interval_s=interval_s) for history in run.histories]
        sources += [c.silent(c.error, start=start, end=end) for c in clusters if c.error is not None]
        notes = dict.fromkeys(note for cluster in clusters for note in cluster.sentences(start))
        infos = [cluster.profile.info() for cluster in clusters]
        writer.finish(window=(start, end), clusters=infos, sources=sources, notes=list(notes)[:MOST_NOTES])
    return Path(out)


def _with_history(profile: Profile) -> list[tuple[ClusterProfile, PrometheusServer]]:
    histories = [(c, c.prometheus) for c in profile.clusters if c.prometheus is not None]
    if not histories:
        raise ProfileError(
            "no cluster in the profile has a Prometheus history; add [clusters.prometheus] with a url"
        )
    return histories


def _check(start: datetime, end: datetime, interval_s: float) -> None:
    if start >= end:
        raise WindowError(f"start {start} is not before end {end}; swap them")
    if interval_s * 1000 < SHORTEST_MS:
        raise InputError(f"interval {interval_s:g} s: give an interval ≥ 1 s")


def _find_targets(run: _Import, clusters: Sequence[ClusterHistory]) -> None:
    for cluster in clusters:
        try:
            discovered = discover(cluster.api, cluster.server, start_ms=run.start_ms, end_ms=run.end_ms)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it costs this cluster only
            cluster.error = run.log.note(cluster.profile.name, failure_of(error))
        else:
            cluster.targets = discovered.targets
            cluster.notes += discovered.notes
    silent = [f"{c.profile.name}: {c.api.url}: {c.error}" for c in clusters if c.error is not None]
    if len(silent) == len(clusters):
        message = f"no answer ({'; '.join(silent[:4])}); check url, login and certificates"
        raise UnreachableError(message)
    run.targets = sum(len(cluster.targets) for cluster in clusters)
    if run.targets == 0:
        why = "; ".join(dict.fromkeys(note for cluster in clusters for note in cluster.notes))
        message = f"no Kafka metrics are stored in this window ({why or 'no known series'})"
        raise InputError(f"{message}; check match, --from and --to")


def _pull(run: _Import, history: TargetHistory) -> None:
    """Ask for the history of one target; a stretch that does not come never stops the rest."""
    run.histories.append(history)
    length = ChunkLength(history.target.series, run.step_ms)
    low = run.start_ms
    while low < run.end_ms:
        high = min(low + length.next_ms(), run.end_ms)
        try:
            read, reason = _read(run, history, low, high), None
        except TooLargeError as error:
            if length.halve(high - low):
                continue
            read, reason = None, str(error)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it costs this stretch only
            read, reason = None, _failed(run, history, error)
        _count(run, history, low, reason)
        if read is not None:
            length.learn(high - low, points=_write(run, history, *read))
        low = high
        _tell(run, (low - run.start_ms) / (run.end_ms - run.start_ms))


def _read(run: _Import, history: TargetHistory, low: int, high: int) -> tuple[Exposition, Translation]:
    """Ask for a stretch; return its samples as they came, and as those of the catalogue."""
    cluster, target = history.cluster, history.target
    reply = cluster.ask(target.selector, start_ms=low, end_ms=high, step_ms=run.step_ms)
    cluster.notes += reply.warnings
    page = read_matrix(reply.data, start_ms=low, end_ms=high)
    return page, translate(
        page,
        target.dialects,
        ts=moment_of(run.start_ms),
        cluster=cluster.profile.name,
        broker=target.broker,
        source=f"{KIND} {cluster.api.url} {target.words}",
        follow=True,
    )


def _failed(run: _Import, history: TargetHistory, error: BaseException) -> str:
    failure = failure_of(error)
    history.attempts.errors += failure.trace is not None
    return run.log.note(f"{history.cluster.profile.name} {history.target.words}", failure)


def _count(run: _Import, history: TargetHistory, low: int, reason: str | None) -> None:
    history.attempts.outcomes.append((moment_of(low), reason))
    history.cluster.down = reason is not None
    run.asked += 1
    run.failed += history.cluster.down


def _write(run: _Import, history: TargetHistory, page: Exposition, done: Translation) -> int:
    """Write down a page of history; return the most samples any series of it has."""
    cluster = history.cluster
    add_page(run.writer, done.samples)
    if len(done.rejected):
        run.writer.add_rejected(done.rejected)
    history.attempts.lines += done.lines
    run.samples += done.lines.stored
    points, between_ms = times_seen(page)
    history.learn(points, between_ms)
    if len(done.samples):
        earliest = done.samples["ts"].min()
        cluster.first = min(cluster.first or earliest, earliest)
    return points


def _check_something_came(run: _Import) -> None:
    if run.failed == run.asked:
        reason = next(reason for history in run.histories for _, reason in history.attempts.outcomes)
        raise UnreachableError(f"no answer ({reason}); try a shorter window, or a longer timeout_s")
    if not run.samples:
        raise InputError("no samples of known metrics are stored in this window; check --from and --to")


def _tell(run: _Import, share: float) -> None:
    if run.on_progress is not None:
        whole = (len(run.histories) - 1 + share) / run.targets
        run.on_progress(Progress(whole, run.asked, run.failed, run.samples))

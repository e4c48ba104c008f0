"""A recording under way: ask every target in its rhythm, and let none that is down, slow or hung hold up the rest."""

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

from kafka_analysis.capture.join_sources import join_sources
from kafka_analysis.capture.spool import SpoolState
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.live.record.attempts import Attempts
from kafka_analysis.live.record.client_software import add_page
from kafka_analysis.live.record.error_log import ErrorLog
from kafka_analysis.live.record.outcomes import GRACE_S, LOOK_EVERY_S, Failure, begun, failure_of, too_late
from kafka_analysis.live.record.targets import Answer, Cadence, Target
from kafka_analysis.model.errors import CaptureError
from kafka_analysis.model.manifest import ClusterInfo, LineCounts, SourceInfo, Span
from kafka_analysis.sources.kafka.metadata import now

MINUTE_S = 60.0
FLUSH_S = 10.0
MOST_HUNG = 3
_TIMES_THE_SLOWEST = 3
_STILL_BUSY = "previous scrape still running"
_HUNG = f"{MOST_HUNG} earlier requests never finished"


@dataclass(frozen=True)
class Progress:
    """How far a recording is, for showing."""

    elapsed_s: float
    duration_s: float | None
    asked: int
    failed: int
    samples: int
    down: tuple[str, ...] = ()


@dataclass
class Question:
    """A question under way: when it was asked and until when it is waited for; ``took_s`` once it is answered."""

    asked_at: datetime
    began: float
    until: float
    answer: Future[Answer | Failure]
    took_s: float = 0.0

    def __post_init__(self) -> None:
        self.answer.add_done_callback(lambda _: self._came())

    def _came(self) -> None:
        self.took_s = time.monotonic() - self.began


@dataclass
class Recording:
    """A recording under way; only its own thread writes.

    ``before``: what an unfinished one already holds. ``ending_s``: how long the end may take once it is called, in
    seconds; None: as long as the targets' deadlines allow. ``hung``: questions that were given up and did not end.
    """

    writer: CaptureWriter
    clusters: tuple[ClusterInfo, ...]
    attempts: dict[Target, Attempts]
    interval_s: float
    start: datetime
    log: ErrorLog
    before: SpoolState | None = None
    ending_s: float | None = None
    pending: dict[Target, Question] = field(default_factory=dict)
    hung: dict[Target, list[Future[Answer | Failure]]] = field(default_factory=dict)
    samples: int = 0

    def sources(self, end: datetime) -> tuple[SourceInfo, ...]:
        """Return the manifest's entries as they would be if the recording ended now."""
        rhythm: dict[Cadence, float | None] = {
            "interval": self.interval_s,
            "minute": _minute(self.interval_s),
            "ends": None,
        }
        fresh = tuple(
            attempts.info(t.kind, t.cluster, t.broker, t.address, end=end, interval_s=rhythm[t.cadence])
            for t, attempts in self.attempts.items()
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


def _minute(interval_s: float) -> float:
    """Return the rhythm of group state: every minute, or every interval where that is longer."""
    return max(round(MINUTE_S / interval_s), 1) * interval_s


def run(
    recording: Recording,
    duration_s: float | None,
    ended: Event,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    """Ask in rounds until the time is up or the end is called, then once more for the state at the end."""
    begun_at = flushed = time.monotonic()
    interval_s = recording.interval_s
    every_minute = round(_minute(interval_s) / interval_s)
    number = 0
    while not ended.is_set() and (duration_s is None or number * interval_s < duration_s):
        due = {"interval": True, "minute": number % every_minute == 0, "ends": number == 0}
        _ask(recording, {cadence for cadence, is_due in due.items() if is_due})
        number += 1
        left = number * interval_s if duration_s is None else min(number * interval_s, duration_s)
        ended.wait(max(begun_at + left - time.monotonic(), 0.0))
        _gather(recording)
        if number == 1 or time.monotonic() - flushed >= FLUSH_S:
            recording.flush()
            flushed = time.monotonic()
        if on_progress:
            on_progress(_progress(recording, time.monotonic() - begun_at, duration_s))
    _end(recording, ended)


def _end(recording: Recording, ended: Event) -> None:
    """Ask once more for the state at the end; in a hurry only those that answer, and not those under way."""
    everything: set[Cadence] = {"interval", "minute", "ends"}
    if not _hurried(recording, ended):
        _settle(recording, ended)
    left_out: set[Target] = set()
    if _hurried(recording, ended):
        silent = {target for target, attempts in recording.attempts.items() if attempts.fails}
        left_out = silent | recording.pending.keys()
    _ask(recording, everything, but=left_out)
    _settle(recording, ended)


def _hurried(recording: Recording, ended: Event) -> bool:
    return ended.is_set() and recording.ending_s is not None


def _settle(recording: Recording, ended: Event) -> None:
    """Wait for the answers under way, none longer than its deadline."""
    hurried = False
    while recording.pending:
        if not hurried and _hurried(recording, ended):
            _hurry(recording)
            hurried = True
        wait([question.answer for question in recording.pending.values()], timeout=LOOK_EVERY_S)
        _gather(recording)


def _hurry(recording: Recording) -> None:
    """Wait for none much longer than its slowest answer took."""
    for target, question in recording.pending.items():
        usual = _TIMES_THE_SLOWEST * recording.attempts[target].slowest_s
        most = time.monotonic() + max(usual, recording.ending_s or 0.0)
        question.until = min(question.until, most)


def _ask(recording: Recording, cadences: set[Cadence], *, but: set[Target] = frozenset()) -> None:
    for target, attempts in recording.attempts.items():
        if target.cadence not in cadences or target in but:
            continue
        hung = [answer for answer in recording.hung.pop(target, ()) if not answer.done()]
        if hung:
            recording.hung[target] = hung
        if target in recording.pending:
            attempts.outcomes.append((now(), _STILL_BUSY))
        elif len(hung) >= MOST_HUNG:
            attempts.outcomes.append((now(), _HUNG))
        else:
            began = time.monotonic()
            until = began + target.deadline_s + GRACE_S
            recording.pending[target] = Question(now(), began, until, begun(target.ask))


def _gather(recording: Recording) -> None:
    """Write down the answers that are there, and give up those that are too late."""
    for target, question in list(recording.pending.items()):
        if question.answer.done():
            outcome = question.answer.result()
        elif time.monotonic() >= question.until:
            outcome = too_late(target.deadline_s)
            recording.hung.setdefault(target, []).append(question.answer)
        else:
            continue
        del recording.pending[target]
        attempts = recording.attempts[target]
        if isinstance(outcome, Answer):
            attempts.slowest_s = max(attempts.slowest_s, question.took_s)
            outcome = _written(recording, attempts, outcome)
        _note(recording, target, question.asked_at, outcome)


def _note(recording: Recording, target: Target, asked_at: datetime, outcome: Answer | Failure) -> None:
    attempts = recording.attempts[target]
    reason = outcome.missing if isinstance(outcome, Answer) else recording.log.note(target.words, outcome)
    attempts.outcomes.append((asked_at, reason))
    attempts.errors += isinstance(outcome, Failure) and outcome.trace is not None


def _written(recording: Recording, attempts: Attempts, answer: Answer) -> Answer | Failure:
    """Write an answer down; one that breaks the contract of captures is a failure."""
    try:
        _write(recording, attempts, answer)
    except CaptureError as error:
        return failure_of(error)
    return answer


def _write(recording: Recording, attempts: Attempts, answer: Answer) -> None:
    if answer.samples is not None:
        add_page(recording.writer, answer.samples)
        recording.samples += len(answer.samples)
    if answer.rejected is not None:
        recording.writer.add_rejected(answer.rejected)
    for name, table in answer.tables.items():
        recording.writer.add_table(name, table)
    recording.writer.add_notes(*(note for note in answer.notes if note not in recording.writer.state.notes))
    if answer.lines is not None:
        attempts.lines = answer.lines + (attempts.lines or LineCounts())
    attempts.dialect = answer.dialect or attempts.dialect


def _progress(recording: Recording, elapsed_s: float, duration_s: float | None) -> Progress:
    outcomes = [outcome for attempts in recording.attempts.values() for outcome in attempts.outcomes]
    down = [target.words for target, attempts in recording.attempts.items() if attempts.fails]
    return Progress(
        elapsed_s=elapsed_s,
        duration_s=duration_s,
        asked=len(outcomes),
        failed=sum(reason is not None for _, reason in outcomes),
        samples=recording.samples,
        down=tuple(down),
    )

"""What is known of each cluster and target while its history is imported, and how the manifest tells it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kafka_analysis.live.record.attempts import Attempts
from kafka_analysis.model.errors import RefusedError
from kafka_analysis.model.manifest import Gap, LineCounts, SourceInfo
from kafka_analysis.model.profile import ClusterProfile, PrometheusServer
from kafka_analysis.sources.prometheus.api import PrometheusApi, Reply
from kafka_analysis.sources.prometheus.targets import ScrapedTarget

KIND = "prometheus"
_LATE = timedelta(hours=1)


@dataclass
class ClusterHistory:
    """A cluster and the server that has its history.

    ``error`` is why the server could not say what it has; ``stepwise`` is set once it refused to give raw samples,
    ``down`` while it fails, ``first`` is the time of the oldest sample that came.
    """

    profile: ClusterProfile
    server: PrometheusServer
    api: PrometheusApi
    targets: tuple[ScrapedTarget, ...] = ()
    error: str | None = None
    notes: list[str] = field(default_factory=list)
    stepwise: bool = False
    down: bool = False
    first: datetime | None = None

    def ask(self, selector: str, *, start_ms: int, end_ms: int, step_ms: int) -> Reply:
        """Ask for raw samples; where the server refuses, for one a step, and so from then on.

        While the server fails, each question is asked once only: one that is down does not take hours to import.
        """
        api = replace(self.api, attempts=1) if self.down else self.api
        span = {"start_ms": start_ms, "end_ms": end_ms}
        if self.stepwise:
            return api.stepped(selector, **span, step_ms=step_ms)
        try:
            return api.raw(selector, **span)
        except RefusedError as error:
            refused = str(error)
        reply = api.stepped(selector, **span, step_ms=step_ms)
        self.stepwise = True
        self.notes.append(_steps_taken(api.url, refused, step_ms))
        return reply

    def sentences(self, start: datetime) -> Iterator[str]:
        """Yield what a reader must know of a cluster's history that was asked for from ``start`` on."""
        yield from self.notes
        if self.first is not None and self.first - start > _LATE:
            began = f"{self.first:%Y-%m-%d %H:%M} UTC"
            yield f"the history of {self.profile.name} starts at {began}: nothing older is stored"

    def silent(self, reason: str, *, start: datetime, end: datetime) -> SourceInfo:
        """Return the manifest's entry of a server that never said what it has."""
        gap = Gap(start=start, end=end, reason=reason)
        name, address = self.profile.name, self.api.url
        return SourceInfo(kind=KIND, cluster=name, address=address, attempts=1, ok=0, failed=1, gaps=(gap,))


@dataclass
class TargetHistory:
    """What came of one target: each stretch by its start, and why it failed where it did."""

    cluster: ClusterHistory
    target: ScrapedTarget
    attempts: Attempts = field(default_factory=lambda: Attempts(lines=LineCounts()))
    points: int = 0
    between_ms: float | None = None

    def learn(self, points: int, between_ms: float | None) -> None:
        """Note how often the target was scraped; the answer with the most samples is believed."""
        if points > self.points:
            self.points, self.between_ms = points, between_ms

    def info(self, *, end: datetime, interval_s: float) -> SourceInfo:
        """Return the target's entry in the manifest; ``interval_s`` where its samples do not say it."""
        dialect = ", ".join(dialect.name for dialect in self.target.dialects)
        return replace(self.attempts, dialect=dialect).info(
            KIND,
            self.cluster.profile.name,
            self.target.broker,
            f"{self.cluster.api.url} {self.target.words}",
            end=end,
            interval_s=self.between_ms / 1000 if self.between_ms else interval_s,
        )


def _steps_taken(url: str, refused: str, step_ms: int) -> str:
    taken = f"one was taken every {step_ms / 1000:g} s, which may be that much older than its time"
    return f"{url} returned no raw samples ({refused}): {taken}"

"""Prove on recorded loads that a planted change of traffic is seen, and that none is where none was planted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from kafka_analysis import analyses
from kafka_analysis.capture.read import Capture, read_capture
from kafka_analysis.plan.routing.moves import move_topics
from kafka_analysis.stats.scope.windows import Window, phases
from testbed import judges, running
from testbed.clusters import State
from testbed.load.control import Load
from testbed.recording import Say, capturing
from testbed.scenario import ClusterSpec, Phases, Scenario, TopicSpec
from testbed.timeline import Journal, Timeline

PLANTED = "planted"
SHARE = 0.10
WARM_UP_S = 30.0
BURSTY = "clicks"
PHASES = ("first", "second", "more")  # the planted topic is written to in the last
TOPICS = {  # bytes per second, shape, bytes of a record
    "orders": (40_000, "keyed", 900),
    "payments": (20_000, "transactional", 700),
    "clicks": (25_000, "keyed", 500),
    "logs": (15_000, "plain", 600),
}


@dataclass(frozen=True)
class Compared:
    """Two windows of the recording: what was said of the change, and what the producers' acknowledged bytes say."""

    before: str
    after: str
    acknowledged: float
    effect: float | None
    low: float | None
    high: float | None
    verdict: str

    @property
    def is_contained(self) -> bool:
        """Whether the interval holds what really changed."""
        return self.low is not None and self.high is not None and self.low <= self.acknowledged <= self.high

    @property
    def excludes_no_change(self) -> bool:
        """Whether the interval lies on one side of no change."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def scenario(*, seed: int, seconds: float, interval_s: float, bursts: bool = False) -> Scenario:
    """Return one cluster with topics of three or four shapes, and one more that carries the planted share.

    ``bursts``: a quarter of the load comes in bursts.

    Examples
    --------
    >>> made = scenario(seed=1, seconds=240, interval_s=5)
    >>> made.topic("planted").bytes_per_s / sum(topic.bytes_per_s for topic in made.topics[:-1])
    0.1
    """
    kinds = {**TOPICS, PLANTED: (SHARE * sum(rate for rate, *_ in TOPICS.values()), "plain", 600)}
    if bursts:
        rate, _, size = TOPICS[BURSTY]
        kinds[BURSTY] = (rate, "bursty", size)
    placement = ((1, 2, 3), (2, 3, 1), (3, 1, 2))
    return Scenario(
        name="change",
        seed=seed,
        scrape_interval_s=interval_s,
        clusters=(ClusterSpec(name="old", role="source", flavour="self-managed", brokers=3, controllers=1),),
        topics=tuple(
            TopicSpec.model_validate(
                {
                    "name": name, "team": "t", "shape": shape, "partitions": 3, "placement": placement,
                    "bytes_per_s": rate, "record_bytes": size,
                }
            )
            for name, (rate, shape, size) in kinds.items()
        ),
        groups=(),
        phases=Phases(warm_up_s=WARM_UP_S, baseline_s=seconds, after_s=seconds),
    )  # fmt: skip


def record_change(
    out: Path, *, seed: int, seconds: float, interval_s: float, bursts: bool, run_dir: Path, say: Say
) -> Path:
    """Record three windows of one load: as it is, as it is, and with the planted topic besides."""
    planned = scenario(seed=seed, seconds=seconds, interval_s=interval_s, bursts=bursts)
    state = running.up(planned, run_dir=run_dir, say=say)
    with running.taken_down_on_failure(run_dir):
        journal, load = Journal(say), Load(state)
        try:
            load.start()
            load.follow(move_topics(load.table, [PLANTED], paused=True))
            with capturing(state, out, journal):
                _go_through(state, load, journal, judges.folder_of(out), seconds)
        finally:
            load.stop()
    running.down(run_dir, keep=False)
    return out


def _go_through(state: State, load: Load, journal: Journal, judges_dir: Path, seconds: float) -> None:
    timeline = Timeline(state, load, journal, judges_dir)
    timeline.warm_up(WARM_UP_S)
    for phase in PHASES:
        if phase == PHASES[-1]:
            load.follow(move_topics(load.table, [PLANTED], paused=False))
        timeline.judged(phase, seconds)


def compare(out: Path) -> list[Compared]:
    """Compare each window with the next: no change first, the planted one then."""
    capture = read_capture(out)
    windows = {
        row["phase"]: Window(row["start"], row["end"])
        for row in phases(capture.table("events")).iter_rows(named=True)
    }
    return [_compared(capture, windows, before, after) for before, after in pairwise(PHASES)]


def _compared(capture: Capture, windows: dict[str, Window], before: str, after: str) -> Compared:
    then, now = windows[before], windows[after]
    answer = analyses.throughput_before_after(
        capture, before_start=then.start, before_end=then.end, after_start=now.start, after_end=now.end
    )
    row = answer.effects.filter(pl.col("flow") == "bytes_in_per_s").row(0, named=True)
    rates = [_acknowledged(capture, window) / window.seconds for window in (then, now)]
    figures = {name: row[name] for name in ("effect", "low", "high", "verdict")}
    return Compared(before, after, rates[1] / rates[0] - 1, **figures)


def _acknowledged(capture: Capture, window: Window) -> float:
    truth = capture.table("truth").filter(
        pl.col("kind") == "acknowledged", pl.col("ts") >= window.start, pl.col("ts") < window.end
    )
    return float(truth["bytes"].sum())


def described(compared: dict[str, list[Compared]]) -> pl.DataFrame:
    """Return the comparisons of each recording by its name, in per cent."""
    rows = [
        {
            "recording": name,
            "windows": f"{one.before} → {one.after}",
            "planted": f"{SHARE if one.after == PHASES[-1] else 0:+.0%}",
            "acknowledged": f"{one.acknowledged:+.2%}",
            "said": one.verdict,
            "effect": _percent(one.effect),
            "from": _percent(one.low),
            "to": _percent(one.high),
            "contains what happened": one.is_contained,
            "excludes no change": one.excludes_no_change,
        }
        for name, found in compared.items()
        for one in found
    ]
    return pl.DataFrame(rows)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:+.2%}"

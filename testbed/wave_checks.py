"""The project's own cut-over check at each gate of a wave."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kafka_analysis.analyses import CutoverReadiness, cutover_readiness
from kafka_analysis.capture.read import read_capture
from kafka_analysis.live.checks.cutover import record_for_cutover
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters, Stage
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import Profile
from kafka_analysis.sources.profiles import load_profile
from testbed.clusters import State
from testbed.profile import PROFILE

FOLDER = "checks"
WAVES = "topic_waves.csv"
# What a recording has not of the moment of a check: it asks for these at its ends only, or not at all.
TABLES = (
    "offsets_at", "record_reads", "record_checks", "transactions", "active_producers", "certificates",
    "topic_configs", "broker_configs", "acls", "quotas", "users",
)  # fmt: skip
SCRAPES = 3
SEAL_S = 60.0  # a mirror here, on a busy machine, is behind by less
READ_S, READ_BYTES = 60.0, 256e6  # records of 100 kB are among them
SCRAPE_S = 25.0
MOVE_S = 600.0  # so long a wave takes here, its way back included


@dataclass(frozen=True)
class Checked:
    """What a check said: go or no-go of each cell, and why."""

    wave: int
    stage: Stage
    answer: CutoverReadiness

    @property
    def is_go(self) -> bool:
        return bool((self.answer.verdicts["verdict"] == "go").all())

    def __str__(self) -> str:
        said = "; ".join(f"{result.cluster}: {result.verdict.sentence}" for result in self.answer.results)
        return f"{self.stage}: {said}"


@dataclass
class WaveChecks:
    """Checks of a run: each a capture of its own below the run's folder, whose tables go into the recording."""

    state: State
    captures: list[Path] = field(default_factory=list)

    def check(self, wave: int, stage: Stage) -> Checked:
        """Record both ends for a moment, and judge the wave at one of its gates."""
        folder = self.state.run_dir / FOLDER
        folder.mkdir(exist_ok=True)
        waves = folder / WAVES
        waves.write_text(planned(self.state).write_csv(), encoding="utf-8")
        out = folder / f"wave-{wave}-{stage.replace(' ', '-')}"
        shutil.rmtree(out, ignore_errors=True)
        options = {
            "waves": str(waves),
            "wave": wave,
            "stage": stage,
            "may_lag": True,
            "clients_translate": True,  # here whoever moves a group commits what its checkpoints say
            "move_s": MOVE_S,
        }
        parameters = CutoverReadinessParameters(capture=str(out), **options)
        interval_s = self.state.scenario.scrape_interval_s
        record_for_cutover(
            _patient(load_profile(self.state.run_dir / PROFILE)),
            out,
            parameters=parameters,
            reads=CutoverReads(seal_s=SEAL_S, seconds=READ_S, bytes_at_most=READ_BYTES),
            duration_s=SCRAPES * interval_s,
            interval_s=interval_s,
        )
        self.captures.append(out)
        return Checked(wave, stage, cutover_readiness(out, **options))

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return what the checks of the gate `prepared` read, for the recording: it judges waves as they were then."""
        prepared = [read_capture(path) for path in self.captures if path.name.endswith("prepared")]
        return {name: pl.concat([c.table(name) for c in prepared]) for name in TABLES if prepared}


def _patient(profile: Profile) -> Profile:
    """Return the profile with more time for pages: another recording asks for the same ones meanwhile."""
    return profile.model_copy(update={"scrape_timeout_s": SCRAPE_S})


def planned(state: State) -> pl.DataFrame:
    """Return which topic moves to which cell in which wave."""
    rows = [(topic.name, topic.cell, topic.wave) for topic in state.scenario.topics if topic.cell]
    return pl.DataFrame(rows, schema={"topic": pl.String, "cell": pl.String, "wave": pl.Int32}, orient="row")

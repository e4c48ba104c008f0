"""Record a whole migration as a capture, with its events and the record of truth in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from confluent_kafka import KafkaException

from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.sources.profiles import load_profile
from testbed import judges, routing, running
from testbed.clusters import State
from testbed.errors import TestbedError
from testbed.load.truth_table import truth_table
from testbed.profile import PROFILE
from testbed.scenario import Scenario
from testbed.timeline import Journal, go_through
from testbed.wave_checks import WaveChecks
from testbed.witness import witnessed

Say = Callable[[str], None]
FIRST_ROUND_WITHIN_S = 120
NOTES = (
    "Recorded from the testbed: real Kafka on one machine, scaled down; rates say nothing of real hardware.",
    "All brokers share one host: host-level utilisation is unproven here.",
)


def record(scenario: Scenario, *, out: Path, run_dir: Path, say: Say) -> Path:
    """Start a testbed, capture the scenario from start to end, take it down, and return the path.

    Raises
    ------
    TestbedError
        If `out` is taken, or any step fails; nothing is left running.
    """
    if out.exists() and any(out.iterdir()):
        message = f"{out} exists already: choose another --out"
        raise TestbedError(message)
    state = running.up(scenario, run_dir=run_dir, say=say)
    with running.taken_down_on_failure(run_dir):
        journal, checks = Journal(say), WaveChecks(state) if scenario.checked else None
        beside = capturing(state, out, journal, checks)
        go_through(state, journal, judges_dir=judges.folder_of(out), beside=beside, checks=checks)
    routing.keep_beside(out, run_dir)
    running.down(run_dir, keep=False)
    return out


@contextmanager
def capturing(state: State, out: Path, journal: Journal, checks: WaveChecks | None = None) -> Iterator[None]:
    """Capture the testbed to `out` during the block; a failing capture ends the block at its next event."""
    recorder = Recorder(state, out, journal, checks)
    journal.before_each = recorder.check
    recorder.start()
    try:
        yield
    finally:
        recorder.finish()
    recorder.check()


class Recorder:
    """The capture of the running testbed, in a thread of its own."""

    def __init__(self, state: State, out: Path, journal: Journal, checks: WaveChecks | None = None) -> None:
        self._state, self._checks = state, checks
        self._out = out
        self._journal = journal
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._record, name="capture", daemon=True)

    def start(self) -> None:
        """Begin, and return once a first round is on record, or the capture failed."""
        self._thread.start()
        self._begun.wait(FIRST_ROUND_WITHIN_S)

    def finish(self) -> None:
        """End the capture and wait until it is written."""
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what ended the capture early, if anything did."""
        if self._error is not None:
            message = f"the capture failed: {self._error}"
            raise TestbedError(message) from self._error

    def _record(self) -> None:
        try:
            record_capture(
                load_profile(self._state.run_dir / PROFILE),
                self._out,
                duration_s=None,
                interval_s=self._state.scenario.scrape_interval_s,
                stop=self._stop,
                on_progress=lambda _: self._begun.set(),
                extra_tables=self._tables,
                notes=NOTES,
            )
        except Exception as error:  # noqa: BLE001 - told to the main thread, which cannot see it otherwise
            self._error = error
            self._begun.set()

    def _tables(self) -> dict[str, pl.DataFrame]:
        truth = pl.concat([truth_table(self._state.run_dir / "truth"), self._witnessed()])
        of_checks = {} if self._checks is None else self._checks.tables()
        return {"events": self._journal.table(), "truth": truth, **of_checks}

    def _witnessed(self) -> pl.DataFrame:
        """Read what was mirrored; half an hour of recording is not lost because that failed."""
        try:
            return witnessed(self._state)
        except (TestbedError, KafkaException) as error:
            detail = f"what arrived at the cells was not read: {error}"
            self._journal.note(self._state.source.name, "witness", "note", detail)
            return truth_table(self._state.run_dir / "truth").clear()

"""The recorded failures of MirrorMaker, judged as a cut-over: none may pass, and each is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS
from testbed.cutover_proofs.checking import found, judged, verdicts

# Captures of `testbed.mirror_failures` hold no records of both ends, and no metrics: those checks would be unknown.
WAIVED = ("counts", "records", "transactions", "timestamps", "headroom", "certificates")
TOLERANCE_S = 10.0


@dataclass(frozen=True)
class Failed:
    """What the check said of a recorded failure; None: a mirror that works."""

    capture: str
    failure: str | None
    verdicts: tuple[str, ...]
    without_records: tuple[str, ...]
    is_named: bool
    findings: tuple[str, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether a failure was let pass, or not named; or a capture without records was let pass."""
        passed = "go" in self.without_records
        return passed or (self.failure is not None and (not self.is_named or set(self.verdicts) != {"no-go"}))


def recorded_failures(folder: Path) -> Iterator[Failed]:
    """Judge every capture of a folder that ``python -m testbed.mirror_failures`` wrote."""
    for path in sorted(folder.glob("*.json")):
        failure = json.loads(path.read_text(encoding="utf-8"))["failure"]
        capture = path.with_suffix("")
        answer = judged(capture, waive=list(WAIVED), tolerance=TOLERANCE_S)
        whole = judged(capture, tolerance=TOLERANCE_S)
        title = FAILURE_WORDS[failure].title if failure else None
        yield Failed(
            path.stem,
            failure,
            tuple(verdicts(answer).values()),
            tuple(verdicts(whole).values()),
            title in set(answer.blocking["finding"]),
            tuple(found(answer)),
        )

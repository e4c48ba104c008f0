"""The check as it is made: a capture of both live clusters, and its answer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from kafka_analysis import analyses
from kafka_analysis.live.checks.cutover import record_for_cutover
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import Profile

DURATION_S, INTERVAL_S = 8.0, 2.0
READS = CutoverReads(seal_s=10.0, ages_s=[0.0, 600.0, 1800.0, 7200.0])


def check(
    profile: Profile,
    out: Path,
    *,
    reads: CutoverReads = READS,
    duration_s: float = DURATION_S,
    **options: Any,
) -> analyses.CutoverReadiness:
    """Record both clusters into `out`, in place of what is there, and return what the check says of it."""
    shutil.rmtree(out, ignore_errors=True)
    record_for_cutover(
        profile,
        out,
        parameters=CutoverReadinessParameters(capture=str(out), **options),
        reads=reads,
        duration_s=duration_s,
        interval_s=INTERVAL_S,
    )
    return judged(out, **options)


def judged(capture: Path, **options: Any) -> analyses.CutoverReadiness:
    """Return what the check says of a capture."""
    return analyses.cutover_readiness(str(capture), **{"tolerance": 15.0, **options})


def verdicts(answer: analyses.CutoverReadiness) -> dict[tuple[int | None, str], str]:
    """Return the verdict on each wave and cell."""
    return {
        (wave, target): word
        for wave, target, word in answer.verdicts.select("wave", "target", "verdict").rows()
    }


def found(answer: analyses.CutoverReadiness, wave: int | None = None) -> list[str]:
    """Return what is not ready, of a wave or of all, a line for each kind with its first place."""
    rows = answer.blocking if wave is None else answer.blocking.filter(wave=wave)
    kinds = rows.group_by("check", "finding", "state", maintain_order=True).first()
    return [
        f"{row['check']}: {row['finding']} ({row['state']}): "
        f"{row['topic'] or row['group'] or row['name']}: {row['detail']}"
        for row in kinds.iter_rows(named=True)
    ]

"""What the analysis said of a retention loss at each answer before and after it: too early, in time, too late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kafka_analysis import analyses
from kafka_analysis.capture.capture import Capture
from testbed.mirror_failures.recorded import INTERVAL_S

CLOSE, LOST = "retention_close", "retention_overtook"
TOLERANCE_S = 10.0
INTERVALS_LEFT = 2  # from which a loss must be announced
# Shares that are never used up: what is announced is announced by the intervals that are left.
BY_INTERVALS = {"retention_amber": 1.0, "retention_red": 1.0}


@dataclass(frozen=True)
class Announced:
    """What was found in a capture narrowed to end with an answer.

    ``left_s``: seconds from the answer to the earliest deletion of a record that was not mirrored, which is its age at
    most. ``by_default``, ``by_intervals``: the failure found with the default shares of a retention, and by what is
    left alone. ``lost``: records deleted by then, unread.
    """

    left_s: float
    by_default: str | None
    by_intervals: str | None
    lost: int

    @property
    def is_false(self) -> bool:
        """Tell whether a loss is announced, by what is left, that is farther away, or said to have been too early.

        Between two answers it is not known when a record came: one interval more is no mistake.
        """
        early = self.left_s > (INTERVALS_LEFT + 1) * INTERVAL_S and self.by_intervals is not None
        return early or (self.by_intervals == LOST and self.lost == 0)

    @property
    def is_missed(self) -> bool:
        """Tell whether a loss that is near is not announced, or one that happened not named."""
        if self.lost:
            return self.by_intervals != LOST
        return self.left_s <= INTERVALS_LEFT * INTERVAL_S and self.by_intervals != CLOSE


def announced(capture: Capture, judge: Mapping[str, Any]) -> Sequence[Announced]:
    """Return what is found in a capture narrowed to end with each answer since the first record was unread.

    Parameters
    ----------
    judge
        What the trial ``retention_announced`` wrote down.
    """
    unread = datetime.fromisoformat(judge["moments"]["unread"])
    counts = judge["counts"]
    earliest = unread + timedelta(seconds=counts["retention_s"])
    here = {"topic": judge["topic"], "partition": judge["partition"]}
    answers = capture.table("mirror_positions").filter(**here)["ts"].unique().sort()
    logs = capture.table("offsets").filter(**here, cluster="east").sort("ts")
    rows = []
    for ts in answers.filter(answers > unread):
        end = ts + timedelta(milliseconds=1)
        starts = logs.filter(logs["ts"] <= ts)["log_start_offset"].drop_nulls()
        lost = max(int(starts[-1]) - counts["position"], 0) if len(starts) else 0
        found = [_found(capture, end, shares) for shares in ({}, BY_INTERVALS)]
        rows.append(Announced((earliest - ts).total_seconds(), found[0], found[1], lost))
    return rows


def _found(capture: Capture, end: datetime, shares: Mapping[str, float]) -> str | None:
    answer = analyses.replication(capture, tolerance=TOLERANCE_S, end=end.isoformat(), **shares)
    names = [name for name in answer.failures["failure"] if name.startswith("retention")]
    return ", ".join(names) or None

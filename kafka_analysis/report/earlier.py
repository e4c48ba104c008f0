"""What earlier runs say of a notebook: the course of its answers, and the change since the run before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.report.compare import Change, compare
from kafka_analysis.report.course import Course, course_of
from kafka_analysis.report.history import PastAnswer, Predecessor, past_of, predecessor


@dataclass(frozen=True)
class Earlier:
    """A notebook in earlier runs.

    ``past`` is what it said, oldest first; ``before`` the run it is compared with, whose pages a reader can open where
    ``is_kept``; ``made_at`` when this run was made.
    """

    made_at: datetime
    past: tuple[PastAnswer, ...] = ()
    before: Predecessor | None = None
    is_kept: bool = False

    def course(self, now: SummaryResult) -> Course:
        """Return the course of one cluster's answer over the runs, this one the last."""
        return course_of(self.past, now, made_at=self.made_at)

    def change(self, now: SummaryResult) -> Change | None:
        """Return the change of one cluster's answer since the run before, None without one."""
        answer = self.before.answers.get(now.cluster) if self.before else None
        return None if answer is None else compare(answer, now)


def earlier_of(
    history: pl.DataFrame, summary: Summary, *, made_at: datetime, kept: Collection[str] = ()
) -> Earlier:
    """Return what earlier runs say of a notebook.

    Parameters
    ----------
    history
        Rows of earlier runs.
    summary
        What the notebook says now.
    made_at
        When this run was made: later ones do not count.
    kept
        Names of the runs whose folders are there, and stay.
    """
    past = past_of(history, summary.notebook)
    before = predecessor(past, summary, made_at=made_at)
    return Earlier(made_at, past, before, before is not None and before.run_id in kept)

"""The course of an answer over runs: the values of each figure, and since when the light has its colour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from kafka_analysis.model.findings import Figure, Light
from kafka_analysis.model.summary import SummaryResult
from kafka_analysis.model.units import counted, format_quantity
from kafka_analysis.report.blocks import MOST_TILES
from kafka_analysis.report.history import PastAnswer
from kafka_analysis.report.sparkline import sparkline

MOST_RUNS = 30


@dataclass(frozen=True)
class FigureCourse:
    """A figure over the last runs, oldest first and this one last; None where it is unknown or the notebook failed."""

    figure: Figure
    values: tuple[float | None, ...]

    @property
    def drawing(self) -> Markup:
        """Return the line over runs, with a text for who cannot see it; nothing for a first run."""
        return sparkline(self.values, label=self.in_words) if len(self.values) > 1 else Markup()

    @property
    def in_words(self) -> str:
        """Return what the line shows: first and last value, the least and the most, how many are unknown."""
        unit = self.figure.unit
        known = [value for value in self.values if value is not None]
        unknown = len(self.values) - len(known)
        parts = [f"{self.figure.label} over {counted(len(self.values), 'run')}"]
        if known:
            first, last, least, most = (
                format_quantity(value, unit) for value in (known[0], self.values[-1], min(known), max(known))
            )
            parts.append(f"first {first}, now {last}, lowest {least}, highest {most}")
        return "; ".join([*parts, *([f"unknown in {unknown}"] if unknown else [])])


@dataclass(frozen=True)
class Course:
    """One cluster's answer over runs.

    ``since`` is when the first of ``runs`` with the light of now was made, ``failed`` how many without an answer lie
    between; ``figures`` are those that pages show, by name.
    """

    light: Light
    since: datetime
    runs: int
    failed: int
    figures: dict[str, FigureCourse]

    @property
    def in_words(self) -> str:
        """Return since when the light has its colour; nothing for a first run."""
        if self.runs == 1:
            return "" if all(len(one.values) <= 1 for one in self.figures.values()) else "in this run only"
        between = f", {self.failed} more without an answer" if self.failed else ""
        return f"since {self.since:%Y-%m-%d %H:%M} UTC ({counted(self.runs, 'run')}{between})"


def course_of(past: Iterable[PastAnswer], now: SummaryResult, *, made_at: datetime) -> Course:
    """Return the course of one cluster's answer.

    Parameters
    ----------
    past
        What the notebook said in earlier runs, oldest first; runs that did not look at the cluster count for nothing.
    now
        Its answer now.
    made_at
        When this run was made.
    """
    earlier = [
        one for one in past if one.made_at < made_at and (one.verdict is None or one.cluster == now.cluster)
    ]
    since, runs, failed = _since(earlier, now.verdict.light, made_at)
    last = earlier[-(MOST_RUNS - 1) :]
    figures = {
        figure.name: FigureCourse(figure, (*(_value(one, figure) for one in last), figure.value))
        for figure in now.figures[:MOST_TILES]
    }
    return Course(now.verdict.light, since, runs, failed, figures)


def _since(earlier: list[PastAnswer], light: Light, made_at: datetime) -> tuple[datetime, int, int]:
    """Go back to the first run with a light: a failed run between two of that light does not end it."""
    since, runs, failed, unanswered = made_at, 1, 0, 0
    for one in reversed(earlier):
        if one.verdict is None:
            unanswered += 1
        elif one.verdict.light is light:
            since, runs, failed = one.made_at, runs + 1, unanswered
        else:
            break
    return since, runs, failed


def _value(answer: PastAnswer, figure: Figure) -> float | None:
    alike = (f.value for f in answer.figures if (f.name, f.unit) == (figure.name, figure.unit))
    return next(alike, None)

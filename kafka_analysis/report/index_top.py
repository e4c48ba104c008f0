"""What the index opens with: state, figures and actions of the run's executive summary."""

from collections.abc import Iterator
from dataclasses import dataclass

from kafka_analysis.model.findings import Figure, Finding, Light
from kafka_analysis.model.summary import Summary
from kafka_analysis.report.outcome import Run


@dataclass(frozen=True)
class Key:
    """A figure that matters, and the page of the notebook it comes from; '' where the run has none."""

    figure: Figure
    page: str


@dataclass(frozen=True)
class Top:
    """The executive summary in short, and its page."""

    light: Light
    sentence: str
    figures: tuple[Key, ...]
    actions: tuple[Finding, ...]
    page: str


def index_top(summary: Summary | None, run: Run) -> Top | None:
    """Return the top of the index from the executive summary's own summary; None where there is none.

    Examples
    --------
    >>> index_top(None, None) is None
    True
    """
    if summary is None or not summary.results:
        return None
    result = summary.results[0]
    pages = {outcome.notebook: outcome.page for outcome in run.notebooks}
    return Top(
        light=result.verdict.light,
        sentence=result.verdict.sentence,
        figures=tuple(_keys(result.figures, pages)),
        actions=result.findings,
        page=pages.get(summary.notebook, ""),
    )


def _keys(figures: tuple[Figure, ...], pages: dict[str, str]) -> Iterator[Key]:
    """Yield the figures with their pages: their names begin with that of the notebook."""
    for figure in figures:
        notebook, _, _ = figure.name.rpartition(".")
        yield Key(figure, pages.get(notebook, ""))

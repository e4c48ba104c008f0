"""The page to open first: a row per notebook and cluster, failures first."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka_analysis.model.changes import LEAST_CHANGE
from kafka_analysis.model.findings import Figure, Light
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.report.compare import Change, compare
from kafka_analysis.report.index_top import index_top
from kafka_analysis.report.last import LAST
from kafka_analysis.report.outcome import NotebookOutcome, Run
from kafka_analysis.report.render import fill

_MOST_FIGURES = 3
_ORDER = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)


@dataclass(frozen=True)
class _Row:
    outcome: NotebookOutcome
    light: Light
    chip: str
    sentence: str
    cluster: str = ""
    figures: tuple[Figure, ...] = ()
    change: Change | None = None


def render_index(
    run: Run, summaries: Mapping[str, Summary], predecessors: Mapping[str, tuple[str, Summary]]
) -> str:
    """Return ``index.html`` of a run.

    Parameters
    ----------
    run
        The finished run.
    summaries
        Summary of every completed notebook, by its name.
    predecessors
        Id and summary of the newest completed run of the same notebook and clusters, by notebook name.
    """
    top = index_top(summaries.get(LAST), run)
    run, summaries = _without_top(run, summaries)
    rows = [*_failed_rows(run), *_answered_rows(run, summaries, predecessors)]
    return fill(
        "index.html.j2",
        run=run,
        top=top,
        rows=rows,
        headline=_headline(run),
        counts=_counts(run, summaries),
        least_change=format_quantity(LEAST_CHANGE, "%"),
        tables=any(summary.tables for summary in summaries.values()),
        duration=format_duration((run.finished_at - run.started_at).total_seconds()),
    )


def _without_top(run: Run, summaries: Mapping[str, Summary]) -> tuple[Run, Mapping[str, Summary]]:
    """Leave the executive summary out of rows and counts: it answers what the other notebooks have answered."""
    if LAST not in summaries:
        return run, summaries
    others = tuple(outcome for outcome in run.notebooks if outcome.notebook != LAST)
    answers = {name: summary for name, summary in summaries.items() if name != LAST}
    return run.model_copy(update={"notebooks": others}), answers


def _headline(run: Run) -> str:
    questions = counted(len(run.notebooks), "question")
    return f"{_failures(run)} of {questions} without an answer" if _failures(run) else f"{questions} answered"


def _failures(run: Run) -> int:
    return sum(outcome.status == "failed" for outcome in run.notebooks)


def _counts(run: Run, summaries: Mapping[str, Summary]) -> list[tuple[str, str, str]]:
    """Return light, symbol and words of how many answers there are of each kind."""
    lights = Counter(result.verdict.light for summary in summaries.values() for result in summary.results)
    failed = [("red", "!", f"{_failures(run)} failed")] if _failures(run) else []
    return failed + [
        (light, light.symbol, f"{lights[light]} {light.word}") for light in _ORDER if lights[light]
    ]


def _failed_rows(run: Run) -> Iterator[_Row]:
    for outcome in run.notebooks:
        if outcome.status == "failed":
            yield _Row(outcome, Light.RED, "! failed", outcome.reason)


def _answered_rows(
    run: Run, summaries: Mapping[str, Summary], predecessors: Mapping[str, tuple[str, Summary]]
) -> Iterator[_Row]:
    for outcome in run.notebooks:
        if outcome.notebook not in summaries:
            continue
        results = summaries[outcome.notebook].results
        for result in results:
            yield _answered(outcome, result, _change(result, predecessors.get(outcome.notebook)))
        if not results:
            yield _Row(outcome, Light.GREY, "– no verdict", outcome.question)


def _answered(outcome: NotebookOutcome, result: SummaryResult, change: Change | None) -> _Row:
    light, sentence = result.verdict.light, result.verdict.sentence
    figures = result.figures[:_MOST_FIGURES]
    return _Row(outcome, light, f"{light.symbol} {light.word}", sentence, result.cluster, figures, change)


def _change(result: SummaryResult, predecessor: tuple[str, Summary] | None) -> Change | None:
    if predecessor is None:
        return None
    run_id, summary = predecessor
    before = {earlier.cluster: earlier for earlier in summary.results}.get(result.cluster)
    return None if before is None else compare(run_id, summary.created_at, before, result)

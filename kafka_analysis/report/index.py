"""The page to open first: a row per notebook and cluster, the worst first."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka_analysis.model.changes import LEAST_CHANGE
from kafka_analysis.model.findings import Figure, Light
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.model.units import counted, format_duration, format_quantity
from kafka_analysis.report.actions import action_of
from kafka_analysis.report.compare import Change
from kafka_analysis.report.course import Course
from kafka_analysis.report.earlier import Earlier
from kafka_analysis.report.index_top import index_top
from kafka_analysis.report.last import LAST
from kafka_analysis.report.outcome import NotebookOutcome, Run
from kafka_analysis.report.render import fill, step_after

_MOST_FIGURES = 3
_FAILED, _NONE = "failed", "none"
_ORDER = (_FAILED, Light.RED, Light.AMBER, Light.GREY, _NONE, Light.GREEN)


@dataclass(frozen=True)
class _Row:
    outcome: NotebookOutcome
    state: str  # a light, failed, or none: a notebook without any answer
    light: Light
    chip: str
    sentence: str
    action: str = ""
    cluster: str = ""
    figures: tuple[Figure, ...] = ()
    change: Change | None = None
    course: Course | None = None
    is_kept: bool = False


def render_index(run: Run, summaries: Mapping[str, Summary], earlier: Mapping[str, Earlier]) -> str:
    """Return ``index.html`` of a run.

    Parameters
    ----------
    run
        The finished run.
    summaries
        Summary of every completed notebook, by its name.
    earlier
        What earlier runs say of each of them, by its name.
    """
    top = index_top(summaries.get(LAST), run)
    run, summaries = _without_top(run, summaries)
    rows = [*_failed_rows(run), *_answered_rows(run, summaries, earlier)]
    rows.sort(key=lambda row: _ORDER.index(row.state))
    return fill(
        "index.html.j2",
        run=run,
        top=top,
        rows=rows,
        headline=_headline(run),
        counts=_counts(run, rows),
        clusters=list(dict.fromkeys(row.cluster for row in rows if row.cluster)),
        notebooks=[outcome.notebook for outcome in run.notebooks],
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


def _counts(run: Run, rows: list[_Row]) -> list[tuple[str, str, str, str]]:
    """Return state, light, symbol and words of how many rows there are of each kind."""
    of_state = Counter(row.state for row in rows)
    failed = [(_FAILED, "red", "!", f"{_failures(run)} failed")] if _failures(run) else []
    lights = (light for light in _ORDER if isinstance(light, Light) and of_state[light])
    return failed + [(light, light, light.symbol, f"{of_state[light]} {light.word}") for light in lights]


def _failed_rows(run: Run) -> Iterator[_Row]:
    for outcome in run.notebooks:
        if outcome.status == "failed":
            yield _Row(outcome, _FAILED, Light.RED, "! failed", outcome.reason, step_after(outcome.kind))


def _answered_rows(
    run: Run, summaries: Mapping[str, Summary], earlier: Mapping[str, Earlier]
) -> Iterator[_Row]:
    for outcome in run.notebooks:
        if outcome.notebook not in summaries:
            continue
        results = summaries[outcome.notebook].results
        for result in results:
            yield _answered(outcome, result, earlier.get(outcome.notebook))
        if not results:
            yield _Row(outcome, _NONE, Light.GREY, "– no verdict", outcome.question)


def _answered(outcome: NotebookOutcome, result: SummaryResult, earlier: Earlier | None) -> _Row:
    light = result.verdict.light
    return _Row(
        outcome,
        light,
        light,
        f"{light.symbol} {light.word}",
        result.verdict.sentence,
        action_of(result),
        result.cluster,
        result.figures[:_MOST_FIGURES],
        earlier.change(result) if earlier else None,
        earlier.course(result) if earlier else None,
        earlier is not None and earlier.is_kept,
    )

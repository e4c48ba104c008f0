"""The executive summary: what all notebooks of a run come to, on one page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import polars as pl

from kafka_analysis import plan, stats
from kafka_analysis.analyses.answer import Answer, analysis
from kafka_analysis.analyses.run_summaries import RunSummaries, read_run
from kafka_analysis.analyses.scope import Scope, chosen_clusters, chosen_topics
from kafka_analysis.capture.capture import Capture
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.executive import (
    ALL_CLUSTERS,
    Action,
    Changed,
    Executive,
    KeyFigure,
    Risk,
    Unknown,
)
from kafka_analysis.model.findings import Coverage, Figure, Finding, Result, Verdict, not_judged
from kafka_analysis.model.frozen import Frozen
from kafka_analysis.model.parameters.executive import ExecutiveSummaryParameters
from kafka_analysis.model.summary import Summary
from kafka_analysis.model.units import format_quantity

_BESIDE = ".summaries"
_NOTHING = (
    "there is no summary of another notebook; run kafka-analysis report without --only, or give summaries, the folder "
    "of a run"
)


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ExecutiveSummary(Answer):
    """One page over the answers of all notebooks; ``page`` has it as values."""

    page: Executive

    answers: Annotated[pl.DataFrame, "every answer: its notebook, cluster, light and sentence"]
    figures: Annotated[pl.DataFrame, "the three figures that matter, and what it costs"]
    actions: Annotated[pl.DataFrame, "what to do next: why, command or setting, effect, undo, owner"]
    risks: Annotated[pl.DataFrame, "red and amber findings without an action of their own"]
    unknown: Annotated[pl.DataFrame, "what is not known, and how to find out"]
    changes: Annotated[pl.DataFrame, "what is not what it was in the run before"]


@analysis(ExecutiveSummaryParameters)
def executive_summary(capture: Capture, parameters: ExecutiveSummaryParameters) -> ExecutiveSummary:
    """Say what all notebooks of a run come to: the state, three figures, what to do next, risks, what is not known.

    Returns
    -------
    ExecutiveSummary
        Judged by the worst answer of all notebooks; below the share of notebooks required nothing is green.

    Raises
    ------
    InputError
        A folder is none, or its summaries rest on another capture, or on several.
    """
    clusters = chosen_clusters(capture, parameters.cluster)
    topics = chosen_topics(capture.known_topics(), parameters, clusters=clusters)
    run, before = _runs(capture, parameters)
    summaries = tuple(_of_cluster(run.summaries, parameters.cluster))
    page = stats.executive_page(
        summaries,
        failed=run.failed,
        before=tuple(_of_cluster(before.summaries, parameters.cluster)),
        compared_with=_compared_with(parameters, before),
        mends={row["finding"]: (row["mend"], row["undo"] or "") for row in plan.known_mends().to_dicts()},
        teams=run.teams,
        required_ratio=parameters.coverage_required,
        notes=(*_same_evidence(run, before), *capture.notes),
    )
    if not page.asked:
        page = page.model_copy(update={"sentence": not_judged(_NOTHING).sentence})
    name = parameters.cluster or ALL_CLUSTERS
    result = _result(page, name, parameters)
    return ExecutiveSummary(
        parameters=parameters,
        scope=Scope(capture, capture, clusters, topics, {}, {name: result.coverage}),
        results=(result,),
        notes=page.notes,
        page=page,
        answers=_answers(summaries),
        figures=_figure_rows([*page.figures, *page.costs]),
        actions=_frame(page.actions, Action),
        risks=_frame(page.risks, Risk),
        unknown=_frame(page.unknown, Unknown),
        changes=_frame(page.changes, Changed),
    )


def _runs(capture: Capture, parameters: ExecutiveSummaryParameters) -> tuple[RunSummaries, RunSummaries]:
    beside = Path(capture.path).with_name(Path(capture.path).name + _BESIDE)
    folder = parameters.summaries or (str(beside) if beside.is_dir() else None)
    run = read_run(folder, leave_out=parameters.notebook) if folder else RunSummaries()
    others = {summary.capture.id for summary in run.summaries} - {str(capture.id)}
    if others:
        raise InputError(
            f"the summaries in {folder} were made from capture {min(others)}, not from the one given ({capture.id}); "
            "give the capture they were made from, or the folder of another run"
        )
    if parameters.previous is None:
        return run, RunSummaries()
    return run, read_run(parameters.previous, leave_out=parameters.notebook)


def _of_cluster(summaries: Sequence[Summary], cluster: str | None) -> Iterator[Summary]:
    """Yield the summaries with the answers for one cluster only; without a cluster, all as they are."""
    for summary in summaries:
        if cluster is None:
            yield summary
            continue
        results = tuple(result for result in summary.results if result.cluster == cluster)
        if results:
            yield summary.model_copy(update={"results": results})


def _compared_with(parameters: ExecutiveSummaryParameters, before: RunSummaries) -> str:
    if parameters.previous is None or not before.summaries:
        return ""
    return Path(parameters.previous).name


def _same_evidence(run: RunSummaries, before: RunSummaries) -> list[str]:
    """Say it where both runs rest on one capture: a change is then none of the clusters."""
    ids = [{summary.capture.id for summary in one.summaries} for one in (run, before)]
    same = "Both runs used the same capture: what changed is a parameter or the program, not the clusters."
    return [same] if ids[0] and ids[0] == ids[1] else []


def _result(page: Executive, cluster: str, parameters: ExecutiveSummaryParameters) -> Result:
    coverage = Coverage(
        expected=page.asked,
        seen=page.answered,
        required_ratio=parameters.coverage_required,
        unit="answers",
    )
    return Result(
        cluster=cluster,
        verdict=Verdict(light=page.light, sentence=page.sentence),
        figures=tuple(map(_figure, page.figures)),
        findings=tuple(_finding(action) for action in page.actions[: parameters.top_n]),
        coverage=coverage,
    )


def _figure(chosen: KeyFigure) -> Figure:
    """Name a figure by its notebook too, so that a reader finds where it comes from."""
    note = ", ".join(text for text in (chosen.cluster, chosen.figure.note) if text)
    return chosen.figure.model_copy(update={"name": f"{chosen.notebook}.{chosen.figure.name}", "note": note})


def _finding(action: Action) -> Finding:
    said = (("Command or setting", action.command), ("Effect", action.effect), ("Undo", action.undo))
    parts = [f"{name}: {text}." for name, text in (*said, ("Owner", action.owner)) if text]
    return Finding(light=action.light, title=action.why, detail=" ".join(parts), action=action.what)


def _answers(summaries: Sequence[Summary]) -> pl.DataFrame:
    rows = [
        (summary.notebook, result.cluster, str(result.verdict.light), result.verdict.sentence)
        for summary in summaries
        for result in summary.results
    ]
    return pl.DataFrame(rows, schema=["notebook", "cluster", "light", "sentence"], orient="row")


def _figure_rows(chosen: Sequence[KeyFigure]) -> pl.DataFrame:
    rows = [
        (
            one.notebook, one.cluster, str(one.light), one.figure.name, one.figure.label,
            format_quantity(one.figure.value, one.figure.unit), str(one.figure.evidence), one.figure.note,
        )
        for one in chosen
    ]  # fmt: skip
    names = ["notebook", "cluster", "light", "figure", "label", "value", "evidence", "note"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _frame(lines: Sequence[Frozen], kind: type[Frozen]) -> pl.DataFrame:
    schema = {name: pl.List(pl.String) if name == "clusters" else pl.String for name in kind.model_fields}
    return pl.DataFrame([line.model_dump(mode="json") for line in lines], schema=schema, orient="row")

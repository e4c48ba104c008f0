"""The history of reports: every verdict and figure of every run, a row for each notebook and cluster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Figure, Finding, Verdict
from kafka_analysis.model.summary import Summary, SummaryResult
from kafka_analysis.report.outcome import NotebookOutcome, Run

FIGURE = dict.fromkeys(("name", "label", "value", "unit", "better", "evidence"), pl.String()) | {
    "value": pl.Float64()
}
FINDING = {"light": pl.String(), "title": pl.String()}
SCHEMA = pl.Schema(
    {
        "run_id": pl.String(),
        "made_at": pl.Datetime("us", "UTC"),
        "notebook": pl.String(),
        "status": pl.String(),
        "cluster": pl.String(),
        "capture_id": pl.String(),
        "light": pl.String(),
        "sentence": pl.String(),
        "figures": pl.List(pl.Struct(FIGURE)),
        "findings": pl.List(pl.Struct(FINDING)),
    }
)
RUN_KEY = ("run_id", "made_at")  # a name may be given again once its run was pruned


@dataclass(frozen=True)
class PastAnswer:
    """What a notebook said of one cluster in an earlier run.

    ``verdict`` and ``cluster`` are None where it failed, or completed without an answer; ``status`` says which.
    """

    run_id: str
    made_at: datetime
    cluster: str | None
    verdict: Verdict | None
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    status: str = "completed"


@dataclass(frozen=True)
class Predecessor:
    """The newest earlier run of the same notebook and clusters, with its answer for each cluster."""

    run_id: str
    made_at: datetime
    answers: Mapping[str, PastAnswer]


def rows_of(run: Run, summaries: Mapping[str, Summary]) -> pl.DataFrame:
    """Return a run's rows of the history.

    Parameters
    ----------
    run
        The finished run.
    summaries
        Summary of every completed notebook, by its name.

    Returns
    -------
    polars.DataFrame
        Columns of ``SCHEMA``. A failed notebook has one row, without cluster and light, whose sentence is the reason.
    """
    rows = [row for outcome in run.notebooks for row in _rows(outcome, summaries.get(outcome.notebook))]
    key = {"run_id": run.run_id, "made_at": run.started_at, "capture_id": run.capture.id}
    return pl.DataFrame([key | row for row in rows], schema=SCHEMA)


def past_of(history: pl.DataFrame, notebook: str) -> tuple[PastAnswer, ...]:
    """Return what a notebook said in the runs of a history, oldest first."""
    rows = history.filter(notebook=notebook).sort(*reversed(RUN_KEY), maintain_order=True)
    return tuple(map(_past_answer, rows.iter_rows(named=True)))


def predecessor(past: Iterable[PastAnswer], summary: Summary, *, made_at: datetime) -> Predecessor | None:
    """Return the newest run before a moment that answered for the same clusters as a summary, or None.

    Parameters
    ----------
    past
        What the notebook said in earlier runs.
    summary
        What it says now.
    made_at
        When the run of the summary began.
    """
    runs: dict[tuple[datetime, str], dict[str, PastAnswer]] = {}
    for answer in past:
        if answer.verdict is not None and answer.cluster is not None and answer.made_at < made_at:
            runs.setdefault((answer.made_at, answer.run_id), {})[answer.cluster] = answer
    alike = [key for key, answers in runs.items() if answers.keys() == set(summary.clusters)]
    if not alike:
        return None
    moment, run_id = max(alike)
    return Predecessor(run_id, moment, runs[moment, run_id])


def _rows(outcome: NotebookOutcome, summary: Summary | None) -> list[dict[str, Any]]:
    about = {"notebook": outcome.notebook, "status": outcome.status}
    nothing = {"cluster": None, "light": None, "sentence": outcome.reason, "figures": [], "findings": []}
    if summary is None or not summary.results:
        return [about | nothing]
    return [about | _row(result) for result in summary.results]


def _row(result: SummaryResult) -> dict[str, Any]:
    return {
        "cluster": result.cluster,
        "light": result.verdict.light.value,
        "sentence": result.verdict.sentence,
        "figures": [figure.model_dump(mode="json", include=set(FIGURE)) for figure in result.figures],
        "findings": [finding.model_dump(mode="json", include=set(FINDING)) for finding in result.findings],
    }


def _past_answer(row: Mapping[str, Any]) -> PastAnswer:
    verdict = None if row["light"] is None else Verdict(light=row["light"], sentence=row["sentence"])
    return PastAnswer(
        row["run_id"],
        row["made_at"],
        row["cluster"],
        verdict,
        tuple(Figure(**figure) for figure in row["figures"]),
        tuple(Finding(**finding) for finding in row["findings"]),
        row["status"],
    )

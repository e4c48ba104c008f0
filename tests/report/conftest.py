"""Small notebooks and a capture that is only a manifest, enough to drive the engine."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import nbformat
import polars as pl
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kafka_analysis import plots, report, tables
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.executive import Action, Executive, KeyFigure, Risk
from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result, Verdict
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryResult
from kafka_analysis.report.outcome import NotebookOutcome, Run

NAME = r"a$b$c \(d\) _e_ *f* <i>g</i> &amp; \begin{h}"

PARAMETERS = "capture = 'data/sample'\ncluster = None\nstart = None\nend = None\nlight = 'green'\nskew = 1.1"
ANSWER = """
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from kafka_analysis.model.findings import Coverage, Figure, Light, Result, Verdict
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryResult
from kafka_analysis.report.outcome import NotebookOutcome, Run
from kafka_analysis.report import data_quality, first_screen, record_summary
evidence = SimpleNamespace(id='c-1', path=Path(capture), manifest=SimpleNamespace(synthetic=False),
    start=datetime(2026, 1, 2, tzinfo=UTC), end=datetime(2026, 1, 3, tzinfo=UTC))
results = [Result(cluster='<script>alert(1)</script>', coverage=Coverage(expected=40, seen=39),
    verdict=Verdict(light=Light(light), sentence=f'Broker 1 carries {skew} × the mean.'),
    figures=(Figure(name='skew', label='Skew', value=skew, unit='× mean', better='lower'),))]
first_screen(results)
"""
RECORD = """
import polars as pl
record_summary(results, notebook={name!r}, parameters=NotebookParameters(capture=capture), capture=evidence,
    tables={{'brokers': pl.DataFrame({{'broker': [1, 2]}})}})
"""


BEGAN = datetime(2026, 1, 2, tzinfo=UTC)
CAPTURE = SummaryCapture(id="c-1", start=BEGAN, end=BEGAN + timedelta(minutes=14), sha256="")


def an_answer(
    cluster: str = "one", light: str = "amber", skew: float | None = 1.5, findings: tuple[str, ...] = ()
) -> SummaryResult:
    """Return what a notebook says of a cluster."""
    listed = tuple(Finding(light=Light.RED, title=title, action=f"Mend {title}.") for title in findings)
    return SummaryResult.of(
        Result(
            cluster=cluster,
            verdict=Verdict(light=Light(light), sentence=f"{light}."),
            figures=(Figure(name="skew", label="Skew", value=skew, unit="× mean", better="lower"),),
            findings=listed,
            coverage=Coverage(expected=1, seen=1),
        )
    )


def a_summary(*results: SummaryResult, notebook: str = "nb") -> Summary:
    return Summary(notebook=notebook, created_at=BEGAN, tool_version="0", capture=CAPTURE, results=results)


def a_run(run_id: str, day: float, *notebooks: str, failed: tuple[str, ...] = ()) -> Run:
    """Return a run of some notebooks, made that many days after the first; ``compared`` with none."""
    outcomes = [
        NotebookOutcome(
            notebook=name,
            title=f"About {name}",
            status="failed" if name in failed else "completed",
            reason="<b>late</b>" if name in failed else "",
            duration_s=1,
            page=f"{name}.html",
            ipynb=f"{name}.ipynb",
            summary=None if name in failed else f"{name}.summary.json",
        )
        for name in notebooks or ("nb",)
    ]
    moment = BEGAN + timedelta(days=day)
    return Run(
        run_id=run_id, started_at=moment, finished_at=moment, tool_version="0", capture=CAPTURE, command="again",
        notebooks=tuple(outcomes), exit_code=1 if failed else 0,
    )  # fmt: skip


def put_run(out: Path, run: Run, *summaries: Summary) -> Path:
    """Write the folder of a run as a report leaves it, pages but for their content."""
    folder = out / run.run_id
    folder.mkdir(parents=True)
    for summary in summaries:
        summary.write(folder / f"{summary.notebook}.summary.json")
    for name in ("index.html", *(outcome.page for outcome in run.notebooks)):
        (folder / name).write_text("<p>page</p>")
    (folder / "run.json").write_text(run.model_dump_json())
    return folder


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """Return the functions that make answers, summaries, runs and their folders without running anything."""
    return SimpleNamespace(
        answer=an_answer, summary=a_summary, run=a_run, put=put_run, began=BEGAN, capture=CAPTURE
    )


def open_capture(path: Path) -> SimpleNamespace:
    assert (path / "manifest.json").is_file()
    start, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    return SimpleNamespace(
        id="c-1",
        path=path,
        manifest=SimpleNamespace(synthetic=False),
        start=start,
        end=end,
        clusters=[SimpleNamespace(cluster="monolith")],
        known_topics=lambda: pl.DataFrame({"cluster": ["monolith", "cell"], "topic": ["orders", "clicks"]}),
    )


@pytest.fixture(name="open_capture")
def open_capture_fixture() -> Callable[[Path], SimpleNamespace]:
    return open_capture


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("kafka_analysis.report.run._open", open_capture)
    monkeypatch.setattr("kafka_analysis.report.run._verify", lambda _: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cap").mkdir()
    (tmp_path / "cap" / "manifest.json").write_text("{}")
    return "cap"


def write_book(folder: Path, name: str, *code: str, record: bool = True, answer: bool = False) -> Path:
    cells = [
        new_markdown_cell("# Even or not\n\nIs the **load** even?\n\nHow to read this."),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_markdown_cell("## Verdict"),
        *([new_code_cell(ANSWER)] if answer else []),
        *(new_code_cell(text) for text in code),
        *([new_code_cell(RECORD.format(name=name))] if record else []),
    ]
    folder.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")
    return folder


@pytest.fixture
def books(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes one notebook: title, parameters, answer, the code given, record."""
    return functools.partial(write_book, tmp_path / "books")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a working folder, shared by the tests of a module, with a capture in it."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "cap").mkdir()
    (folder / "cap" / "manifest.json").write_text("{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kafka_analysis.report.run._open", open_capture)
        patch.setattr("kafka_analysis.report.run._verify", lambda _: None)
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def write_in(workshop: Path) -> Callable[..., Path]:
    """Return the same as ``books``, for tests that share one run."""
    return functools.partial(write_book, workshop / "books")


@pytest.fixture(scope="session")
def outputs(small, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return one output of every kind as HTML, by its name; names in them are markup and formulas to others."""
    capture = read_capture(small.write_small_capture(tmp_path_factory.mktemp("outputs") / "small"))
    full = Coverage(expected=40, seen=40)
    labels = ["Max ÷ mean, bytes in", "Gini", "Lag", NAME, "Topics"]
    figures = tuple(
        Figure(name=label, label=label, value=1.5e6, unit="B/s", better="lower", note=NAME, evidence=evidence)
        for label, evidence in zip(labels, [*Evidence, *Evidence], strict=False)
    )
    listed = tuple(Finding(light=light, title=NAME, detail=NAME, action=NAME) for light in Light)
    results = [
        Result(cluster=NAME, coverage=full, figures=figures, findings=listed,
               verdict=Verdict(light=light, sentence=f"broker 1 leads {NAME}."))
        for light in Light
    ]  # fmt: skip
    named = {"notebook": NAME, "light": Light.AMBER}
    executive = Executive(
        light=Light.AMBER, sentence=NAME, notes=(NAME,),
        figures=tuple(KeyFigure(**named, cluster=NAME, figure=figure) for figure in figures[:3]),
        actions=(Action(**named, clusters=(NAME,), what=NAME, why=NAME, command=NAME, owner=NAME),) * 2,
        risks_in_short=(Risk(**named, clusters=(NAME,), title=NAME),),
    )  # fmt: skip
    rows = pl.DataFrame({"cluster": "c", "topic": [NAME, "orders"], "bytes_in_per_s": [5.0, 1e6]})
    parameters = NotebookParameters(capture=NAME)
    shown = {
        "first screen": report.first_screen(results),
        "executive": report.executive_first_screen(executive),
        "executive basis": report.executive_basis(executive),
        "data quality": report.data_quality({NAME: full, "b": Coverage(expected=0, seen=0)}, gaps=[NAME] * 9),
        "findings": report.findings(results),
        "finding": listed[0],
        "files": report.files({NAME: {"plan.md": f"# {NAME}", "plan.json": "{}"}}, notebook="n"),
        "provenance": report.record_summary(results, notebook="n", parameters=parameters, capture=capture),
        "table": tables.topics(rows),
        "figure": plots.topic_ranking(rows),
        "figures": plots.per_cluster(plots.topic_ranking, rows),
        "capture": capture,
        "topic": capture.topic(small.HOSTILE),
    }
    return {name: str(value._repr_html_()) for name, value in shown.items()}

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bs4 import BeautifulSoup

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Light, Result, Verdict
from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryResult
from kafka_analysis.report.index import render_index
from kafka_analysis.report.outcome import NotebookOutcome, Run

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CAPTURE = SummaryCapture(id="c", start=NOW, end=NOW + timedelta(minutes=14), sha256="")


def outcome(name: str, *, failed: bool = False) -> NotebookOutcome:
    return NotebookOutcome(
        notebook=name,
        title=f"About {name}",
        status="failed" if failed else "completed",
        reason="<b>late</b>" if failed else "",
        duration_s=1,
        page=f"{name}.html",
        ipynb=f"{name}.ipynb",
    )


def summary(name: str, *clusters: str, value: float = 1.5) -> Summary:
    figure = Figure(name="skew", label="Skew", value=value, better="lower", evidence=Evidence.ESTIMATED)
    results = (
        Result(
            cluster=cluster,
            verdict=Verdict(light=Light.AMBER, sentence="So so."),
            figures=(figure,),
            coverage=Coverage(expected=1, seen=1),
        )
        for cluster in clusters
    )
    return Summary(
        notebook=name,
        created_at=NOW,
        tool_version="0",
        capture=CAPTURE,
        results=tuple(SummaryResult.of(result) for result in results),
    )


def index(
    *outcomes: NotebookOutcome, capture: SummaryCapture = CAPTURE, **summaries: Summary
) -> BeautifulSoup:
    run = Run(
        run_id="r",
        started_at=NOW,
        finished_at=NOW,
        tool_version="0",
        capture=capture,
        command="again",
        notebooks=outcomes,
        exit_code=0,
    )
    before = {"a": ("earlier", summary("a", "one", value=2))} if "a" in summaries else {}
    return BeautifulSoup(render_index(run, summaries, before), "html.parser")


def test_a_row_per_notebook_and_cluster_failures_first() -> None:
    page = index(
        outcome("a"), outcome("b", failed=True), outcome("c"), a=summary("a", "one", "two"), c=summary("c")
    )
    rows = page.select(".answers tbody tr")
    assert [row.select_one(".sub").get_text() for row in rows] == ["b", "a", "a", "c"]
    assert rows[0].select_one(".sentence").get_text() == "<b>late</b>"
    assert "1.50 Skew estimated" in " ".join(rows[1].select_one(".figures").get_text(" ").split())
    assert rows[3].select_one(".ka-chip").get_text() == "– no verdict"
    assert page.h1.get_text() == "1 of 3 questions without an answer"


def test_the_change_is_of_the_same_cluster_and_links_to_the_run() -> None:
    one, two = index(outcome("a"), a=summary("a", "one", "two")).select(".answers tbody tr")
    assert "2 → 1.50" in one.select_one(".changes").get_text()
    assert one.select_one(".changes .better") is not None
    assert one.select("a")[-1]["href"] == "../earlier/a.html"
    assert "first run of this kind" in two.get_text()


def test_a_synthetic_capture_is_told_before_anything_else() -> None:
    made_up = index(
        outcome("a"), a=summary("a", "one"), capture=CAPTURE.model_copy(update={"synthetic": True})
    )
    assert made_up.select_one(".lead").find(True)["class"] == ["synthetic"]
    assert "(synthetic)" in made_up.select_one(".window").get_text()
    assert index(outcome("a"), a=summary("a", "one")).select_one(".synthetic") is None

from __future__ import annotations

from bs4 import BeautifulSoup

from kafka_analysis.report.index import render_index
from kafka_analysis.report.index_top import index_top
from kafka_analysis.report.last import LAST
from kafka_analysis.report.outcome import NotebookOutcome, Run
from tests.made_summaries import CAPTURE, NOW, answer, figure, finding, summary

HOSTILE = "<script>alert(1)</script>"


def outcome(name: str, status: str = "completed") -> NotebookOutcome:
    return NotebookOutcome(
        notebook=name, title=name, status=status, duration_s=1, page=f"{name}.html", ipynb=f"{name}.ipynb"
    )


def run(*outcomes: NotebookOutcome) -> Run:
    return Run(
        run_id="r", started_at=NOW, finished_at=NOW, tool_version="0", capture=CAPTURE, command="again",
        notebooks=outcomes, exit_code=0,
    )  # fmt: skip


SUMMED = summary(
    LAST,
    answer(
        "all clusters", "red", f"Act on {HOSTILE}.",
        figure("10_inventory.partitions", 9.0, label="Partitions", note="monolith"),
        figure("77_gone.f", 1.0, label="Gone"),
        finding("red", "it is full", f"move {HOSTILE}"),
    ),
)  # fmt: skip


def test_figures_link_to_pages_that_the_run_has() -> None:
    top = index_top(SUMMED, run(outcome("10_inventory"), outcome(LAST)))
    assert [one.page for one in top.figures] == ["10_inventory.html", ""]
    assert (top.light, top.page, len(top.actions)) == ("red", f"{LAST}.html", 1)


def test_without_a_summary_there_is_no_top() -> None:
    assert index_top(None, run()) is None
    assert index_top(summary(LAST), run()) is None


def page(*outcomes: NotebookOutcome, **summaries) -> BeautifulSoup:
    return BeautifulSoup(render_index(run(*outcomes), summaries, {}), "html.parser")


def test_the_index_opens_with_it_and_counts_its_answer_nowhere() -> None:
    inventory = summary("10_inventory", answer("a", "green"))
    shown = page(outcome("10_inventory"), outcome(LAST), **{"10_inventory": inventory, LAST: SUMMED})
    top = shown.select_one(".executive")
    assert f"Act on {HOSTILE}." in top.get_text()
    assert top.find("script") is None
    assert [link["href"] for link in top.select("a")] == [f"{LAST}.html", "10_inventory.html"]
    assert "Move <script>" in top.select_one(".next li").get_text()
    assert [row.select_one(".sub").get_text() for row in shown.select(".answers tbody tr")] == [
        "10_inventory"
    ]
    assert [one.get_text(" ", strip=True) for one in shown.select(".counts li")] == ["✔ 1 good"]
    assert shown.h1.get_text() == "1 question answered"


def test_a_summary_that_failed_is_a_row_like_any_other() -> None:
    shown = page(
        outcome("10_inventory"),
        outcome(LAST, "failed"),
        **{"10_inventory": summary("10_inventory", answer("a", "green"))},
    )
    assert shown.select_one(".executive") is None
    assert shown.select_one(".answers tbody tr .sub").get_text() == LAST
    assert shown.h1.get_text() == "1 of 2 questions without an answer"

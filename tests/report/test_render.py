from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryTable
from kafka_analysis.report.earlier import earlier_of
from kafka_analysis.report.history import rows_of
from kafka_analysis.report.outcome import NotebookOutcome
from kafka_analysis.report.render import Neighbours, render_failure, render_notebook, step_after

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CAPTURE = SummaryCapture(id="<b>c</b>", start=NOW, end=NOW, sha256="a" * 64)
DONE = NotebookOutcome(
    notebook="nb", title="T & T", status="completed", duration_s=1, page="nb.html", ipynb="nb.ipynb"
)


def rendered(
    *outputs: dict[str, object],
    markdown: str = "# T",
    capture: SummaryCapture = CAPTURE,
    summary: Summary | None = None,
    **more: object,
) -> BeautifulSoup:
    cells = [new_markdown_cell(markdown), new_code_cell("x < 1", execution_count=1, outputs=list(outputs))]
    said = summary or Summary(notebook="nb", created_at=NOW, tool_version="0", capture=capture)
    html = render_notebook(new_notebook(cells=cells), outcome=DONE, summary=said, created_at=NOW, **more)
    return BeautifulSoup(html, "html.parser")


def shown(**data: str) -> dict[str, object]:
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return new_output("display_data", data=named)


def labels(page: BeautifulSoup) -> list[str]:
    return [label.get_text() for label in page.select(".lead .synthetic[role=note]")]


def test_a_synthetic_capture_is_told_before_anything_else() -> None:
    page = rendered(capture=CAPTURE.model_copy(update={"synthetic": True}))
    (label,) = labels(page)
    assert label == "Synthetic: made up, not recorded. No figure here is of a real cluster."
    assert page.select_one(".lead").find(True)["class"] == ["synthetic"]
    assert labels(rendered()) == []


def test_a_failure_over_a_synthetic_capture_says_so_too() -> None:
    made_up = CAPTURE.model_copy(update={"synthetic": True})
    for capture, count in ((made_up, 1), (CAPTURE, 0)):
        html = render_failure(DONE, capture=capture, traceback="", command="again", created_at=NOW)
        assert len(labels(BeautifulSoup(html, "html.parser"))) == count


def test_names_are_escaped() -> None:
    page = rendered()
    assert page.title.get_text() == "T & T · <b>c</b>"
    assert page.find("b") is None


def test_scripts_of_outputs_and_text_are_stripped() -> None:
    hostile = "<script>x()</script><img src='https://x/y.png'><p onclick='x()'>kept</p>"
    page = rendered(shown(text_html=hostile), shown(text_markdown=hostile), markdown=f"# T\n\nq\n\n{hostile}")
    assert page.script is None
    assert not page.find_all(src=True)
    assert not page.find_all(onclick=True)
    assert "kept" in page.get_text()


def test_markdown_outputs_are_escaped() -> None:
    assert "<b>not bold</b>" in rendered(shown(text_markdown="<b>not bold</b> **bold**")).get_text()


def test_streams_images_and_text_are_shown() -> None:
    image = new_output("display_data", data={"image/png": "AAAA"}, metadata={"image/png": {"alt": "a < b"}})
    page = rendered(
        new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m <b>"),
        new_output("stream", name="stderr", text="careful"),
        image,
        new_output("display_data", data={"image/svg+xml": "<svg xmlns='x'><script>x()</script></svg>"}),
        shown(text_plain="<Frame>"),
    )
    assert page.select_one("pre.stream").get_text() == "red <b>"
    assert "careful" in page.select_one("details.warnings").get_text()
    assert page.select_one("img[src^='data:image/png']")["alt"] == "a < b"
    assert page.select_one("img[src^='data:image/svg']")
    assert page.select_one("pre.output.text").get_text() == "<Frame>"


def test_a_failure_says_what_to_do_without_colour_codes() -> None:
    failed = DONE.model_copy(update={"status": "failed", "kind": "timeout", "reason": "<i>late</i>"})
    html = render_failure(
        failed, capture=CAPTURE, traceback="\x1b[31mTraceback\x1b[0m", command="again", created_at=NOW
    )
    page = BeautifulSoup(html, "html.parser")
    assert page.select_one(".reason").get_text() == "<i>late</i>"
    assert page.select_one("details.traceback pre").get_text() == "Traceback"
    assert "--timeout" in page.get_text()


def test_pages_lead_to_the_one_before_and_the_one_after() -> None:
    around = Neighbours(("<b>One</b>", "10_one.html"), ("Three", "30_three.html"))
    html = render_failure(
        DONE, capture=CAPTURE, traceback="", command="again", created_at=NOW, neighbours=around
    )
    for page in (BeautifulSoup(html, "html.parser"), rendered(neighbours=around)):
        for bar in page.select("nav.steps, nav.steps-bar"):
            assert [link["href"] for link in bar.select("a")] == ["10_one.html", "30_three.html"]
        assert page.select_one("nav.steps a").get_text() == "← <b>One</b>"
    assert rendered(neighbours=Neighbours(None, None)).select("nav.steps") == []


def test_a_page_shows_how_its_figures_went_over_runs(made) -> None:
    rows = rows_of(made.run("before", 0), {"nb": made.summary(made.answer(skew=2, findings=("<i>x</i>",)))})
    summary = made.summary(made.answer())
    earlier = earlier_of(rows, summary, made_at=made.began + timedelta(days=1), kept={"before"})
    page = rendered(markdown="# T\n\nq", summary=summary, earlier=earlier)
    section = page.select_one(".over-runs")
    assert section.h2.get_text() == "Trend over runs"
    assert "trend-over-runs" in [link["href"].removeprefix("#") for link in page.select(".toc a")]
    assert section.svg["aria-label"].startswith("Skew over 2 runs")
    assert "− gone <i>x</i>" in section.get_text()
    assert section.select_one("a.run")["href"] == "../before/nb.html"
    assert rendered(summary=summary).select_one(".over-runs") is None


def test_every_table_that_was_kept_is_listed() -> None:
    kept = SummaryTable(
        name="<b>t</b>", rows=3, columns=("a",), files=("tables/nb/t.parquet", "tables/nb/t.csv")
    )
    page = rendered(
        summary=Summary(notebook="nb", created_at=NOW, tool_version="0", capture=CAPTURE, tables=(kept,))
    )
    [item] = page.select(".table-files li")
    assert item.get_text() == "<b>t</b>, 3 rows: parquet csv"
    assert [link["href"] for link in item.select("a")] == list(kept.files)


@pytest.mark.parametrize("kind", ["timeout", "dead", "error", "large", "unrecorded"])
def test_each_way_to_fail_has_a_step_to_take(kind: str) -> None:
    assert step_after(kind).endswith(".")
    assert step_after("stopped") == ""

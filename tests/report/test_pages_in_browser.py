"""Every page of the sample in a real browser: short on paper, and nothing cut off on a phone."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from kafka_analysis.model.summary import Summary, SummaryCapture
from kafka_analysis.report.arrange import _SAID_ALREADY
from kafka_analysis.report.notebooks import find_notebooks
from kafka_analysis.report.outcome import NotebookOutcome
from kafka_analysis.report.render import render_notebook

pytestmark = pytest.mark.jupyterlab  # it needs Chromium, too
MOST_SHEETS = 8
NOW = datetime(2026, 1, 2, tzinfo=UTC)
SUMMARIES = Path(__file__).parents[2] / "data" / "sample.summaries"
BOOKS = [book.path for book in find_notebooks().values()]
OPENED = "document.querySelectorAll('details').forEach(fold => fold.open = true)"
FOLDS_SEEN = """
[...document.querySelectorAll('details')].filter(fold => fold.getClientRects().length).map(fold => fold.className)
"""
NOTES_SEEN = """
[...document.querySelectorAll('details:not(.code, .toc-phone, .setup, .more-rows) + .paper-only')]
  .filter(note => note.parentElement.getClientRects().length)
  .map(note => note.getClientRects().length > 0)
"""
CUT_OFF = """
[...document.querySelectorAll('body *')].filter(e => {
  const style = getComputedStyle(e), scrolls = box => ['auto', 'scroll'].includes(getComputedStyle(box).overflowX)
  if (style.display === 'inline' || e.closest('.hidden, .skip, svg') || !e.clientWidth) return false
  if (e.scrollWidth <= e.clientWidth + 1 || scrolls(e)) return false
  if (['hidden', 'clip'].includes(style.overflowX)) return true
  for (let box = e.parentElement; box; box = box.parentElement) if (scrolls(box)) return false
  return true
}).map(e => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 60)}`)
"""


def rendered(book: Path) -> str:
    """Return the page of a committed notebook, which has its outputs."""
    kept = SUMMARIES / f"{book.stem}.summary.json"
    nothing = SummaryCapture(id="sample", start=None, end=None, sha256="")
    said = (
        Summary.read(kept)
        if kept.is_file()
        else Summary(notebook=book.stem, created_at=NOW, tool_version="0", capture=nothing)
    )
    done = NotebookOutcome(
        notebook=book.stem, title=book.stem, question="Is it?", status="completed", duration_s=1,
        page=f"{book.stem}.html", ipynb=book.name, summary=kept.name,
    )  # fmt: skip
    return render_notebook(nbformat.read(book, as_version=4), outcome=done, summary=said, created_at=NOW)


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory) -> Iterator:
    program = browser.chromium()
    if program is None:
        reason = "no Chromium is installed"
        pytest.fail(reason) if os.environ.get("KAFKA_ANALYSIS_REQUIRE_ALL") == "1" else pytest.skip(reason)
    with browser.browsing(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def addresses(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    for book in BOOKS:
        (folder / f"{book.stem}.html").write_text(rendered(book), encoding="utf-8")
    return {book.stem: (folder / f"{book.stem}.html").as_uri() for book in BOOKS}


@pytest.mark.parametrize("name", [book.stem for book in BOOKS])
def test_a_page_is_printed_on_few_sheets(page, addresses, name: str) -> None:
    page.go(addresses[name])
    printed = page.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(printed))) <= MOST_SHEETS


@pytest.mark.parametrize("name", [book.stem for book in BOOKS])
def test_nothing_is_cut_off_on_a_phone(page, addresses, name: str) -> None:
    page.go(addresses[name], width=390, height=844)
    page.evaluate(OPENED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(CUT_OFF) == []


def test_no_heading_is_printed_without_what_it_is_about(page, addresses) -> None:
    page.go(addresses["10_inventory"])
    page.send("Emulation.setEmulatedMedia", media="print")
    shown = page.evaluate(
        "[...document.querySelectorAll('h2')].filter(h => h.offsetParent).map(h => h.textContent)"
    )
    page.send("Emulation.setEmulatedMedia", media="")
    assert "Which brokers are there?" in shown
    assert not {"Set-up", "Tables", _SAID_ALREADY} & set(shown)


@pytest.mark.parametrize("name", [book.stem for book in BOOKS])
def test_a_closed_fold_is_a_line_on_paper_and_an_open_one_is_printed_whole(
    page, addresses, name: str
) -> None:
    page.go(addresses[name])
    page.send("Emulation.setEmulatedMedia", media="print")
    closed = page.evaluate(FOLDS_SEEN), page.evaluate(NOTES_SEEN)
    page.evaluate(OPENED)
    opened = page.evaluate(FOLDS_SEEN), page.evaluate(NOTES_SEEN)
    page.send("Emulation.setEmulatedMedia", media="")
    assert closed[0] == []
    assert all(closed[1])
    assert not any(opened[1])
    assert len([fold for fold in opened[0] if fold not in ("setup", "more-rows")]) == len(opened[1])

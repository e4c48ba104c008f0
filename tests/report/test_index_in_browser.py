"""The index in a real browser: rows are chosen without a script, paper shows all, nothing is cut off on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_analysis.report.history import SCHEMA
from kafka_analysis.report.index import render_index
from kafka_analysis.report.notify.digest import digest_of

pytestmark = pytest.mark.jupyterlab  # it needs Chromium, too
SHOWN = "[...document.querySelectorAll('.answers tbody tr')].filter(row => row.offsetParent).length"
LONG = "a-cluster-with-a-name-that-is-longer-than-a-phone-is-wide.example.org"


@pytest.fixture(scope="module")
def page(made, browser, tmp_path_factory) -> Iterator:
    """Return a browser's page with an index of six rows: one failed, two red, three green; of three clusters."""
    program = browser.chromium()
    if program is None:
        reason = "no Chromium is installed"
        pytest.fail(reason) if os.environ.get("KAFKA_ANALYSIS_REQUIRE_ALL") == "1" else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("index")
    run = made.run("r", 0, "a", "b", "c", failed=("c",))
    clusters = ("one", "two", LONG)
    summaries = {
        "a": made.summary(*(made.answer(name, "green") for name in clusters), notebook="a"),
        "b": made.summary(*(made.answer(name, "red") for name in clusters[:2]), notebook="b"),
    }
    assert len(digest_of(run, summaries, SCHEMA.to_frame()).answers) == 6
    (folder / "index.html").write_text(render_index(run, summaries, {}), encoding="utf-8")
    with browser.browsing(program, tmp_path_factory.mktemp("profile")) as opened:
        opened.address = (folder / "index.html").as_uri()
        yield opened


def choose(page, box: str, text: str) -> None:
    page.evaluate(
        f"[...document.querySelectorAll('#{box} option')].find(o => o.textContent === '{text}').selected = true"
    )


def test_rows_are_chosen_by_light_cluster_and_notebook(page) -> None:
    page.go(page.address, height=800)
    assert page.evaluate(SHOWN) == 6
    page.evaluate("document.querySelector('#s-red').click()")
    assert page.evaluate(SHOWN) == 2
    choose(page, "c", "two")
    assert page.evaluate(SHOWN) == 1
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate(SHOWN) == 6
    page.send("Emulation.setEmulatedMedia", media="")
    page.evaluate("document.querySelector('.filter button').click()")
    assert page.evaluate(SHOWN) == 6
    choose(page, "n", "a")
    assert page.evaluate(SHOWN) == 3


def test_the_worst_is_on_the_first_screen(page) -> None:
    page.go(page.address, width=1280, height=800)
    ends = page.evaluate(
        "[...document.querySelectorAll('.answers tbody tr')].map(row => row.getBoundingClientRect().bottom)"
    )
    assert ends[2] < 800


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(page, width: int) -> None:
    page.go(page.address, width=width, height=844)
    beyond = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('.hidden, pre, select') &&"
        " e.getBoundingClientRect().right > innerWidth).map(e => e.tagName + '.' + e.className)"
    )
    assert beyond == []


def test_the_page_was_written_without_a_script(page) -> None:
    assert "<script" not in Path(page.address.removeprefix("file://")).read_text(encoding="utf-8")

"""Every kind of output in JupyterLab: what its sanitizer would take away, and how a real one shows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook, new_output

CONTROL = '<p aria-label="kept where trusted">Typeset: $x^2$</p>'
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
SHOWN = f"[...document.querySelectorAll('{PANEL} .jp-RenderedHTML')]"
READABLE = 4.5  # contrast of text, by WCAG 2
CONTRASTS = """(() => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126*r + 0.7152*g + 0.0722*b };
  const behind = e => { if (!e) return [255, 255, 255, 1];
    const paper = parse(getComputedStyle(e).backgroundColor);
    return paper[3] === 1 ? paper : over(paper, behind(e.parentElement)) };
  const rows = [];
  for (const output of SHOWN) {
    const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) { const e = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || e.closest('mjx-container')) continue;
      let ink = parse(getComputedStyle(e).color), seen = 1;
      for (let a = e; a !== output.parentElement; a = a.parentElement) seen *= +getComputedStyle(a).opacity;
      const paper = behind(e), [x, y] = [light(over([...ink.slice(0, 3), ink[3] * seen], paper)), light(paper)];
      rows.push([(Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05), walker.currentNode.data.trim()]) } }
  return rows.sort((a, b) => a[0] - b[0]) })()""".replace("SHOWN", SHOWN)


def styles(html: str) -> list[str]:
    return [tag["style"].strip(";") for tag in BeautifulSoup(html, "html.parser").select("[style]")]


def test_nothing_is_removed_where_a_notebook_is_not_trusted(outputs, sanitizer) -> None:
    assert [(name, lost) for name, html in outputs.items() for lost in sanitizer.removed(html)] == []


@pytest.mark.parametrize(
    ("html", "lost"),
    [
        ("<style>p{}</style>", "<style>"),
        ('<p style="display:flex">', "display:flex"),
        ('<p style="color:red;font-weight:650">', "font-weight:650"),
        ('<p style="overflow-wrap:anywhere">', "overflow-wrap:anywhere"),
        ('<section aria-label="x">', "section aria-label"),
        ("<dl></dl>", "<dl>"),
    ],
)
def test_what_would_be_removed_is_seen(sanitizer, html: str, lost: str) -> None:
    assert lost in sanitizer.removed(html)


@pytest.fixture(scope="module")
def page(outputs, browser, tmp_path_factory) -> Iterator:
    """Return a page with JupyterLab open, over one notebook of all outputs, once trusted and once not."""
    program = browser.chromium()
    if program is None:
        reason = "no Chromium is installed"
        pytest.fail(reason) if os.environ.get("KAFKA_ANALYSIS_REQUIRE_ALL") == "1" else pytest.skip(reason)
    folder, data = (tmp_path_factory.mktemp(name) for name in ("notebooks", "data"))
    shown = [new_output("display_data", {"text/html": html}) for html in [CONTROL, *outputs.values()]]
    for name in ("trusted", "untrusted"):
        notebook = new_notebook(cells=[new_code_cell(f"# {name}", outputs=shown, execution_count=1)])
        nbformat.write(notebook, folder / f"{name}.ipynb")
        if name == "trusted":
            notary = NotebookNotary(data_dir=str(data))
            notary.sign(notebook)
            notary.store.close()
    with browser.jupyterlab(folder, data) as address, browser.browsing(program, data / "profile") as opened:
        opened.go(address, height=6000)
        opened.until("window.jupyterapp !== undefined")
        opened.evaluate("jupyterapp.restored.then(() => 0)")
        yield opened


@pytest.fixture(scope="module", params=["untrusted", "trusted"])
def notebook(page, outputs, request) -> str:
    """Open a notebook and wait until formulas are typeset; return its name."""
    page.evaluate(
        f"jupyterapp.commands.execute('docmanager:open', {{path: '{request.param}.ipynb'}}).then(() => 0)"
    )
    page.until(f"{SHOWN}.length === {len(outputs) + 1} && !!document.querySelector('{PANEL} mjx-container')")
    return request.param


@pytest.mark.jupyterlab
def test_styles_stay_and_no_name_becomes_a_formula(page, notebook, outputs) -> None:
    assert (notebook == "trusted") == page.evaluate(f"{SHOWN}[0].querySelector('[aria-label]') !== null")
    kept = page.evaluate(
        f"{SHOWN}.map(o => [...o.querySelectorAll('[style]')].map(e => e.getAttribute('style')))"
    )
    assert [[style.strip(";") for style in of_output] for of_output in kept[1:]] == [
        *map(styles, outputs.values())
    ]
    formulas = page.evaluate(f"{SHOWN}.map(o => o.querySelectorAll('mjx-container').length)")
    assert formulas == [1] + [0] * len(outputs)


@pytest.mark.jupyterlab
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_tiles_stand_side_by_side_and_text_is_read_on_its_background(page, notebook, theme) -> None:
    page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}}).then(() => 0)")
    page.until(f"document.body.dataset.jpThemeName === '{theme}'")
    page.until(f"{SHOWN}.length > 0 && {SHOWN}.every(o => o.getBoundingClientRect().width > 0)")
    page.evaluate("new Promise(then => requestAnimationFrame(() => requestAnimationFrame(() => then(0))))")
    if folder := os.environ.get("KAFKA_ANALYSIS_PICTURES"):
        page.picture(Path(folder) / f"{notebook} {theme}.png")
    places = page.evaluate(
        f"{SHOWN}.flatMap(o => [...o.querySelectorAll('.ka-tiles')]).map(t => [...t.querySelectorAll('.ka-value')]"
        ".map(v => v.getBoundingClientRect()).map(r => [r.top, r.left]))"
    )
    assert [len(tiles) for tiles in places] == [5, 5, 5, 5, 3]
    for tiles in places:
        assert len({top for top, _ in tiles}) == 1
        assert len({left for _, left in tiles}) == len(tiles)
    worst = page.evaluate(CONTRASTS)[0]
    assert worst[0] >= READABLE, worst

"""The notebooks on the sample: fresh answers against the committed ones, and what the pages hold."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.model.parameters import PARAMETERS

COMMITTED = Path(__file__).with_name("summaries")
RELATIVE = 1e-6
LARGEST_PAGE = 5_000_000

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(300)]


@pytest.fixture(scope="module", params=sorted(PARAMETERS))
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each notebook; all tests of one come in turn, so that its page is parsed once."""
    return request.param


@pytest.fixture(scope="module")
def soup(report: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((report / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def answers(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["results"]


def test_fresh_answers_are_the_committed_ones(report: Path, name: str) -> None:
    fresh, committed = answers(report / f"{name}.summary.json"), answers(COMMITTED / f"{name}.summary.json")
    assert [r["cluster"] for r in fresh] == [r["cluster"] for r in committed]
    for one, other in zip(fresh, committed, strict=True):
        assert one["verdict"] == other["verdict"]
        assert one["coverage"] == other["coverage"]
        assert [f["name"] for f in one["figures"]] == [f["name"] for f in other["figures"]]
        for figure, before in zip(one["figures"], other["figures"], strict=True):
            same = figure["value"] == before["value"]
            assert same or math.isclose(figure["value"], before["value"], rel_tol=RELATIVE), figure["name"]


def test_the_page_stands_alone_and_answers_first(report: Path, name: str, soup: BeautifulSoup) -> None:
    assert (report / f"{name}.html").stat().st_size < LARGEST_PAGE
    fetched = [t.get("src") or t.get("href") for t in soup.find_all(["script", "link", "img", "iframe"])]
    assert [f for f in fetched if f and f.startswith(("http:", "https:", "//"))] == []
    order = [
        block.get("class", [])
        for block in soup.select(".ka-first-screen, .ka-data-quality, figure, .gt_table")
    ]
    assert "ka-first-screen" in order[0]
    assert "ka-data-quality" in order[1]


def test_every_figure_has_a_caption_with_its_function_and_alternative_text(soup: BeautifulSoup) -> None:
    for figure in soup.find_all("figure"):
        assert "kafka_analysis.plots." in figure.find("figcaption").get_text()
        assert len(figure.find("img")["alt"]) > 20
    for table in soup.select(".gt_table"):
        assert "kafka_analysis.tables." in table.get_text()


def test_figures_and_findings_have_units_evidence_and_words(report: Path, name: str) -> None:
    for result in answers(report / f"{name}.summary.json"):
        assert result["verdict"]["sentence"].endswith(".")
        assert 3 <= len(result["figures"]) <= 5
        assert {f["evidence"] for f in result["figures"]} <= {"measured", "estimated", "declared"}


def test_tables_are_there_as_parquet_and_csv(report: Path) -> None:
    for name in PARAMETERS:
        listed = json.loads((report / f"{name}.summary.json").read_text(encoding="utf-8"))["tables"]
        assert listed
    kinds = {path.suffix for path in (report / "tables").rglob("*") if path.is_file()}
    assert kinds == {".csv", ".parquet"}

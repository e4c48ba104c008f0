from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.report.files import MOST_SHOWN, files
from kafka_analysis.report.sanitize import sanitize
from kafka_analysis.report.summary import SUMMARY_DIR

HOSTILE = "<script>alert(1)</script>"
TEXTS = {"plan.md": f"# {HOSTILE}", "plan.json": "{}", "reassignment-01.json": "{}", "rollback-01.json": "{}"}


def soup(texts: dict[str, dict[str, str]]) -> BeautifulSoup:
    return BeautifulSoup(files(texts, notebook="30_rebalance_plan").html, "html.parser")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SUMMARY_DIR, str(tmp_path))
    return tmp_path


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SUMMARY_DIR, raising=False)


def test_in_a_run_files_are_written_and_linked(run: Path) -> None:
    links = {a["href"]: a.get_text() for a in sanitize(soup({"monolith": TEXTS})).find_all("a", href=True)}
    assert links == {f"files/30_rebalance_plan/monolith/{name}": name for name in TEXTS}
    assert {(run / link).read_text(encoding="utf-8") for link in links} == set(TEXTS.values())


def test_numbered_files_are_folded(run: Path) -> None:
    (fold,) = soup({"monolith": TEXTS}).find_all("details")
    assert fold.summary.get_text() == "2 more files"
    assert [a.get_text() for a in fold.find_all("a")] == ["reassignment-01.json", "rollback-01.json"]


def test_names_cannot_leave_the_folder_or_run_or_overwrite_each_other(run: Path) -> None:
    page = soup({"../a b": TEXTS, "a-b": {"../../plan.md": "other"}, HOSTILE: {"plan.md": "third"}})
    assert page.find("script") is None
    written = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert all(name.startswith("files/30_rebalance_plan/") for name in written)
    assert len(written) == len(TEXTS) + 2
    assert all((run / link["href"]).is_file() for link in page.find_all("a"))


@pytest.mark.usefixtures("alone")
def test_elsewhere_what_people_read_is_folded_and_the_rest_named() -> None:
    page = soup({"monolith": TEXTS})
    assert page.find("script") is None
    assert page.pre.get_text() == TEXTS["plan.md"]
    assert [fold.summary.get_text() for fold in page.find_all("details")] == [
        "plan.md (27 B)",
        "3 not shown here",
    ]
    assert page.find("a") is None


@pytest.mark.usefixtures("alone")
def test_what_is_too_long_to_fold_is_named() -> None:
    page = soup({"a": {"plan.md": "x" * (MOST_SHOWN - 1)}, "b": {"plan.md": "yy"}})
    assert len(page.find_all("pre")) == 1
    assert "plan.md (2 B)" in page.find_all("details")[-1].get_text()


def test_no_files_are_said() -> None:
    assert str(files({"a": {}}, notebook="n")) == "no files"
    assert "There are no files." in files({}, notebook="n").html

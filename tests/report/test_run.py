"""Two reports of a few notebooks, shared by the tests; the first in kernels, which take seconds to start."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import polars as pl
import pytest
from bs4 import BeautifulSoup

from kafka_analysis.model.errors import BusyError, CaptureDamagedError, InputError
from kafka_analysis.model.findings import Light
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.report.config import ReportConfig
from kafka_analysis.report.folder import unfinished_run
from kafka_analysis.report.history_file import HISTORY, read_history
from kafka_analysis.report.notify.send import Notifier
from kafka_analysis.report.outcome import NotebookOutcome, Run, RunOutcome
from kafka_analysis.report.run import execute_in_place, run_report
from tests.notebooks.in_process import execute_in_process

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def folder(write_in: Callable[..., Path]) -> Path:
    write_in("10_good", answer=True)
    write_in("20_raises", "raise ValueError('no such topic')", answer=True)
    return write_in("30_silent", "1 + 1", record=False)


@pytest.fixture(scope="module")
def first(workshop: Path, folder: Path) -> RunOutcome:
    return run_report("cap", out="reports", notebooks=folder, run_id="first", fail_on="red")


@pytest.fixture(scope="module")
def second(workshop: Path, folder: Path, first: RunOutcome) -> RunOutcome:
    worse = {"10_good": {"light": "red", "skew": 1.6}}
    options = {"only": ["10_good"], "parameters": worse, "fail_on": "red"}
    with pytest.MonkeyPatch.context() as patch:
        execute_in_process(patch)
        return run_report("cap", out="reports", notebooks=folder, run_id="second", **options)


def page(outcome: RunOutcome, name: str) -> BeautifulSoup:
    return BeautifulSoup((outcome.path / name).read_text(encoding="utf-8"), "html.parser")


def test_each_notebook_ends_as_it_should(first: RunOutcome) -> None:
    ends = {one.notebook: (one.status, one.kind) for one in first.run.notebooks}
    assert ends == {
        "10_good": ("completed", ""),
        "20_raises": ("failed", "error"),
        "30_silent": ("failed", "unrecorded"),
    }
    assert [one.reason.split(":")[0] for one in first.failed] == [
        "ValueError",
        "finished without recording a summary as '30_silent'",
    ]
    assert first.exit_code == 1


def test_a_run_is_complete_and_nothing_else_is_left(
    first: RunOutcome, second: RunOutcome, workshop: Path
) -> None:
    assert {path.name for path in first.path.iterdir()} == {
        *("index.html", "run.json", "tables", "10_good.html", "10_good.ipynb", "10_good.summary.json"),
        *("20_raises.html", "20_raises.ipynb", "30_silent.html", "30_silent.ipynb"),
    }
    assert {path.name for path in (workshop / "reports").iterdir()} == {
        *(".lock", "first", "second", "latest", HISTORY)
    }
    assert (workshop / "reports" / "latest").readlink() == Path("second")


def test_the_summary_knows_title_question_and_tables(first: RunOutcome) -> None:
    summary = first.summaries["10_good"]
    assert (summary.title, summary.question) == ("Even or not", "Is the load even?")
    assert summary.clusters == (HOSTILE,)
    assert pl.read_parquet(first.path / summary.tables[0].files[0])["broker"].to_list() == [1, 2]


def test_run_json_holds_inputs_and_ends(first: RunOutcome) -> None:
    run = json.loads((first.path / "run.json").read_text())
    assert (run["exit_code"], run["fail_on"], run["capture"]["id"]) == (1, "red", "c-1")
    assert run["notebooks"][0]["parameters"]["capture"] == "cap"
    assert {"python", "papermill"} <= set(run["versions"])


def test_the_answer_comes_first_and_code_is_folded(first: RunOutcome) -> None:
    soup = page(first, "10_good.html")
    assert soup.h1.get_text() == "Even or not"
    first_block = soup.select_one("main .ka-block, main .cell")
    assert "ka-first-screen" in first_block.get("class", []) or first_block.select_one(".ka-first-screen")
    assert all(block.find_parent("details") for block in soup.select(".highlight"))
    assert soup.select_one(".toc a").get_text() == "Verdict"
    assert {entry["href"] for entry in soup.select(".toc a")} == {
        f"#{one['id']}" for one in soup.select("h2[id]")
    }
    assert "kafka-analysis report cap --only 10_good" in soup.select_one(".ka-provenance").get_text()


@pytest.mark.parametrize("name", ["index.html", "10_good.html", "20_raises.html", "30_silent.html"])
def test_a_page_fetches_and_runs_nothing(first: RunOutcome, name: str) -> None:
    soup = page(first, name)
    assert not soup.find_all(["script", "link", "iframe", "object"])
    assert all(tag["src"].startswith("data:") for tag in soup.find_all(src=True))
    assert not re.search(
        r"@import|url\(\s*['\"]?(?!data:)", "".join(style.get_text() for style in soup.find_all("style"))
    )
    assert (
        "default-src 'none'" in soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    )
    assert (first.path / name).stat().st_size < 5_000_000


@pytest.mark.parametrize("name", ["index.html", "10_good.html"])
def test_a_hostile_name_is_shown_as_text(first: RunOutcome, name: str) -> None:
    assert HOSTILE in page(first, name).get_text()


def test_a_failed_notebook_has_a_page_that_says_why(first: RunOutcome) -> None:
    soup = page(first, "20_raises.html")
    assert soup.select_one(".reason").get_text() == "ValueError: no such topic"
    assert "raise ValueError" in soup.select_one("details.traceback pre").get_text()
    assert soup.select_one(".ka-first-screen") is None


def test_failures_come_first_in_the_index(first: RunOutcome) -> None:
    rows = page(first, "index.html").select(".answers tbody tr")
    assert [row.a["href"] for row in rows] == ["20_raises.html", "30_silent.html", "10_good.html"]
    assert rows[2].select_one(".ka-chip").get_text() == f"{Light.GREEN.symbol} good"


def test_the_change_since_the_last_run_is_shown(second: RunOutcome) -> None:
    assert second.run.notebooks[0].compared_with == "first"
    text = page(second, "index.html").select_one(".changes").get_text(" ", strip=True)
    assert "good → act" in text
    assert "Skew: 1.10 × mean → 1.60 × mean" in text
    assert "worse" in text


def test_the_history_has_every_run_and_pages_show_the_course(second: RunOutcome) -> None:
    rows = read_history(second.path.parent).rows
    assert rows.select("run_id", "notebook", "light").rows() == [
        *(("first", "10_good", "green"), ("first", "20_raises", None), ("first", "30_silent", None)),
        ("second", "10_good", "red"),
    ]
    for name in ("index.html", "10_good.html"):
        label = page(second, name).select_one("svg.spark")["aria-label"]
        assert label.startswith("Skew over 2 runs; first 1.10 × mean, now 1.60 × mean")


def test_notebooks_lead_to_one_another(first: RunOutcome) -> None:
    steps = [link["href"] for link in page(first, "20_raises.html").select("nav.steps a")]
    assert steps == ["10_good.html", "30_silent.html"]


@pytest.fixture
def without_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Execute notebooks in this process, where it does not matter in which."""
    execute_in_process(monkeypatch)


@pytest.mark.usefixtures("without_kernels")
def test_old_runs_are_pruned_and_what_they_said_is_kept(workshop: Path, folder: Path) -> None:
    place = workshop / "pruned"
    for number in (1, 2, 3):
        done = run_report(
            *("cap",),
            out=place,
            notebooks=folder,
            run_id=f"r{number}",
            only=["10_good"],
            keep=2 if number > 2 else None,
        )
    assert {path.name for path in place.iterdir()} == {".lock", "r2", "r3", "latest", HISTORY}
    assert done.notes == ()
    assert read_history(place).rows["run_id"].to_list() == ["r1", "r2", "r3"]
    assert page(done, "index.html").select_one("a.run")["href"] == "../r2/10_good.html"
    old = BeautifulSoup((place / "r2" / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert old.select("a.run") == []
    assert "compared with 20" in old.get_text()


@pytest.mark.usefixtures("without_kernels")
def test_a_foreign_history_is_said(workshop: Path, folder: Path) -> None:
    (workshop / "foreign").mkdir()
    (workshop / "foreign" / HISTORY).write_text("mine")
    done = run_report("cap", out="foreign", notebooks=folder, run_id="r", only=["10_good"])
    assert len(done.notes) == 1
    assert (workshop / "foreign" / f"{HISTORY}.foreign-r").read_text() == "mine"


@pytest.mark.usefixtures("without_kernels")
def test_what_jupyterlab_left_in_the_folder_is_named_and_not_run(
    workshop: Path, books: Callable[..., Path]
) -> None:
    folder = books("10_good", answer=True)
    for name in ("Untitled.ipynb", "Untitled1.ipynb", "10_good-checkpoint.ipynb"):
        (folder / name).write_text("no notebook")
    done = run_report("cap", out="tidy", notebooks=folder, run_id="r")
    assert [one.notebook for one in done.run.notebooks] == ["10_good"]
    left_out = "10_good-checkpoint.ipynb, Untitled.ipynb, Untitled1.ipynb"
    assert done.notes == (f"not in the report: {left_out}; give them names of their own to run them",)


@pytest.mark.usefixtures("without_kernels")
def test_those_who_are_told_are_in_run_json_and_no_secret_is_anywhere(
    workshop: Path, folder: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KA_TEST_URL", f"http://ann:hUnt3r@127.0.0.1:{closed_port}/T0ken/hUnt3r?a=hUnt3r")
    notifier = Notifier({"team": NotifyTarget(kind="slack", url={"env": "KA_TEST_URL"})})
    done = run_report("cap", out="told", notebooks=folder, run_id="r", only=["10_good"], notify=notifier)
    assert done.exit_code == 0
    [told] = Run.model_validate_json((done.path / "run.json").read_text(encoding="utf-8")).notified
    assert (told, done.run.notified) == (done.run.notified[0], (told,))
    assert (told.target, told.ok, told.reason) == ("team", False, "no connection: Connection refused")
    written = b"".join(path.read_bytes() for path in (workshop / "told").rglob("*") if path.is_file())
    assert b"hUnt3r" not in written
    assert b"T0ken" not in written


def test_fail_on_is_reached(second: RunOutcome) -> None:
    assert second.exit_code == 3


def test_the_executed_notebook_is_clean(first: RunOutcome, workshop: Path) -> None:
    notebook = nbformat.read(first.path / "10_good.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert str(workshop) not in (first.path / "10_good.ipynb").read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        {"only": ["10_god"]},
        {"parameters": {"10_good": {"lihgt": "red"}}},
        {"run_id": "first"},
        {"parameters": {"all": {"end": "2020-01-01"}}},
    ],
)
def test_bad_input_writes_nothing(
    first: RunOutcome, folder: Path, workshop: Path, wrong: dict[str, object]
) -> None:
    before = sorted(workshop.rglob("*"))
    with pytest.raises(InputError):
        run_report("cap", out="reports", notebooks=folder, **wrong)
    assert sorted(workshop.rglob("*")) == before


def test_a_locked_folder_is_busy(workshop: Path, folder: Path) -> None:
    with unfinished_run(workshop / "locked", "other"), pytest.raises(BusyError):
        run_report("cap", out="locked", notebooks=folder)
    config = ReportConfig(wait_s=0.2)
    with (
        unfinished_run(workshop / "locked", "third"),
        pytest.raises(BusyError, match=r"after 0\.2 s"),
    ):
        run_report("cap", out="locked", notebooks=folder, config=config)
    with unfinished_run(workshop / "locked", "fourth"), pytest.raises(BusyError, match=r"after 0\.1 s"):
        run_report("cap", out="locked", notebooks=folder, config=config, wait_s=0.1)


def test_an_interruption_leaves_nothing(workshop: Path, write_in: Callable[..., Path], folder: Path) -> None:
    write_in("90_slow", "import time\ntime.sleep(600)", record=False)

    def interrupt(*_: NotebookOutcome | int) -> None:
        raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            run_report(
                "cap",
                out="stopped",
                notebooks=folder,
                only=["30_silent", "90_slow"],
                workers=2,
                on_progress=interrupt,
            )
    finally:
        (folder / "90_slow.ipynb").unlink()
    assert not (workshop / "stopped").exists()


def test_a_capture_that_turns_out_to_be_damaged_leaves_nothing(
    workshop: Path, write_in: Callable[..., Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_in("90_slow", "import time\ntime.sleep(600)", record=False)

    def verify(_: Path) -> None:
        raise CaptureDamagedError(
            "capture cap is damaged: samples/c-1.parquet is not the file that was recorded"
        )

    monkeypatch.setattr("kafka_analysis.report.run._verify", verify)
    try:
        with pytest.raises(CaptureDamagedError, match=r"c-1\.parquet"):
            run_report("cap", out="damaged", notebooks=folder, only=["90_slow"])
    finally:
        (folder / "90_slow.ipynb").unlink()
    assert not (workshop / "damaged").exists()


def test_notebooks_are_executed_in_place_and_alike(
    workshop: Path, write_in: Callable[..., Path], folder: Path
) -> None:
    path = write_in("40_here", "capture") / "40_here.ipynb"
    write_in("40_here", "capture", record=False)
    executions = execute_in_place("cap", only=["40_here"], notebooks=folder)
    assert executions["40_here"].ok
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "'data/sample'"
    assert [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"] == [1, 2]
    assert "papermill" not in path.read_text()

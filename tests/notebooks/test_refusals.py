"""A wrong name is an error of every way in: a report, plain papermill, a parameters cell edited by hand."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
import pytest
from typer.testing import CliRunner

from kafka_analysis.cli import app
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.report.notebooks import find_notebooks
from tests.notebooks.in_process import execute_in_process, run_cells, with_parameters
from tests.small import write_small_capture

NAME = "10_inventory"

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_capture(tmp_path_factory.mktemp("refusals") / "capture")


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"nobody": 1}, ["ParameterError", "nobody"]),
        ({"cluster": "od"}, ["InputError", "od"]),
        ({"topics_exclude": ["order"]}, ["InputError", "order"]),
        ({"top_n": "many"}, ["ParameterError", "top_n"]),
    ],
    ids=["parameter", "cluster", "topic", "value"],
)
def test_a_notebook_refuses_a_wrong_name(capture, parameters, names) -> None:
    notebook = nbformat.read(find_notebooks()[NAME].path, as_version=4)
    error = run_cells(with_parameters(notebook, {"capture": str(capture), **parameters}))
    assert [name for name in names if name not in repr(error)] == []


@pytest.mark.reports
@pytest.mark.filterwarnings("ignore::UserWarning:papermill")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_so_does_plain_papermill(capture, tmp_path) -> None:
    given = {"capture": str(capture), "cluster": "od"}
    with pytest.raises(papermill.PapermillExecutionError, match=r"InputError.*'od'"):
        papermill.execute_notebook(
            find_notebooks()[NAME].path, tmp_path / "out.ipynb", given, progress_bar=False, log_output=False
        )


@pytest.mark.parametrize("name", sorted(PARAMETERS))
@pytest.mark.parametrize("words", ["cluster=od", "nobody=1", "top_n=many"])
def test_a_report_refuses_a_wrong_name_before_anything_runs(capture, tmp_path, name, words) -> None:
    out = tmp_path / "reports"
    given = ["report", str(capture), "--out", str(out), "--only", name, "-p", f"{name}:{words}"]
    shown = CliRunner().invoke(app, given)
    assert shown.exit_code == 2
    assert words.split("=")[0] in shown.stderr
    assert not out.exists()


def test_a_report_of_a_topic_that_is_none_fails(capture, tmp_path) -> None:
    given = ["report", str(capture), "--out", str(tmp_path), "--only", NAME, "--run-id", "r"]
    shown = CliRunner().invoke(app, [*given, "-p", f'{NAME}:topics_exclude=["order"]'])
    assert shown.exit_code != 0
    assert "order" in shown.output
    assert not (tmp_path / "r" / f"{NAME}.summary.json").exists()


def test_units_are_read_by_a_report(capture, tmp_path, monkeypatch) -> None:
    execute_in_process(monkeypatch)
    given = ["report", str(capture), "--out", str(tmp_path), "--only", NAME, "--run-id", "r"]
    shown = CliRunner().invoke(app, [*given, "-p", f"{NAME}:coverage_required=50%"])
    assert shown.exit_code == 0, shown.output
    assert '"coverage_required": 0.5' in (tmp_path / "r" / f"{NAME}.summary.json").read_text()

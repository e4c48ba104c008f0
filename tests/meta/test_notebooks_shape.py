"""Notebooks are thin, alike, executed, and small enough to be read in a browser."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import nbformat
import pytest
from papermill.inspection import inspect_notebook

from kafka_analysis import analyses
from kafka_analysis.model.parameters import PARAMETERS
from kafka_analysis.model.parameters.cell import SAMPLE, parameters_cell

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
MOST_LINES = 12
FIRST_SCREEN = r"report\.(?:executive_)?first_screen\("
MOST_BYTES = 300_000
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


def code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in cells(path) if cell.cell_type == "code"]


def tree(path: Path) -> ast.Module:
    return ast.parse("\n".join(cell.source for cell in code(path)))


def imported(node: ast.AST) -> list[str]:
    """Return the packages a statement imports."""
    if isinstance(node, ast.ImportFrom):
        return [(node.module or ".").split(".")[0]]
    return [alias.name.split(".")[0] for alias in node.names] if isinstance(node, ast.Import) else []


def test_every_notebook_has_a_model_of_its_parameters_and_back():
    assert {path.stem for path in PATHS} == set(PARAMETERS)


@each
def test_it_begins_with_title_and_question_then_the_parameters(path):
    first = cells(path)[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert "?" in first.source
    tagged = [cell for cell in code(path) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == code(path)[:1]
    assert code(path)[0] in cells(path)[1:3]


@each
def test_papermill_lists_every_parameter_of_it(path, caplog):
    listed = inspect_notebook(str(path))
    assert set(listed) == set(parameters_of(path))
    assert all(parameter["help"] for parameter in listed.values())
    assert "Unable to parse" not in caplog.text


def parameters_of(path: Path) -> list[str]:
    """Return the names that the parameters cell assigns."""
    return [target.id for statement in ast.parse(code(path)[0].source).body for target in statement.targets]


@each
def test_the_parameters_cell_is_written_from_the_model(path):
    assert code(path)[0].source == parameters_cell(PARAMETERS[path.stem])
    assert (path.parent / SAMPLE / "manifest.json").is_file()


@each
def test_few_lines_lead_to_the_verdict(path):
    verdict = next(i for i, cell in enumerate(code(path)) if re.search(FIRST_SCREEN, cell.source))
    before = [
        line for cell in code(path)[1 : verdict + 1] for line in cell.source.splitlines() if line.strip()
    ]
    assert len(before) <= MOST_LINES


@each
def test_it_asks_one_analysis_with_all_of_its_parameters(path):
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    (call,) = [call for call in calls if ast.unparse(call.func).startswith("analyses.")]
    assert ast.unparse(call).endswith("(**report.notebook_parameters())")
    analysis = getattr(analyses, ast.unparse(call.func).removeprefix("analyses."))
    assert list(inspect.signature(analysis).parameters) == list(PARAMETERS[path.stem].model_fields)


@each
def test_it_defines_nothing_and_imports_only_this_package(path):
    nodes = list(ast.walk(tree(path)))
    assert [node.lineno for node in nodes if isinstance(node, DEFINITIONS)] == []
    assert {name for node in nodes for name in imported(node)} == {"kafka_analysis"}


@each
def test_code_is_short(path):
    after_parameters = code(path)[1:]
    assert [cell.source for cell in after_parameters if len(cell.source.splitlines()) > MOST_LINES] == []


@each
def test_it_has_sections_named_once(path):
    texts = [cell.source for cell in cells(path) if cell.cell_type == "markdown"]
    sections = [line for text in texts for line in text.splitlines() if line.startswith("## ")]
    assert len(sections) >= 3
    assert len(sections) == len(set(sections))


@each
def test_it_ends_with_its_summary(path):
    (call,) = [line for line in code(path)[-1].source.splitlines() if "record_summary(" in line]
    assert call
    assert cells(path)[-1].cell_type == "code"


@each
def test_it_is_committed_as_it_ran_from_top_to_bottom(path):
    counts = [cell.execution_count for cell in code(path)]
    assert counts == list(range(1, len(counts) + 1))
    outputs = [output for cell in code(path) for output in cell.outputs]
    assert [output.get("evalue") for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []


@each
def test_it_is_small(path):
    assert path.stat().st_size <= MOST_BYTES

"""Functions that docstrings and notebooks name exist: a reader who looks for them finds them."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kafka_analysis"
NAMED = re.compile(
    r"``?(?:kafka_analysis\.)?((?:analyses|model|stats|plan|plots|tables)\.[\w.]*[a-zA-Z]\w*)``?"
)

FILES = re.compile(r"\b((?:kafka_analysis|tests|testbed|benchmarks)/[\w/]+\.(?:py|toml|csv))\b")


def texts() -> list[tuple[str, str]]:
    """Return every docstring, and every text of a notebook, with where it stands."""
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                found.append((str(file.relative_to(ROOT)), ast.get_docstring(node) or ""))
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(file, as_version=4).cells
        found += [(file.name, cell.source) for cell in cells if cell.cell_type == "markdown"]
    return found


def exists(name: str) -> bool:
    """Return whether a dotted name leads to something in the package."""
    parts = ["kafka_analysis", *name.split(".")]
    for length in range(len(parts), 0, -1):
        try:
            thing: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            thing = getattr(thing, attribute, None)
        return thing is not None
    return False


def test_every_function_that_is_named_exists() -> None:
    named = {(where, match[1]) for where, text in texts() for match in NAMED.finditer(text)}
    named = {pair for pair in named if not pair[1].endswith((".md", ".json"))}  # files of a plan
    assert len(named) > 100
    assert [pair for pair in sorted(named) if not exists(pair[1])] == []


@pytest.mark.parametrize("file", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda file: file.stem)
def test_each_notebook_says_where_its_figures_are_computed(file) -> None:
    [method] = [
        cell.source
        for cell in nbformat.read(file, as_version=4).cells
        if cell.cell_type == "markdown" and cell.source.startswith("## Method")
    ]
    named = NAMED.findall(method.partition("Computed by")[2])
    assert len(named) >= 4
    assert all(name.count(".") >= 2 for name in named)  # with its module: the file is opened at once


def test_files_that_documents_name_exist() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    named = {
        (file.name, name) for file in documents for name in FILES.findall(file.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert [pair for pair in sorted(named) if not (ROOT / pair[1]).exists()] == []


def test_a_name_that_leads_nowhere_is_seen() -> None:
    assert exists("stats.traffic_rates")
    assert not exists("stats.traffic_rate")
    assert not exists("stats.throughput.compare_windows")

"""Who may import whom: the table of the design, and what the core must not drag in."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = "kafka_analysis"
MAY_IMPORT = {
    "model": set(),
    "capture": {"model"},
    "simulate": {"model", "capture"},
    "sources": {"model"},
    "stats": {"model"},
    "plan": {"model", "stats"},
    "analyses": {"model", "capture", "stats", "plan"},
    "plots": {"model"},
    "tables": {"model"},
    "live": {"model", "sources", "capture", "stats", "plan", "analyses"},
    "routing": {"model", "plan"},
    "report": {"model", "sources", "capture"},
    "cli": {
        "model", "capture", "simulate", "sources", "stats", "plan", "analyses", "plots", "tables", "live", "routing",
        "report",
    },
}  # fmt: skip
EVERYTHING = set(MAY_IMPORT)
PLANNED = {"analyses"}  # may be there
CORE = ("model", "capture", "stats")
HEAVY = (
    "matplotlib",
    "IPython",
    "jupyter_client",
    "jupyterlab",
    "nbconvert",
    "papermill",
    "confluent_kafka",
    "kafka",
)
IMPORT_EVERY_MODULE = """
import importlib, pkgutil, sys
for name in sys.argv[2:]:
    package = importlib.import_module(f"kafka_analysis.{name}")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
print(*sorted({name.split(".")[0] for name in sys.modules} & set(sys.argv[1].split(","))))
"""


@cache
def imported(path: Path, root: Path) -> list[str]:
    """Return the full name of everything a module imports, wherever in it, relative imports resolved."""
    return list(_imported(path, root))


def _imported(path: Path, root: Path) -> Iterator[str]:
    package = path.relative_to(root).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def forbidden(package: str, names: list[str]) -> list[str]:
    """List what a package may not import, of the names given."""
    inside = [name.split(".") for name in names if name.split(".")[0] == PACKAGE]
    allowed = MAY_IMPORT[package] | {package}
    return [".".join(n) for n in inside if len(n) < 2 or (n[1] in EVERYTHING and n[1] not in allowed)]


def test_every_package_is_in_the_table(root):
    there = {path.parent.name for path in (root / PACKAGE).glob("*/__init__.py")}
    assert there | PLANNED == EVERYTHING


@pytest.mark.parametrize("package", sorted(EVERYTHING))
def test_a_package_imports_only_what_it_may(root, package):
    found = {
        f"{path.relative_to(root)}: {name}"
        for path in (root / PACKAGE / package).rglob("*.py")
        for name in forbidden(package, imported(path, root))
    }
    assert found == set()


def test_the_product_does_not_know_its_testbed_or_tests(root):
    names = {name.split(".")[0] for path in (root / PACKAGE).rglob("*.py") for name in imported(path, root)}
    assert names & {"testbed", "tests", "benchmarks", "pytest"} == set()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from kafka_analysis.capture import read", ["kafka_analysis.capture.read"]),
        ("import kafka_analysis.plots.skew.lorenz", ["kafka_analysis.plots.skew.lorenz"]),
        ("from ..report import run", ["kafka_analysis.report.run"]),
        ("def f():\n    from kafka_analysis import sources", ["kafka_analysis.sources"]),
        ("from kafka_analysis.stats import reduce; from . import skew; import polars", []),
        ("from kafka_analysis.model.units import format_quantity", []),
    ],
)
def test_the_check_sees_imports_however_they_are_written(tmp_path, line, found):
    module = tmp_path / PACKAGE / "stats" / "module.py"
    module.parent.mkdir(parents=True)
    module.write_text(line)
    assert forbidden("stats", imported(module, tmp_path)) == found


def loaded_with(*packages: str) -> list[str]:
    """Import every module of some packages in a fresh interpreter; return which heavy libraries came along."""
    command = [sys.executable, "-c", IMPORT_EVERY_MODULE, ",".join(HEAVY), *packages]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_core_and_analyses_load_neither_jupyter_nor_matplotlib_nor_kafka():
    assert loaded_with(*CORE, "analyses") == []


def test_that_check_would_see_them():
    assert "confluent_kafka" in loaded_with("sources")


def test_the_package_itself_loads_nothing_heavy():
    command = [sys.executable, "-c", "import sys, kafka_analysis; print('polars' in sys.modules)"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"

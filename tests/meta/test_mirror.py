"""Each module has a test file of its name in the same place of tests/, or stands here with the reason why not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

PACKAGE = "kafka_analysis"
# Modules (patterns) without a test file of their own: the test file that holds them, and why that is enough.
ELSEWHERE = {
    "tables/*": ("tables/test_tables.py", "a table is one function: all go through the same checks"),
    "plan/rebalance/*": (
        "plan/rebalance/test_plan.py",
        "steps of one search: the plan is judged, also by an exact solver (test_exact.py)",
    ),
    "plan/split/*": (
        "plan/split/test_plan.py",
        "steps of one search: the plan is judged, also by an exact solver",
    ),
    "plan/mirroring/rules/*": (
        "plan/mirroring/test_adviser.py",
        "what is said of a tool, as the adviser judges it",
    ),
    "plan/waves/*": ("plan/waves/test_plan.py", "steps of one search: the plan is judged"),
    "model/markup": ("report/test_blocks.py", "what blocks are made of, and what a sanitizer leaves of them"),
    "capture/batches": ("capture/test_merge.py", "merge and redact read by it, piece by piece"),
    "capture/folder": ("capture/test_write.py", "a writer's folder"),
    "capture/identity": ("capture/test_write.py", "the name in a manifest"),
    "capture/manifest_faults": ("capture/test_crafted.py", "manifests that cannot be true, one by one"),
    "capture/parquet": ("capture/test_crafted.py", "files that are not what the contract says, one by one"),
    "capture/plausible": ("capture/test_repair.py", "times that cannot be, one by one"),
    "live/imports/histories": ("live/imports/test_prometheus.py", "what the manifest tells of a history"),
    "live/record/outcomes": ("live/record/test_attempts.py", "what came of asking, as attempts note it"),
    "report/executive_lines": ("report/test_executive.py", "what the first screen is made of"),
    "report/pool": ("report/test_run.py", "notebooks side by side, and how each ended"),
    "report/worker": ("report/test_execute.py", "a process of its own: tested from outside"),
    "simulate/samples": ("simulate/test_run.py", "what a simulated cluster answers, in the capture"),
    "sources/http/deadline": (
        "sources/http/test_scrape.py",
        "the time of an exchange, with servers that take longer",
    ),
    "sources/http/exchange": ("sources/http/test_client.py", "an exchange, with servers that misbehave"),
    "sources/spelling/*": ("sources/spelling/test_translate.py", "steps of one translation of a page"),
    "stats/reduce/batches": ("stats/reduce/test_samples.py", "batches of any size give the same"),
    "stats/skew/attribution": ("stats/skew/test_causes.py", "steps of one attribution: the parts add up"),
}


def modules(root: Path) -> Iterator[str]:
    """Yield the modules that have a function: constants and models without one are tested where they are used."""
    package = root / PACKAGE
    for path in sorted(package.rglob("*.py")):
        if path.name != "__init__.py" and has_function(path.read_text(encoding="utf-8")):
            yield path.relative_to(package).with_suffix("").as_posix()


def has_function(text: str) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(ast.parse(text)))


@cache
def without_mirror(root: Path) -> list[str]:
    def mirror(module: str) -> Path:
        folder, _, name = module.rpartition("/")
        return root / "tests" / folder / f"test_{name.lstrip('_')}.py"

    return [module for module in modules(root) if not mirror(module).exists()]


def reason(module: str) -> str | None:
    """Return the pattern under which a module stands among the exceptions: the first that matches it whole."""
    same_depth = (pattern for pattern in ELSEWHERE if pattern.count("/") == module.count("/"))
    return next((pattern for pattern in same_depth if fnmatchcase(module, pattern)), None)


def test_each_module_has_its_test_file_or_a_reason_why_not(root):
    assert [module for module in without_mirror(root) if reason(module) is None] == []


def test_each_reason_is_still_needed_and_names_a_test_file(root):
    needed = {reason(module) for module in without_mirror(root)}
    assert ELSEWHERE.keys() - needed == set()
    assert [file for file, _ in ELSEWHERE.values() if not (root / "tests" / file).is_file()] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A = 1", False),
        ("class A:\n    b: int", False),
        ("class A:\n    def f(self): ...", True),
        ("def f(): ...", True),
    ],
)
def test_what_has_a_function_needs_a_test(text, expected):
    assert has_function(text) is expected

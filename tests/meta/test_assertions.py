"""Each test can fail: it asserts, or calls a helper of its own file that does, or one named assert_…."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

STATES = {"raises", "warns", "fail"}


def called(function: ast.AST) -> set[str]:
    """Return the names of what a function calls, without what stands before the last dot."""
    functions = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {getattr(f, "attr", None) or getattr(f, "id", "") for f in functions}


def asserts(function: ast.AST) -> bool:
    """Say whether a function states something itself."""
    names = called(function)
    return (
        any(isinstance(node, ast.Assert) for node in ast.walk(function))
        or bool(names & STATES)
        or any(name.startswith("assert_") for name in names)
    )


def without_assertion(text: str) -> Iterator[str]:
    """Yield the names of the tests of a file that cannot fail but by an error."""
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    helpers = {f.name for f in functions if asserts(f) and not f.name.startswith("test_")}
    tests = [f for f in functions if f.name.startswith("test_")]
    yield from (f.name for f in tests if not asserts(f) and not called(f) & helpers)


def test_every_test_asserts(root):
    files = sorted((root / "tests").rglob("test_*.py"))
    assert [
        f"{path.relative_to(root)}: {name}"
        for path in files
        for name in without_assertion(path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def test_a():\n    work()", ["test_a"]),
        ("def test_a():\n    for x in y:\n        assert x", []),
        ("def test_a():\n    with pytest.raises(ValueError):\n        work()", []),
        ("def refused(x):\n    assert x\ndef test_a():\n    refused(1)", []),
        ("def refused(x):\n    work(x)\ndef test_a():\n    refused(1)", ["test_a"]),
        ("def test_a():\n    assert_frame_equal(a, b)", []),
        ("class TestA:\n    async def test_a(self):\n        work()", ["test_a"]),
    ],
)
def test_the_check_sees_assertions_wherever_they_stand(text, names):
    assert list(without_assertion(text)) == names

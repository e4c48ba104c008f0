"""Each test can fail: it asserts, or calls a helper of its own file that does, or one named assert_…."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

STATES = {"raises", "warns", "fail"}


def called(nodes: list[ast.AST]) -> set[str]:
    """Return the names of what is called, without what stands before the last dot."""
    functions = [node.func for node in nodes if isinstance(node, ast.Call)]
    return {getattr(f, "attr", None) or getattr(f, "id", "") for f in functions}


def states(nodes: list[ast.AST], names: set[str]) -> bool:
    """Say whether a function of these nodes states something itself."""
    return (
        any(isinstance(node, ast.Assert) for node in nodes)
        or bool(names & STATES)
        or any(name.startswith("assert_") for name in names)
    )


def without_assertion(text: str) -> Iterator[str]:
    """Yield the names of the tests of a file that cannot fail but by an error."""
    functions = []
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes = list(ast.walk(function))
            names = called(nodes)
            functions.append((function.name, states(nodes, names), names))
    helpers = {name for name, is_stated, _ in functions if is_stated and not is_test(name)}
    for name, is_stated, names in functions:
        if is_test(name) and not is_stated and not names & helpers:
            yield name


def is_test(name: str) -> bool:
    return name.startswith("test_")


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

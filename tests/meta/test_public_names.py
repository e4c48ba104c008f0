"""Every public name says what it is: a docstring that begins with what it does, full annotations, an example."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import kafka_analysis

WITH_EXAMPLES = ("stats", "plots", "tables", "capture", "sources")
# What a docstring cannot show: these need a cluster or a whole capture, and have tests with one; or they are what every
# figure and table is made of, and shown by each of them.
WITHOUT_EXAMPLES = re.compile(
    r"kafka_analysis\.(?:sources\.(?:aws|msk_iam|scrape"
    r"|kafka_(?:access|client|configs|group_list|groups|log_dirs|metadata|rights))|capture\.repr|stats\.answers"
    r"|plots\.drawing|tables\.base)\."
    r"|kafka_analysis\.sources\.(?:cloudwatch\.(?:list_series|read_batch)|msk\.(?:list_msk_clusters|read_msk_brokers))$"
    r"|kafka_analysis\.stats\.comparison\.(?:traffic_in|coverage_of_windows)$"
)
# A sentence that orders does not begin with an article, a third person or a gerund.
NOT_IMPERATIVE = re.compile(
    r"(?:The|A|An|This|These|It|Is|Are|If|When|Whether|True|\w+(?<!s)s|(?!Bring)\w+ing)\b"
)


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(kafka_analysis.__path__, "kafka_analysis.")
    return [importlib.import_module(module.name) for module in found]


def is_public(name: str) -> bool:
    return not name.startswith("_")


def is_protocol(kind: type) -> bool:
    return getattr(kind, "_is_protocol", False)


def own_names(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        known = inspect.isfunction(value) or inspect.isclass(value)
        if known and is_public(name) and value.__module__ == module.__name__:
            yield f"{module.__name__}.{name}", value


def methods(name: str, kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield methods and properties written in the class itself, not those a dataclass or model makes."""
    for member, value in vars(kind).items():
        function = inspect.unwrap(getattr(value, "fget", None) or getattr(value, "__func__", value))
        own = inspect.isfunction(function) and function.__qualname__.startswith(f"{kind.__name__}.")
        if own and is_public(member):
            yield f"{name}.{member}", function


NAMES = [pair for module in modules() for pair in own_names(module)]
CLASSES = [(name, value) for name, value in NAMES if inspect.isclass(value)]
FUNCTIONS = [(name, value) for name, value in NAMES if inspect.isfunction(value)]
CALLABLES = FUNCTIONS + [
    pair for name, kind in CLASSES if not is_protocol(kind) for pair in methods(name, kind)
]
EXPLAINED = [
    (name, function)
    for name, function in FUNCTIONS
    if name.split(".")[1] in WITH_EXAMPLES and not WITHOUT_EXAMPLES.match(name)
]


def by_name(pairs: list[tuple[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("value", [v for _, v in pairs], ids=[n for n, _ in pairs])


def first_line(value: Any) -> str:
    return (inspect.getdoc(value) or "").split("\n\n")[0]


def positional_booleans(function: Callable[..., Any]) -> list[str]:
    """List the parameters that take a plain True or False at a place in the call, where nobody can read what it is."""
    return [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        and (isinstance(p.default, bool) or re.fullmatch(r"bool(?: \| None)?", str(p.annotation)))
    ]


def unannotated(function: Callable[..., Any]) -> list[str]:
    signature = inspect.signature(function)
    lacking = [
        p.name
        for i, p in enumerate(signature.parameters.values())
        if p.annotation is p.empty and not (i == 0 and p.name in ("self", "cls"))
    ]
    return lacking + (["return"] if signature.return_annotation is signature.empty else [])


def test_there_are_names_to_look_at():
    assert len(FUNCTIONS) > 80
    assert len(CLASSES) > 40


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_modules_say_what_they_hold(module):
    assert (module.__doc__ or "").strip().split("\n")[0].endswith((".", ":"))


@by_name(CLASSES)
def test_classes_say_what_they_are(value):
    inherited = {inspect.getdoc(base) for base in value.__mro__[1:]}
    assert first_line(value).endswith(".")
    assert inspect.getdoc(value) not in inherited


@by_name(CALLABLES)
def test_functions_say_what_they_do(value):
    line = first_line(value)
    assert line.endswith((".", ":")), line
    assert not NOT_IMPERATIVE.match(line), line


@by_name(CALLABLES)
def test_functions_are_annotated(value):
    assert unannotated(value) == []


@by_name(CALLABLES)
def test_no_boolean_is_given_by_position(value):
    assert positional_booleans(value) == []


@by_name(EXPLAINED)
def test_functions_people_call_have_an_example(value):
    assert "\n>>> " in (inspect.getdoc(value) or "")


def test_the_checks_see_what_they_look_for():
    def bad(frame, flag: bool, other=True, *, fine: bool = False):
        """Returns something."""

    assert positional_booleans(bad) == ["flag", "other"]
    assert unannotated(bad) == ["frame", "other", "return"]
    assert NOT_IMPERATIVE.match(first_line(bad))
    assert not NOT_IMPERATIVE.match("Pass it on.")
    assert not NOT_IMPERATIVE.match("Append samples.")
    assert not NOT_IMPERATIVE.match("Bring it back.")

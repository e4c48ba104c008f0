"""Every public name says what it is: a docstring that begins with what it does, full annotations, an example."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import kafka_analysis

WITH_EXAMPLES = ("stats", "plots", "tables", "capture", "sources")
# What a docstring cannot show: these need a cluster or a whole capture, and have tests with one; or they are what every
# figure and table is made of, and shown by each of them.
WITHOUT_EXAMPLES = re.compile(
    r"kafka_analysis\.(?:sources\.(?:amazon\.(?:clients|msk_iam)|http\.scrape"
    r"|kafka\.\w+)|capture\.repr|stats\.(?:scope\.results|load\.inventory_results|traffic\.results)"
    r"|plots\.drawing|tables\.base)\."
    r"|kafka_analysis\.sources\.amazon\.(?:cloudwatch\.(?:list_series|read_batch)|msk\.(?:list_msk_clusters|read_msk_brokers))$"
    r"|kafka_analysis\.stats\.traffic\.comparison\.traffic_in$"
)
# A sentence that orders does not begin with an article, a third person or a gerund.
NOT_IMPERATIVE = re.compile(
    r"(?:The|A|An|This|These|It|Is|Are|If|When|Whether|True|\w+(?<!s)s|(?!Bring)\w+ing)\b"
)


def modules() -> list[ModuleType]:
    packages = pkgutil.walk_packages(kafka_analysis.__path__, "kafka_analysis.")
    return [importlib.import_module(module.name) for module in packages]


def is_public(name: str) -> bool:
    return not name.startswith("_")


def is_protocol(kind: type) -> bool:
    return getattr(kind, "_is_protocol", False)


def names_defined_in(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        documented = inspect.isfunction(value) or inspect.isclass(value)
        if documented and is_public(name) and value.__module__ == module.__name__:
            yield f"{module.__name__}.{name}", value


def methods(name: str, kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield methods and properties written in the class itself, not those a dataclass or model makes."""
    for member, value in vars(kind).items():
        function = inspect.unwrap(getattr(value, "fget", None) or getattr(value, "__func__", value))
        written_here = inspect.isfunction(function) and function.__qualname__.startswith(f"{kind.__name__}.")
        if written_here and is_public(member):
            yield f"{name}.{member}", function


NAMES = [pair for module in modules() for pair in names_defined_in(module)]
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


def test_modules_say_what_they_hold():
    lines = {module.__name__: (module.__doc__ or "").strip().split("\n")[0] for module in modules()}
    assert {name: line for name, line in lines.items() if not line.endswith((".", ":"))} == {}


def test_classes_say_what_they_are():
    lines = {name: first_line(kind) for name, kind in CLASSES}
    assert {name: line for name, line in lines.items() if not line.endswith(".")} == {}


def test_no_class_has_the_docstring_of_its_base():
    inherited = {name: {inspect.getdoc(base) for base in kind.__mro__[1:]} for name, kind in CLASSES}
    assert [name for name, kind in CLASSES if inspect.getdoc(kind) in inherited[name]] == []


def test_functions_say_what_they_do():
    lines = {name: first_line(function) for name, function in CALLABLES}
    assert {name: line for name, line in lines.items() if not line.endswith((".", ":"))} == {}
    assert {name: line for name, line in lines.items() if NOT_IMPERATIVE.match(line)} == {}


def test_functions_are_annotated():
    lacking = {name: unannotated(function) for name, function in CALLABLES}
    assert {name: parameters for name, parameters in lacking.items() if parameters} == {}


def test_no_boolean_is_given_by_position():
    flags = {name: positional_booleans(function) for name, function in CALLABLES}
    assert {name: parameters for name, parameters in flags.items() if parameters} == {}


def test_functions_people_call_have_an_example():
    assert [name for name, function in EXPLAINED if "\n>>> " not in (inspect.getdoc(function) or "")] == []


def test_the_checks_see_what_they_look_for():
    def bad(frame, flag: bool, other=True, *, fine: bool = False):
        """Returns something."""

    assert positional_booleans(bad) == ["flag", "other"]
    assert unannotated(bad) == ["frame", "other", "return"]
    assert NOT_IMPERATIVE.match(first_line(bad))
    assert not NOT_IMPERATIVE.match("Pass it on.")
    assert not NOT_IMPERATIVE.match("Append samples.")
    assert not NOT_IMPERATIVE.match("Bring it back.")

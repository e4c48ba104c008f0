"""Options of the command line, made of the parameter models: flag, help and default are spelled there, and once."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from inspect import Parameter, Signature
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters import Amount, NotebookParameters
from kafka_analysis.model.parameters.values import Hours, Seconds
from kafka_analysis.model.units import capitalized, format_quantity

# What happens without the option, which the parameters cell of a notebook spells in Python.
_WITHOUT = re.compile(r"[;,] (?:None|\[\]) = ([^;]+)$")
_EXAMPLE = re.compile(r"such as (\[\[.+?\]\]|\[.+?\]|\{.+?\})")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_RANGE = re.compile(r"(\d+)[-–](\d+)", re.ASCII)


def options_of(model: type[NotebookParameters], *, leave_out: Sequence[str] = ()) -> list[Parameter]:
    """Return the options of a command as parameters that Typer reads, one for each field of a model.

    Examples
    --------
    >>> from kafka_analysis.model.parameters import PARAMETERS
    >>> [option.name for option in options_of(PARAMETERS["10_inventory"])][:3]
    ['cluster', 'start', 'end']
    """
    return [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[_typer_type(field), _option(name, field)],
        )
        for name, field in model.model_fields.items()
        if name not in ("capture", *leave_out)
    ]


def read_options(model: type[NotebookParameters], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the options that were given, as the model takes them.

    Raises
    ------
    ParameterError
        A value that must be ``NAME=VALUE`` is not.

    Examples
    --------
    >>> from kafka_analysis.model.parameters import PARAMETERS
    >>> read_options(PARAMETERS["30_rebalance_plan"],
    ...     {"remove_brokers": ["7,8"], "tolerance": "5%", "cluster": None, "replication_factor": ["a=3"]})
    {'remove_brokers': [7, 8], 'tolerance': '5%', 'replication_factor': {'a': 3}}
    """
    fields = model.model_fields
    return {name: _read(name, fields[name], value) for name, value in given.items() if value is not None}


def signed(command: Callable[..., None], parameters: list[Parameter]) -> None:
    """Give a command the signature that Typer reads."""
    command.__signature__ = Signature(parameters, return_annotation=None)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}


def _option(name: str, field: FieldInfo) -> Any:
    extra = field.json_schema_extra or {}
    flag = f"--{name.replace('_', '-')}"
    own = f"{flag}/--no-{name.replace('_', '-')}" if _base(field) is bool else flag
    text = help_of(field).replace("[", r"\[")  # Rich reads brackets as styles
    return typer.Option(own, *extra.get("flags", ()), metavar=_metavar(field), help=text)


def help_of(field: FieldInfo) -> str:
    """Return the help of an option: its description as a shell has it, and its default.

    Examples
    --------
    >>> from kafka_analysis.model.parameters.values import option
    >>> help_of(option(None, "one cluster by name; None = all"))
    'One cluster by name. [default: all]'
    >>> help_of(option([], 'brokers to empty, such as [7, 8]'))
    'Brokers to empty, such as 7,8. [default: none]'
    """
    described = field.description or ""
    without = _WITHOUT.search(described)
    words = _EXAMPLE.sub(_example, _WITHOUT.sub("", described))
    words += "; may be repeated" if _may_be_repeated(field) else ""
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    shown = without[1] if without else "none"
    if default not in (None, [], {}):
        shown = ",".join(
            spelled(field, item) for item in (default if isinstance(default, list) else [default])
        )
    return f"{capitalized(words)}. [default: {shown}]"


def _may_be_repeated(field: FieldInfo) -> bool:
    """Return whether an option takes one item at a time; numbers are joined by commas instead."""
    base = _base(field)
    return get_origin(base) is dict or (
        get_origin(base) is list and _bare(get_args(base)[0]) not in (int, float)
    )


def _example(found: re.Match[str]) -> str:
    """Write an example of a list or dict as it is given on the command line."""
    value = ast.literal_eval(found[1])
    if isinstance(value, dict):
        return "such as " + "=".join(map(str, next(iter(value.items()))))
    first = value[0]
    if isinstance(first, str):
        return f"such as {first}"
    return "such as " + ",".join(map(str, first if isinstance(first, list) else value))


def spelled(field: FieldInfo, value: object) -> str:
    """Return a default as it would be given on the command line: with a unit where the option takes one.

    Examples
    --------
    >>> from kafka_analysis.model.parameters import PARAMETERS
    >>> fields = PARAMETERS["48_migration_waves"].model_fields
    >>> spelled(fields["soak_hours"], 24.0), spelled(fields["max_share_per_wave"], 0.3)
    ('24h', '0.3')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    for length, kind in ((1.0, Seconds), (3600.0, Hours)):
        if kind.__metadata__[0] in field.metadata:
            return _duration(value * length)
    amount = Amount.__metadata__[0] in field.metadata
    return format_quantity(value, "B") if amount and value else f"{value:g}"


def _duration(seconds: float) -> str:
    unit, length = next(
        (each for each in (("h", 3600.0), ("m", 60.0)) if seconds and seconds % each[1] == 0), ("s", 1.0)
    )
    return f"{seconds / length:g}{unit}"


def _typer_type(field: FieldInfo) -> Any:
    base = _base(field)
    if base is bool:
        return bool | None
    return list[str] | None if (get_origin(base) or base) in (list, dict) else str | None


def _base(field: FieldInfo) -> Any:
    """Return the type of a field without None and without what checks it."""
    return _bare(field.annotation)


def _bare(kind: Any) -> Any:
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return _bare(next(part for part in get_args(kind) if part is not NoneType))
    return kind


def _metavar(field: FieldInfo) -> str | None:
    base = _base(field)
    if base is bool:
        return None
    if get_origin(base) is dict:
        return "NAME=VALUE"
    if get_origin(base) is list:
        return "A,B" if _bare(get_args(base)[0]) is not str else "TEXT"
    if get_origin(base) is Literal:
        return "|".join(get_args(base))
    return {int: "NUMBER", float: "AMOUNT", datetime: "TIME"}.get(base, "TEXT")


def _read(name: str, field: FieldInfo, value: Any) -> Any:
    base = _base(field)
    if base is bool or isinstance(value, bool):
        return value
    if get_origin(base) is dict:
        pairs = [pair_of(f"--{name.replace('_', '-')}", text) for text in value]
        return {key: _scalar(part, _bare(get_args(base)[1])) for key, part in pairs}
    if get_origin(base) is list:
        item = _bare(get_args(base)[0])
        if get_origin(item) is list:
            return [text.split(",") for text in value]
        if item is str:
            return list(value)
        return [_scalar(part, item) for text in value for part in _RANGE.sub(r"\1,\2", text).split(",")]
    return _scalar(value, base)


def pair_of(flag: str, text: str) -> tuple[str, str]:
    """Read a text such as ``name=value``; the last sign counts, because names may hold one.

    Raises
    ------
    ParameterError
        It is not of that form.

    Examples
    --------
    >>> pair_of("--pin", "a=cell-1")
    ('a', 'cell-1')
    """
    key, sign, value = text.rpartition("=")
    if not sign or not key or not value:
        raise ParameterError(f"{flag} {text!r}: it must be a name, '=' and a value")
    return key, value


def _scalar(text: str, kind: Any) -> Any:
    """Read a number where one is meant; text that is none is read, or refused, by the model."""
    if kind not in (int, float) or _NUMBER.fullmatch(text.strip()) is None:
        return text
    number = float(text)
    return int(number) if kind is int and number.is_integer() else number

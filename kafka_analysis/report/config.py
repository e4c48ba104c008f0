"""Options of a report, from the command line and from ``reports.yaml``, read strictly."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from kafka_analysis.model.errors import InputError, ParameterError
from kafka_analysis.model.strict_files import load_yaml, one_line

ALL = "all"
Parameters = Mapping[str, Mapping[str, Any]]


class ReportConfig(BaseModel, strict=True, extra="forbid", frozen=True):
    """Content of ``reports.yaml``; the command line overrides it.

    ``parameters`` maps a notebook name, or ``all``, to its parameters.
    """

    capture: str | None = None
    only: list[str] = Field(default_factory=list)
    parameters: dict[str, dict[str, Any]] = Field(default_factory=dict)
    out: str | None = None
    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    timeout_s: Annotated[float, Field(gt=0)] | None = None
    fail_on: Literal["red", "amber", "grey"] | None = None
    keep: Annotated[int, Field(ge=1)] | None = None
    wait_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    notify: list[str] = Field(default_factory=list)
    notify_profile: str | None = None
    notify_only_changes: bool = False


_SHOWN = 80


def read_config(path: Path) -> ReportConfig:
    """Read ``reports.yaml``.

    Raises
    ------
    InputError
        The file is missing, not YAML, or holds a key that is not known.
    """
    try:
        content = load_yaml(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; give the path of a YAML file") from None
    except ValueError as error:  # of text that is not UTF-8 too
        raise InputError(f"{path} cannot be read as YAML: {one_line(error)}") from None
    if not isinstance(content, dict):
        message = f"{path} must hold keys such as 'only' and 'parameters', got {type(content).__name__}"
        raise InputError(message)
    return _checked(content, path)


def _checked(content: dict[str, Any], path: Path) -> ReportConfig:
    for key in content:
        if key not in ReportConfig.model_fields:
            what = f"key of {path.name}"
            raise InputError.unknown(what, str(key), ReportConfig.model_fields)
    try:
        return ReportConfig.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"{path.name}: {one_line('.'.join(map(str, first['loc'])))}: {one_line(first['msg'])}"
        ) from None


def parse_options(options: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Read ``-p NOTEBOOK:name=value`` options; values are YAML, ``all`` stands for every notebook.

    Examples
    --------
    >>> parse_options(["20_partition_skew:top_n=5", "all:topics_exclude=[tmp-*]"])
    {'20_partition_skew': {'top_n': 5}, 'all': {'topics_exclude': ['tmp-*']}}
    >>> parse_options(["top_n"])
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.ParameterError: cannot read -p 'top_n'; write NOTEBOOK:name=value, ...
    """
    parsed: dict[str, dict[str, Any]] = {}
    for option in options:
        target, _, text = option.partition("=")
        notebook, colon, name = target.partition(":")
        if not (colon and notebook and name and "=" in option):
            raise ParameterError(
                f"cannot read -p {_shown(option)!r}; write NOTEBOOK:name=value, such as 20_partition_skew:top_n=5"
            )
        try:
            parsed.setdefault(notebook, {})[name] = load_yaml(text)
        except ValueError as error:
            why = f"cannot read the value of -p {_shown(option)!r} as YAML: {error}"
            message = f"{why}; write a plain value, or quote it"
            raise ParameterError(message) from None
    return parsed


def _shown(option: str) -> str:
    return option if len(option) <= _SHOWN else f"{option[:_SHOWN]}…"


def merge_parameters(*layers: Parameters) -> dict[str, dict[str, Any]]:
    """Lay parameters over each other, the last one on top.

    Examples
    --------
    >>> merge_parameters({"a": {"x": 1, "y": 1}}, {"a": {"x": 2}})
    {'a': {'x': 2, 'y': 1}}
    """
    merged: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for notebook, values in layer.items():
            merged.setdefault(notebook, {}).update(values)
    return merged

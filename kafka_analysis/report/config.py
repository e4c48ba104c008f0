"""Options of a report, from the command line and from ``reports.yaml``, read strictly."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError

from kafka_analysis.model.errors import InputError, ParameterError

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
    notify: list[str] = Field(default_factory=list)
    notify_profile: str | None = None
    notify_only_changes: bool = False


MOST_NESTED = 20
_SHOWN = 200


def read_config(path: Path) -> ReportConfig:
    """Read ``reports.yaml``.

    Raises
    ------
    InputError
        The file is missing, not YAML, or holds a key that is not known.
    """
    try:
        content = _loaded(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; give the path of a YAML file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        message = f"{path} must hold keys such as 'only' and 'parameters', got {type(content).__name__}"
        raise InputError(message)
    return _checked(content, path)


def _loaded(text: str) -> Any:
    """Load YAML that a person could have written: nested a little, without aliases, which multiply what they name."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_NESTED:
            raise yaml.YAMLError(f"nested deeper than {MOST_NESTED}")
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read; write the value itself")
    return yaml.safe_load(text)


def _checked(content: dict[str, Any], path: Path) -> ReportConfig:
    for key in content:
        if key not in ReportConfig.model_fields:
            what = f"key of {path.name}"
            raise InputError.unknown(what, str(key), ReportConfig.model_fields)
    try:
        return ReportConfig.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


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
                f"cannot read -p {option!r}; write NOTEBOOK:name=value, such as 20_partition_skew:top_n=5"
            )
        try:
            parsed.setdefault(notebook, {})[name] = _loaded(text)
        except yaml.YAMLError:
            shown = option if len(option) <= _SHOWN else f"{option[:_SHOWN]}…"
            raise ParameterError(f"cannot read the value of -p {shown!r} as YAML; quote it") from None
    return parsed


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

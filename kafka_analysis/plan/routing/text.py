"""A routing table as JSON or YAML: read strictly, written the same way every time."""

import json
from collections import Counter
from collections.abc import Hashable
from typing import Any

import yaml
from pydantic import ValidationError

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.strict_files import check_numbers, check_yaml, one_line, reason_of_yaml
from kafka_analysis.plan.routing.table import SCHEMA_VERSION, RoutingTable

MOST_BYTES = 16 * 1024 * 1024
_ROWS = ("topics", "clients")


_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it: tables can be large
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _OnceLoader(_Safe):
    """Plain values only, no tags of Python, and no key twice in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, *, deep: bool = False) -> dict[Hashable, Any]:
        """Construct a mapping whose keys differ."""
        _refuse_twice([key.value for key, _ in node.value])
        return super().construct_mapping(node, deep=deep)


def parse_routing(text: str | bytes, *, name: str = "the routing table") -> RoutingTable:
    r"""Read a routing table from JSON or YAML.

    Parameters
    ----------
    text
        At most 16 MiB of UTF-8. What begins with ``{`` is JSON.
    name
        What messages call it.

    Raises
    ------
    InputError
        It is too long, is neither JSON nor YAML, was written with a newer schema, or a field is unknown or wrong. No
        value is ever in the message. Whether the table is consistent is asked of
        :func:`kafka_analysis.plan.routing.validate.validate_routing`.

    Examples
    --------
    >>> text = "source: {cluster: old, bootstrap_servers: 'old:9092'}\ncells: {}\ntopics: [{topic: t}]"
    >>> table = parse_routing(text)
    >>> table.version, table.topics[0].state
    (1, 'source')
    >>> parse_routing("[]")
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: the routing table: is not a mapping; write source, cells, topics and clients
    """
    content = _loaded(text, name)
    if not isinstance(content, dict):
        raise InputError(f"{name}: is not a mapping; write source, cells, topics and clients")
    schema = content.get("schema_version", SCHEMA_VERSION)
    if schema != SCHEMA_VERSION:
        raise InputError(
            f"{name}: schema_version is not {SCHEMA_VERSION}; write it with this version of kafka-analysis"
        )
    return validated(content, name=name)


def validated(content: dict[str, Any], *, name: str = "the routing table") -> RoutingTable:
    """Check the content of a routing table.

    Raises
    ------
    InputError
        A field is missing, unknown or wrong: the first that is.
    """
    try:
        return RoutingTable.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{name}: {_first(error)}") from None


def routing_json(table: RoutingTable) -> str:
    r"""Write a routing table as JSON: sorted, one topic or client a line, so that two versions can be compared.

    Examples
    --------
    >>> text = "source: {cluster: old, bootstrap_servers: 'old:9092'}\ncells: {}\ntopics: [{topic: t}]"
    >>> table = parse_routing(text)
    >>> print(routing_json(table).splitlines()[7])
      {"topic": "t", "cell": null, "wave": null, "state": "source", "paused": false, "rollback": "source"}
    """
    content = _content(table)
    parts = [
        f'"{key}": [\n' + ",\n".join(f"  {_dumped(row)}" for row in rows) + "\n]"
        if key in _ROWS and (rows := value)
        else f'"{key}": {_dumped(value)}'
        for key, value in content.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def routing_yaml(table: RoutingTable) -> str:
    r"""Write a routing table as YAML: sorted, with the same fields and order as the JSON.

    Examples
    --------
    >>> text = "source: {cluster: old, bootstrap_servers: 'old:9092'}\ncells: {}\ntopics: [{topic: t}]"
    >>> table = parse_routing(text)
    >>> parse_routing(routing_yaml(table)) == table
    True
    """
    options = {"sort_keys": False, "allow_unicode": True, "width": 10_000, "default_flow_style": None}
    return yaml.dump(_content(table), Dumper=_Dumper, **options)


def _content(table: RoutingTable) -> dict[str, Any]:
    content = table.model_dump(mode="json")
    content["cells"] = dict(sorted(content["cells"].items()))
    content["topics"] = sorted(content["topics"], key=lambda row: row["topic"])
    clients = [row | {"topics": sorted(row["topics"], key=_topic)} for row in content["clients"]]
    content["clients"] = sorted(clients, key=lambda row: (row["kind"], row["client"]))
    return content


def _topic(row: dict[str, Any]) -> str:
    return row["topic"]


def _loaded(text: str | bytes, name: str) -> object:
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > MOST_BYTES:
        message = f"{name}: has {len(raw):,} bytes; a routing table may have at most {MOST_BYTES:,}"
        raise InputError(message)
    try:
        words = raw.decode("utf-8-sig")
        is_json = words.lstrip().startswith("{")
        content = json.loads(words, object_pairs_hook=_once) if is_json else _yaml(words)
        check_numbers(content)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"{name}: cannot be read as JSON or YAML: {_reason(error)}") from None
    return content


def _yaml(words: str) -> object:
    check_yaml(words)
    return yaml.load(words, Loader=_OnceLoader)  # noqa: S506 - a safe loader, made stricter


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _refuse_twice([key for key, _ in pairs])
    return dict(pairs)


def _refuse_twice(keys: list[Any]) -> None:
    key, count = Counter(map(str, keys)).most_common(1)[0] if keys else ("", 0)
    if count > 1:
        raise ValueError(f"the key {key!r} is given twice")


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if "int_max_str_digits" in str(error):
        return "a number has more than 64 bits"
    return reason_of_yaml(error) if isinstance(error, yaml.YAMLError) else one_line(error)


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{where}: is not a field of a routing table; see docs/routing.schema.json"
    return f"{where}: {first['msg']}"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)

"""Read the connectors of MirrorMaker 2 from Kafka Connect's topics of configurations and of states."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kafka_analysis.sources.mirroring.records import (
    LARGEST_INT32,
    Read,
    Record,
    Row,
    json_of,
    read_each,
    text_of,
    whole_number,
)
from kafka_analysis.sources.mirroring.shown_values import shown_value

MOST_SETTINGS = 2_000
_MOST_LINE, _MOST_TRACE = 1_000, 65_536
_CONFIG_KEY = re.compile(
    r"(?P<what>connector|commit|target-state)-(?P<name>.+)|task-(?P<of>.+)-(?P<task>\d{1,9})", re.DOTALL
)
_STATUS_KEY = re.compile(r"status-(?:connector-(?P<name>.+)|task-(?P<of>.+)-(?P<task>\d{1,9}))", re.DOTALL)
_SHOWN = ("state", "worker_id", "trace")


def read_connector_configs(records: Iterable[Record], *, peer: str | None) -> Read:
    """Return rows of the ``connectors`` table, from records of Connect's topic of configurations.

    Parameters
    ----------
    peer
        The alias in the name of their topic, ``mm2-configs.<alias>.internal``; None where it names none.

    Returns
    -------
    Read
        A row for each setting of a connector or task: kind ``config``. A connector's number of tasks and the state it
        should have are rows named ``tasks`` and ``target_state``, kind ``state``. Values that hold secrets are None.

    Notes
    -----
    Apache Kafka, ``KafkaConfigBackingStore``. Its other keys (``session-key-…``, ``restart-connector-…``) are left out.

    Examples
    --------
    >>> record = Record(b"connector-M", b'{"properties": {"topics": "orders", "sasl.jaas.config": "x"}}')
    >>> [(row["name"], row["value"]) for row in read_connector_configs([record], peer="old").rows]
    [('topics', 'orders'), ('sasl.jaas.config', None)]
    """
    return read_each(records, lambda record: _config_rows(record, peer))


def read_connector_states(records: Iterable[Record], *, peer: str | None) -> Read:
    r"""Return rows of the ``connectors`` table, from records of Connect's topic of states.

    Parameters
    ----------
    peer
        The alias in the name of their topic, ``mm2-status.<alias>.internal``; None where it names none.

    Returns
    -------
    Read
        Rows named ``state``, ``worker_id`` and ``trace`` (its first line and last cause), kind ``state``, of connectors
        and tasks.

    Notes
    -----
    Apache Kafka, ``KafkaStatusBackingStore``. Its keys ``status-topic-…`` are left out.

    Examples
    --------
    >>> trace = "E: no\\n at x\\nCaused by: F: why\\n at y"
    >>> record = Record(b"status-task-M-0", b'{"state": "FAILED", "trace": "%s", "worker_id": "w"}' % trace.encode())
    >>> [(row["task"], row["name"], row["value"]) for row in read_connector_states([record], peer="old").rows]
    [(0, 'state', 'FAILED'), (0, 'worker_id', 'w'), (0, 'trace', 'E: no; Caused by: F: why')]
    """
    return read_each(records, lambda record: _state_rows(record, peer))


def _config_rows(record: Record, peer: str | None) -> list[Row]:
    match = _CONFIG_KEY.fullmatch((record.key or b"").decode())
    value = _document(record) if match is not None else None
    if match is None or value is None:
        return []
    of = _owner(match, peer)
    what = match["what"] or "task"
    if what == "commit":
        tasks = whole_number(value.get("tasks"), most=LARGEST_INT32)
        return [{**of, "name": "tasks", "value": str(tasks), "kind": "state"}]
    if what == "target-state":
        state = text_of(value.get("state.v2", value.get("state")))
        return [{**of, "name": "target_state", "value": state[:_MOST_LINE], "kind": "state"}]
    properties = value.get("properties")
    if not isinstance(properties, dict) or len(properties) > MOST_SETTINGS:
        raise ValueError("not the settings of a connector")
    return [
        {**of, "name": text_of(name), "value": _value(name, setting), "kind": "config"}
        for name, setting in properties.items()
    ]


def _value(name: str, setting: object) -> str | None:
    return None if setting is None else shown_value(name, text_of(setting))


def _state_rows(record: Record, peer: str | None) -> list[Row]:
    match = _STATUS_KEY.fullmatch((record.key or b"").decode())
    value = _document(record) if match is not None else None
    if match is None or value is None:
        return []
    of = _owner(match, peer)
    text_of(value.get("state"))
    return [
        {**of, "name": name, "value": _first_line(name, text_of(value[name])), "kind": "state"}
        for name in _SHOWN
        if value.get(name) is not None
    ]


def _first_line(name: str, text: str) -> str | None:
    """Return the first line of a text and its last cause, bounded; the words of an error may hold a login."""
    lines = text[:_MOST_TRACE].splitlines() or [""]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    return shown_value(name, "; ".join(line[:_MOST_LINE] for line in [lines[0], *causes[-1:]]))


def _owner(match: re.Match[str], peer: str | None) -> Row:
    task = match["task"]
    name = text_of(match["name"] if task is None else match["of"])
    return {"peer": peer, "connector": name, "task": None if task is None else int(task)}


def _document(record: Record) -> Mapping[str, Any] | None:
    """Return the JSON object that is a record's value; None where the record deletes."""
    value = None if record.value is None else json_of(record.value)
    if value is not None and not isinstance(value, dict):
        raise ValueError("not a record of Kafka Connect")
    return value

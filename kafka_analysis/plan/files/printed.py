"""Find what people save of Kafka's tools: text in any encoding, with the JSON that they print among other lines."""

import codecs
import json
import re
from typing import Any, NamedTuple

from kafka_analysis.model.errors import InputError

CURRENT, PROPOSED = "Current partition replica assignment", "Proposed partition reassignment configuration"
_HEADINGS = (CURRENT, PROPOSED)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BEGINS = re.compile(r'^[ \t]*(?=\{\s*["}])', re.MULTILINE)
_GZIP, _ZIP = b"\x1f\x8b", b"PK"


class Document(NamedTuple):
    """One JSON object, and the heading of Kafka's tool above it; empty where there is none."""

    heading: str
    content: dict[str, Any]


def decoded(what: str, data: str | bytes) -> str:
    r"""Return a file as text, without a byte order mark and with plain line ends.

    Raises
    ------
    InputError
        It is no text.

    Examples
    --------
    >>> decoded("loads", "a\r\nb".encode("utf-16"))
    'a\nb'
    """
    if isinstance(data, str):
        text = data.removeprefix("\ufeff")
    elif data.startswith((_GZIP, _ZIP)):
        raise InputError(f"{what}: is a compressed file or an archive; unpack it first")
    else:
        mark, name = next((pair for pair in _BOMS if data.startswith(pair[0])), (b"", "utf-8"))
        try:
            text = data.removeprefix(mark).decode(name)
        except UnicodeDecodeError:
            raise InputError(f"{what}: is not UTF-8 text; save it as UTF-8") from None
    return text.replace("\r\n", "\n")


def documents(what: str, text: str) -> list[Document]:
    r"""List the JSON objects that begin a line, each with the nearest heading of ``kafka-reassign-partitions`` above.

    Raises
    ------
    InputError
        A line begins as JSON and is not: the file was cut or edited.

    Examples
    --------
    >>> documents("file", 'WARN a line of a log\nCurrent partition replica assignment\n{"version": 1}\n')
    [Document(heading='Current partition replica assignment', content={'version': 1})]
    """
    objects, at = [], 0
    while (begins := _BEGINS.search(text, at)) is not None:
        try:
            content, end = json.JSONDecoder().raw_decode(text, begins.end())
        except (ValueError, RecursionError) as error:  # of too many digits too
            line = text.count("\n", 0, getattr(error, "pos", begins.end())) + 1
            message = f"{what}: invalid JSON at line {line}; save the output of the tool unchanged"
            raise InputError(message) from None
        objects.append(Document(_heading(text[at : begins.start()]), content))
        at = end
    return objects


def kind_of(text: str, content: dict[str, Any] | None = None) -> str:
    """Say what a file is that was given in place of another; empty: unknown.

    Examples
    --------
    >>> kind_of("", {"version": 1, "topics": [{"topic": "t"}]})
    'a list of topics to move, as kafka-reassign-partitions --generate takes it'
    >>> kind_of("# Execution plan")
    'a plan to read (plan.md)'
    """
    if content is None:
        return next((words for mark, words in _TEXTS if text.lstrip().startswith(mark)), "")
    return next((words for fits, words in _OBJECTS if fits(content)), "")


def is_assignment(content: dict[str, Any]) -> bool:
    """Say whether an object lists partitions with their replicas."""
    partitions = content.get("partitions")
    return isinstance(partitions, list) and all(
        "replicas" in entry for entry in partitions if isinstance(entry, dict)
    )


def is_log_dirs(content: dict[str, Any]) -> bool:
    """Say whether an object is what ``kafka-log-dirs --describe`` prints."""
    brokers = content.get("brokers")
    return isinstance(brokers, list) and all(
        "logDirs" in entry for entry in brokers if isinstance(entry, dict)
    )


def is_plan(content: dict[str, Any]) -> bool:
    """Say whether an object is the plan.json of an execution."""
    return isinstance(content.get("steps"), list) and "schema_version" in content


def _heading(above: str) -> str:
    lines = [line.strip() for line in above.splitlines()]
    return next((line for line in reversed(lines) if line in _HEADINGS), "")


def _elects(content: dict[str, Any]) -> bool:
    return isinstance(content.get("partitions"), list) and not is_assignment(content)


_OBJECTS = (
    (is_plan, "an execution plan (plan.json)"),
    (is_log_dirs, "what kafka-log-dirs --describe prints"),
    (is_assignment, "an assignment of partitions"),
    (_elects, "a list of partitions, as kafka-leader-election takes it"),
    (
        lambda content: "topics" in content,
        "a list of topics to move, as kafka-reassign-partitions --generate takes it",
    ),
)
_TEXTS = (("# Execution plan", "a plan to read (plan.md)"), ("<", "a page of HTML or XML"))

"""Read Jolokia's answers: attributes of MBeans as JSON become a page of metrics, spelled as the JMX exporter would."""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.page_limits import PageLimits
from kafka_analysis.sources.exposition.line import Labels
from kafka_analysis.sources.exposition.page import REJECTED_LINES, TEXT_LIMIT, Exposition, Sample, frame_of
from kafka_analysis.sources.http.decompress import FILE_LIMITS
from kafka_analysis.sources.jolokia.json_text import check_size, first_document, is_unicode, shown
from kafka_analysis.sources.spelling.object_names import ObjectName, is_pattern, parse_object_name

OK, NOT_FOUND = 200, 404
MOST_DEPTH = 8
_LATEST_S = 1e11  # beyond the year 5000: not seconds
_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
# What Jolokia puts in place of a value it could not read (with ignoreErrors), or left out beyond maxObjects.
_UNREAD = ("ERROR: ", "[Object limit exceeded]")
_ILLEGAL = re.compile(r"(?:[^a-zA-Z0-9:_]|_)+")
_SPACE = re.compile(r"\s*")
_PATH_PART = re.compile(r"(?:[^!/]|!.)+")

Value = tuple[str, tuple[str, ...], Any]


@dataclass(frozen=True)
class JolokiaPage(Exposition):
    """A page of metrics made of Jolokia's answers; ``line`` is the answer's number in its bulk, from 1.

    ``missing``: MBeans or attributes asked for that are not there (status 404), which is not a value of 0.
    """

    missing: tuple[str, ...] = ()


@dataclass
class _Rows:
    read: list[Sample] = field(default_factory=list)
    rejected: list[tuple[int, str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def reject(self, line: int, text: object, reason: str) -> None:
        self.rejected.append((line, shown(text, TEXT_LIMIT), shown(reason, TEXT_LIMIT)))


def read_jolokia(
    data: bytes, *, limits: PageLimits = FILE_LIMITS, check: Callable[[], None] = lambda: None
) -> JolokiaPage:
    """Read Jolokia's answers to reads: single, bulk, with patterns, or several of these one after the other.

    Parameters
    ----------
    data
        JSON as it came, UTF-8.
    limits
        How large it may be: a quarter of the bytes of a page, and two values for each line.
    check
        Called now and then; it raises when there is no more time.

    Returns
    -------
    JolokiaPage
        Names and labels are those of the JMX exporter without rules, so that the same dialect applies. Composite
        values give one row per item; truth values are 1 and 0; null is NaN; texts and lists are no metrics and are
        passed over. Answers of one scrape share a time, the latest of its answers; a scrape ends where a question
        comes again.

    Raises
    ------
    SourceError
        It is not JSON, or not Jolokia's, or nested too deeply.
    TooLargeError
        It is larger than the limits.

    Notes
    -----
    Format: Jolokia reference manual, Jolokia Protocol, reading attributes.

    Examples
    --------
    >>> page = read_jolokia(b'''{"status": 200, "timestamp": 1700000000, "value": {"Count": 5, "EventType": "bytes"},
    ...     "request": {"type": "read", "mbean": "kafka.server:name=BytesInPerSec,topic=t,type=BrokerTopicMetrics"}}''')
    >>> page.samples.row(0)
    ('kafka_server_BrokerTopicMetrics_Count', 'BytesInPerSec', 't', 5.0, 1700000000000, 1)
    """
    check_size(data, limits)
    rows = _Rows()
    answers = _answers(data, rows)
    check()
    for number, (answer, timestamp) in enumerate(zip(answers, _times(answers), strict=True), start=1):
        _read_answer(number, answer, timestamp, rows)
        check()
    rejected = pl.DataFrame(rows.rejected, schema=REJECTED_LINES, orient="row")
    return JolokiaPage(samples=frame_of(rows.read), rejected=rejected, missing=tuple(rows.missing))


def is_json(data: bytes) -> bool:
    """Tell whether a page begins as JSON objects and lists do.

    Examples
    --------
    >>> is_json(b' [{"status": 200}]'), is_json(b"up 1")
    (True, False)
    """
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _answers(data: bytes, rows: _Rows) -> list[dict[str, Any]]:
    """Return all answers in order; what follows them and is not JSON is rejected."""
    text = data.decode("utf-8-sig", errors="replace").strip()
    answers: list[Any] = []
    position, wrong = 0, "not JSON, or cut off"
    while position < len(text):
        try:
            document, position = first_document(text, position)
        except SourceError as error:
            wrong = str(error)
            break
        answers += document if isinstance(document, list) else [document]
        position += len(_SPACE.match(text, position)[0])
    if not answers:
        raise SourceError(wrong)
    if not all(isinstance(answer, dict) and isinstance(answer.get("status"), float) for answer in answers):
        raise SourceError("JSON, but not from Jolokia: no status")
    if position < len(text):
        rows.reject(len(answers) + 1, text[position : position + TEXT_LIMIT], wrong)
    return answers


def _times(answers: Sequence[dict[str, Any]]) -> list[int | None]:
    """Return the time of each answer's scrape in milliseconds."""
    scrapes: list[list[int | None]] = []
    questions: set[str] = set()
    for answer in answers:
        question = _question(answer)
        if not scrapes or question in questions:
            scrapes.append([])
            questions.clear()
        questions.add(question)
        seconds = answer.get("timestamp")
        is_time = isinstance(seconds, float) and 0 < seconds < _LATEST_S
        scrapes[-1].append(int(seconds * 1000) if is_time else None)
    latest = [max((t for t in scrape if t is not None), default=None) for scrape in scrapes]
    return [time for scrape, time in zip(scrapes, latest, strict=True) for _ in scrape]


def _question(answer: dict[str, Any]) -> str:
    try:
        return json.dumps(answer.get("request"), sort_keys=True)
    except RecursionError:
        raise SourceError("JSON nested too deeply") from None


def _read_answer(number: int, answer: dict[str, Any], timestamp: int | None, rows: _Rows) -> None:
    request = answer["request"] if isinstance(answer.get("request"), dict) else {}
    mbean, kind = request.get("mbean") or "(not told)", request.get("type", "read")
    if answer["status"] == NOT_FOUND:
        rows.missing.append(shown(mbean, TEXT_LIMIT))
    elif answer["status"] != OK:
        rows.reject(number, mbean, f"status {answer['status']:g}: {answer.get('error') or 'no reason given'}")
    elif kind != "read":
        rows.reject(number, mbean, f"the answer to {str(kind)[:20]!r}, not to a read request")
    else:
        try:
            for value in _attributes(request, answer.get("value")):
                _read_value(number, value, timestamp, rows)
        except ValueError as error:
            rows.reject(number, mbean, str(error))


def _attributes(request: dict[str, Any], value: Any) -> Iterator[Value]:
    """Yield name, path and value of each attribute of an answer."""
    mbean, attribute, path = request.get("mbean"), request.get("attribute"), request.get("path")
    inner = tuple(re.sub("!(.)", r"\1", part) for part in _PATH_PART.findall(str(path or "")))
    single = isinstance(mbean, str) and not is_pattern(mbean)
    is_map = isinstance(attribute, str) and isinstance(value, dict) and set(value) == {attribute}
    if single and isinstance(attribute, str) and not is_map:
        yield mbean, (attribute, *inner), value
    elif single and attribute is None and inner:
        yield mbean, inner, value
    elif inner or not isinstance(value, dict):
        raise ValueError("not a map of MBeans and their attributes")
    else:
        for name, bean in ({mbean: value} if single else value).items():
            attributes = bean.items() if isinstance(bean, dict) else [("", bean)]
            yield from ((name, (key,) if key else (), inner_value) for key, inner_value in attributes)


def _read_value(number: int, read: Value, timestamp: int | None, rows: _Rows) -> None:
    mbean, path, value = read
    try:
        name = parse_object_name(mbean)
        if not path:
            raise ValueError(f"not a map of attributes: {str(value)[:80]}")  # noqa: TRY301
        numbers = [(_spelled(name, inner), reading) for inner, reading in _numbers(path, value)]
    except ValueError as error:
        rows.reject(number, f"{mbean} {'/'.join(path)}", str(error))
        return
    for (metric, labels), reading in numbers:
        rows.read.append((metric, labels, reading, timestamp, number))


def _numbers(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield the numbers in an attribute's value, each with the way to it."""
    if isinstance(value, dict):
        if len(path) > MOST_DEPTH:
            raise ValueError(f"nested deeper than {MOST_DEPTH}")
        for key, inner in value.items():
            yield from _numbers((*path, key), inner)
    elif isinstance(value, str) and value.startswith(_UNREAD):
        raise ValueError(value)
    elif isinstance(value, str) and value in _NUMBERS:
        yield path, _NUMBERS[value]
    elif isinstance(value, float) and math.isinf(value):
        raise ValueError("a number out of range")
    elif value is None or isinstance(value, bool | float):
        yield path, float("nan") if value is None else float(value)


def _spelled(name: ObjectName, path: Iterable[str]) -> tuple[str, Labels]:
    """Return metric and labels: ``type`` goes into the metric (Kafka names it first, Jolokia sorts the keys)."""
    properties = dict(name.properties)
    first = properties.pop("type" if "type" in properties else next(iter(properties)))
    if not all(map(is_unicode, properties.values())):
        raise ValueError("its name is not Unicode text: half of a surrogate pair")
    return _legal("_".join([name.domain, first, *path])), tuple(
        {_legal(k): v for k, v in properties.items()}.items()
    )


def _legal(text: str) -> str:
    legal = _ILLEGAL.sub("_", text)
    return f"_{legal}" if legal[:1].isdigit() else legal

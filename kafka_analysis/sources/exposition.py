"""Parse Prometheus' text exposition format 0.0.4: every line becomes a sample, a comment or a rejected line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

MOST_LABELS = 128
TEXT_LIMIT = 500
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rf"""[ \t]*(?P<series>[^\s{{"#]+[ \t]*(?:\{{(?:[^"}}]|{_QUOTED})*\}})?)
    [ \t]*(?<=[\s}}])(?P<value>[^\s#]+)(?:[ \t]+(?P<timestamp>[^\s#]+))?[ \t]*(?:\#.*)?""",
    re.VERBOSE,
)
_SERIES = re.compile(r"(?P<metric>[a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{(?P<labels>.*)\})?", re.DOTALL)
_LABEL = re.compile(rf"[ \t]*(?P<key>[a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*(?P<value>{_QUOTED})[ \t]*(?:,|$)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE)
_INTEGER = re.compile(r"-?\d{1,18}")

Labels = tuple[tuple[str, str], ...]
_REJECTED = {"line": pl.Int64, "text": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Exposition:
    """A parsed page of metrics.

    ``samples``: ``metric``, one string column ``label_<key>`` per label key (null where absent), ``value``,
    ``timestamp_ms`` (null unless the line carried one), ``line`` (from 1); beyond the 128 most frequent keys,
    labels are in ``labels_other``, a list of key/value structs. ``rejected``: ``line``, ``text`` (bounded), ``reason``.
    """

    samples: pl.DataFrame
    rejected: pl.DataFrame


@dataclass
class _Rows:
    series: list[tuple[str, Labels]]
    values: list[float]
    timestamps: list[int | None]
    lines: list[int]
    rejected: list[tuple[int, str, str]]


def parse_exposition(data: bytes) -> Exposition:
    r"""Parse a page of metrics in text format 0.0.4.

    Parameters
    ----------
    data
        The page as it came, UTF-8.

    Returns
    -------
    Exposition
        Every line that is not empty or a comment is in ``samples`` or in ``rejected``. Exemplars of OpenMetrics are
        passed over.

    Notes
    -----
    Format: Prometheus, Exposition formats, text format 0.0.4.

    Examples
    --------
    >>> page = parse_exposition(b'up 1\nbytes{topic="a\\"b",} 2.5 1700000000000\nbroken{ 1\n')
    >>> page.samples.select("metric", "label_topic", "value", "timestamp_ms").rows()
    [('up', None, 1.0, None), ('bytes', 'a"b', 2.5, 1700000000000)]
    >>> page.rejected.row(0)
    (3, 'broken{ 1', 'not <name>{<labels>} <value> [<timestamp>]')
    """
    rows = _Rows([], [], [], [], [])
    for number, raw in enumerate(data.split(b"\n"), start=1):
        text, reason = _decoded(raw)
        if reason:
            rows.rejected.append((number, text[:TEXT_LIMIT], reason))
        elif text and not text.isspace() and not text.lstrip().startswith("#"):
            _read_line(number, text, rows)
    rejected = pl.DataFrame(rows.rejected, schema=_REJECTED, orient="row")
    return Exposition(samples=_frame(rows), rejected=rejected)


def _decoded(raw: bytes) -> tuple[str, str]:
    try:
        return raw.decode("utf-8").removesuffix("\r"), ""
    except UnicodeDecodeError:
        return raw.decode("utf-8", errors="backslashreplace"), "not UTF-8"


def _read_line(number: int, text: str, rows: _Rows) -> None:
    try:
        found = _matched(text)
        series = _series(found["series"].rstrip())
        value, timestamp = _value(found["value"]), _timestamp(found["timestamp"])
    except ValueError as error:
        rows.rejected.append((number, text[:TEXT_LIMIT], str(error)))
        return
    rows.series.append(series)
    rows.values.append(value)
    rows.timestamps.append(timestamp)
    rows.lines.append(number)


def _matched(text: str) -> re.Match[str]:
    found = _LINE.fullmatch(text)
    if found is None:
        raise ValueError("not <name>{<labels>} <value> [<timestamp>]")
    return found


@lru_cache(maxsize=200_000)
def _series(text: str) -> tuple[str, Labels]:
    """Split name and labels; the same few thousand texts come again with every scrape."""
    found = _SERIES.fullmatch(text)
    if found is None:
        raise ValueError("not a metric name of letters, digits, '_' and ':'")
    inside, labels, position = found["labels"] or "", {}, 0
    inside = inside.rstrip(" \t")
    while position < len(inside):
        label = _LABEL.match(inside, position)
        if label is None:
            raise ValueError('labels are not <key>="<value>" joined by commas')
        if label["key"] in labels:
            message = f"label {label['key']!r} comes twice"
            raise ValueError(message)
        labels[label["key"]] = _unescaped(label["value"][1:-1])
        position = label.end()
    return found["metric"], tuple(labels.items())


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    meaning = {"n": "\n", "\\": "\\", '"': '"'}
    return _ESCAPE.sub(lambda found: meaning.get(found[1], found[0]), text)


def _value(text: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        message = f"value {text[:40]!r} is not a number"
        raise ValueError(message)
    return float(text)


def _timestamp(text: str | None) -> int | None:
    if text is None:
        return None
    if _INTEGER.fullmatch(text) is None:
        message = f"timestamp {text[:40]!r} is not a whole number of milliseconds"
        raise ValueError(message)
    return int(text)


def _frame(rows: _Rows) -> pl.DataFrame:
    columns = {
        "metric": pl.Series([name for name, _ in rows.series], dtype=pl.String),
        **_label_columns([labels for _, labels in rows.series]),
        "value": pl.Series(rows.values, dtype=pl.Float64),
        "timestamp_ms": pl.Series(rows.timestamps, dtype=pl.Int64),
        "line": pl.Series(rows.lines, dtype=pl.Int64),
    }
    return pl.DataFrame(columns)


def _label_columns(labels: Sequence[Labels]) -> dict[str, pl.Series]:
    counts = Counter(key for pairs in labels for key, _ in pairs)
    kept = sorted(key for key, _ in counts.most_common(MOST_LABELS))
    columns: dict[str, list[str | None]] = {key: [None] * len(labels) for key in kept}
    other: list[list[dict[str, str]] | None] = [None] * len(labels)
    for row, pairs in enumerate(labels):
        for key, value in pairs:
            if key in columns:
                columns[key][row] = value
            else:
                other[row] = [*(other[row] or []), {"key": key, "value": value}]
    series = {f"label_{key}": pl.Series(values, dtype=pl.String) for key, values in columns.items()}
    if len(counts) > MOST_LABELS:
        pair = pl.Struct({"key": pl.String, "value": pl.String})
        series["labels_other"] = pl.Series(other, dtype=pl.List(pair))
    return series

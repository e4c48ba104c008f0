"""Read the regular lines of a page all at once, by the positions of a few bytes; leave every other line aside.

Nearly all lines of real pages look alike: ``name{key="value",…} number``, without escapes and odd spaces. Where quotes,
braces and line feeds stand says where everything is, and NumPy finds those for millions of bytes at a time. A line is
taken only when each of its parts was checked; whatever is not certain is left to :mod:`exposition_line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kafka_analysis.sources.exposition_line import LONGEST_LINE
from kafka_analysis.sources.string_views import (
    MARGIN,
    Bytes,
    Positions,
    Words,
    text_column,
    views_of,
    words_at,
)

MOST_KEYS = 128
_MOST_SHAPES = 512
_MOST_LABELS = 64
_LONGEST_KEY = 32
_LINE_FEED, _QUOTE, _HASH, _COMMA, _EQUALS, _BACKSLASH, _OPEN, _CLOSE, _SPACE = (
    ord(c) for c in '\n"#,=\\{} '
)
_NAME = r"^[a-zA-Z_:][a-zA-Z0-9_:]*$"
_KEY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], dtype=np.uint64
)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """Where the lines that say something begin and end, and their numbers in the page, from 1."""

    start: Positions
    end: Positions
    number: Positions

    def __getitem__(self, chosen: Mask | Positions) -> Lines:
        """Return some of the lines."""
        return Lines(self.start[chosen], self.end[chosen], self.number[chosen])

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.start)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of each."""
        return zip(self.start.tolist(), self.end.tolist(), self.number.tolist(), strict=True)


@dataclass(frozen=True)
class _Labelled:
    """Lines with the same number of labels: rows among the lines, where the name ends, a column a label."""

    row: Positions
    brace: Positions
    key: Positions
    opened: Positions
    closed: Positions


@dataclass(frozen=True)
class _Shape:
    """Lines with the same keys in the same order."""

    keys: tuple[str, ...]
    part: _Labelled


def split_lines(page: Bytes) -> Lines:
    r"""Find the lines that are neither empty nor comments; the last need not end with a line feed.

    Examples
    --------
    >>> lines = split_lines(np.frombuffer(b"up 1\n# HELP up\n\nup 2", dtype=np.uint8))
    >>> lines.number.tolist(), lines.end.tolist()
    ([1, 4], [4, 20])
    """
    feeds = np.flatnonzero(page == _LINE_FEED)
    ends = feeds if len(feeds) and feeds[-1] == len(page) - 1 else np.append(feeds, len(page))
    starts = np.concatenate([[0], ends[:-1] + 1])
    filled = starts < ends
    comment = page[np.minimum(starts, max(len(page) - 1, 0))] == _HASH
    kept = filled & ~comment
    return Lines(starts[kept], ends[kept], np.flatnonzero(kept) + 1)


def read_regular(page: Bytes, lines: Lines, *, utf8: bool, seconds: bool) -> tuple[pl.DataFrame, Mask]:
    r"""Read the regular lines of a page.

    Parameters
    ----------
    page
        The bytes of some whole lines.
    lines
        Result of :func:`split_lines`.
    utf8
        Whether the page is known to be UTF-8; else lines with bytes above 127 are left aside.
    seconds
        Whether times are OpenMetrics' seconds rather than whole milliseconds.

    Returns
    -------
    tuple of frame and mask
        ``metric``, ``label_<key>`` …, ``value``, ``timestamp_ms``, ``line``; and which lines were read.

    Examples
    --------
    >>> page = np.frombuffer(b'm{a="x"} 1\n' + b'm{ a="y" } 2\n' + b"#" * MARGIN, dtype=np.uint8)
    >>> frame, taken = read_regular(page, split_lines(page), utf8=True, seconds=False)
    >>> frame.select("metric", "label_a", "value", "line").rows(), taken.tolist()
    ([('m', 'x', 1.0, 1)], [True, False])
    """
    shapes = list(_shapes(page, lines, _candidates(page, lines, utf8=utf8)))
    rows = np.sort(np.concatenate([np.empty(0, np.int64), *(shape.part.row for shape in shapes)]))
    columns = _label_columns(page, shapes, rows)
    brace, begin = _by_row(shapes, rows, "brace"), _value_starts(page, shapes, rows)
    read = lines[rows]
    names = text_column(page, views_of(page, read.start, brace))
    numbers = _numbers(text_column(page, views_of(page, begin, read.end)), seconds=seconds)
    frame = pl.DataFrame([names.alias("metric"), *columns, *numbers, pl.Series("line", read.number)])
    sound = _sound(frame)
    taken = np.zeros(len(lines), np.bool_)
    taken[rows[sound.to_numpy()]] = True
    return frame if sound.all() else frame.filter(sound), taken


def _sound(frame: pl.DataFrame) -> pl.Series:
    """Tell which rows have a lawful name, a number, and a time that was read where there is one."""
    names = frame["metric"].unique()
    wrong = names.filter(~names.str.contains(_NAME))
    sound = frame["value"].is_not_null()
    return sound if wrong.is_empty() else sound & ~frame["metric"].is_in(wrong.implode())


def _candidates(page: Bytes, lines: Lines, *, utf8: bool) -> Mask:
    """Tell which lines have no escape, none of the last bytes of the page, and no byte whose meaning is not known."""
    fine = (lines.end <= len(page) - MARGIN) & (lines.end - lines.start <= LONGEST_LINE)
    fine &= ~_holding(lines, np.flatnonzero(page == _BACKSLASH))
    return fine if utf8 else fine & ~_holding(lines, np.flatnonzero(page > 127))


def _holding(lines: Lines, positions: Positions) -> Mask:
    if not len(positions):
        return np.zeros(len(lines), np.bool_)
    return np.searchsorted(positions, lines.start) < np.searchsorted(positions, lines.end)


def _shapes(page: Bytes, lines: Lines, fine: Mask) -> Iterator[_Shape]:
    """Yield the lines by their keys, the most frequent first, up to as many keys as become columns."""
    quotes, braces = np.flatnonzero(page == _QUOTE), np.flatnonzero(page == _OPEN)
    if not len(quotes) or not len(braces):
        return
    first = np.searchsorted(quotes, lines.start)
    count = np.searchsorted(quotes, lines.end) - first
    fine = fine & (count > 0) & (count % 2 == 0) & (count <= 2 * _MOST_LABELS)
    brace = braces[np.minimum(np.searchsorted(braces, lines.start), len(braces) - 1)]
    parts = (
        _labelled(page, row, quotes[first[row][:, None] + np.arange(n)], brace[row])
        for n in np.unique(count[fine]).tolist()
        for row in [np.flatnonzero(fine & (count == n))]
    )
    known: set[str] = set()
    for shape in sorted((s for part in parts for s in _by_keys(page, part)), key=lambda s: -len(s.part.row)):
        if len(known | set(shape.keys)) <= MOST_KEYS:
            known |= set(shape.keys)
            yield shape


def _labelled(page: Bytes, row: Positions, quotes: Positions, brace: Positions) -> _Labelled:
    """Keep the lines in which quotes stand where labels put them, and the end of the labels looks as it must."""
    opened, closed = quotes[:, 0::2], quotes[:, 1::2]
    key = np.empty_like(opened)
    key[:, 0], key[:, 1:] = brace + 1, closed[:, :-1] + 2
    long = opened - 1 - key
    good = (brace < opened[:, 0]) & ((long > 0) & (long <= _LONGEST_KEY)).all(axis=1)
    good &= (page[opened - 1] == _EQUALS).all(axis=1) & (page[closed[:, :-1] + 1] == _COMMA).all(axis=1)
    after = closed[:, -1] + 1 + (page[closed[:, -1] + 1] == _COMMA)
    good &= (page[after] == _CLOSE) & (page[after + 1] == _SPACE)
    return _Labelled(row[good], brace[good], key[good], opened[good], closed[good])


def _by_keys(page: Bytes, part: _Labelled) -> Iterator[_Shape]:
    """Split lines with the same number of labels by what their keys are."""
    if not len(part.row):
        return
    long = part.opened - 1 - part.key
    words = [words_at(page, part.key + at, long - at) for at in range(0, int(long.max()), 8)]
    mixed = reduce(np.bitwise_xor, (word * mix for word, mix in zip(words, _MIX, strict=False)))
    place = np.arange(1, 2 * mixed.shape[1], 2, dtype=np.uint64) * _MIX[1]
    _, first, member = np.unique((mixed * place).sum(axis=1), return_index=True, return_inverse=True)
    if len(first) > _MOST_SHAPES:
        return
    for number, example in enumerate(first.tolist()):
        same = np.flatnonzero(member == number)
        for word in words:  # equal sums are no proof
            same = same[(word[same] == word[example]).all(axis=1)]
        keys = tuple(
            _text(page, *span) for span in zip(part.key[example], part.opened[example] - 1, strict=True)
        )
        if len(set(keys)) == len(keys) and all(_KEY.fullmatch(key) for key in keys):
            yield _Shape(keys, _Labelled(*(column[same] for column in vars(part).values())))


def _text(page: Bytes, start: np.int64, end: np.int64) -> str:
    return page[start:end].tobytes().decode("ascii", errors="replace")


def _by_row(shapes: list[_Shape], rows: Positions, name: str) -> Positions:
    found = np.empty(len(rows), np.int64)
    for shape in shapes:
        found[np.searchsorted(rows, shape.part.row)] = getattr(shape.part, name)
    return found


def _value_starts(page: Bytes, shapes: list[_Shape], rows: Positions) -> Positions:
    found = np.empty(len(rows), np.int64)
    for shape in shapes:
        last = shape.part.closed[:, -1]
        found[np.searchsorted(rows, shape.part.row)] = last + 3 + (page[last + 1] == _COMMA)
    return found


def _label_columns(page: Bytes, shapes: list[_Shape], rows: Positions) -> list[pl.Series]:
    views: dict[str, Words] = {}
    valid: dict[str, Mask] = {}
    for shape in shapes:
        place = np.searchsorted(rows, shape.part.row)
        for n, key in enumerate(shape.keys):
            if key not in views:
                views[key], valid[key] = np.zeros((len(rows), 2), np.uint64), np.zeros(len(rows), np.bool_)
            views[key][place] = views_of(page, shape.part.opened[:, n] + 1, shape.part.closed[:, n])
            valid[key][place] = True
    return [text_column(page, views[key], valid=valid[key]).alias(f"label_{key}") for key in sorted(views)]


def _numbers(texts: pl.Series, *, seconds: bool) -> list[pl.Series]:
    """Read values and times; a value is null where the text is no number, or the time beside it none."""
    value = texts.cast(pl.Float64, strict=False).alias("value")
    time = pl.repeat(None, len(texts), dtype=pl.Int64, eager=True).alias("timestamp_ms")
    if not value.null_count():
        return [value, time]
    frame = pl.DataFrame({"text": texts, "value": value})
    halves = pl.col("text").str.splitn(" ", 2)
    first, second = halves.struct.field("field_0"), halves.struct.field("field_1")
    lawful = second.str.contains(r"^-?\d{1,15}(\.\d{1,9})?$" if seconds else r"^-?\d{1,18}$")
    read = (second.cast(pl.Float64, strict=False) * 1000).round() if seconds else second
    stamped = pl.col("value").is_null() & lawful
    done = frame.select(
        value=pl.when(stamped).then(first.cast(pl.Float64, strict=False)).otherwise("value"),
        timestamp_ms=pl.when(stamped).then(read.cast(pl.Int64, strict=False)),
    )
    return [done["value"], done["timestamp_ms"]]

"""Read the regular lines of a page all at once, as columns; leave every other line aside."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from kafka_analysis.sources.exposition.scan import LABELS, MARGIN, METRIC, MOST_KEYS, VALUE, scan

_USUAL_KEYS = 16
_MOST_CELLS = 4_000_000  # of 16 bytes each, for all keys and lines of a stretch


class Line(NamedTuple):
    """Where a line starts and ends, without its line feed, and its number, from 1."""

    start: int
    end: int
    number: int


class Stretch(NamedTuple):
    """Where some whole lines start and end, the number of the first, and how many there are."""

    start: int
    end: int
    number: int
    lines: int


@dataclass(frozen=True)
class Regular:
    """What was read of a stretch of a page.

    ``samples``: ``metric``, ``label_<key>`` …, ``value``, ``timestamp_ms``, ``line``. ``aside``: the lines that were
    not read; empty lines and comments are in neither.
    """

    samples: pl.DataFrame
    aside: list[Line]


@dataclass(frozen=True)
class _Scanned:
    """What a walk found: columns of texts; start, end and number of the lines read and of those left aside."""

    texts: list[pl.Series]
    read: NDArray[np.int64]
    aside: NDArray[np.int64]
    has_more_keys: bool


def read_regular(page: bytes, stretch: Stretch, *, seconds: bool) -> Regular:
    r"""Read the regular lines of a stretch of a page.

    Parameters
    ----------
    page
        The whole page; long texts stay in it, and the columns keep it alive.
    stretch
        Lines of it that end with line feeds, with MARGIN bytes or more after them.
    seconds
        Whether times are OpenMetrics' seconds rather than whole milliseconds.

    Examples
    --------
    >>> page = b'm{a="x"} 1\nm{ a="y" } 2\n# HELP m of some help\n'
    >>> found = read_regular(page, Stretch(0, 24, 1, 2), seconds=False)
    >>> found.samples.row(0), found.aside
    (('m', 'x', 1.0, None, 1), [Line(start=11, end=23, number=2)])
    """
    scanned = _scanned(page, stretch, _USUAL_KEYS)
    if scanned.has_more_keys:
        room = _MOST_CELLS // max(stretch.lines, 1)
        scanned = _scanned(page, stretch, min(max(room, _USUAL_KEYS), MOST_KEYS))
    metric, value, time, *labels = scanned.texts
    number = value.cast(pl.Float64, strict=False).alias("value")
    stamp = _milliseconds(time, seconds=seconds).alias("timestamp_ms")
    samples = pl.DataFrame([metric, *labels, number, stamp, pl.Series("line", scanned.read[:, 2])])
    sound = number.is_not_null() & (time.is_null() | stamp.is_not_null())
    aside = [*scanned.aside.tolist(), *scanned.read[~sound.to_numpy()].tolist()]
    return Regular(samples if sound.all() else samples.filter(sound), sorted(Line(*line) for line in aside))


def _scanned(page: bytes, stretch: Stretch, most_keys: int) -> _Scanned:
    """Walk over a stretch, with room for so many keys."""
    start, end, number, lines = stretch
    octets = np.frombuffer(page, np.uint8)
    plain = np.empty(end - start + MARGIN, np.uint8)
    views = np.zeros((LABELS + most_keys, lines, 2), np.uint64)
    present = np.zeros((LABELS + most_keys, lines), np.bool_)
    read, aside = np.empty((lines, 3), np.int64), np.empty((lines, 3), np.int64)
    keys = np.empty((most_keys, 2), np.int64)
    done, left, key_count, more = scan(
        octets, _words(octets), start, end, number, views, present, read, aside, keys, plain, _words(plain)
    )
    present[[METRIC, VALUE]] = True
    labels = [f"label_{page[begin:stop].decode('ascii')}" for begin, stop in keys[:key_count].tolist()]
    texts = [
        _column((page, plain), views[n, :done], present[n, :done]).alias(name)
        for n, name in enumerate(["metric", "value", "time", *labels])
    ]
    return _Scanned(texts, read[:done], aside[:left], more)


def _words(octets: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """View the 8 bytes from each position on as a number."""
    return np.ndarray((len(octets) - 7,), "<u8", buffer=octets, strides=(1,))


def _column(
    sources: tuple[bytes, NDArray[np.uint8]], views: NDArray[np.uint64], present: NDArray[np.bool_]
) -> pl.Series:
    """Return string views into some bytes as a column that keeps them alive."""
    valid = None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little").tobytes())
    buffers = [valid, pa.py_buffer(views), *map(pa.py_buffer, sources)]
    return pl.Series(pa.Array.from_buffers(pa.string_view(), len(views), buffers))


def _milliseconds(texts: pl.Series, *, seconds: bool) -> pl.Series:
    """Read times; null is what is none."""
    if texts.null_count() == len(texts):
        return pl.Series(dtype=pl.Int64).extend_constant(None, len(texts))
    lawful = texts.str.contains(r"^-?\d{1,15}(\.\d{1,9})?$" if seconds else r"^-?\d{1,18}$")
    read = (texts.cast(pl.Float64, strict=False) * 1000).round() if seconds else texts
    return read.cast(pl.Int64, strict=False).set(~lawful.fill_null(value=False), None)

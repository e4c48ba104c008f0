"""Make columns of text out of spans of a page without copying the text.

Arrow's string views are 16 bytes a value: its length, then the text itself when it is at most 12 bytes long, else its
first 4 bytes, the number of the buffer and the offset in it (Arrow columnar format, variable-size binary view layout).
They can be computed for all spans at once, and Polars reads them as they are.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

MARGIN = 40  # bytes that must follow a span's start: loads are wider than short spans
_INLINE = 12
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], dtype=np.uint64)
_HALF = np.uint64(32)

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]
Words = NDArray[np.uint64]


def words_at(page: Bytes, starts: Positions, lengths: Positions) -> Words:
    """Load up to 8 bytes from each start as one number; bytes beyond the length are 0.

    Examples
    --------
    >>> page = np.frombuffer(b"abc" + bytes(MARGIN), dtype=np.uint8)
    >>> words_at(page, np.array([0, 1]), np.array([1, 2])).tolist() == [ord("a"), ord("b") + 256 * ord("c")]
    True
    """
    if not len(starts):
        return np.empty(starts.shape, np.uint64)
    every = np.ndarray((len(page) - 7,), "<u8", buffer=page, strides=(1,))
    return every[starts] & _MASKS[np.clip(lengths, 0, 8)]


def views_of(page: Bytes, starts: Positions, ends: Positions) -> Words:
    """Return the string views, two 64-bit words each, of spans of a page; spans must start MARGIN before its end.

    Examples
    --------
    >>> page = np.frombuffer(b"ab" + bytes(MARGIN), dtype=np.uint8)
    >>> views_of(page, np.array([0]), np.array([2])).tolist() == [[2 + ((ord("a") + 256 * ord("b")) << 32), 0]]
    True
    """
    lengths = ends - starts
    views = np.empty((len(starts), 2), np.uint64)
    prefix = words_at(page, starts, np.minimum(lengths, 4))
    views[:, 0] = lengths.astype(np.uint64) | (prefix << _HALF)
    rest = words_at(page, starts + 4, lengths - 4)
    views[:, 1] = np.where(lengths <= _INLINE, rest, starts.astype(np.uint64) << _HALF)
    return views


def text_column(page: Bytes, views: Words, *, valid: NDArray[np.bool_] | None = None) -> pl.Series:
    """Return string views into a page as a column that keeps the page alive; ``valid`` marks what is not null.

    Examples
    --------
    >>> page = np.frombuffer(b"short, and much longer than that" + bytes(MARGIN), dtype=np.uint8)
    >>> text_column(page, views_of(page, np.array([0, 7]), np.array([5, 32]))).to_list()
    ['short', 'and much longer than that']
    """
    present = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    buffers = [present, pa.py_buffer(np.ascontiguousarray(views)), pa.py_buffer(page)]
    return pl.Series(pa.Array.from_buffers(pa.string_view(), len(views), buffers))

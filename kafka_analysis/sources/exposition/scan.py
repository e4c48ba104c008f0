"""Walk over the bytes of a page, compiled by Numba, and note where the parts of its regular lines are.

Nearly all lines of real pages look alike: ``name{key="value",…} number``, without odd spaces. The walk gives a line up
at the first byte that it does not expect there; what it gives up is for :mod:`exposition_line`.

Texts are noted as Arrow's string views, 16 bytes each: the length, then the text itself when it is at most 12 bytes
long, else its first 4 bytes, the number of the buffer and the offset in it (Arrow columnar format, variable-size
binary view layout). So columns of text are made without copying any but those with escapes.
"""

import string

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.model.compiled import compiled
from kafka_analysis.sources.exposition.line import LONGEST_LINE

MARGIN = 16  # bytes that must follow each line: texts are loaded 8 bytes at a time
MOST_KEYS = 128
METRIC, VALUE, TIME, LABELS = range(4)  # columns of texts; from LABELS on one for each key
_MOST_LABELS = 64
_INLINE = 12
_NUL = 0
_LINE_FEED, _QUOTE, _HASH, _COMMA, _EQUALS, _BACKSLASH, _OPEN, _CLOSE, _SPACE = b'\n"#,=\\{} '
_N = ord("n")
_IN_PAGE, _IN_PLAIN = range(2)  # the buffers that views refer to
_KNOWN, _MORE, _USED = range(3)  # keys known, whether there were more, bytes used of the plain texts
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], dtype=np.uint64)


def _table(characters: str) -> NDArray[np.bool_]:
    return np.isin(np.arange(256), np.frombuffer(characters.encode("ascii"), np.uint8))


_DIGIT = _table(string.digits)
_IN_KEY = _table(string.ascii_letters + string.digits + "_")
_IN_NAME = _IN_KEY | _table(":")
_IN_TEXT = ~_table('"\\\n\0')
_IN_NUMBER = _table(string.ascii_letters + string.digits + "+-.")


@compiled
def scan(page, words, start, end, number, views, present, spans, aside, keys, plain, plain_words):  # noqa: ANN001, ANN201
    """Read the lines between two positions; the last of them ends with a line feed.

    Parameters
    ----------
    page, words
        The page's bytes; and the 8 bytes from each position on, as numbers.
    start, end, number
        A stretch of whole lines, MARGIN before the page's end, and the number of the first one.
    views, present
        Filled for each column and each line read: string views, and whether there is one.
    spans, aside
        Filled: start, end and number of each line read, and of each left aside; comments and empty lines are in
        neither.
    keys
        Filled: start and end of each key, as many as there is room for.
    plain, plain_words
        Filled: the bytes of texts whose escapes were resolved. As long as the stretch, and MARGIN more.

    Returns
    -------
    tuple of int
        How many lines were read, how many left aside, how many keys there are, and whether there were more.
    """
    read, left = np.int64(0), np.int64(0)  # not literals: the line would be compiled for 0 and for the others
    columns = np.zeros(_MOST_LABELS, np.int64)
    state = np.zeros(3, np.int64)
    at = start
    while at < end:
        begin = at
        if page[at] != _LINE_FEED and page[at] != _HASH:
            at, labels = _line(
                page, words, at, read, views, present, columns, keys, plain, plain_words, state
            )
            if page[at] == _LINE_FEED and at - begin <= LONGEST_LINE:
                spans[read] = begin, at, number
                read += 1
            else:
                for n in range(labels):
                    present[columns[n], read] = False
                    views[columns[n], read] = 0, 0
                while page[at] != _LINE_FEED:
                    at += 1
                aside[left] = begin, at, number
                left += 1
        else:
            while page[at] != _LINE_FEED:
                at += 1
        at += 1
        number += 1
    return read, left, state[_KNOWN], state[_MORE] > 0


@compiled
def _line(page, words, at, row, views, present, columns, keys, plain, plain_words, state):  # noqa: ANN001, ANN202, C901
    """Read one line; return where it was left (at its line feed: it was read), and how many labels were noted."""
    begin, labels = at, 0
    while _IN_NAME[page[at]]:
        at += 1
    if at == begin or _DIGIT[page[begin]]:
        return begin, labels
    views[METRIC, row] = _view(words, begin, at, _IN_PAGE)
    if page[at] == _OPEN:
        at += 1
        while page[at] != _CLOSE:
            key = at
            while _IN_KEY[page[at]]:
                at += 1
            if at == key or _DIGIT[page[key]] or page[at] != _EQUALS or page[at + 1] != _QUOTE:
                return begin, labels
            if labels == _MOST_LABELS:
                return begin, labels
            column = _column(page, key, at, columns[labels], keys, state)
            if column < 0 or present[column, row]:
                return begin, labels
            at += 2
            value, bits = at, np.uint8(0)
            while _IN_TEXT[page[at]]:
                bits |= page[at]
                at += 1
            if page[at] == _QUOTE:
                if bits > 127 and not is_utf8(page, value, at):
                    return begin, labels
                views[column, row] = _view(words, value, at, _IN_PAGE)
            else:
                first = state[_USED]
                at = _unescape(page, value, plain, state)
                if page[at] != _QUOTE or not is_utf8(page, value, at):
                    return begin, labels
                views[column, row] = _view(plain_words, first, state[_USED], _IN_PLAIN)
            present[column, row] = True
            columns[labels] = column
            labels += 1
            at += 1
            if page[at] == _COMMA:
                at += 1
            elif page[at] != _CLOSE:
                return begin, labels
        at += 1
    if page[at] != _SPACE:
        return begin, labels
    at += 1
    value = at
    while _IN_NUMBER[page[at]]:
        at += 1
    views[VALUE, row] = _view(words, value, at, _IN_PAGE)
    present[TIME, row] = page[at] == _SPACE
    if page[at] == _SPACE:
        at += 1
        time = at
        while _IN_NUMBER[page[at]]:
            at += 1
        views[TIME, row] = _view(words, time, at, _IN_PAGE)
    return (at, labels) if page[at] == _LINE_FEED else (begin, labels)


@compiled
def _unescape(page, at, plain, state):  # noqa: ANN001, ANN202
    """Copy a text without its escapes; return the position of the quote that ends it, or of what is wrong."""
    used = state[_USED]
    while page[at] != _QUOTE and page[at] != _LINE_FEED and page[at] != _NUL:
        byte = page[at]
        if byte == _BACKSLASH:
            byte = page[at + 1]
            if byte == _N:
                byte = np.uint8(_LINE_FEED)
            elif byte != _QUOTE and byte != _BACKSLASH:
                return at
            at += 1
        plain[used] = byte
        used += 1
        at += 1
    state[_USED] = used
    return at


@compiled
def is_utf8(page, start, end):  # noqa: ANN001, ANN201
    """Tell whether a span is UTF-8: no stray, overlong or cut sequence, no surrogate (Unicode, table 3-7)."""
    at = start
    while at < end:
        first = page[at]
        at += 1
        if first < 0x80:
            continue
        more = 1 + (first >= 0xE0) + (first >= 0xF0)
        if first < 0xC2 or first > 0xF4 or at + more > end:
            return False
        low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
        high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
        for n in range(more):
            if page[at + n] < low or page[at + n] > high:
                return False
            low, high = 0x80, 0xBF
        at += more
    return True


@compiled
def _column(page, start, end, guess, keys, state):  # noqa: ANN001, ANN202
    """Return the column of a key, most likely that of the line before; -1: there is no room for another."""
    if guess >= LABELS and _same(page, start, end, keys[guess - LABELS]):
        return guess
    count = state[_KNOWN]
    for n in range(count):
        if _same(page, start, end, keys[n]):
            return LABELS + n
    if count == len(keys):
        state[_MORE] = 1
        return -1
    keys[count] = start, end
    state[_KNOWN] += 1
    return LABELS + count


@compiled
def _same(page, start, end, other):  # noqa: ANN001, ANN202
    if end - start != other[1] - other[0]:
        return False
    for n in range(end - start):  # noqa: SIM110 - compiled as it is
        if page[start + n] != page[other[0] + n]:
            return False
    return True


@compiled
def _view(words, start, end, buffer):  # noqa: ANN001, ANN202
    """Return the two words of a span's string view."""
    length = end - start
    half = np.uint64(32)
    first = np.uint64(length) | ((words[start] & _MASKS[min(length, 4)]) << half)
    if length > _INLINE:
        return first, np.uint64(buffer) | (np.uint64(start) << half)
    return first, words[start + 4] & _MASKS[max(length - 4, 0)]

"""Read JSON of unknown origin: bounded in size and depth, because its values take many times its bytes in memory."""

import json
import re
from typing import Any

from kafka_analysis.model.errors import SourceError, TooLargeError
from kafka_analysis.model.page_limits import PageLimits

_SHARE = 4  # of the bytes a page may have: text in memory takes up to four bytes a character
_VALUES_PER_LINE = 2
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = json.JSONDecoder(parse_int=float)


def check_size(data: bytes, limits: PageLimits) -> None:
    """Refuse JSON that would take hundreds of megabytes in memory.

    Raises
    ------
    TooLargeError
        It has more than a quarter of the bytes a page may have, or more than two values for each line.

    Examples
    --------
    >>> check_size(b"[[], [], []]", PageLimits(most_lines=2))
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.TooLargeError: JSON of more than 4 values
    """
    if len(data) > limits.most_bytes // _SHARE:
        raise TooLargeError(f"JSON of more than {limits.most_bytes // _SHARE} bytes")
    if sum(data.count(mark) for mark in b",:[{") > limits.most_lines * _VALUES_PER_LINE:
        raise TooLargeError(f"JSON of more than {limits.most_lines * _VALUES_PER_LINE} values")


def first_document(text: str, position: int = 0) -> tuple[Any, int]:
    """Return the JSON document at a position, and where it ends; whole numbers are floats.

    Raises
    ------
    SourceError
        There is none, or it is nested too deeply.

    Examples
    --------
    >>> first_document('{"a": 1} {}')
    ({'a': 1.0}, 8)
    """
    try:
        return _DECODER.raw_decode(text, position)
    except ValueError:
        raise SourceError("not JSON, or cut off") from None
    except RecursionError:
        raise SourceError("JSON nested too deeply") from None


def shown(text: object, limit: int) -> str:
    r"""Return a text on one line, bounded, with what is no Unicode character written as its number.

    Examples
    --------
    >>> shown("a \ud800\n b", 500)
    'a \\ud800 b'
    """
    line = " ".join(str(text)[: 2 * limit].split())
    return line.encode("utf-8", errors="backslashreplace").decode()[:limit]


def is_unicode(text: str) -> bool:
    r"""Tell whether a text holds no half of a surrogate pair, which JSON can spell and nothing can store.

    Examples
    --------
    >>> is_unicode("a"), is_unicode("\ud800")
    (True, False)
    """
    return _SURROGATE.search(text) is None

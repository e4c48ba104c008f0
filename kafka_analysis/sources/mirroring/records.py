"""Records of an internal topic: what is read of them, and how those that cannot be read are counted."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

MOST_KEY_BYTES = 65_536
MOST_VALUE_BYTES = 2**20
LARGEST_INT32 = 2**31 - 1
LARGEST_INT64 = 2**63 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")
_LAST_MS = 4_102_444_800_000  # the year 2100
Row = dict[str, Any]


class Record(NamedTuple):
    """Key, value and timestamp (milliseconds since the epoch) of a record; None where it has none."""

    key: bytes | None
    value: bytes | None
    timestamp_ms: int | None = None

    @property
    def at(self) -> datetime | None:
        """Return the time of the record; None where it has none or one that cannot be.

        Examples
        --------
        >>> str(Record(b"", b"", 1_767_225_600_000).at), Record(b"", b"", -1).at
        ('2026-01-01 00:00:00+00:00', None)
        """
        ms = self.timestamp_ms
        return datetime.fromtimestamp(ms / 1000, UTC) if ms is not None and 0 < ms < _LAST_MS else None


@dataclass(frozen=True)
class Read:
    """Rows of a table, and the number of records that could not be read."""

    rows: tuple[Row, ...] = ()
    unreadable: int = 0


def read_each(records: Iterable[Record], rows_of: Callable[[Record], list[Row]]) -> Read:
    """Read records one by one; one that is too large or raises ``ValueError`` is counted, and costs no other.

    Parameters
    ----------
    rows_of
        Returns the rows of a record; none where the record holds something else, or was deleted.

    Examples
    --------
    >>> read_each([Record(b"1", b""), Record(b"x", b"")], lambda record: [{"n": int(record.key)}])
    Read(rows=({'n': 1},), unreadable=1)
    """
    rows: list[Row] = []
    unreadable = 0
    for record in records:
        try:
            _check_size(record)
            rows += rows_of(record)
        except ValueError:
            unreadable += 1
    return Read(tuple(rows), unreadable)


def _check_size(record: Record) -> None:
    if len(record.key or b"") > MOST_KEY_BYTES or len(record.value or b"") > MOST_VALUE_BYTES:
        raise ValueError("larger than any record of Kafka Connect")


def json_of(data: bytes | None) -> Any:
    """Return the JSON document in some bytes.

    Raises
    ------
    ValueError
        There is none, or it is nested too deeply.

    Examples
    --------
    >>> json_of(b'{"offset": 5}')
    {'offset': 5}
    """
    try:
        return json.loads((data or b"").decode())
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None


def text_of(value: object) -> str:
    r"""Return a value that must be a text that can be stored: no half of a surrogate pair, which JSON can spell.

    Raises
    ------
    ValueError
        It is not.

    Examples
    --------
    >>> text_of("orders")
    'orders'
    >>> text_of("\ud800")
    Traceback (most recent call last):
    ...
    ValueError: not a text
    """
    if not isinstance(value, str) or _SURROGATE.search(value):
        raise ValueError("not a text")
    return value


def whole_number(value: object, *, most: int, least: int = 0) -> int:
    """Return a value that must be a whole number within bounds.

    Raises
    ------
    ValueError
        It is not.

    Examples
    --------
    >>> whole_number(5, most=LARGEST_INT32)
    5
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError("not a whole number of the size expected")
    return value

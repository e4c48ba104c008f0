"""How large a page of metrics may be."""

from pydantic import BaseModel, PositiveInt

MOST_BYTES = 128_000_000
MOST_LINES = 2_000_000


class PageLimits(BaseModel, frozen=True):
    """The most bytes and lines a page may have once it is unpacked; both hold while it comes, not afterwards.

    With the defaults, reading a page takes less than 500 MB of memory.
    """

    most_bytes: PositiveInt = MOST_BYTES
    most_lines: PositiveInt = MOST_LINES


DEFAULT_LIMITS = PageLimits()

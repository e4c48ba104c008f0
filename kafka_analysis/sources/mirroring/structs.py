"""Read the binary fields in which MirrorMaker 2 writes checkpoints and offset syncs: Kafka's own protocol types."""

import struct
from dataclasses import dataclass


@dataclass
class Fields:
    r"""Bytes that are read field by field, from the first to the last.

    Examples
    --------
    >>> fields = Fields(b"\x00\x01t\x00\x00\x00\x07")
    >>> fields.text(), fields.number("i"), fields.end()
    ('t', 7, None)
    """

    data: bytes
    position: int = 0

    def number(self, kind: str) -> int:
        r"""Return the next big-endian number: ``h``, ``i`` or ``q`` for 16, 32 or 64 bits.

        Raises
        ------
        ValueError
            There are not enough bytes.

        Examples
        --------
        >>> Fields(b"\xff\xff").number("h")
        -1
        """
        form = f">{kind}"
        try:
            (value,) = struct.unpack_from(form, self.data, self.position)
        except struct.error:
            raise ValueError("the record is cut off") from None
        self.position += struct.calcsize(form)
        return value

    def text(self) -> str:
        r"""Return the next text: its length in 16 bits, and UTF-8.

        Raises
        ------
        ValueError
            There are not enough bytes, or they are no text.

        Examples
        --------
        >>> Fields(b"\x00\x02ab").text()
        'ab'
        """
        length = self.number("h")
        end = self.position + length
        if length < 0 or end > len(self.data):
            raise ValueError("the record is cut off")
        text = self.data[self.position : end].decode()
        self.position = end
        return text

    def end(self) -> None:
        """Do nothing when everything was read.

        Raises
        ------
        ValueError
            More follows: the record is of another kind.

        Examples
        --------
        >>> Fields(b"x").end()
        Traceback (most recent call last):
        ...
        ValueError: the record has extra bytes at its end
        """
        if self.position != len(self.data):
            raise ValueError("the record has extra bytes at its end")


def at_least(least: int, *numbers: int) -> tuple[int, ...]:
    """Return numbers that must not be less than one.

    Raises
    ------
    ValueError
        One is.

    Examples
    --------
    >>> at_least(0, 1, 2)
    (1, 2)
    """
    if min(numbers) < least:
        raise ValueError("an impossible number")
    return numbers

"""Unpack what is compressed piece by piece, and never more than is wanted: what unpacks to gigabytes is never held."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import pyarrow as pa

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.page_limits import PageLimits

FILE_LIMITS = PageLimits(most_bytes=256 * 1024 * 1024, most_lines=5_000_000)
LARGEST = FILE_LIMITS.most_bytes
ENCODINGS = ("gzip", "deflate", "zstd")
_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    **{b"BZh%d1AY&SY" % level: "bzip2" for level in range(1, 10)},
}
_MOST_OF_XZ = 256 * 1024 * 1024  # memory that a file may ask for
_STEP, _FED = 1024 * 1024, 64 * 1024
_GZIP, _ZLIB, _BARE = 31, 15, -15  # what zlib calls its windows


class TooMuchError(InputError):
    """More came out than is wanted."""


def plain(data: bytes, *, largest: int = LARGEST, most_lines: int = FILE_LIMITS.most_lines) -> bytes:
    """Return the bytes, unpacked when they are gzip, zstd, xz or bzip2.

    Parameters
    ----------
    data
        Whatever was read.
    largest, most_lines
        Most bytes and lines that may come out.

    Raises
    ------
    InputError
        It is damaged, packed more than once, or more came out.

    Examples
    --------
    >>> import gzip
    >>> plain(gzip.compress(b"up 1")), plain(b"up 1")
    (b'up 1', b'up 1')
    >>> plain(gzip.compress(bytes(1000)), largest=100)
    Traceback (most recent call last):
    ...
    kafka_analysis.sources.http.decompress.TooMuchError: unpacks to more than 100 bytes; give a smaller page
    """
    if packing_of(data) is None:
        return data
    limits = PageLimits(most_bytes=largest, most_lines=most_lines)
    try:
        page = b"".join(limited(opened([data]), limits))
    except TooMuchError as error:
        raise TooMuchError(f"unpacks to {error}; give a smaller page") from None
    return once_packed(page)


def packing_of(head: bytes) -> str | None:
    """Tell gzip, zstd, xz and bzip2 by the first bytes.

    Examples
    --------
    >>> import gzip
    >>> packing_of(gzip.compress(b"")), packing_of(b"up 1")
    ('gzip', None)
    """
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def once_packed(page: bytes) -> bytes:
    """Return what was unpacked; it must not be packed again.

    Raises
    ------
    InputError
        It is.

    Examples
    --------
    >>> import gzip
    >>> once_packed(gzip.compress(b""))
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: packed more than once, gzip inside; unpack it first
    """
    again = packing_of(page)
    if again is not None:
        raise InputError(f"packed more than once, {again} inside; unpack it first")
    return page


def opened(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what comes in pieces, unpacked when its first bytes say that it is packed.

    Empty pieces may be among those that come and go: so a reader looks at the clock also while nothing comes out.

    Raises
    ------
    InputError
        It is damaged.

    Examples
    --------
    >>> import gzip
    >>> b"".join(opened([gzip.compress(b"up 1")[:3], gzip.compress(b"up 1")[3:]]))
    b'up 1'
    """
    rest, head = iter(pieces), b""
    for piece in rest:
        head += piece
        if len(head) >= max(map(len, _MAGIC)):
            break
        yield b""
    packing = packing_of(head)
    whole = chain([head], rest)
    yield from whole if packing is None else unpacked(whole, packing)


def unpacked(pieces: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """Yield what pieces unpack to, a megabyte or less at a time.

    Parameters
    ----------
    packing
        One of ``ENCODINGS``, ``xz`` or ``bzip2``.

    Raises
    ------
    InputError
        It is damaged or cut off.

    Examples
    --------
    >>> b"".join(unpacked([zlib.compress(b"up 1")], "deflate"))
    b'up 1'
    """
    kinds = {"gzip": _ungzipped, "deflate": _undeflated, "zstd": _unzstd, "xz": _unxz, "bzip2": _unbzip2}
    try:
        yield from kinds[packing](pieces)
    except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise InputError(f"damaged {packing}: {error}; give the whole file") from None


def limited(pieces: Iterable[bytes], limits: PageLimits) -> Iterator[bytes]:
    """Yield pieces until they come to more bytes or lines than is wanted.

    Raises
    ------
    TooMuchError
        They do.

    Examples
    --------
    >>> list(limited([b"up 1", b"up 2"], PageLimits(most_bytes=5)))
    Traceback (most recent call last):
    ...
    kafka_analysis.sources.http.decompress.TooMuchError: more than 5 bytes
    """
    octets = lines = 0
    for piece in pieces:
        octets += len(piece)
        lines += piece.count(b"\n")
        if octets > limits.most_bytes:
            raise TooMuchError(f"more than {limits.most_bytes} bytes")
        if lines > limits.most_lines:
            raise TooMuchError(f"more than {limits.most_lines} lines")
        yield piece


def _ungzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip members, one after the other; zeros may follow them."""
    inflate, began = zlib.decompressobj(_GZIP), False
    for data in _fed(pieces):
        left = data
        while left:
            if inflate.eof:
                inflate, began, left = zlib.decompressobj(_GZIP), False, left.lstrip(b"\0")
                if not left:
                    break
            began = True
            yield inflate.decompress(left, _STEP)
            left = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    yield from _end(inflate, began=began)


def _undeflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack one stream of deflate, with zlib's frame as the standard says, or bare as some servers send it."""
    inflate, head = None, b""
    for data in _fed(pieces):
        left = head + data
        if inflate is None and len(left) < 2:
            head = left
            continue
        if inflate is None:
            framed = left[0] & 15 == 8 and int.from_bytes(left[:2]) % 31 == 0  # RFC 1950, 2.2
            inflate, head = zlib.decompressobj(_ZLIB if framed else _BARE), b""
        while left and not inflate.eof:
            yield inflate.decompress(left, _STEP)
            left = inflate.unconsumed_tail
    if inflate is not None:
        yield from _end(inflate, began=True)


def _end(inflate: "zlib._Decompress", *, began: bool) -> Iterator[bytes]:
    yield inflate.decompress(inflate.unconsumed_tail, _STEP)  # what the last step had no room for
    if began and not inflate.eof:
        raise EOFError("cut off")


def _fed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield small pieces: zlib copies what it has not yet unpacked at every step."""
    for piece in pieces:
        yield from (piece[at : at + _FED] for at in range(0, len(piece), _FED))


def _unxz(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return _streams(pieces, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_OF_XZ))


def _unbzip2(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return _streams(pieces, bz2.BZ2Decompressor)


def _streams(
    pieces: Iterable[bytes], new: Callable[[], "lzma.LZMADecompressor | bz2.BZ2Decompressor"]
) -> Iterator[bytes]:
    """Unpack streams, one after the other; zeros may follow them."""
    stream = new()
    for data in _fed(pieces):
        left = data
        while left or not (stream.eof or stream.needs_input):
            if stream.eof:
                left = left.lstrip(b"\0")
                if not left:
                    break
                stream = new()
            yield stream.decompress(left, _STEP)
            left = stream.unused_data if stream.eof else b""
    if not stream.eof:
        raise EOFError("cut off")


def _unzstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    stream = pa.CompressedInputStream(pa.PythonFile(_Pieces(pieces), mode="r"), "zstd")
    while step := stream.read(_STEP):
        yield step


class _Pieces(io.RawIOBase):
    """Pieces as a file that is read from its start to its end."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = _fed(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
        size = len(self._left) if size < 0 else size
        part, self._left = self._left[:size], self._left[size:]
        return part

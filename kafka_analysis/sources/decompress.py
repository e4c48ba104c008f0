"""Unpack what is compressed, but never more than fits."""

from __future__ import annotations

import gzip
import io
import zlib

import pyarrow as pa

from kafka_analysis.model.errors import InputError

LARGEST = 1024 * 1024 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_STEP = 1024 * 1024


def plain(data: bytes, *, largest: int = LARGEST) -> bytes:
    """Return the bytes, unpacked when they are gzip or zstd.

    Parameters
    ----------
    data
        Whatever was read.
    largest
        Most bytes that may come out.

    Raises
    ------
    InputError
        It is damaged, or more than ``largest`` bytes came out.

    Examples
    --------
    >>> plain(gzip.compress(b"up 1")), plain(b"up 1")
    (b'up 1', b'up 1')
    >>> plain(gzip.compress(bytes(1000)), largest=100)
    Traceback (most recent call last):
    ...
    kafka_analysis.model.errors.InputError: unpacks to more than 100 bytes; give a smaller page
    """
    if data.startswith(_GZIP):
        kind, stream = "gzip", gzip.GzipFile(fileobj=io.BytesIO(data))
    elif data.startswith(_ZSTD):
        kind, stream = "zstd", pa.CompressedInputStream(pa.BufferReader(data), "zstd")
    else:
        return data
    unpacked = bytearray()
    try:
        while step := stream.read(_STEP):
            unpacked += step
            if len(unpacked) > largest:
                message = f"unpacks to more than {largest} bytes; give a smaller page"
                raise InputError(message)
    except (OSError, EOFError, zlib.error) as error:
        message = f"damaged {kind}: {error}; give the whole file"
        raise InputError(message) from None
    return bytes(unpacked)

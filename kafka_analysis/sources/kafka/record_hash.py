"""Hash records so that both ends of a replication can be compared without keeping what the records hold."""

import hashlib
import struct
from collections.abc import Iterable
from contextlib import suppress

from confluent_kafka import Message

_BYTES = 16
_LENGTH = struct.Struct(">q")  # as Kafka writes a nullable text: −1 is null
_UNREADABLE = b"\xff"  # no header's length begins so
Headers = Iterable[tuple[str, bytes | str | None]]


def key_hash(key: bytes | None) -> str | None:
    """Return the hash of a key: the first 16 bytes of its SHA-256 in hexadecimal; None where there is no key.

    Examples
    --------
    >>> key_hash(None), key_hash(b"")
    (None, 'e3b0c44298fc1c149afbf4c8996fb924')
    """
    return None if key is None else hashlib.sha256(key).hexdigest()[: 2 * _BYTES]


def record_hash(key: bytes | None, value: bytes | None, headers: Headers | None) -> str:
    """Return the hash of a key, a value and headers in their order, each after its length.

    Null is not empty, and no two different records are hashed over the same bytes. A record's time and offset are
    not part of it.

    Examples
    --------
    >>> record_hash(None, b"ab", None) == record_hash(b"", b"ab", None)
    False
    >>> record_hash(b"a", b"b", None) == record_hash(b"a", b"b", [])
    True
    """
    pairs = list(headers or ())
    parts = [_field(key), _field(value), _LENGTH.pack(len(pairs))]
    parts += [_field(text) for pair in pairs for text in pair]
    return _first(b"".join(parts))


def hashes_of(message: Message) -> tuple[str | None, str]:
    """Return the hashes of a message's key, and of key, value and headers together.

    A header whose name is not UTF-8 cannot be read by the client: such headers are left out of the hash of the
    record, which then equals no hash of a record with readable headers.
    """
    key, value = _bytes(message.key()), _bytes(message.value())
    try:
        return key_hash(key), record_hash(key, value, message.headers())
    except UnicodeDecodeError:
        return key_hash(key), _first(_field(key) + _field(value) + _UNREADABLE)


def size_of(message: Message) -> int:
    """Return how many bytes key, value and headers of a message have."""
    sizes = [len(message.key() or b""), len(message.value() or b"")]
    with suppress(UnicodeDecodeError):
        sizes += [len(_bytes(text) or b"") for pair in message.headers() or () for text in pair]
    return sum(sizes)


def _field(text: bytes | str | None) -> bytes:
    data = _bytes(text)
    return _LENGTH.pack(-1) if data is None else _LENGTH.pack(len(data)) + data


def _first(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[: 2 * _BYTES]


def _bytes(text: bytes | str | None) -> bytes | None:
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text

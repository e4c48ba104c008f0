"""A server on the loopback whose pages misbehave, a path each: what no exporter should do, and every network does."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import pyarrow as pa

_value = count(1000, 1000)
MB = 1_000_000
BYTES_IN = b"kafka_server_BrokerTopicMetrics_Count"


def good() -> bytes:
    return (
        b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5\n'
        b'%s{name="BytesInPerSec",topic="t",} %d\n' % (BYTES_IN, next(_value))
    )


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    told = [b"Content-Length: %d" % (len(body) if length is None else length), b"Connection: close", *headers]
    return b"HTTP/1.1 %s\r\n%s\r\n\r\n%s" % (status, b"\r\n".join(told), body)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@cache
def bomb(kind: str, text: bytes = b"a 1\n", megabytes: int = 300) -> bytes:
    block = text * (MB // len(text))
    if kind == "zstd":
        return pa.compress(block * megabytes, codec="zstd", asbytes=True)
    pack = zlib.compressobj(6, zlib.DEFLATED, 31 if kind == "gzip" else 15)
    return b"".join(pack.compress(block) for _ in range(megabytes)) + pack.flush()


ENCODED = b"Content-Encoding: %s"
TARGET = (
    b'"request":{"type":"read","mbean":"kafka.server:name=BytesInPerSec,topic=%s,type=BrokerTopicMetrics"}'
)


def jolokia(topic: bytes, value: bytes = b'{"Count":5}') -> bytes:
    return answer(b'[{"status":200,"value":%s,%s}]' % (value, TARGET % topic))


def whole() -> dict[str, Callable[[], bytes]]:
    """Return the answers that come at once, by path."""
    odd = b"%s{%%s} 1\n" % BYTES_IN
    return {
        "good": lambda: answer(good()),
        "gzip_bomb": lambda: answer(bomb("gzip"), ENCODED % b"gzip"),
        "deflate_bomb": lambda: answer(bomb("deflate"), ENCODED % b"deflate"),
        "zstd_bomb": lambda: answer(bomb("zstd"), ENCODED % b"zstd"),
        "packed_bomb": lambda: answer(bomb("gzip", b"a" * MB)),
        "twice_packed": lambda: answer(gzip.compress(gzip.compress(bomb("gzip")))),
        "stacked": lambda: answer(gzip.compress(bomb("gzip")), ENCODED % b"gzip, gzip"),
        "brotli": lambda: answer(good(), ENCODED % b"br"),
        "not_gzip": lambda: answer(good(), ENCODED % b"gzip"),
        "cut_gzip": lambda: answer(gzip.compress(good())[:-9], ENCODED % b"gzip"),
        "gzip": lambda: answer(gzip.compress(good()), ENCODED % b"gzip"),
        "redirect": lambda: answer(b"", b"Location: http://u:hush@h/x?k=hush", status=b"302 Found"),
        "loop": lambda: answer(b"", b"Location: /loop", status=b"307 Temporary Redirect"),
        "no_address": lambda: answer(b"", b"Location: http://[::1", status=b"301 Moved"),
        "html": lambda: answer(b"<!DOCTYPE html>\n<body>log in 1\n"),
        "binary": lambda: answer(bytes(range(256)) * 40),
        "empty": lambda: answer(b""),
        "bare": lambda: good(),
        "garbage": lambda: bytes(range(256)) * 40,
        "too_long": lambda: answer(good(), length=9999),
        "cut_line": lambda: answer(good(), length=len(good()) - 3),
        "below_zero": lambda: answer(good(), length=-5),
        "odd_header": lambda: answer(good(), b"X: \xff\x00"),
        "cookies": lambda: answer(good(), *(b"Set-Cookie: a%d=b" % n for n in range(50))),
        "nul": lambda: answer(b'm{a="x\x00"} 1\n\x00\n' + good()),
        "many_labels": lambda: answer(
            odd % b",".join(b'k%d="v"' % n for n in range(100_000)) + good(),
        ),
        "many_keys": lambda: answer(b"".join(odd % (b'k%d="v"' % n) for n in range(5000)) + good()),
        "late": lambda: answer(b"%s 1 999999999999999999\n" % BYTES_IN + good()),
        "names": lambda: answer(odd % 'name="BytesInPerSec",topic="\u202e\x1b[31m../=cmd"'.encode() + good()),
        "j_good": lambda: jolokia(b"t"),
        "j_deep": lambda: answer(b"[" * 100_000),
        "j_nested": lambda: jolokia(b"t", b'{"a":' * 900 + b"1" + b"}" * 900),
        "j_surrogate": lambda: answer(
            b"[%s,%s]"
            % tuple(jolokia(topic).partition(b"\r\n\r\n[")[2][:-1] for topic in (b"\\ud800", b"good"))
        ),
        "j_huge": lambda: jolokia(b"t", b'{"Count":%s}' % (b"9" * 5000)),
        "j_types": lambda: answer(
            json.dumps(
                [{"status": 200, "value": [1], "request": {"mbean": 5, "path": [1], "attribute": {}}}]
            ).encode()
        ),
        "j_wide": lambda: answer(b"[" + b"{}," * 9 * MB + b"{}]"),
    }


def endless() -> dict[str, tuple[bytes, bytes, float]]:
    """Return the answers that never end, by path: how they begin, what comes again and again, seconds between."""
    dripping = b"HTTP/1.1 200 OK\r\n"
    gzip_head = b"\x1f\x8b\x08%s\0\0\0\0\0\x03"
    return {
        "slow_body": (dripping + b"Content-Length: 100000\r\n\r\n", b"a", 0.1),
        "slow_header": (dripping + b"X: ", b"a", 0.1),
        "header_flood": (dripping, b"X: a\r\n", 0.0),
        "endless_100": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
        "flood_of_103": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n", 0.0),
        "chunk_extension": (CHUNKED + b"\r\n5;x=", b"a", 0.1),
        "trailers": (CHUNKED + b"\r\n" + chunk(good()) + b"0\r\n", b"X: a\r\n", 0.05),
        "gzip_name": (
            CHUNKED + ENCODED % b"gzip" + b"\r\n\r\n" + chunk(gzip_head % b"\x08"),
            chunk(b"a"),
            0.05,
        ),
        "gzip_empty": (
            CHUNKED + ENCODED % b"gzip" + b"\r\n\r\n" + chunk(gzip_head % b"\0"),
            chunk(b"\0\0\0\xff\xff"),
            0.05,
        ),
        "gzip_members": (
            CHUNKED + ENCODED % b"gzip" + b"\r\n\r\n",
            chunk(gzip.compress(b"") * 500),
            0.0,
        ),
        "zstd_empty": (
            CHUNKED + ENCODED % b"zstd" + b"\r\n\r\n",
            chunk(b"\x50\x2a\x4d\x18\x01\0\0\0x" * 50),  # frames to be skipped
            0.01,
        ),
        "endless_lines": (CHUNKED + b"\r\n", chunk(b"kafka_x 1\n" * 10_000), 0.0),
        "one_line": (dripping + b"Content-Length: 1000000000\r\n\r\n", b"a" * MB, 0.0),
    }


def _serve(connection: socket.socket, over: threading.Event) -> None:
    with connection:
        connection.settimeout(20)
        try:
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += connection.recv(65536) or b"\r\n\r\n"
            length = re.search(rb"(?i)content-length: (\d+)", asked)
            left = int(length[1]) - len(asked.partition(b"\r\n\r\n")[2]) if length else 0
            while left > 0:  # what is left unread would reset the connection when it is closed
                left -= len(connection.recv(65536)) or left
            _behave(connection, asked.split()[1].decode().strip("/"), over)
        except (OSError, IndexError):
            return


def _behave(connection: socket.socket, path: str, over: threading.Event) -> None:
    if path == "reset":
        connection.sendall(answer(good(), length=9999))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif path == "silent":
        over.wait(20)
    elif path in endless():
        begin, again, pause_s = endless()[path]
        connection.sendall(begin)
        while not over.wait(pause_s) if pause_s else not over.is_set():
            connection.sendall(again)
    else:
        connection.sendall(whole().get(path, lambda: answer(b"", status=b"404 Not Found"))())


@contextmanager
def serving() -> Iterator[str]:
    """Serve until left; yield the address."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(connection, over), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    for kind in ("gzip", "deflate", "zstd"):
        bomb(kind)
    bomb("gzip", b"a" * MB)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.close()


if __name__ == "__main__":
    with serving() as address:
        print(address, flush=True)  # noqa: T201
        threading.Event().wait()

"""A small server of metrics pages on the loopback, each path behaving in its own way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BROKER = """\
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} 300.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="orders",} 300.0
kafka_server_ReplicaManager_Value{name="LeaderCount",} 5
not a line
"""


class _Handler(BaseHTTPRequestHandler):
    released: threading.Event

    def do_GET(self) -> None:
        behave = {
            "/broken": self._broken,
            "/own-error": self._own_error,
            "/json-error": self._json_error,
            "/tar": self._tar,
            "/utf-16": self._utf16,
            "/hang": self._hang,
            "/trickle": self._trickle,
            "/page": self._page,
        }
        behave.get(self.path.split("?")[0], self._metrics)()

    def _metrics(self) -> None:
        self._answer(200, BROKER.encode())

    def _page(self) -> None:
        self._answer(200, b"<html><body>hello</body></html>")

    def _broken(self) -> None:
        self._answer(500, b"oops")

    def _own_error(self) -> None:
        self._answer(500, b"An error has occurred while serving metrics:\n\ncollected twice\n")

    def _json_error(self) -> None:
        self._answer(503, b'{"error": "no lease for ' + self.path.encode() + b'"}')

    def _tar(self) -> None:
        self._answer(200, b"PK\x03\x04" + BROKER.encode())

    def _utf16(self) -> None:
        self._answer(200, BROKER.encode("utf-16"))

    def _hang(self) -> None:
        self.released.wait(30)

    def _trickle(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.released.wait(0.02):
            try:
                self.wfile.write(b"m 1\n")
                self.wfile.flush()
            except OSError:
                return

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port of the loopback and yield the address."""
    released = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"released": released}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join()

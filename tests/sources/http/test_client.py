"""Deadlines of the network: whatever small successes there are, an exchange ends in time."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from kafka_analysis.model.errors import NoAnswerError
from kafka_analysis.sources.http import client as module
from kafka_analysis.sources.http.client import held_to, http_client
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.exchange import exchange


@pytest.fixture
def says():
    """Return a function that starts a server saying something again and again, and returns its port."""
    over = threading.Event()

    def start(what: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            with listener, listener.accept()[0] as connection:
                while not over.wait(0.02):
                    try:
                        connection.sendall(what)
                    except OSError:
                        return

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield start
    over.set()


@pytest.mark.parametrize(
    ("scheme", "what"),
    [
        ("http", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("http", b""),
        ("https", b""),  # a handshake that never ends
        ("https", b"\x16\x03\x03\x40\x00"),
    ],
)
def test_an_exchange_ends_at_its_deadline(says, scheme, what):
    address = f"{scheme}://127.0.0.1:{says(what)}/"
    began = time.monotonic()
    asking = exchange(client := http_client(), "GET", address, deadline=Deadline.after(0.5))
    with client, pytest.raises(NoAnswerError), asking:
        pass
    assert time.monotonic() - began < 5


def test_a_name_that_is_looked_up_for_ever_is_given_up(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(module.socket, "getaddrinfo", lambda *_, **__: over.wait(60))
    asking = exchange(client := http_client(), "GET", "http://h/", deadline=Deadline.after(0.2))
    with client, pytest.raises(NoAnswerError, match=r"no full answer within 0\.2 s"), asking:
        pass
    over.set()


def test_every_address_of_a_name_is_tried(monkeypatch, pages):
    port = int(pages.rpartition(":")[2])
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port)) for host in ("127.9.9.9", "127.0.0.1")]
    monkeypatch.setattr(module.socket, "getaddrinfo", lambda *_, **__: found)
    with http_client() as client, held_to(Deadline.after(10)):
        assert client.get(f"http://h:{port}/metrics").status_code == httpx.codes.OK


def test_connections_are_kept_and_cookies_are_not():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append((self.client_address, self.headers.get("Cookie")))
            self.send_response(200)
            self.send_header("Set-Cookie", "a=b")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        with http_client() as client:
            for _ in range(2):
                with held_to(Deadline.after(10)):
                    client.get(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
    assert len({address for address, _ in asked}) == 1
    assert [cookie for _, cookie in asked] == [None, None]


def test_a_question_without_a_deadline_is_an_error(pages):
    with http_client() as client, pytest.raises(RuntimeError, match="held_to"):
        client.get(f"{pages}/metrics", timeout=None)

"""Servers of our own on the loopback: one that takes posts, one that takes mail; both can misbehave."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kafka_analysis.report.history import SCHEMA
from kafka_analysis.report.notify.digest import Digest, digest_of


@pytest.fixture
def digest(made) -> Digest:
    """Return what is told of a run of one notebook, with names that are markup to others."""
    hostile = made.answer("<!channel> & co\nnext", "red", findings=("<b>x</b>",))
    return digest_of(made.run("r1", 0), {"nb": made.summary(hostile)}, SCHEMA.to_frame())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """Return a file with a certificate for 127.0.0.1 that nobody trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class _Taker(BaseHTTPRequestHandler):
    """Answer as the path says, and note what came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), json.loads(body)))
        way = self.path.split("/")[1]
        if way == "hang":
            self.server.over.wait(30)
            return
        if way == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not self.server.over.wait(0.05):
                self.wfile.write(b"a")
        status = {"error": 500, "redirect": 302, "missing": 404}.get(way, 200)
        self.send_response(status)
        if way == "redirect":
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/ok/elsewhere")
        self.send_header("Content-Length", str(10**12 if way == "huge" else 2))
        self.end_headers()
        try:
            self.wfile.write(b"ok")
            while way == "huge":
                self.wfile.write(b"a" * 1_000_000)
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing where a client went away."""


@pytest.fixture
def webhook(certificate) -> Iterator[Callable[..., SimpleNamespace]]:
    """Return a function that starts a server of posts: ``url``, and ``taken`` (path, headers, document) so far."""
    servers = []

    def start(*, tls: bool = False) -> SimpleNamespace:
        server = _Server(("127.0.0.1", 0), _Taker)
        server.taken, server.over = [], threading.Event()
        if tls:
            server.socket = _context(certificate).wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        scheme = "https" if tls else "http"
        return SimpleNamespace(url=f"{scheme}://127.0.0.1:{server.server_port}", taken=server.taken)

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


class _Postman(threading.Thread):
    """A mail server for one client at a time, as much of it as a client needs."""

    def __init__(self, way: str, context: ssl.SSLContext) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.way, self.context, self.over = way, context, threading.Event()
        self.taken: list[str] = []
        self.words: list[str] = []

    def run(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
                self.serve(connection)
            except (OSError, ValueError):
                continue

    def serve(self, connection: socket.socket) -> None:
        if self.way == "tls":
            connection = self.context.wrap_socket(connection, server_side=True)
        with connection:
            if self.way == "silent":
                self.over.wait(30)
                return
            if self.way == "drip":
                while not self.over.wait(0.02):
                    connection.sendall(b"220-welcome\r\n")
                return
            self.talk(connection)

    def talk(self, connection: socket.socket) -> None:
        plain, lines = connection, connection.makefile("rb")
        connection.sendall(b"554 go away hush\r\n" if self.way == "refuses" else b"220 hello\r\n")
        while line := lines.readline().decode().strip():
            self.words.append(line)
            word = line.split()[0].upper()
            if word == "QUIT" and self.way == "lingers":
                self.over.wait(30)
            connection.sendall(f"{self.reply(word, line)}\r\n".encode())
            if word == "STARTTLS":
                connection = self.context.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb")
            elif word == "DATA":
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += lines.readline()
                self.taken.append(text.decode("ascii"))
                connection.sendall(b"250 taken\r\n")
        if connection is not plain:
            connection.close()

    def reply(self, word: str, line: str) -> str:
        refused = self.way == "nobody" or (self.way == "some" and "second" in line)
        return {
            "EHLO": "250 hello" if self.way == "bare" else "250-hello\r\n250-AUTH PLAIN\r\n250 STARTTLS",
            "STARTTLS": "220 go on",
            "AUTH": f"535 no: {line}" if self.way == "no login" else "235 ok",
            "RCPT": f"550 no such {line}" if refused else "250 ok",
            "DATA": "354 go on",
        }.get(word, "250 ok")


@pytest.fixture
def postman(certificate) -> Iterator[Callable[..., _Postman]]:
    """Return a function that starts a mail server: ``port``, ``taken`` messages, ``words`` of the client."""
    servers = []

    def start(way: str = "") -> _Postman:
        server = _Postman(way, _context(certificate))
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.over.set()
        server.listener.close()

"""Listeners on the loopback address, each in threads of its own: silent, plain, with TLS, with an answer of Kafka's."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from testbed.certificates import authority, issue, write_pem

HOST = "127.0.0.1"


def handshake_answer(code: int, *mechanisms: str):
    """Return what answers a SaslHandshake as a broker does: its correlation id, a code, the mechanisms it offers.

    It hangs up on anything else, as a broker does on TLS; librdkafka would end the process over a wrong answer.
    """
    names = b"".join(struct.pack(">h", len(name)) + name.encode() for name in mechanisms)

    def answer(request: bytes) -> bytes:
        if request[4:6] != b"\x00\x11":
            raise ConnectionResetError
        body = request[8:12] + struct.pack(">hi", code, len(mechanisms)) + names
        return struct.pack(">i", len(body)) + body

    return answer


class Listener:
    """Accept connections; shake hands where there is a context, read a request, and answer it.

    ``answer``: a function of the request, bytes, or None: nothing is said, and the connection stays open.
    """

    def __init__(self, answer=None, context: ssl.SSLContext | None = None) -> None:
        self.listening = socket.create_server((HOST, 0))
        self.port = self.listening.getsockname()[1]
        self.address = f"{HOST}:{self.port}"
        self.answer, self.context, self.requests = answer, context, []
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, self._shaken(connection) as spoken:
            if self.answer is None and self.context is None:
                self.ended.wait()
                return
            request = spoken.recv(65_536)
            self.requests.append(request)
            spoken.sendall(self.answer(request) if callable(self.answer) else self.answer or b"")
            spoken.recv(1)

    def _shaken(self, connection: socket.socket) -> socket.socket:
        return self.context.wrap_socket(connection, server_side=True) if self.context else connection

    def close(self) -> None:
        self.ended.set()
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)  # whoever waits for a connection waits no longer
        self.listening.close()


@pytest.fixture
def listen(tmp_path: Path):
    """Return a function that starts a listener; ``identity`` is its certificate, ``trusts`` whom it demands one of."""
    with ExitStack() as opened:

        def start(answer=None, *, identity=None, trusts=None, tls_1_2: bool = False) -> Listener:
            context = None
            if identity is not None:
                pem = write_pem(identity, trusts or identity, tmp_path / str(time.monotonic_ns()), "server")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(pem.certificate, pem.key)
                if tls_1_2:
                    context.maximum_version = ssl.TLSVersion.TLSv1_2
                if trusts is not None:
                    context.verify_mode = ssl.CERT_REQUIRED
                    context.load_verify_locations(pem.ca)
            listener = Listener(answer, context)
            opened.callback(listener.close)
            return listener

        yield start


@pytest.fixture
def signer():
    return authority()


@pytest.fixture
def secured(signer, tmp_path):
    """Return a function that makes the ``security`` of a profile that trusts the signer, with a client's identity."""

    def made(client=None, *, trusts=None, **more) -> dict:
        pem = write_pem(client or issue(signer, "alice"), trusts or signer, tmp_path / "client", "alice")
        own = {} if client is None else {"cert_file": pem.certificate, "key_file": pem.key}
        return {"protocol": "SSL", "ca_file": pem.ca, **own, **more}

    return made


@pytest.fixture
def answering():
    """Return the function that makes a broker's answer."""
    return handshake_answer

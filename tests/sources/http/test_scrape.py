from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.http.client import http_client
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.scrape import fetched


def fetch(client, url, *, timeout_s):
    with fetched(client, url, deadline=Deadline.after(timeout_s)) as found:
        return found


@pytest.fixture
def client():
    with http_client() as one:
        yield one


def test_a_page_comes_with_the_moment_of_its_answer(client, pages):
    before = datetime.now(UTC)
    answered, page = fetch(client, f"{pages}/metrics", timeout_s=5)
    assert abs((answered - before).total_seconds()) < 5
    assert answered.microsecond % 1000 == 0
    assert page.startswith(b"kafka_server_")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/broken", "^HTTP status 500$"),
        ("/hang", "no full answer within 0.3 s"),
        ("/trickle", "within 0.3 s"),
        ("/own-error", "^HTTP status 500: the exporter's own error: collected twice$"),
        ("/json-error", "^HTTP status 503: no lease for /json-error$"),
        ("/json-error?token=hush", "^HTTP status 503$"),
    ],
)
def test_what_is_no_answer_is_told_within_the_deadline(client, pages, path, reason):
    began = time.monotonic()
    with pytest.raises(SourceError, match=reason):
        fetch(client, pages + path, timeout_s=0.3)
    assert time.monotonic() - began < 3


def test_a_closed_port_is_no_connection(client, closed_port):
    with pytest.raises(SourceError, match="no connection: Connection refused"):
        fetch(client, f"http://127.0.0.1:{closed_port}/metrics", timeout_s=5)


def test_another_protocol_is_not_an_http_answer(client):
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def speak_kafka() -> None:
        connection, _ = listener.accept()
        connection.recv(100)
        connection.sendall(b"\x00\x00\x00\x04\x00\x00\x00\x01")
        connection.close()

    thread = threading.Thread(target=speak_kafka)
    thread.start()
    with pytest.raises(SourceError, match="not an HTTP response"):
        fetch(client, f"http://127.0.0.1:{listener.getsockname()[1]}/metrics", timeout_s=5)
    thread.join()
    listener.close()

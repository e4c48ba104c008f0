"""Certificates of servers on the loopback address, some of which do not do."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import ExitStack, suppress

import pytest

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import CERTIFICATE_PROBLEMS, table_schema
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka import certificates
from kafka_analysis.sources.kafka.certificates import CLIENT, NO_LIBRARY, read_certificates
from testbed.certificates import authority, issue, write_pem

pytestmark = pytest.mark.timeout(60)
HOST = "127.0.0.1"


class Server:
    """A server that shakes hands with a certificate, answers plainly, or says nothing; each in threads of its own."""

    def __init__(self, answer):
        self.listening = socket.create_server((HOST, 0))
        self.port = self.listening.getsockname()[1]
        self.answer, self.kept = answer, []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                self.kept.append(connection)
                threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with suppress(OSError):
            if isinstance(self.answer, ssl.SSLContext):
                with self.answer.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1)
            elif self.answer:
                connection.recv(1)
                connection.sendall(self.answer)

    def close(self):
        self.listening.close()
        for connection in self.kept:
            connection.close()


@pytest.fixture
def serve(tmp_path):
    with ExitStack() as open_servers:

        def start(answer=b"", identity=None, *, ask_for=None):
            if identity is not None:
                pem = write_pem(identity, identity, tmp_path / str(time.monotonic_ns()), "server")
                answer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                answer.load_cert_chain(pem.certificate, pem.key)
                if ask_for is not None:
                    answer.verify_mode = ssl.CERT_REQUIRED
                    answer.load_verify_locations(ask_for)
            server = Server(answer)
            open_servers.callback(server.close)
            return server.port

        yield start


@pytest.fixture
def signer():
    return authority()


@pytest.fixture
def cluster(signer, tmp_path):
    def made(port, client=None, **more):
        identity = issue(signer, "alice") if client is None else client
        pem = write_pem(identity, signer, tmp_path / "client", "alice")
        security = {"protocol": "SSL", "ca_file": pem.ca, "cert_file": pem.certificate, "key_file": pem.key}
        return ClusterProfile(name="c", bootstrap_servers=f"{HOST}:{port}", security=security, **more)

    return made


def rows_of(cluster, brokers=(), *, timeout_s=2.0):
    rows, missing = read_certificates(cluster, brokers, timeout_s=timeout_s, deadline=Deadline.after(10))
    assert table_schema("certificates").is_valid(rows)
    assert missing is None
    found = {part for text in rows["problem"].drop_nulls() for part in text.split("; ")}
    assert found <= set(CERTIFICATE_PROBLEMS)
    return rows


def test_what_a_certificate_says(serve, signer, cluster, tmp_path):
    ca = write_pem(signer, signer, tmp_path / "ca", "x").ca
    port = serve(identity=issue(signer, "broker-1", addresses=[HOST]), ask_for=ca)
    broker, client = rows_of(cluster(port), [(1, HOST, port)]).to_dicts()
    assert (broker["broker"], broker["address"], broker["problem"]) == (1, f"{HOST}:{port}", None)
    assert (broker["subject"], broker["issuer"]) == ("CN=broker-1,O=testbed", "CN=authority,O=testbed")
    assert broker["names"] == [HOST]
    assert 29 < (broker["valid_until"] - broker["ts"]).total_seconds() / 86400 < 30
    assert (client["kind"], client["address"], client["problem"]) == ("client", CLIENT, None)
    assert client["subject"] == "CN=alice,O=testbed"


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        ({"days": -1}, "expired"),
        ({"addresses": ["127.0.0.9"]}, "wrong host name"),
        ({"days": -1, "addresses": ["127.0.0.9"]}, "expired"),
    ],
)
def test_what_is_wrong_with_it(serve, signer, cluster, made, problem):
    port = serve(identity=issue(signer, "b", **{"addresses": [HOST], **made}))
    row = rows_of(cluster(port)).row(0, named=True)
    assert problem in row["problem"].split("; ")
    assert row["subject"] == "CN=b,O=testbed"


def test_another_authority_is_not_trusted_and_dates_are_told_all_the_same(serve, cluster):
    port = serve(identity=issue(authority(), "b", addresses=[HOST], days=-1))
    assert set(rows_of(cluster(port))["problem"][0].split("; ")) == {"unknown CA", "expired"}


def test_a_profile_that_does_not_look_at_names_is_heeded(serve, signer, cluster):
    port = serve(identity=issue(signer, "b", addresses=["127.0.0.9"]))
    lenient = cluster(port, client_options={"ssl.endpoint.identification.algorithm": "none"})
    assert rows_of(lenient)["problem"][0] is None


def test_servers_that_say_nothing_or_something_else_or_are_not_there(serve, cluster):
    silent, plain = serve(b""), serve(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with socket.create_server((HOST, 0)) as closed:
        free = closed.getsockname()[1]
    brokers = [(1, HOST, silent), (2, HOST, plain), (3, HOST, free), (4, "no.such.host.invalid", 9092)]
    began = time.monotonic()
    rows = rows_of(cluster(silent), brokers, timeout_s=0.5)
    assert time.monotonic() - began < 4
    assert dict(rows.filter(kind="broker").select("broker", "problem").iter_rows()) == {
        1: "silent",
        2: "no TLS there",
        3: "cannot be reached",
        4: "cannot be reached",
    }


def test_the_client_s_own_certificate(serve, signer, cluster):
    port = serve(b"")
    expired = cluster(port, client=issue(signer, "alice", days=-1))
    assert rows_of(expired, timeout_s=0.2).filter(kind="client")["problem"].to_list() == ["expired"]


def test_files_that_are_none_are_an_error_of_the_profile(cluster):
    given = cluster(1)
    given.security.key_file.write_text("no key")
    with pytest.raises(ProfileError, match=r"cluster c: security\.key_file contains no private key"):
        read_certificates(given, (), timeout_s=1, deadline=Deadline.after(1))


def test_without_tls_there_are_none():
    rows, missing = read_certificates(
        ClusterProfile(name="c", bootstrap_servers="b:1"), (), timeout_s=1, deadline=Deadline.after(1)
    )
    assert (rows.height, missing) == (0, None)


def test_without_the_library_problems_are_still_known(serve, signer, cluster, monkeypatch):
    monkeypatch.setattr(certificates, "_has_library", lambda: False)
    port = serve(identity=issue(signer, "b", addresses=[HOST], days=-1))
    rows, missing = read_certificates(cluster(port), (), timeout_s=2, deadline=Deadline.after(5))
    assert missing == NO_LIBRARY
    assert rows.select("subject", "problem").rows() == [(None, "expired"), (None, None)]

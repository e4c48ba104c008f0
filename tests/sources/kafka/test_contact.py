"""Clients that do not reach their cluster say why, and early; the testbed's tests ask real brokers."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka import contact, probe
from kafka_analysis.sources.kafka.admin import KafkaAdmin
from kafka_analysis.sources.kafka.client import connect
from kafka_analysis.sources.kafka.connection_errors import ConnectionFailedError
from kafka_analysis.sources.kafka.contact import ensure_contact, lost
from kafka_analysis.sources.kafka.metadata import describe_cluster, metadata
from testbed.certificates import authority, issue

pytestmark = pytest.mark.timeout(120)
HOST = "127.0.0.1"
LOGIN = {"mechanism": "SCRAM-SHA-256", "username": "ann", "password": {"env": "KA_TEST_PW"}}
LONG_S = 60.0  # what is final ends far earlier


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("KA_TEST_PW", "hush-hush")


def admin_of(address, security=None, **more):
    return connect(ClusterProfile(name="c", bootstrap_servers=address, security=security or {}, **more))


def failure(admin, timeout_s=LONG_S):
    with pytest.raises(ConnectionFailedError) as caught:
        ensure_contact(admin, timeout_s)
    assert "hush" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def closed():
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    return f"{HOST}:{port}"


def test_what_is_final_ends_early(listen, answering, signer, secured, closed):
    """Each would be waited for a minute; the test's own limit is shorter than all of them."""
    began = time.monotonic()
    good = issue(signer, "b", addresses=[HOST])
    expected = {
        "refuses connections": admin_of(closed),
        "the name no.such.host.invalid cannot be resolved": admin_of("no.such.host.invalid:9092"),
        "uses TLS": admin_of(listen(answering(34), identity=good).address),
        "does not use TLS": admin_of(listen(answering(34)).address, secured()),
        "expired on": admin_of(
            listen(answering(34), identity=issue(signer, "b", addresses=[HOST], days=-1)).address, secured()
        ),
        "is not for 127.0.0.1 but for 127.0.0.9": admin_of(
            listen(answering(34), identity=issue(signer, "b", addresses=["127.0.0.9"])).address, secured()
        ),
        "that is not in security.ca_file": admin_of(
            listen(answering(34), identity=issue(authority("other"), "b", addresses=[HOST])).address,
            secured(),
        ),
        "requires a client certificate": admin_of(
            listen(answering(34), identity=good, trusts=signer).address, secured()
        ),
        "it offers SCRAM-SHA-512": admin_of(
            listen(answering(33, "SCRAM-SHA-512")).address, {"protocol": "SASL_PLAINTEXT", **LOGIN}
        ),
        "does not use SASL": admin_of(listen(answering(34)).address, {"protocol": "SASL_PLAINTEXT", **LOGIN}),
        "requires a SASL login": admin_of(listen(answering(33, "SCRAM-SHA-512")).address),
        "does not speak Kafka (it answers HTTP)": admin_of(
            listen(b"HTTP/1.1 400 Bad Request\r\n\r\n").address
        ),
    }
    for words, admin in expected.items():
        assert words in failure(admin)
    assert time.monotonic() - began < LONG_S


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"days": -1}, "(security.cert_file) expired on"),
        (
            {"by": authority("other")},
            "does not accept the client's certificate (signed by CN=other,O=testbed)",
        ),
    ],
)
def test_the_client_s_own_certificate(listen, answering, signer, secured, made, words):
    server = listen(answering(34), identity=issue(signer, "b", addresses=[HOST]), trusts=signer)
    client = issue(made.pop("by", signer), "alice", **made)
    assert words in failure(admin_of(server.address, secured(client)))


def test_a_silent_port_is_waited_for_until_the_time_is_up(listen):
    began = time.monotonic()
    text = failure(admin_of(listen().address), 1.0)
    assert "does not answer" in text or "does not answer in time" in text
    assert time.monotonic() - began < 30


def scripted(monkeypatch, address, *, answer=None, heard=()):
    """Return a client whose cluster gives one answer, or none; librdkafka tells what it heard when it is polled."""
    admin = admin_of(address, {"protocol": "SASL_PLAINTEXT", **LOGIN})
    future: Future = Future()
    if isinstance(answer, Exception):
        future.set_exception(answer)
    elif answer is not None:
        future.set_result(answer)
    asked = []
    monkeypatch.setattr(KafkaAdmin, "describe_cluster", lambda self, **more: asked.append(more) or future)
    errors = list(heard)

    def poll(self, timeout):
        while errors:
            self.heard.hear(errors.pop())
        time.sleep(min(timeout, 0.01))
        return 0

    monkeypatch.setattr(KafkaAdmin, "poll", poll)
    return admin, asked


REFUSED_LOGIN = KafkaError(
    KafkaError._AUTHENTICATION,
    "sasl://b:1/bootstrap: SASL authentication error: invalid credentials of ann: hush-hush",
)


def test_a_refused_login_is_final(monkeypatch, listen, answering):
    listener = listen(answering(0, "SCRAM-SHA-256"))
    admin, _ = scripted(monkeypatch, listener.address, heard=[REFUSED_LOGIN])
    assert failure(admin).startswith(
        "the cluster rejects the SCRAM-SHA-256 login: wrong password or unknown user; "
    )


def test_a_login_that_is_refused_once_and_then_taken_is_no_failure(monkeypatch, listen, answering):
    listener = listen(answering(0, "SCRAM-SHA-256"))
    admin, asked = scripted(monkeypatch, listener.address, answer=SimpleNamespace(), heard=[REFUSED_LOGIN])
    ensure_contact(admin, LONG_S)
    ensure_contact(admin, LONG_S)
    assert (len(asked), admin.contact.is_made, admin.heard.authentication) == (1, True, None)


def test_brokers_that_are_not_reached_behind_bootstrap_servers_that_answer():
    admin = admin_of("b-1:9092", {"protocol": "SASL_PLAINTEXT", **LOGIN})
    fine: Future = Future()
    fine.set_result(probe.Probed("b-1", 9092, probe.Finding.FINE))
    over = Deadline.after(0)
    text = "sasl://b-1.internal:9092/1: Failed to resolve (after 2ms in state CONNECT)"
    admin.heard.hear(KafkaError(KafkaError._RESOLVE, text))
    words = contact._at_last(admin, {("b-1", 9092): fine}, over)
    assert "broker b-1.internal:9092 cannot be reached (Failed to resolve)" in words.what
    admin.heard.hear(REFUSED_LOGIN)
    assert "rejects the" in contact._at_last(admin, {("b-1", 9092): fine}, over).what
    late = {("b-1", 9092): Future(), ("b-2", 9092): Future()}
    assert contact._at_last(admin, late, over).what == "b-1:9092 does not answer in time"


def test_an_error_of_the_broker_is_an_answer(monkeypatch, closed):
    refused = KafkaException(KafkaError(KafkaError.CLUSTER_AUTHORIZATION_FAILED))
    ensure_contact(scripted(monkeypatch, closed, answer=refused)[0], LONG_S)
    timed_out = KafkaException(KafkaError(KafkaError._TIMED_OUT))
    assert "refuses connections" in failure(scripted(monkeypatch, closed, answer=timed_out)[0], LONG_S)


def test_one_asks_and_the_others_wait_for_what_it_finds(monkeypatch, closed):
    admin, asked = scripted(monkeypatch, closed)
    begun, texts = threading.Barrier(4), []

    def ask():
        begun.wait(30)
        with pytest.raises(ConnectionFailedError) as caught:
            ensure_contact(admin, LONG_S)
        texts.append(str(caught.value))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(texts) == 4
    assert len(set(texts)) == 1
    assert len(asked) < 4


def test_every_first_question_makes_sure(closed):
    for ask in (
        lambda admin: describe_cluster(admin, timeout_s=LONG_S),
        lambda admin: metadata(admin, LONG_S),
    ):
        with pytest.raises(ConnectionFailedError, match="refuses connections"):
            ask(admin_of(closed))


def test_a_cluster_that_is_lost_says_what_its_addresses_are_now(closed, listen, answering):
    generic = SourceError("Failed while waiting for controller: Local: Timed out")
    admin = admin_of(closed)
    admin.contact.is_made = True
    assert "refuses connections" in str(lost(admin, generic, 5))
    assert not admin.contact.is_made
    fine = admin_of(listen(answering(34)).address)
    assert lost(fine, generic, 5) is generic
    assert lost(SimpleNamespace(), generic, 5) is generic


def test_any_other_client_is_let_pass():
    assert ensure_contact(SimpleNamespace(), 1) is None


def test_no_more_than_a_few_addresses_are_asked(monkeypatch, closed):
    asked = []
    monkeypatch.setattr(
        contact,
        "probe",
        lambda cluster, host, port, deadline: (
            asked.append(port) or probe.Probed(host, port, probe.Finding.REFUSED)
        ),
    )
    failure(admin_of(",".join(f"{HOST}:{port}" for port in range(1, 40))))
    assert asked == [1, 2, 3, 4, 5]

"""What an address is, of listeners of our own; the testbed's tests ask real brokers."""

from __future__ import annotations

import socket

import pytest

from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka import probe as module
from kafka_analysis.sources.kafka.probe import Finding, probe
from testbed.certificates import authority, issue

pytestmark = pytest.mark.timeout(120)
HOST = "127.0.0.1"
LOGIN = {"mechanism": "SCRAM-SHA-256", "username": "ann", "password": {"env": "KA_TEST_PW"}}
PLAIN_LOGIN = {"protocol": "SASL_PLAINTEXT", **LOGIN}
OFFERED = ("SCRAM-SHA-512", "PLAIN")


def asked(port, security=None, *, host=HOST, seconds=30, **more):
    cluster = ClusterProfile(name="c", bootstrap_servers=f"{host}:{port}", security=security or {}, **more)
    return probe(cluster, host, port, Deadline.after(seconds))


@pytest.fixture(autouse=True)
def short_steps(monkeypatch):
    monkeypatch.setattr(module, "STEP_S", 1.0)


@pytest.mark.parametrize(
    ("security", "code", "offered", "finding"),
    [
        ({}, 34, (), Finding.FINE),
        ({}, 33, OFFERED, Finding.SASL_WANTED),
        ({}, 0, ("PLAIN",), Finding.SASL_WANTED),
        (PLAIN_LOGIN, 33, OFFERED, Finding.WRONG_MECHANISM),
        (PLAIN_LOGIN, 0, ("SCRAM-SHA-256",), Finding.FINE),
        (PLAIN_LOGIN, 34, (), Finding.NO_SASL),
        (PLAIN_LOGIN, 42, (), Finding.FINE),  # of a broker to come: it is a broker all the same
    ],
)
def test_what_a_listener_offers_is_held_against_the_profile(
    listen, answering, security, code, offered, finding
):
    found = asked(listen(answering(code, *offered)).port, security)
    assert (found.finding, found.mechanisms) == (finding, offered)


def test_nothing_of_the_login_is_sent(listen, answering, monkeypatch):
    monkeypatch.setenv("KA_TEST_PW", "hush-hush")
    listener = listen(answering(0, "SCRAM-SHA-256"))
    asked(listener.port, PLAIN_LOGIN)
    (request,) = listener.requests
    assert b"SCRAM-SHA-256" in request
    assert b"ann" not in request.replace(b"kafka-analysis", b"")
    assert b"hush" not in request


def test_addresses_that_are_not_there_or_say_nothing(listen):
    with socket.create_server((HOST, 0)) as closed:
        free = closed.getsockname()[1]
    assert asked(free).finding is Finding.REFUSED
    assert asked(9092, host="no.such.host.invalid").finding is Finding.UNRESOLVED
    assert asked(listen().port).finding is Finding.SILENT
    assert asked(listen().port, {"protocol": "SSL"}).finding is Finding.SILENT


@pytest.mark.parametrize("security", [{}, {"protocol": "SSL"}])
def test_what_is_no_kafka_is_said_to_be_none(listen, security):
    found = asked(listen(b"HTTP/1.1 400 Bad Request\r\n\r\n").port, security)
    assert (found.finding, found.detail) == (Finding.NOT_KAFKA, "it answers HTTP")


@pytest.mark.parametrize(
    "answer",
    [b"\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x05", b"\x7f\xff\xff\xff", b"\xff" * 40],
)
def test_an_answer_that_is_not_to_the_question_is_none(listen, answer):
    assert asked(listen(answer).port).finding is Finding.NOT_KAFKA


def test_names_of_mechanisms_are_few_and_plain(listen, answering):
    names = ["<script>", "PLAIN", "x" * 50, "a b", *(f"M{n}" for n in range(30))]
    assert asked(listen(answering(33, *names)).port, PLAIN_LOGIN).mechanisms == (
        "PLAIN",
        *(f"M{n}" for n in range(6)),
    )


def test_tls_is_seen_where_none_is_expected_and_the_reverse(listen, answering, signer, secured):
    identity = issue(signer, "b", addresses=[HOST])
    found = asked(listen(answering(34), identity=identity).port)
    assert (found.finding, found.uses_sasl) == (Finding.TLS_THERE, False)
    found = asked(listen(answering(33, *OFFERED), identity=identity).port, PLAIN_LOGIN)
    assert (found.finding, found.uses_sasl) == (Finding.TLS_THERE, True)
    found = asked(listen(identity=identity, trusts=signer).port)
    assert (found.finding, found.uses_sasl) == (
        Finding.TLS_THERE,
        None,
    )  # it wants to see a certificate first
    found = asked(listen(answering(34)).port, secured())
    assert (found.finding, found.uses_sasl) == (Finding.NO_TLS, False)
    found = asked(listen(answering(33, *OFFERED)).port, secured())
    assert (found.finding, found.uses_sasl) == (Finding.NO_TLS, True)


@pytest.mark.parametrize(
    ("made", "finding"),
    [
        ({"days": -1}, Finding.EXPIRED),
        ({"addresses": ["127.0.0.9"]}, Finding.WRONG_NAME),
        ({}, Finding.FINE),
    ],
)
def test_certificates_of_brokers(listen, answering, signer, secured, made, finding):
    identity = issue(signer, "b", **{"addresses": [HOST], **made})
    found = asked(listen(answering(34), identity=identity).port, secured())
    assert found.finding is finding
    if finding is not Finding.FINE:
        assert found.certificate["subject"] == "CN=b,O=testbed"
        assert found.certificate["names"] == made.get("addresses", [HOST])


@pytest.mark.parametrize("is_given", [True, False])
def test_a_foreign_authority(listen, answering, secured, is_given):
    identity = issue(authority("other"), "b", addresses=[HOST])
    security = secured() if is_given else {"protocol": "SSL"}
    found = asked(listen(answering(34), identity=identity).port, security)
    assert (found.finding, found.certificate["issuer"]) == (Finding.UNKNOWN_CA, "CN=other,O=testbed")


def test_checks_that_the_profile_turns_off_are_not_made(listen, answering, signer, secured):
    other = issue(signer, "b", addresses=["127.0.0.9"])
    port = listen(answering(34), identity=other).port
    off = {"ssl.endpoint.identification.algorithm": "none"}
    assert asked(port, secured(), client_options=off).finding is Finding.FINE
    port = listen(answering(34), identity=issue(authority(), "b")).port
    off = {"enable.ssl.certificate.verification": False}
    assert asked(port, secured(), client_options=off).finding is Finding.FINE


@pytest.mark.parametrize("tls_1_2", [True, False])
@pytest.mark.parametrize("client", [None, "own", "foreign"])
def test_a_certificate_of_the_client_is_demanded(listen, answering, signer, secured, client, tls_1_2):
    identity = issue(signer, "b", addresses=[HOST])
    port = listen(answering(34), identity=identity, trusts=signer, tls_1_2=tls_1_2).port
    own = {None: None, "own": issue(signer, "alice"), "foreign": issue(authority("other"), "alice")}[client]
    found = asked(port, secured(own))
    if client is None and tls_1_2:  # OpenSSL's servers say no more of it; Java's say "bad certificate"
        assert (found.finding, found.detail) == (Finding.TLS_FAILED, "sslv3 alert handshake failure")
    else:
        assert found.finding is (Finding.FINE if client == "own" else Finding.CLIENT_CERTIFICATE)


def test_a_server_that_hangs_up_after_the_handshake_wants_no_certificate(listen, signer, secured):
    def hang_up(_request):
        raise ConnectionResetError

    port = listen(hang_up, identity=issue(signer, "b", addresses=[HOST])).port
    assert asked(port, secured()).finding is Finding.CLOSED


def test_an_address_is_written_as_in_a_profile():
    assert module.Probed("::1", 9092, Finding.FINE).address == "[::1]:9092"
    assert module.Probed("b-1", 9092, Finding.FINE).address == "b-1:9092"


def test_it_ends_with_its_deadline(listen):
    assert asked(listen().port, seconds=0.1).finding is Finding.SILENT

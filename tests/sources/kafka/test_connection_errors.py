"""One plain sentence each: what happened, and which entry of the profile to change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.connection_errors import (
    ConnectionFailedError,
    of_addresses,
    of_authentication,
    of_brokers,
    of_probed,
)
from kafka_analysis.sources.kafka.probe import Finding, Probed

LOGIN = {"mechanism": "SCRAM-SHA-256", "username": "ann", "password": {"env": "KA_TEST_PW"}}
OFFERED = ("SCRAM-SHA-512", "PLAIN")
OWN = {"cert_file": "/alice.pem", "key_file": "/alice.key"}
MOMENT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def cluster(**security):
    return ClusterProfile(name="c", bootstrap_servers="b-1:9092", security=security)


PLAINTEXT, SSL, CA = {}, {"protocol": "SSL"}, {"protocol": "SSL", "ca_file": "/ca.pem"}
SASL, SASL_TLS = {"protocol": "SASL_PLAINTEXT", **LOGIN}, {"protocol": "SASL_SSL", **LOGIN}


@pytest.mark.parametrize(
    ("finding", "security", "more", "what", "mend"),
    [
        (Finding.UNRESOLVED, SSL, {}, "the name b-1 cannot be resolved", "bootstrap_servers"),
        (Finding.REFUSED, SSL, {}, "b-1:9092 refuses connections", "host and port in bootstrap_servers"),
        (
            Finding.UNREACHABLE,
            SSL,
            {"detail": "No route to host"},
            "no connection to",
            "firewalls",
        ),
        (Finding.SILENT, SSL, {}, "b-1:9092 accepts connections but does not answer", "bootstrap_servers"),
        (Finding.LATE, SSL, {}, "b-1:9092 does not answer in time", "bootstrap_servers"),
        (Finding.CLOSED, SSL, {}, "closes the connection without an answer", "bootstrap_servers"),
        (
            Finding.NOT_KAFKA,
            SSL,
            {"detail": "it answers HTTP"},
            "does not speak Kafka (it answers HTTP)",
            "port in",
        ),
        (
            Finding.TLS_THERE,
            PLAINTEXT,
            {"uses_sasl": False},
            "b-1:9092 uses TLS",
            'protocol = "SSL", or use',
        ),
        (Finding.TLS_THERE, PLAINTEXT, {"uses_sasl": True}, "uses TLS", 'protocol = "SASL_SSL", or use'),
        (Finding.TLS_THERE, SASL, {}, 'security.protocol = "SASL_PLAINTEXT"', '"SSL" or "SASL_SSL"'),
        (
            Finding.NO_TLS,
            SSL,
            {"uses_sasl": False},
            "b-1:9092 does not use TLS",
            'protocol = "PLAINTEXT", or',
        ),
        (
            Finding.NO_TLS,
            SASL_TLS,
            {"uses_sasl": True},
            "does not use TLS",
            'protocol = "SASL_PLAINTEXT", or',
        ),
        (
            Finding.EXPIRED,
            CA,
            {"certificate": {"valid_until": MOMENT}},
            "expired on 2026-11-30 12:00 UTC",
            "renew it",
        ),
        (Finding.EXPIRED, CA, {}, "the certificate of b-1:9092 expired", "on the broker"),
        (Finding.NOT_YET, CA, {"certificate": {"valid_from": MOMENT}}, "not valid before on 2026", "clock"),
        (
            Finding.UNKNOWN_CA,
            CA,
            {"certificate": {"issuer": "CN=x"}},
            "(CN=x) that is not in security.ca_file",
            "to security.ca_f",
        ),
        (
            Finding.UNKNOWN_CA,
            SSL,
            {"certificate": {"issuer": "CN=x"}},
            "does not know (CN=x)",
            "give security.ca_file",
        ),
        (
            Finding.WRONG_NAME,
            CA,
            {"certificate": {"names": ["a", "b"]}},
            "is not for b-1 but for a, b",
            "bootstrap_ser",
        ),
        (
            Finding.TLS_FAILED,
            CA,
            {"detail": "no shared cipher"},
            "TLS with b-1:9092 fails: no shared",
            "ciphers",
        ),
        (
            Finding.SASL_WANTED,
            SSL,
            {"mechanisms": OFFERED},
            "SASL login (it offers SCRAM-SHA-512, PLAIN)",
            '"SASL_SSL", security.mechanism',
        ),
        (
            Finding.SASL_WANTED,
            PLAINTEXT,
            {"mechanisms": OFFERED},
            "requires a SASL login",
            '"SASL_PLAINTEXT"',
        ),
        (
            Finding.NO_SASL,
            SASL,
            {},
            "b-1:9092 does not use SASL",
            'security.protocol = "PLAINTEXT" and remove',
        ),
        (Finding.NO_SASL, SASL_TLS, {}, "does not use SASL", 'security.protocol = "SSL" and remove'),
        (
            Finding.WRONG_MECHANISM,
            SASL,
            {"mechanisms": OFFERED},
            "not offer the mechanism SCRAM-SHA-256; it offers SCRAM-SHA-512, PLAIN",
            "security.mechanism",
        ),
        (
            Finding.CLIENT_CERTIFICATE,
            CA,
            {},
            "requires a client certificate (mutual TLS)",
            "give security.cert_file",
        ),
        (
            Finding.CLIENT_CERTIFICATE,
            CA | OWN,
            {},
            "does not accept the client's certificate",
            "security.cert_file",
        ),
    ],
)
def test_what_happened_and_what_to_change(finding, security, more, what, mend):
    words = of_probed(Probed("b-1", 9092, finding, **more), cluster(**security))
    assert what in words.what
    assert mend in words.mend
    assert "\n" not in words.what + words.mend


def test_every_finding_has_its_words():
    for finding in set(Finding) - {Finding.FINE}:
        assert of_probed(Probed("b-1", 9092, finding), cluster(**SASL_TLS)).mend
    assert of_probed(Probed("b-1", 9092, Finding.FINE), cluster()) is None


@pytest.mark.parametrize(
    ("own", "what"),
    [
        (
            {"problem": "expired", "valid_until": MOMENT},
            "(security.cert_file) expired on 2026-11-30 12:00 UTC",
        ),
        ({"problem": "expired"}, "(security.cert_file) expired"),
        ({"problem": None, "issuer": "CN=other"}, "the client's certificate (signed by CN=other)"),
        ({"problem": None}, "b-1:9092 does not accept the client's certificate"),
    ],
)
def test_the_client_s_own_certificate_is_looked_at(own, what):
    probed = Probed("b-1", 9092, Finding.CLIENT_CERTIFICATE)
    assert what in of_probed(probed, cluster(**CA, **OWN), own=own).what


def test_a_refused_login_is_one_message_and_names_no_secret():
    heard = "SASL authentication error: Authentication failed for ann with hunter2"
    words = of_authentication(heard, cluster(**SASL_TLS))
    assert words.what == "the cluster rejects the SCRAM-SHA-256 login: wrong password or unknown user"
    assert "security.username or security.password" in words.mend
    assert "hunter2" not in words.what + words.mend


def test_a_login_with_aws_credentials_says_what_the_broker_said():
    iam = cluster(protocol="SASL_SSL", mechanism="AWS_MSK_IAM", region="eu-west-1", aws_profile="ops-team")
    words = of_authentication("[abc]: Access denied\nfor x", iam)
    assert words.what == "the cluster rejects the AWS_MSK_IAM login: [abc]: Access denied for x"
    assert "kafka-cluster:Connect" in words.mend


def test_addresses_that_fail_alike_are_said_once():
    refused = [Probed(f"b-{n}", 9092, Finding.REFUSED) for n in range(1, 6)]
    named = "b-1:9092, b-2:9092, b-3:9092 and 2 more refuse connections: nothing is listening there"
    assert of_addresses(refused, cluster()).what == named
    expired = [Probed(f"b-{n}", 9092, Finding.EXPIRED) for n in (1, 2)]
    assert of_addresses(expired, cluster(**CA)).what == "the certificate of b-1:9092 expired"
    mixed = of_addresses([*expired, *refused], cluster(**CA))
    assert mixed.what.startswith("the certificate of b-1:9092 expired; b-1:9092 refuses")
    assert mixed.mend.count(";") >= 1


def test_one_address_that_speaks_as_the_profile_says_is_enough():
    probed = [Probed("b-1", 9092, Finding.REFUSED), Probed("b-2", 9092, Finding.FINE)]
    assert of_addresses(probed, cluster()) is None
    assert of_addresses([], cluster()) is None


def test_brokers_behind_the_bootstrap_servers():
    words = of_brokers({"b-1.internal:9092": "Failed to resolve 'b-1.internal:9092'"}, 7)
    assert "broker b-1.internal:9092 cannot be reached (Failed to resolve" in words.what
    assert "advertised.listeners" in words.mend


@pytest.mark.parametrize("hostile", ["a\nb", "\x1b[31mred", "x" * 5000, "\u202eevil"])
def test_what_others_wrote_stays_part_of_one_short_line(hostile):
    shown = {"issuer": hostile, "names": [hostile] * 50}
    for finding in (Finding.UNKNOWN_CA, Finding.WRONG_NAME):
        text = of_probed(Probed("b-1", 9092, finding, certificate=shown), cluster(**CA)).what
        assert len(text) < 500
        assert not set(text) & set("\n\x1b\u202e")
    assert len(of_brokers({hostile: hostile}, 1).what) < 500


def test_the_error_has_both_halves():
    error = ConnectionFailedError("this happened", "change that")
    assert (str(error), error.what, error.mend) == (
        "this happened; change that",
        "this happened",
        "change that",
    )

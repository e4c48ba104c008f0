"""Certificates that a TLS client takes or refuses for the reason they were made for."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from testbed.certificates import Pem, authority, issue, write_pem, write_stores

HOST = "127.0.0.2"


def shake(server: Pem, client: Pem, *, host: str = HOST) -> str:
    """Let two ends shake hands in memory; return what the server knows of the client."""
    ours, theirs = ssl.create_default_context(cafile=client.ca), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(client.certificate, client.key)
    theirs.load_cert_chain(server.certificate, server.key)
    theirs.load_verify_locations(server.ca)
    theirs.verify_mode = ssl.CERT_REQUIRED
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        ours.wrap_bio(down, up, server_hostname=host),
        theirs.wrap_bio(up, down, server_side=True),
    ]
    for _ in range(10):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return str(ends[1].getpeercert()["subject"])


@pytest.fixture
def made(tmp_path: Path):
    """Return a function that makes the files of an identity."""

    def make(name: str, *, trusted, by=None, **options) -> Pem:
        return write_pem(issue(by or trusted, name, **options), trusted, tmp_path / name, name)

    return make


def test_a_server_and_a_client_of_one_authority_know_each_other(made) -> None:
    own = authority()
    server, client = made("broker", trusted=own, addresses=[HOST]), made("alice", trusted=own)
    assert "'alice'" in shake(server, client)
    assert client.key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("options", "said"), [({"days": -1}, "expired"), ({"addresses": ["127.0.0.9"]}, "IP address mismatch")]
)
def test_what_is_wrong_with_a_server_is_what_is_said(made, options, said) -> None:
    own = authority()
    server = made("broker", trusted=own, **{"addresses": [HOST], **options})
    with pytest.raises(ssl.SSLCertVerificationError, match=said):
        shake(server, made("alice", trusted=own))


def test_a_foreign_authority_of_the_same_name_is_not_trusted(made) -> None:
    own = authority()
    server = made("broker", trusted=own, addresses=[HOST], by=authority())
    with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
        shake(server, made("alice", trusted=own))


def test_stores_are_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    own = authority()
    settings = write_stores(issue(own, "broker"), own, tmp_path, "secret")
    assert Path(settings["ssl.keystore.location"]).stat().st_mode & 0o777 == 0o600
    assert settings["ssl.truststore.type"] == "PKCS12"


def test_an_expired_certificate_began_before_it_ended() -> None:
    found = issue(authority(), "late", days=-3).certificate
    assert found.not_valid_before_utc < found.not_valid_after_utc < datetime.now(UTC)

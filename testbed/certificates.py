"""Make certificates for secured listeners: an authority, and what it signs, as PEM files and as stores Java reads."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "testbed"
DAYS = 30
_BOTH_ENDS = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


@dataclass(frozen=True)
class Identity:
    """A certificate and its key; those of an authority sign others."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def principal(self) -> str:
        """The name Kafka knows its owner by, in ACLs and super.users."""
        return f"User:{self.certificate.subject.rfc4514_string()}"


@dataclass(frozen=True)
class Pem:
    """Files of an identity: whom it trusts, its certificate and its key."""

    ca: Path
    certificate: Path
    key: Path


def authority(name: str = "authority") -> Identity:
    """Make an authority; one with another key is foreign, whatever its name."""
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _builder(_name(name), _name(name), key, days=DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Identity(builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()), key)


def issue(by: Identity, name: str, *, addresses: Sequence[str] = (), days: float = DAYS) -> Identity:
    """Sign a certificate of a server or client.

    Parameters
    ----------
    by
        The authority.
    name
        Its common name.
    addresses
        IP addresses it is valid for, of a server.
    days
        Days until it expires; below 0: it has expired.

    Examples
    --------
    >>> issue(authority(), "alice").principal
    'User:CN=alice,O=testbed'
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(name), by.certificate.subject, key, days=days)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(_BOTH_ENDS), critical=False)
    if addresses:
        names = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Identity(builder.sign(by.key, hashes.SHA256()), key)


def write_pem(identity: Identity, trusted: Identity, folder: Path, name: str) -> Pem:
    """Write the files a client of librdkafka or kafka-python is given."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Pem(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")
    files.ca.write_bytes(trusted.certificate.public_bytes(Encoding.PEM))
    files.certificate.write_bytes(identity.certificate.public_bytes(Encoding.PEM))
    files.key.touch(mode=0o600)
    files.key.write_bytes(identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def write_stores(identity: Identity, trusted: Identity, folder: Path, password: str) -> dict[str, str]:
    """Write a key store and a trust store of PKCS12, and return the settings of Kafka that name them."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = BestAvailableEncryption(password.encode())
    keys, trust = folder / "keys.p12", folder / "trust.p12"
    chain = [trusted.certificate]
    keys.touch(mode=0o600)
    keys.write_bytes(
        pkcs12.serialize_key_and_certificates(b"own", identity.key, identity.certificate, chain, secret)
    )
    entry = pkcs12.PKCS12Certificate(trusted.certificate, b"authority")
    trust.write_bytes(pkcs12.serialize_java_truststore([entry], secret))
    return {
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(keys),
        "ssl.keystore.password": password,
        "ssl.key.password": password,
        "ssl.truststore.type": "PKCS12",
        "ssl.truststore.location": str(trust),
        "ssl.truststore.password": password,
    }


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: float
) -> x509.CertificateBuilder:
    end = datetime.now(UTC) + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(datetime.now(UTC), end) - timedelta(days=1))
        .not_valid_after(end)
    )

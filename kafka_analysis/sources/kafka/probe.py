"""Ask an address what it is: whether it takes connections, speaks TLS and Kafka, and which SASL mechanisms it offers.

The question is Kafka's SaslHandshake, which every listener answers before anybody has logged in. An address that does
not answer as the profile would have it is asked the other way, with or without TLS, so that what is wrong has a name.
Nothing secret is sent.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.certificates import (
    EXPIRED,
    NOT_TLS,
    NOT_YET,
    UNKNOWN_CA,
    VERIFY_CODES,
    WRONG_NAME,
    read_der,
    tls_context,
)
from kafka_analysis.sources.kafka.client import mechanism_of

STEP_S = 2.5
_SASL_HANDSHAKE, _VERSION, _CORRELATION = 17, 1, 0x6B61
_UNSUPPORTED, _NO_SASL = 33, 34  # codes of Kafka's protocol
_LARGEST_ANSWER, _MOST_MECHANISMS = 100_000, 10
_MECHANISM = re.compile(r"[A-Za-z0-9_-]{1,40}")
_OF_CLIENT = re.compile(
    r"ALERT_(?:NO_CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)"
)


class Finding(StrEnum):
    """What an address turned out to be."""

    FINE = "fine"
    UNRESOLVED = "name not resolved"
    REFUSED = "connection refused"
    UNREACHABLE = "no connection"
    SILENT = "no answer"
    LATE = "not answered in time"
    CLOSED = "connection closed"
    NOT_KAFKA = "not Kafka"
    TLS_THERE = "TLS expected"
    NO_TLS = "no TLS"
    TLS_FAILED = "TLS failed"
    EXPIRED = "certificate expired"
    NOT_YET = "certificate not yet valid"
    UNKNOWN_CA = "unknown authority"
    WRONG_NAME = "wrong host name"
    CLIENT_CERTIFICATE = "client certificate"
    SASL_WANTED = "SASL expected"
    NO_SASL = "no SASL"
    WRONG_MECHANISM = "wrong mechanism"


_OF_CERTIFICATE = {
    EXPIRED: Finding.EXPIRED,
    NOT_YET: Finding.NOT_YET,
    UNKNOWN_CA: Finding.UNKNOWN_CA,
    WRONG_NAME: Finding.WRONG_NAME,
}


@dataclass(frozen=True)
class Probed:
    """What an address said.

    ``uses_sasl`` and ``mechanisms``: whether it wants SASL (None: not known), and which mechanisms it offers.
    ``certificate``: what its certificate says, where it showed one and the library to read it is installed.
    """

    host: str
    port: int
    finding: Finding
    uses_sasl: bool | None = None
    mechanisms: tuple[str, ...] = ()
    certificate: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""

    @property
    def address(self) -> str:
        """Return host and port as a profile writes them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class _Said:
    finding: Finding
    uses_sasl: bool | None = None
    mechanisms: tuple[str, ...] = ()
    detail: str = ""
    after_tls: bool = False  # the TLS handshake itself succeeded


class _NotKafkaError(Exception):
    """The answer is not one of Kafka's; the error's text is what it looks like."""


def probe(cluster: ClusterProfile, host: str, port: int, deadline: Deadline) -> Probed:
    """Ask an address of a cluster what it is, first as the profile says, then with or without TLS where that fails.

    Parameters
    ----------
    deadline
        When it ends; a single step takes no longer than ``STEP_S``.

    Returns
    -------
    Probed
        ``FINE`` says that the address speaks as the profile does: a password has not been tried.

    Raises
    ------
    ProfileError
        When the profile's own certificate files cannot be used.

    Examples
    --------
    >>> cluster = ClusterProfile(name="c", bootstrap_servers="127.0.0.1:1")
    >>> probe(cluster, "127.0.0.1", 1, Deadline.after(2)).finding.value
    'connection refused'
    """
    uses_tls = cluster.security.protocol.endswith("SSL")
    mechanism = mechanism_of(cluster.security) or "PLAIN"
    context = tls_context(cluster, verify=True) if uses_tls else None
    said = _ask(host, port, context, mechanism, deadline)
    if uses_tls and said.finding in (Finding.NO_TLS, Finding.CLOSED, Finding.SILENT):
        other = _ask(host, port, None, mechanism, deadline)
        if other.finding is Finding.FINE:
            return Probed(host, port, Finding.NO_TLS, other.uses_sasl, other.mechanisms)
        if said.finding is Finding.NO_TLS:  # neither TLS nor Kafka
            said = _Said(Finding.NOT_KAFKA, detail=other.detail or said.detail)
    elif not uses_tls and said.finding in (Finding.NOT_KAFKA, Finding.CLOSED, Finding.SILENT):
        other = _ask(host, port, tls_context(cluster, verify=False), mechanism, deadline)
        if other.finding in (Finding.FINE, Finding.CLIENT_CERTIFICATE, Finding.TLS_FAILED):
            return Probed(host, port, Finding.TLS_THERE, other.uses_sasl, other.mechanisms)
    finding = _against_profile(said, cluster, mechanism) if said.finding is Finding.FINE else said.finding
    shown = _shown(cluster, host, port, deadline) if finding in _OF_CERTIFICATE.values() else {}
    return Probed(host, port, finding, said.uses_sasl, said.mechanisms, shown, said.detail)


def _against_profile(said: _Said, cluster: ClusterProfile, mechanism: str) -> Finding:
    """Compare what a listener offers with what the profile asks for."""
    if not cluster.security.protocol.startswith("SASL"):
        return Finding.SASL_WANTED if said.uses_sasl else Finding.FINE
    if said.uses_sasl is False:
        return Finding.NO_SASL
    is_offered = not said.mechanisms or mechanism in said.mechanisms
    return Finding.FINE if is_offered else Finding.WRONG_MECHANISM


def _ask(host: str, port: int, context: ssl.SSLContext | None, mechanism: str, deadline: Deadline) -> _Said:
    """Connect and ask; a listener of Kafka is ``FINE``, whatever it offers."""
    try:
        plain = socket.create_connection((host, port), timeout=_step(deadline))
    except socket.gaierror:
        return _Said(Finding.UNRESOLVED)
    except ConnectionRefusedError:
        return _Said(Finding.REFUSED)
    except (OSError, ValueError) as error:  # no route, no answer, a name that is none
        return _Said(Finding.UNREACHABLE, detail=_words(error))
    with plain:
        plain.settimeout(_step(deadline))
        if context is None:
            return _handshake(plain, mechanism)
        try:
            secured = context.wrap_socket(plain, server_hostname=host)
        except ssl.SSLError as error:
            return _of_tls(error)
        except TimeoutError:
            return _Said(Finding.SILENT)
        except OSError:
            return _Said(Finding.CLOSED)
        with secured:
            said = replace(_handshake(secured, mechanism), after_tls=True)
    is_old = context.maximum_version is ssl.TLSVersion.TLSv1_2
    if said.finding is not Finding.CLOSED or is_old:
        return said
    # TLS 1.3 ends its handshake before the broker has seen the client's certificate; 1.2 says it within.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    again = _ask(host, port, context, mechanism, deadline)
    return said if again.after_tls else _Said(Finding.CLIENT_CERTIFICATE)


def _step(deadline: Deadline) -> float:
    return max(min(STEP_S, deadline.left), 0.05)


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or (
        "" if isinstance(error, TimeoutError) else type(error).__name__
    )


def _of_tls(error: ssl.SSLError) -> _Said:
    """Say why a TLS handshake failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = VERIFY_CODES.get(error.verify_code, "")
        return _Said(_OF_CERTIFICATE.get(problem, Finding.TLS_FAILED), detail=error.verify_message)
    reason = error.reason or ""
    if _OF_CLIENT.search(reason):
        return _Said(Finding.CLIENT_CERTIFICATE)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _Said(Finding.CLOSED)
    if NOT_TLS.search(reason or str(error)):
        return _Said(Finding.NO_TLS)
    return _Said(Finding.TLS_FAILED, detail=reason.lower().replace("_", " "))


def _handshake(connection: socket.socket, mechanism: str) -> _Said:
    """Send Kafka's SaslHandshake and read which mechanisms are offered."""
    try:
        connection.sendall(_request(mechanism))
        code, mechanisms = _answer(connection)
    except ssl.SSLError as error:
        return _of_tls(error)
    except TimeoutError:
        return _Said(Finding.SILENT)
    except _NotKafkaError as error:
        return _Said(Finding.NOT_KAFKA, detail=str(error))
    except OSError:
        return _Said(Finding.CLOSED)
    uses_sasl = {0: True, _UNSUPPORTED: True, _NO_SASL: False}.get(code)
    return _Said(Finding.FINE, uses_sasl, mechanisms if uses_sasl else ())


def _request(mechanism: str) -> bytes:
    client, name = b"kafka-analysis", mechanism.encode()
    body = struct.pack(">hhih", _SASL_HANDSHAKE, _VERSION, _CORRELATION, len(client)) + client
    body += struct.pack(">h", len(name)) + name
    return struct.pack(">i", len(body)) + body


def _answer(connection: socket.socket) -> tuple[int, tuple[str, ...]]:
    """Read the answer: a code, and the names of mechanisms."""
    head = _exactly(connection, 4)
    (size,) = struct.unpack(">i", head)
    if head == b"HTTP":
        raise _NotKafkaError("it answers HTTP")
    if not 10 <= size <= _LARGEST_ANSWER:
        raise _NotKafkaError
    body = _exactly(connection, size)
    correlation, code, count = struct.unpack_from(">ihi", body)
    if correlation != _CORRELATION:
        raise _NotKafkaError
    names, at = [], 10
    for _ in range(min(max(count, 0), _MOST_MECHANISMS)):
        if at + 2 > size:
            raise _NotKafkaError
        (length,) = struct.unpack_from(">h", body, at)
        names.append(body[at + 2 : at + 2 + max(length, 0)].decode(errors="replace"))
        at += 2 + max(length, 0)
    return code, tuple(name for name in names if _MECHANISM.fullmatch(name))


def _exactly(connection: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        part = connection.recv(count - len(read))
        if not part:
            raise ConnectionResetError
        read += part
    return read


def _shown(cluster: ClusterProfile, host: str, port: int, deadline: Deadline) -> Mapping[str, Any]:
    """Return what the certificate of an address says, whoever signed it."""
    try:
        with (
            socket.create_connection((host, port), timeout=_step(deadline)) as plain,
            tls_context(cluster, verify=False).wrap_socket(plain, server_hostname=host) as secured,
        ):
            return read_der(secured.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError):
        return {}

"""Look at the certificates that brokers show, and at the client's own: until when they are valid, and for whom.

Each address is asked by two handshakes and nothing else: one that takes whatever certificate is shown, and one that
verifies it as the profile says. A handshake proves what a new connection meets: those that are open already go on after
a certificate has expired.
"""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kafka_analysis.model.background import in_background
from kafka_analysis.model.clock import now
from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import CERTIFICATE_PROBLEMS
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.rows import Row, table
from kafka_analysis.sources.kafka.security_files import problem_of_files

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name

NO_LIBRARY = (
    "certificates cannot be parsed: cryptography is not installed; install kafka-analysis[kafka-admin]"
)
CLIENT = "profile: cert_file"
EXPIRED, NOT_YET, UNKNOWN_CA, WRONG_NAME, NO_TLS, SILENT, UNREACHABLE, UNREADABLE, OTHER = (
    CERTIFICATE_PROBLEMS
)
# What OpenSSL's numbers for a failed verification mean.
VERIFY_CODES = {
    9: NOT_YET,
    10: EXPIRED,
    2: UNKNOWN_CA,
    18: UNKNOWN_CA,
    19: UNKNOWN_CA,
    20: UNKNOWN_CA,
    21: UNKNOWN_CA,
}
VERIFY_CODES |= {7: UNKNOWN_CA, 30: UNKNOWN_CA, 62: WRONG_NAME, 64: WRONG_NAME}
NOT_TLS = re.compile(
    r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE|HTTP_REQUEST|UNKNOWN_PROTOCOL"
)
_ADDRESS = re.compile(r"(?:[A-Za-z_]+://)?(\[[^\]]+\]|[^:\[\]]+)(?::(\d+))?")
_VERIFICATION = "enable.ssl.certificate.verification"
_NAMES = "ssl.endpoint.identification.algorithm"
_DEFAULT_PORT = 9092
_AT_ONCE, _GRACE_S, _MOST_NAMES, _MOST_TEXT = 50, 0.5, 100, 500
Address = tuple[int | None, str, int]
Read = tuple[pl.DataFrame, str | None]


def read_certificates(
    cluster: ClusterProfile, brokers: Iterable[tuple[int, str, int]], *, timeout_s: float, deadline: Deadline
) -> Read:
    """Return the ``certificates`` table, and what it lacks (None: nothing).

    Empty where the profile's protocol has no TLS.

    Parameters
    ----------
    brokers
        Id, host and port of each broker, as the cluster names them; the profile's bootstrap servers are looked at
        besides.
    timeout_s
        Seconds for one address; all are asked side by side, 50 at once.
    deadline
        An address that is not reached by then is ``silent``.

    Raises
    ------
    ProfileError
        When the profile's own files cannot be used.
    """
    stamp = now()
    if not cluster.security.protocol.endswith("SSL"):
        return table("certificates", cluster.name, ()), None
    addresses = addresses_of(cluster, brokers)
    contexts = tls_context(cluster, verify=False), tls_context(cluster, verify=True)
    rows: list[Row] = []
    for start in range(0, len(addresses), _AT_ONCE):
        part = addresses[start : start + _AT_ONCE]
        asking = {
            each: in_background(partial(_look, each, contexts, min(timeout_s, deadline.left)))
            for each in part
        }
        wait(asking.values(), timeout=min(2 * timeout_s, deadline.left) + _GRACE_S)
        rows += [_answer(each, future) for each, future in asking.items()]
    rows += own_certificate(cluster)
    return table("certificates", cluster.name, rows, ts=stamp), None if _has_library() else NO_LIBRARY


def _has_library() -> bool:
    try:
        import cryptography.x509  # noqa: F401
    except ImportError:
        return False
    return True


def addresses_of(cluster: ClusterProfile, brokers: Iterable[tuple[int, str, int]] = ()) -> list[Address]:
    """Return the brokers' addresses, and those of the bootstrap servers that are none of them.

    Examples
    --------
    >>> addresses_of(ClusterProfile(name="c", bootstrap_servers="b-1:9094,[::1]"), [(1, "b-1", 9094)])
    [(1, 'b-1', 9094), (None, '::1', 9092)]
    """
    named: dict[tuple[str, int], int | None] = {(host, port): broker for broker, host, port in brokers}
    for server in cluster.bootstrap.split(","):
        match = _ADDRESS.fullmatch(server.strip())
        if match is not None:
            named.setdefault((match[1].strip("[]"), int(match[2] or _DEFAULT_PORT)), None)
    return [(broker, host, port) for (host, port), broker in named.items()]


def tls_context(cluster: ClusterProfile, *, verify: bool) -> ssl.SSLContext:
    """Return how to shake hands: as the profile's client would, or taking any certificate.

    Raises
    ------
    ProfileError
        When the profile's own files cannot be used.

    Examples
    --------
    >>> cluster = ClusterProfile(name="c", bootstrap_servers="h:1", security={"protocol": "SSL"})
    >>> tls_context(cluster, verify=False).check_hostname
    False
    """
    security, options = cluster.security, cluster.client_options
    try:
        context = ssl.create_default_context(cafile=_path(security.ca_file)) if verify else _taking_all()
        context.verify_flags &= (
            ~ssl.VERIFY_X509_STRICT
        )  # rules that librdkafka and Java do not hold against anybody
        if str(options.get(_NAMES, "https")).lower() == "none":
            context.check_hostname = False
        if str(options.get(_VERIFICATION, True)).lower() == "false":
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if security.cert_file is not None:
            password = security.key_password.read() if security.key_password else ""
            context.load_cert_chain(str(security.cert_file), _path(security.key_file), password=password)
    except (OSError, ValueError) as error:  # of ssl's own errors too
        unknown = f"ca_file, cert_file or key_file cannot be used ({type(error).__name__}); correct security"
        message = f"cluster {cluster.name}: {problem_of_files(cluster) or unknown}"
        raise ProfileError(message) from None
    return context


def _taking_all() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1  # whatever is shown is of interest
    return context


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _look(address: Address, contexts: tuple[ssl.SSLContext, ssl.SSLContext], timeout_s: float) -> Row:
    """Shake hands twice; return the row of what was shown."""
    _, host, port = address
    taking, verifying = contexts
    shown, problem = _handshake(taking, host, port, timeout_s)
    if shown is None:
        return {"problem": problem}
    row = read_der(shown)
    _, problem = _handshake(verifying, host, port, timeout_s)
    return {**row, "problem": _joined(_of_dates(row), problem)}


def _handshake(
    context: ssl.SSLContext, host: str, port: int, timeout_s: float
) -> tuple[bytes | None, str | None]:
    """Return the certificate shown, and the problem; both None is not possible."""
    try:
        with (
            socket.create_connection((host, port), timeout=max(timeout_s, 0.05)) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True), None
    except ssl.SSLCertVerificationError as error:
        return None, VERIFY_CODES.get(error.verify_code, OTHER)
    except TimeoutError:
        return None, SILENT
    except ssl.SSLError as error:
        return None, NO_TLS if NOT_TLS.search(str(error)) else OTHER
    except (OSError, ValueError):  # of names that cannot be looked up, or are none
        return None, UNREACHABLE


def _answer(address: Address, future: Future[Row]) -> Row:
    broker, host, port = address
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    row: Row = {"broker": broker, "address": shown, "kind": "broker"}
    if not future.done():
        return {**row, "problem": SILENT}
    return {**row, **(future.result() if future.exception() is None else {"problem": OTHER})}


def own_certificate(cluster: ClusterProfile) -> Iterator[Row]:
    """Yield the row of the certificate that the profile gives to clients.

    Examples
    --------
    >>> list(own_certificate(ClusterProfile(name="c", bootstrap_servers="h:1")))
    []
    """
    file = cluster.security.cert_file
    if file is None:
        return
    row: Row = {"broker": None, "address": CLIENT, "kind": "client"}
    try:
        shown = ssl.PEM_cert_to_DER_cert(_first_pem(Path(file).read_text(encoding="ascii", errors="replace")))
    except (OSError, ValueError):
        yield {**row, "problem": UNREADABLE}
        return
    read = read_der(shown)
    yield {**row, **read, "problem": _joined(read.get("problem"), _of_dates(read))}


def _first_pem(text: str) -> str:
    match = re.search(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", text, re.DOTALL)
    return match[0] + "\n" if match else ""


def read_der(der: bytes) -> Row:
    """Return what a certificate says; nothing without the library that reads it.

    Examples
    --------
    >>> read_der(b"no certificate") in ({"problem": UNREADABLE}, {})
    True
    """
    if not _has_library():
        return {}
    from cryptography import x509

    try:
        with warnings.catch_warnings():  # of certificates that break a rule, which are read all the same
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(der)
            return {
                "subject": _text(certificate.subject),
                "issuer": _text(certificate.issuer),
                "names": _names(certificate),
                "valid_from": _whole(certificate.not_valid_before_utc),
                "valid_until": _whole(certificate.not_valid_after_utc),
            }
    except ValueError:
        return {"problem": UNREADABLE}


def _text(name: Name) -> str:
    return name.rfc4514_string()[:_MOST_TEXT]


def _names(certificate: Certificate) -> list[str]:
    """Return the names and addresses a certificate is valid for."""
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    kinds: Sequence[Any] = (x509.DNSName, x509.IPAddress)
    named = [str(name)[:_MOST_TEXT] for kind in kinds for name in found.get_values_for_type(kind)]
    return named[:_MOST_NAMES]


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _of_dates(row: Mapping[str, Any]) -> str | None:
    """Return the problem with a certificate's dates: one that is not trusted either says nothing of them."""
    if row.get("valid_until") is None:
        return None
    moment = now()
    return EXPIRED if row["valid_until"] < moment else NOT_YET if row["valid_from"] > moment else None


def _joined(*problems: str | None) -> str | None:
    return "; ".join(dict.fromkeys(problem for problem in problems if problem)) or None

"""Say in one sentence why a cluster is not reached, and which entry of the profile to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka_analysis.model.errors import NoAnswerError
from kafka_analysis.model.profile import AWS_MSK_IAM, ClusterProfile
from kafka_analysis.sources.kafka.probe import Finding, Probed

_MOST_ADDRESSES, _MOST_NAMES, _LONGEST = 3, 3, 100
# What may be over in a moment, or be the broker's own slowness: it is waited for until the time is up.
UNCERTAIN = frozenset({Finding.FINE, Finding.SILENT, Finding.LATE, Finding.UNREACHABLE})


class ConnectionFailedError(NoAnswerError):
    """A cluster was not reached: what happened, and what to change so that it is.

    Examples
    --------
    >>> str(ConnectionFailedError("b-1:9092 refuses connections", "start the broker"))
    'b-1:9092 refuses connections; start the broker'
    """

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}; {mend}")
        self.what = what
        self.mend = mend


@dataclass(frozen=True)
class Words:
    """What happened, and what to change."""

    what: str
    mend: str


def of_authentication(heard: str, cluster: ClusterProfile) -> Words:
    """Return the words of a login that was refused: Kafka does not tell a wrong password from an unknown user.

    Parameters
    ----------
    heard
        What librdkafka said.

    Examples
    --------
    >>> security = {"protocol": "SASL_SSL", "mechanism": "PLAIN", "username": "ann", "password": {"env": "PW"}}
    >>> cluster = ClusterProfile(name="c", bootstrap_servers="b-1:9092", security=security)
    >>> of_authentication("SASL authentication error: invalid credentials", cluster).what
    'the cluster rejects the PLAIN login: wrong password or unknown user'
    """
    mechanism = cluster.security.mechanism
    if mechanism == AWS_MSK_IAM:
        return Words(
            f"the cluster rejects the AWS_MSK_IAM login: {_plain(cluster.scrub(heard), 200)}",
            "check the AWS credentials, security.aws_profile and security.region, and that the policy allows "
            "kafka-cluster:Connect",
        )
    return Words(
        f"the cluster rejects the {mechanism} login: wrong password or unknown user",
        "correct security.username or security.password; Kafka does not say which of the two is wrong",
    )


def of_probed(
    probed: Probed, cluster: ClusterProfile, *, own: Mapping[str, Any] | None = None
) -> Words | None:
    """Return the words of what an address turned out to be; None where it speaks as the profile says.

    Parameters
    ----------
    own
        What the client's own certificate says: a row of the ``certificates`` table.

    Examples
    --------
    >>> cluster = ClusterProfile(name="c", bootstrap_servers="b-1:9092")
    >>> of_probed(Probed("b-1", 9092, Finding.SASL_WANTED, True, ("SCRAM-SHA-512",)), cluster).mend
    'set security.protocol = "SASL_PLAINTEXT", security.mechanism, username and password'
    """
    if probed.finding is Finding.FINE:
        return None
    for of in (_of_network, _of_protocol, _of_certificate, _of_sasl):
        words = of(probed, cluster)
        if words is not None:
            return words
    return _of_client_certificate(probed, cluster, own or {})


def of_addresses(
    probed: Sequence[Probed], cluster: ClusterProfile, *, own: Mapping[str, Any] | None = None
) -> Words | None:
    """Return the words of several addresses, of which none answers; None where one speaks as the profile says.

    Examples
    --------
    >>> cluster = ClusterProfile(name="c", bootstrap_servers="b-1:9092,b-2:9092")
    >>> of_addresses([Probed("b-1", 9092, Finding.REFUSED), Probed("b-2", 9092, Finding.REFUSED)], cluster).what
    'b-1:9092 and b-2:9092 refuse connections: nothing is listening there'
    """
    found = [of_probed(each, cluster, own=own) for each in probed]
    known = [words for words in found if words is not None]
    if not probed or len(known) < len(found):
        return None
    if len(probed) > 1 and {each.finding for each in probed} == {Finding.REFUSED}:
        named = [each.address for each in probed[:_MOST_ADDRESSES]]
        more = [f"{len(probed) - len(named)} more"] if len(probed) > len(named) else []
        *most, last = [*named, *more]
        return Words(
            f"{', '.join(most)} and {last} refuse connections: nothing is listening there", known[0].mend
        )
    # Addresses of one cluster mostly fail alike; the first of each kind is enough.
    first = dict(zip([each.finding for each in reversed(probed)], reversed(known), strict=True))
    kinds = [first[each] for each in dict.fromkeys(each.finding for each in probed)][:_MOST_ADDRESSES]
    return Words("; ".join(words.what for words in kinds), "; ".join(words.mend for words in kinds))


def of_brokers(heard: Mapping[str, str], seconds: float) -> Words:
    """Return the words of a cluster whose bootstrap servers answer, and whose brokers do not.

    Examples
    --------
    >>> of_brokers({"b-1.internal:9092": "Failed to resolve"}, 8).what
    'the bootstrap servers answer, but broker b-1.internal:9092 cannot be reached (Failed to resolve)'
    >>> of_brokers({}, 8).what
    'the bootstrap servers accept connections, but the cluster does not answer within 8 s'
    """
    if not heard:
        return Words(
            f"the bootstrap servers accept connections, but the cluster does not answer within {seconds:g} s",
            "check the brokers and the controller, or raise admin_timeout_s",
        )
    address, words = next(iter(heard.items()))
    return Words(
        f"the bootstrap servers answer, but broker {_plain(address)} cannot be reached ({_plain(words, 200)})",
        "the addresses of the brokers' advertised.listeners must be reachable from this machine",
    )


def _of_network(probed: Probed, _cluster: ClusterProfile) -> Words | None:
    address, detail = probed.address, f" ({_plain(probed.detail)})" if probed.detail else ""
    found = {
        Finding.UNRESOLVED: (
            f"the name {probed.host} cannot be resolved",
            "correct bootstrap_servers, or the DNS of this machine",
        ),
        Finding.REFUSED: (
            f"{address} refuses connections: nothing is listening there",
            "correct host and port in bootstrap_servers, or start the broker",
        ),
        Finding.UNREACHABLE: (
            f"no connection to {address}{detail}",
            "correct host and port in bootstrap_servers, or open the port in firewalls and security groups",
        ),
        Finding.SILENT: (
            f"{address} accepts connections but does not answer",
            "check that bootstrap_servers names a listener of Kafka, and that the broker is not hung",
        ),
        Finding.LATE: (
            f"{address} does not answer in time",
            "check bootstrap_servers, the network, and the load of this machine",
        ),
        Finding.CLOSED: (
            f"{address} closes the connection without an answer",
            "check that bootstrap_servers names a Kafka listener that accepts this machine",
        ),
        Finding.NOT_KAFKA: (
            f"{address} does not speak Kafka{detail}",
            "correct host and port in bootstrap_servers",
        ),
    }.get(probed.finding)
    return None if found is None else Words(*found)


def _of_protocol(probed: Probed, cluster: ClusterProfile) -> Words | None:
    protocol, address = cluster.security.protocol, probed.address
    if probed.finding is Finding.TLS_THERE:
        wanted = _protocols(tls=True, uses_sasl=probed.uses_sasl)
        return Words(
            f"{address} uses TLS, but security.protocol = {_quoted(protocol)} does not",
            f"set security.protocol = {wanted}, or use the port without TLS in bootstrap_servers",
        )
    if probed.finding is Finding.NO_TLS:
        wanted = _protocols(tls=False, uses_sasl=probed.uses_sasl)
        return Words(
            f"{address} does not use TLS, but security.protocol = {_quoted(protocol)} does",
            f"set security.protocol = {wanted}, or use the port with TLS in bootstrap_servers",
        )
    return None


def _protocols(*, tls: bool, uses_sasl: bool | None) -> str:
    plain = "SSL" if tls else "PLAINTEXT"
    names = {True: [f"SASL_{plain}"], False: [plain], None: [plain, f"SASL_{plain}"]}[uses_sasl]
    return " or ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return f'"{name}"'


def _of_certificate(probed: Probed, cluster: ClusterProfile) -> Words | None:
    shown, address = probed.certificate, probed.address
    issuer = f" ({_plain(shown['issuer'])})" if shown.get("issuer") else ""
    names = ", ".join(_plain(name) for name in list(shown.get("names") or ())[:_MOST_NAMES])
    if probed.finding is Finding.UNKNOWN_CA and cluster.security.ca_file is None:
        return Words(
            f"the certificate of {address} is signed by an authority that this machine does not know{issuer}",
            "give security.ca_file, a PEM file with the certificate of that authority",
        )
    found = {
        Finding.EXPIRED: (
            f"the certificate of {address} expired{_on(shown.get('valid_until'))}",
            "renew it on the broker; no change to the profile helps",
        ),
        Finding.NOT_YET: (
            f"the certificate of {address} is not valid before{_on(shown.get('valid_from')) or ' later'}",
            "check the clock of this machine, and the broker's certificate",
        ),
        Finding.UNKNOWN_CA: (
            f"the certificate of {address} is signed by an authority{issuer} that is not in security.ca_file",
            "add the certificate of that authority to security.ca_file",
        ),
        Finding.WRONG_NAME: (
            f"the certificate of {address} is not for {probed.host}" + (f" but for {names}" if names else ""),
            "use a name from the certificate in bootstrap_servers, or reissue it for this host",
        ),
        Finding.TLS_FAILED: (
            f"TLS with {address} fails" + (f": {_plain(probed.detail)}" if probed.detail else ""),
            "check its TLS versions and ciphers, and whether it requires a client certificate (security.cert_file)",
        ),
    }.get(probed.finding)
    return None if found is None else Words(*found)


def _of_sasl(probed: Probed, cluster: ClusterProfile) -> Words | None:
    security, address = cluster.security, probed.address
    offered = ", ".join(probed.mechanisms) or "no known mechanism"
    if probed.finding is Finding.SASL_WANTED:
        wanted = _protocols(tls=security.protocol == "SSL", uses_sasl=True)
        return Words(
            f"{address} requires a SASL login (it offers {offered}), but security.protocol = "
            f"{_quoted(security.protocol)} has none",
            f"set security.protocol = {wanted}, security.mechanism, username and password",
        )
    if probed.finding is Finding.NO_SASL:
        wanted = _protocols(tls=security.protocol == "SASL_SSL", uses_sasl=False)
        return Words(
            f"{address} does not use SASL, but security.protocol = {_quoted(security.protocol)} does",
            f"set security.protocol = {wanted} and remove mechanism, username and password, or use the port of the "
            "SASL listener in bootstrap_servers",
        )
    if probed.finding is Finding.WRONG_MECHANISM:
        return Words(
            f"{address} does not offer the mechanism {security.mechanism}; it offers {offered}",
            "set security.mechanism to one of these",
        )
    return None


def _of_client_certificate(probed: Probed, cluster: ClusterProfile, own: Mapping[str, Any]) -> Words:
    """Say why a broker does not take the client's certificate: it says no more than that itself."""
    if cluster.security.cert_file is None:
        return Words(
            f"{probed.address} requires a client certificate (mutual TLS), but none is given",
            "give security.cert_file and security.key_file",
        )
    problem = str(own.get("problem") or "")
    if Finding.EXPIRED.value.endswith(problem) and problem:
        return Words(
            f"the client certificate (security.cert_file) expired{_on(own.get('valid_until'))}",
            "renew it, and name the new files in security.cert_file and security.key_file",
        )
    issuer = f" (signed by {_plain(own['issuer'])})" if own.get("issuer") else ""
    return Words(
        f"{probed.address} does not accept the client's certificate{issuer}",
        "use one in security.cert_file and security.key_file that is signed by an authority the brokers trust",
    )


def _on(moment: Any) -> str:
    return "" if moment is None else f" on {moment:%Y-%m-%d %H:%M} UTC"


def _plain(text: object, longest: int = _LONGEST) -> str:
    """Return text that somebody else wrote as part of one line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(text)[: 2 * longest])
    return " ".join(printable.split())[:longest]

"""Say what is wrong with the files of a profile's ``security``, of which librdkafka only says that they fail."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from kafka_analysis.model.profile import ClusterProfile

_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
_ENCRYPTED = re.compile(r"BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED")


def problem_of_files(cluster: ClusterProfile) -> str | None:
    """Return what is wrong with the files of certificates and keys, and what to change; None where nothing is.

    Names of files that are not there are not shown: a secret may stand in the wrong place.

    Examples
    --------
    >>> security = {"protocol": "SSL", "ca_file": "/no/such/ca.pem"}
    >>> problem_of_files(ClusterProfile(name="c", bootstrap_servers="h:1", security=security))
    "security.ca_file cannot be read (No such file or directory); name a PEM file with the authority's certificate"
    """
    security = cluster.security
    wanted = (
        ("ca_file", security.ca_file, "the authority's certificate"),
        ("cert_file", security.cert_file, "the client's certificate"),
        ("key_file", security.key_file, "the key of the client's certificate"),
    )
    for name, file, holds in wanted:
        if file is None:
            continue
        try:
            text = Path(file).read_text(encoding="ascii", errors="replace")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is not a valid file name"
            return f"security.{name} cannot be read ({why}); name a PEM file with {holds}"
        if not (_KEY.search(text) if name == "key_file" else _CERTIFICATE in text):
            what = "private key" if name == "key_file" else "certificate"
            return f"security.{name} contains no {what} in PEM format; name a file with {holds}"
    return _of_authority(security.ca_file) or _of_pair(cluster)


def _of_authority(file: Path | None) -> str | None:
    try:
        ssl.create_default_context(cafile=None if file is None else str(file))
    except (OSError, ValueError):
        return "security.ca_file cannot be used; name a PEM file with the authority's certificate"
    return None


def _of_pair(cluster: ClusterProfile) -> str | None:
    security = cluster.security
    if security.cert_file is None or security.key_file is None:
        return None
    password = security.key_password.read() if security.key_password else ""
    is_encrypted = _ENCRYPTED.search(Path(security.key_file).read_text(encoding="ascii", errors="replace"))
    if is_encrypted and not password:
        return "security.key_file is encrypted; give security.key_password"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(
            str(security.cert_file), str(security.key_file), password=password
        )
    except ssl.SSLError as error:
        if "KEY_VALUES_MISMATCH" in str(error) or "KEY_TYPE_MISMATCH" in str(error):
            return "security.key_file does not match security.cert_file; name a certificate and its own key"
        if is_encrypted:
            return "security.key_password does not decrypt security.key_file; correct the password"
        return "security.cert_file and security.key_file cannot be used; name a certificate and its key, both in PEM"
    except (OSError, ValueError):
        return "security.cert_file and security.key_file cannot be used; name a certificate and its key, both in PEM"
    return None

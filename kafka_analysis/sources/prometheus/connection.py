"""Connect to a server with Prometheus' HTTP API: login, certificates, and nothing of them shown."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from kafka_analysis.model.addresses import redacted
from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import PrometheusServer
from kafka_analysis.sources.http.client import http_client
from kafka_analysis.sources.prometheus.api import PrometheusApi


@contextmanager
def connected(
    server: PrometheusServer,
    *,
    transport: httpx.BaseTransport | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[PrometheusApi]:
    """Yield the API of a server; secrets are read here, at the last moment, and kept in the client only.

    Parameters
    ----------
    transport
        What carries the questions; the network by default.
    pause
        Waits a number of seconds before a question is asked again.

    Raises
    ------
    ProfileError
        When a secret or certificate cannot be read, or cannot be sent as it is.

    Examples
    --------
    >>> answer = {"status": "success", "data": ["up"]}
    >>> server = PrometheusServer(url="http://prometheus.example.org")
    >>> with connected(server, transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer))) as api:
    ...     api.names('{job="kafka"}', start_ms=0, end_ms=60_000).data
    ['up']
    """
    with http_client(
        headers=_headers(server),
        auth=_login(server),
        verify=_certificates(server),
        transport=transport,
    ) as client:
        yield PrometheusApi(client, redacted(str(server.url)).rstrip("/"), server.timeout_s, pause)


def _headers(server: PrometheusServer) -> dict[str, str]:
    if server.token is None:
        return {}
    token = server.token.read()
    if not (token.isascii() and token.isprintable() and token):
        raise ProfileError(
            "the token of prometheus is empty or has characters no token has; check its file or variable"
        )
    return {"Authorization": f"Bearer {token}"}


def _login(server: PrometheusServer) -> tuple[str, str] | None:
    if server.username is None or server.password is None:
        return None
    return server.username, server.password.read()


def _certificates(server: PrometheusServer) -> ssl.SSLContext | bool:
    if server.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(server.ca_file))
    except OSError as error:
        message = f"ca_file {server.ca_file} cannot be read: {error.strerror or 'it holds no certificate'}"
        raise ProfileError(message) from None

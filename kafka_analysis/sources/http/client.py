"""An HTTP client whose every wait on the network ends at the deadline of the exchange it belongs to.

HTTPX's timeouts hold for one operation: an answer that sends a byte now and then never ends. Here the timeout of each
operation is what is left until the deadline, so that no row of small successes outlives it. Connections are kept alive.
"""

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from kafka_analysis.model.background import in_background
from kafka_analysis.sources.http.deadline import Deadline

_deadline: ContextVar[Deadline] = ContextVar("deadline")


@contextmanager
def held_to(deadline: Deadline) -> Iterator[None]:
    """Hold everything a client of :func:`http_client` does in this thread to a deadline.

    Examples
    --------
    >>> with held_to(Deadline.after(1)), http_client() as client:
    ...     client.get("http://127.0.0.1:1/")
    Traceback (most recent call last):
    ...
    httpx.ConnectError: [Errno 111] Connection refused
    """
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def http_client(
    *, verify: ssl.SSLContext | bool = True, transport: httpx.BaseTransport | None = None, **options: Any
) -> httpx.Client:
    """Return a client that takes no settings from the environment, follows no redirect and keeps no cookie.

    Parameters
    ----------
    verify
        Certificates to trust; the system's by default.
    transport
        What carries the questions; the network, held to deadlines, by default.
    **options
        Further ones of ``httpx.Client``: headers, auth.

    Examples
    --------
    >>> with http_client() as client:
    ...     client.follow_redirects
    False
    """
    return httpx.Client(
        transport=transport or _Transport(verify=verify),
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
        **options,
    )


class _Transport(httpx.HTTPTransport):
    """HTTPX's transport over connections that know the deadline."""

    def __init__(self, *, verify: ssl.SSLContext | bool) -> None:
        trusted = _certificates(verify=verify) if isinstance(verify, bool) else verify
        super().__init__(verify=trusted, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted, max_connections=None, keepalive_expiry=60.0, network_backend=_Network()
        )


@cache
def _certificates(*, verify: bool) -> ssl.SSLContext:
    return httpx.create_ssl_context(verify, trust_env=False)


class _Network(httpcore.NetworkBackend):
    """Connections whose timeouts are those of the exchange under way."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of a host's addresses that answers; each has its share of the time that is left."""
        addresses = _addresses(host, port, _left(timeout, httpcore.ConnectTimeout))
        for number, address in enumerate(addresses):
            share = _left(timeout, httpcore.ConnectTimeout) / (len(addresses) - number)
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, share, local_address, socket_options or ()
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number + 1 == len(addresses):
                    raise
            else:
                return _Stream(stream)
        raise httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    """A connection that gives each operation the time that is left, and no more."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        plug: socket.socket = self._stream.get_extra_info("socket")
        plug.settimeout(_left(timeout, httpcore.WriteTimeout))
        try:
            plug.sendall(buffer)  # its timeout holds for all of it
        except TimeoutError as error:
            raise httpcore.WriteTimeout(error) from error
        except OSError as error:
            raise httpcore.WriteError(error) from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, error: type[Exception]) -> float:
    """Return the seconds left for an operation; without a deadline those that HTTPX allows it."""
    deadline = _deadline.get(None)
    left = deadline.left if deadline is not None else timeout
    if left is None:
        raise RuntimeError("a question without a deadline; ask within held_to(…)")
    if left <= 0:
        raise error("the deadline has passed")
    return left


def _addresses(host: str, port: int, left: float) -> list[str]:
    """Look a name up; the system's resolver knows no timeout, and cannot be interrupted."""
    resolving = in_background(partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
    try:
        resolved = resolving.result(timeout=left)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(error) from error
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(error) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in resolved))

"""Fetch one page of metrics over HTTP, within a deadline."""

from __future__ import annotations

import re
import time
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

import httpx

from kafka_analysis.model.clock import now
from kafka_analysis.model.errors import SourceError

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
ACCEPT = "text/plain; version=0.0.4"
JSON = "application/json"
LARGEST_PAGE = 256 * 1024 * 1024


def fetch(
    client: httpx.Client, url: str, *, timeout_s: float, body: bytes | None = None
) -> tuple[datetime, bytes]:
    """Fetch a page; the deadline holds for all of it, also when it trickles.

    Parameters
    ----------
    client
        A client to reuse connections with.
    url
        Address of the page.
    timeout_s
        Seconds from the first byte sent to the last one received.
    body
        Question to post (JSON); without it the page is got.

    Returns
    -------
    tuple of datetime and bytes
        When the target began to answer (UTC, whole milliseconds), and the page.

    Raises
    ------
    SourceError
        It did not answer, not in time, or not with a page; the reason never holds the address's credentials.
    """
    deadline = time.monotonic() + timeout_s
    method, headers = ("GET", {"Accept": ACCEPT}) if body is None else ("POST", {"Content-Type": JSON})
    try:
        with client.stream(method, url, headers=headers, content=body, timeout=timeout_s) as response:
            answered = now()
            if response.status_code != httpx.codes.OK:
                message = f"HTTP status {response.status_code}"
                raise SourceError(message)
            page = _read(response, deadline=deadline, timeout_s=timeout_s)
    except httpx.TimeoutException:
        raise _too_slow(timeout_s) from None
    except httpx.ConnectError as error:
        message = f"no connection: {_last_words(error)}"
        raise SourceError(message) from None
    except httpx.HTTPError as error:
        message = f"not an HTTP answer: {_last_words(error)}"
        raise SourceError(message) from None
    return answered.replace(microsecond=answered.microsecond // 1000 * 1000), page


def _read(response: httpx.Response, *, deadline: float, timeout_s: float) -> bytes:
    page = bytearray()
    for chunk in response.iter_bytes():
        page += chunk
        if time.monotonic() > deadline:
            raise _too_slow(timeout_s)
        if len(page) > LARGEST_PAGE:
            raise SourceError("the page is larger than 256 MiB")
    return bytes(page)


def _too_slow(timeout_s: float) -> SourceError:
    message = f"no full answer within {timeout_s:g} s"
    return SourceError(message)


def _last_words(error: httpx.HTTPError) -> str:
    words = (str(error) or type(error).__name__).splitlines()[0]
    return _ERRNO.sub("", words)[:200]


def redacted(url: str) -> str:
    """Return an address without user, password, query and fragment.

    Examples
    --------
    >>> redacted("https://ann:secret@broker-1:11001/metrics?token=x")
    'https://broker-1:11001/metrics'
    """
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, host + port, parts.path, "", ""))

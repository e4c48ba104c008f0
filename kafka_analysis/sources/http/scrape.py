"""Fetch one page of metrics over HTTP, within a deadline and within limits."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from tempfile import SpooledTemporaryFile

import httpx

from kafka_analysis.model.addresses import redacted
from kafka_analysis.model.clock import now
from kafka_analysis.model.errors import InputError, SourceError
from kafka_analysis.model.page_limits import DEFAULT_LIMITS, PageLimits
from kafka_analysis.sources.exposition.page_kind import OWN_ERROR, json_error, own_error
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.decompress import once_packed
from kafka_analysis.sources.http.exchange import body_of, exchange

ACCEPT = "text/plain; version=0.0.4"
JSON = "application/json"
LARGE_PAGE = 4 * 1024 * 1024
_MOST_WORDS = 65_536
_one_large_page = threading.Lock()


@contextmanager
def fetched(
    client: httpx.Client,
    url: str,
    *,
    deadline: Deadline,
    limits: PageLimits = DEFAULT_LIMITS,
    body: bytes | None = None,
) -> Iterator[tuple[datetime, bytes]]:
    """Fetch a page, and hold it for as long as it is worked on.

    Large pages wait on disk while they come, and are worked on one at a time in the whole process: a page at the
    limits takes some 400 MB of memory until its samples are there.

    Parameters
    ----------
    client
        One of :func:`~kafka_analysis.sources.http.client.http_client`.
    url
        Address of the page.
    deadline
        When it must be here, decoded.
    limits
        The most bytes and lines it may have.
    body
        Question to post (JSON); without it the page is got.

    Yields
    ------
    tuple of datetime and bytes
        When the target began to answer (UTC, whole milliseconds), and the page, unpacked.

    Raises
    ------
    SourceError
        It did not answer, not in time, or not with a page; the reason never holds the address's credentials.

    Examples
    --------
    >>> from kafka_analysis.sources.http.client import http_client
    >>> page = httpx.MockTransport(lambda _: httpx.Response(200, content=b"up 1"))
    >>> with http_client(transport=page) as client:
    ...     with fetched(client, "http://h/metrics", deadline=Deadline.after(5)) as (_, found):
    ...         found
    b'up 1'
    """
    with SpooledTemporaryFile(max_size=LARGE_PAGE) as spool:
        with _answer(client, url, deadline, body) as response:
            answered = now()
            for piece in body_of(response, deadline=deadline, limits=limits):
                spool.write(piece)
        with _alone(deadline) if spool.tell() > LARGE_PAGE else nullcontext():
            spool.seek(0)
            try:
                page = once_packed(spool.read())
            except InputError as error:
                raise SourceError(str(error)) from None
            yield answered, page


@contextmanager
def _answer(
    client: httpx.Client, url: str, deadline: Deadline, body: bytes | None
) -> Iterator[httpx.Response]:
    method, headers = ("GET", {"Accept": ACCEPT}) if body is None else ("POST", {"Content-Type": JSON})
    headers |= {"Accept-Encoding": "gzip"}
    with exchange(client, method, url, deadline=deadline, headers=headers, content=body) as response:
        if response.status_code != httpx.codes.OK:
            raise SourceError(_refusal(response, url, deadline))
        yield response


def _refusal(response: httpx.Response, url: str, deadline: Deadline) -> str:
    status = f"HTTP status {response.status_code}"
    if not response.has_redirect_location:
        said = _own_words(response, deadline)
        return f"{status}: {said}" if said and not _repeats_a_secret(said, url) else status
    try:
        place = repr(redacted(response.headers["Location"])[:200])
    except ValueError:
        place = "the redirect target is not a valid URL"
    return f"{status}: redirects are not followed; put the final URL into the profile ({place})"


def _own_words(response: httpx.Response, deadline: Deadline) -> str | None:
    """Return what an exporter, or a JSON document, says about the error; None where it says nothing of the kind."""
    body = b""
    try:
        for piece in body_of(response, deadline=deadline, limits=DEFAULT_LIMITS):
            body += piece
            if len(body) >= _MOST_WORDS:
                break
    except (SourceError, httpx.HTTPError):
        return None
    own = own_error(body)
    return f"{OWN_ERROR}: {own}" if own else json_error(body)


def _repeats_a_secret(said: str, url: str) -> bool:
    """Tell whether words hold a part of an address that may be a login or a token."""
    parts = httpx.URL(url)
    hidden = re.split(
        r"[&=:]", f"{parts.userinfo.decode(errors='replace')}&{parts.query.decode(errors='replace')}"
    )
    return any(part in said for part in hidden if part)


@contextmanager
def _alone(deadline: Deadline) -> Iterator[None]:
    if not _one_large_page.acquire(timeout=deadline.left):
        raise SourceError(
            f"no turn within {deadline.seconds:g} s: large pages of other targets took the time"
        )
    try:
        yield
    finally:
        _one_large_page.release()

"""Ask one question over HTTP and take the answer as it comes: within its deadline, and never more than is wanted."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from kafka_analysis.model.errors import InputError, NoAnswerError, SourceError, TooLargeError
from kafka_analysis.model.page_limits import PageLimits
from kafka_analysis.sources.http.client import held_to
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.decompress import ENCODINGS, TooMuchError, limited, opened, unpacked

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")


@contextmanager
def exchange(
    client: httpx.Client, method: str, url: str, *, deadline: Deadline, **sent: Any
) -> Iterator[httpx.Response]:
    """Send a question and yield the answer's head; its body is read with :func:`body_of`.

    Parameters
    ----------
    client
        One of :func:`~kafka_analysis.sources.http.client.http_client`.
    deadline
        When all of it must have been read.
    **sent
        What HTTPX's ``stream`` sends: headers, content, data, params.

    Raises
    ------
    NoAnswerError
        It did not answer, not in time, or not in HTTP; the reason never holds the address's credentials.

    Examples
    --------
    >>> from kafka_analysis.sources.http.client import http_client
    >>> page = httpx.MockTransport(lambda _: httpx.Response(200, content=b"up 1"))
    >>> with http_client(transport=page) as client:
    ...     with exchange(client, "GET", "http://h/", deadline=Deadline.after(5)) as response:
    ...         response.status_code
    200
    """
    deadline.check()
    try:
        with held_to(deadline), client.stream(method, url, timeout=deadline.left, **sent) as response:
            yield response
    except httpx.TimeoutException:
        raise deadline.passed() from None
    except httpx.ConnectError as error:
        raise NoAnswerError(f"no connection: {_words(error)}") from None
    except httpx.InvalidURL:  # what it says repeats parts of the address, which may be a secret
        raise NoAnswerError("the address is not valid") from None
    except (httpx.HTTPError, UnicodeError) as error:
        raise NoAnswerError(f"not an HTTP response: {_words(error)}") from None


def body_of(response: httpx.Response, *, deadline: Deadline, limits: PageLimits) -> Iterator[bytes]:
    """Yield an answer's body in pieces as it comes, unpacked however it is packed; some pieces may be empty.

    Raises
    ------
    NoAnswerError
        The deadline passed.
    SourceError
        It is packed in a way that is not read, or damaged.
    TooLargeError
        More came than the limits allow.

    Examples
    --------
    >>> from kafka_analysis.sources.http.client import http_client
    >>> page = httpx.MockTransport(lambda _: httpx.Response(200, content=b"up 1"))
    >>> deadline = Deadline.after(5)
    >>> with http_client(transport=page) as client, exchange(client, "GET", "http://h/", deadline=deadline) as response:
    ...     b"".join(body_of(response, deadline=deadline, limits=PageLimits()))
    b'up 1'
    """
    try:
        for piece in limited(opened(_decoded(response, deadline)), limits):
            deadline.check()
            yield piece
    except TooMuchError as error:
        raise TooLargeError(f"the answer has {error}") from None
    except InputError as error:
        raise SourceError(str(error).removesuffix("; give the whole file")) from None


def _decoded(response: httpx.Response, deadline: Deadline) -> Iterator[bytes]:
    """Undo the answer's one content encoding."""
    headers = response.headers.get_list("Content-Encoding", split_commas=True)
    encodings = [name.strip().lower().removeprefix("x-") for name in headers]
    encodings = [name for name in encodings if name not in ("", "identity")]
    if len(encodings) > 1:
        raise SourceError(f"stacked content encodings are not supported: {', '.join(encodings)[:100]!r}")
    if encodings and encodings[0] not in ENCODINGS:
        raise SourceError(
            f"content encoding {encodings[0][:100]!r} is not supported, only {', '.join(ENCODINGS)}"
        )
    raw = _checked(response, deadline)
    yield from unpacked(raw, encodings[0]) if encodings else raw


def _checked(response: httpx.Response, deadline: Deadline) -> Iterator[bytes]:
    """Yield the bytes as they were sent; those of an answer made up by a test are there already."""
    pieces: Iterable[bytes] = [response.content] if response.is_stream_consumed else response.iter_raw()
    for piece in pieces:
        deadline.check()
        yield piece


def _words(error: Exception) -> str:
    words = (str(error) or type(error).__name__).splitlines()[0]
    return _ERRNO.sub("", words)[:200]

"""Ask a server with Prometheus' HTTP API: each question bounded in time and size, and asked again where that helps."""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from kafka_analysis.model.addresses import redacted
from kafka_analysis.model.errors import NoAnswerError, ProfileError, RefusedError, SourceError, TooLargeError
from kafka_analysis.model.page_limits import PageLimits
from kafka_analysis.model.profile import PrometheusServer
from kafka_analysis.sources.http.client import http_client
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.exchange import body_of, exchange
from kafka_analysis.sources.jolokia.json_text import check_size, shown

ATTEMPTS = 4
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
ANSWER_LIMITS = PageLimits(most_bytes=256_000_000)  # a quarter of it as JSON
_OTHER_STATUS = {
    401: "not logged in; check token, or username and password",
    403: "no right to query; check token, or username and password",
    404: "no Prometheus API there; check the path in url",
}
_TOO_LARGE = re.compile(
    r"too many (?:samples|points)|maximum resolution|exceed|too large|limit", re.IGNORECASE
)

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What the server said: its data, and warnings that the data may be partial."""

    data: Any
    warnings: tuple[str, ...] = ()


class _TryAgainError(SourceError):
    """A failure that may pass; ``after_s`` is how long the server asks to wait."""

    after_s: float | None = None


@dataclass(frozen=True)
class PrometheusApi:
    """The questions an import asks; times are milliseconds since 1970, UTC.

    ``pause`` waits a number of seconds before a question is asked again. All methods raise ``SourceError`` when there
    is no answer after ``attempts``, ``RefusedError`` when the server will not answer such a question, and
    ``TooLargeError`` when a shorter stretch of time should be asked for.
    """

    client: httpx.Client
    url: str
    timeout_s: float
    pause: Callable[[float], None] = time.sleep
    attempts: int = ATTEMPTS

    def names(self, match: str, *, start_ms: int, end_ms: int) -> Reply:
        """Return the metric names of all series that match."""
        fields = {"match[]": match, **_span(start_ms, end_ms)}
        return _listed(self._ask("GET", "label/__name__/values", fields), str)

    def series(self, match: str, *, start_ms: int, end_ms: int) -> Reply:
        """Return the labels of all series that match."""
        return _listed(self._ask("POST", "series", {"match[]": match, **_span(start_ms, end_ms)}), dict)

    def raw(self, selector: str, *, start_ms: int, end_ms: int) -> Reply:
        """Return the samples in [start, end) as they were scraped, with their own times.

        An instant query of a range selector does so: nothing is aligned to steps, repeated or left out. Versions differ
        on whether the range holds its left edge, so one millisecond more is asked for, and the reader cuts it off.
        """
        return self._query(
            "query", {"query": f"{selector}[{end_ms - start_ms + 1}ms]", "time": _seconds(end_ms)}
        )

    def stepped(self, selector: str, *, start_ms: int, end_ms: int, step_ms: int) -> Reply:
        """Return the newest sample of each step at start, start + step, … before end; second best to ``raw``.

        ``last_over_time`` sees less than a step back: a bare selector would repeat a sample for five minutes where
        scrapes are missing or a series ended without a mark.
        """
        fields = {
            "query": f"last_over_time({selector}[{step_ms - 1}ms])",
            "start": _seconds(start_ms),
            "end": _seconds(end_ms - 1),
            "step": _seconds(step_ms),
        }
        return self._query("query_range", fields)

    def _query(self, path: str, fields: Fields) -> Reply:
        return self._ask("POST", path, {**fields, "timeout": f"{self.timeout_s:g}"})

    def _ask(self, method: str, path: str, fields: Fields) -> Reply:
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(method, path, fields)
            except _TryAgainError as error:
                if attempt >= self.attempts:
                    raise SourceError(str(error)) from None
                backoff_s = FIRST_PAUSE_S * 2 ** (attempt - 1)
                self.pause(min(backoff_s if error.after_s is None else error.after_s, LONGEST_PAUSE_S))

    def _once(self, method: str, path: str, fields: Fields) -> Reply:
        deadline = Deadline.after(self.timeout_s)
        sent = {"data": fields} if method == "POST" else {"params": fields}
        url = f"{self.url}/api/v1/{path}"
        try:
            with exchange(self.client, method, url, deadline=deadline, **sent) as response:
                body = b"".join(body_of(response, deadline=deadline, limits=ANSWER_LIMITS))
        except NoAnswerError as error:
            raise _TryAgainError(str(error)) from None
        status = response.status_code
        if status == httpx.codes.METHOD_NOT_ALLOWED and method == "POST":
            return self._once("GET", path, fields)
        return _reply(status, response.headers, body)


def _reply(status: int, headers: httpx.Headers, body: bytes) -> Reply:
    content = _json(body)
    if status == httpx.codes.OK and content.get("status") == "success":
        warned = content.get("warnings")
        return Reply(content.get("data"), tuple(map(_one_line, warned)) if isinstance(warned, list) else ())
    reason = _one_line(content.get("error") or "")
    if status == httpx.codes.OK:
        raise SourceError("the answer is not from the Prometheus HTTP API; check url")
    what = f"HTTP status {status}: {reason or _OTHER_STATUS.get(status, 'no reason given')}"
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        again = _TryAgainError(what)
        again.after_s = _wait(headers)
        raise again
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE or (_refused(status) and _TOO_LARGE.search(reason)):
        raise TooLargeError(what)
    raise RefusedError(what) if _refused(status) else SourceError(what)


def _refused(status: int) -> bool:
    return status in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY)


def _json(body: bytes) -> dict[str, Any]:
    check_size(body, ANSWER_LIMITS)
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    except RecursionError:
        raise SourceError("the answer is JSON nested too deeply; check url") from None
    return content if isinstance(content, dict) else {}


def _wait(headers: httpx.Headers) -> float | None:
    """Return the seconds the server asks to wait; dates are passed over."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _listed(reply: Reply, kind: type) -> Reply:
    if not isinstance(reply.data, list) or not all(isinstance(entry, kind) for entry in reply.data):
        raise SourceError("the answer is not from the Prometheus HTTP API; check url")
    return reply


def _one_line(text: object) -> str:
    return shown(text, 200)


def _span(start_ms: int, end_ms: int) -> dict[str, str]:
    return {"start": _seconds(start_ms), "end": _seconds(end_ms)}


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


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
            "the token of prometheus is empty or has characters that no token may have; check its file or variable"
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

"""Post JSON to an address that is a secret: within a deadline, without following redirects, reading no answer."""

import json
import re
import ssl
from contextlib import suppress

import httpx

from kafka_analysis.model.errors import NoAnswerError, SourceError
from kafka_analysis.model.notify_target import NotifyTarget
from kafka_analysis.report.notify.digest import Digest
from kafka_analysis.report.notify.text import text_of
from kafka_analysis.sources.http.client import http_client
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.http.exchange import exchange

_SCHEME = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
}  # all that Slack asks for: mentions and links begin with <


def slack_message(digest: Digest) -> dict[str, str]:
    """Return what a webhook of Slack's takes; no name in it is a mention or a link.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> digest = Digest(run_id="r", made_at=datetime(2026, 1, 2, tzinfo=UTC), capture_id="<!here>", tool_version="0",
    ...     changed=False, counts={}, answers=())
    >>> "capture &lt;!here&gt;" in slack_message(digest)["text"]
    True
    """
    return {"text": "".join(_ESCAPES.get(letter, letter) for letter in text_of(digest))}


def post(target: NotifyTarget, digest: Digest, *, deadline: Deadline) -> None:
    """Post a run in short to a webhook, or its text to one of Slack's.

    Raises
    ------
    SourceError
        It was not taken; the reason holds nothing of the address.
    ProfileError
        A secret that the profile refers to is not there.
    """
    assert target.url is not None  # noqa: S101 - the model demands it
    url = target.url.read().strip()
    token = "" if target.token is None else target.token.read().strip()
    if not _SCHEME.match(url):
        raise SourceError("its url holds no address that begins with http:// or https://")
    document = digest.model_dump(mode="json") if target.kind == "webhook" else slack_message(digest)
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(document, ensure_ascii=False).encode()
    try:
        with http_client(verify=_certificates(target)) as client:
            _send(client, url, body, headers, deadline)
    except NoAnswerError as error:  # with words of the libraries
        raise SourceError(without_secrets(str(error), url, token)) from None
    except (OSError, ValueError) as error:
        raise SourceError(f"it cannot be asked: {type(error).__name__}") from None


def without_secrets(text: str, url: str, token: str = "") -> str:
    """Return a reason without any part of an address, or of a token.

    Examples
    --------
    >>> without_secrets("no route to hooks.example.org, /T0/B0/x", "https://hooks.example.org/T0/B0/x?a=secret")
    'no route to …, …'
    """
    parts = [url, token]
    with suppress(httpx.InvalidURL, ValueError):
        parsed = httpx.URL(url)
        parts += [
            parsed.raw_path.decode(),
            parsed.path,
            parsed.host,
            parsed.userinfo.decode(),
            parsed.fragment,
        ]
        parts += [
            parsed.username,
            parsed.password,
            *parsed.query.decode().split("&"),
            *parsed.path.split("/"),
        ]
    for part in sorted({part for part in parts if len(part) > 2}, key=len, reverse=True):
        text = text.replace(part, "…")
    return text


def _send(client: httpx.Client, url: str, body: bytes, headers: dict[str, str], deadline: Deadline) -> None:
    with exchange(client, "POST", url, deadline=deadline, content=body, headers=headers) as answer:
        if answer.is_redirect:
            raise SourceError(f"it answered {answer.status_code}, a redirect, which is not followed")
        if not answer.is_success:
            raise SourceError(f"it answered {answer.status_code}")


def _certificates(target: NotifyTarget) -> ssl.SSLContext | bool:
    return True if target.ca_file is None else ssl.create_default_context(cafile=str(target.ca_file))

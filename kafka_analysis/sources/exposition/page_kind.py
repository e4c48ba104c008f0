"""Say what an answer is that is no page of metrics, with its own words where it has any."""

import html
import json
import re
from typing import Any

from kafka_analysis.model.brief_text import brief

OWN_ERROR = "the exporter's own error"
_HTML = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_TITLE = re.compile(r"<(title|h1|h2)[^>]*>\s*(.+?)\s*</\1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_GO = re.compile(r"An error has occurred (?:while|during) [^\n:]*metrics[^\n:]*:\s*(.+)", re.DOTALL)
_GO_COUNT = re.compile(r"\d+ errors?(?:\(s\))? occurred:\s*")
_JAVA = re.compile(r"(?<![\w.])((?:[a-z]\w*\.)+[A-Z][\w$]*(?:Exception|Error)\b[^\n]*)\n(?:[^\n]*\n)??\s+at ")
_CAUSE = re.compile(r"^\s*Caused by: ([^\n]+)", re.MULTILINE)
_PYTHON = re.compile(r"Traceback \(most recent call last\):\s*\n(?:[ \t][^\n]*\n)*([^\s][^\n]*)")
_WORDS = ("message", "error", "detail", "reason", "error_description", "title", "errors")
_HEAD = 4096
_ERROR_HEAD = 65_536


def kind_of(page: bytes) -> str:
    r"""Return in words what a page is.

    Examples
    --------
    >>> kind_of(b""), kind_of(b"<html><body>log in</body></html>"), kind_of(bytes(9)), kind_of(b"hello\n")
    ('empty', 'HTML', 'binary', "text without metrics: 'hello'")
    >>> kind_of(b"<html><title>Log in</title></html>"), kind_of(b'{"error": "no such page"}')
    ("HTML: 'Log in'", "JSON: 'no such page'")
    """
    head = page[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        return "empty" if len(page) <= _HEAD else "blank"
    own = own_error(page)
    if own is not None:
        return f"{OWN_ERROR}: {own}"
    text = head.decode("utf-8", errors="replace")
    if _HTML.match(head):
        title = _TITLE.search(text)
        return "HTML" + _quoted(html.unescape(_TAG.sub(" ", title[2])) if title else "")
    if _BINARY.search(head):
        return "binary"
    if _MARKUP.match(head):
        return "markup"
    if head.lstrip()[:1] in (b"{", b"["):
        return "JSON" + _quoted(json_error(page) or "")
    return "text without metrics" + _quoted(text.strip().partition("\n")[0])


def own_error(page: bytes) -> str | None:
    r"""Return in short what an exporter says in place of its metrics; None when it is no error that is known.

    Known are the error page of Prometheus' Go client (node exporter, kafka_exporter), a stack trace of Java (JMX
    exporter) and one of Python.

    Examples
    --------
    >>> own_error(b"An error has occurred while serving metrics:\n\n2 error(s) occurred:\n* twice the same\n* more\n")
    'twice the same (the first of 2)'
    >>> own_error(b"java.io.IOException: no agent\n\tat a.B.c(B.java:1)\nCaused by: java.io.EOFException: cut off\n")
    'java.io.IOException: no agent; caused by: java.io.EOFException: cut off'
    """
    text = page[:_ERROR_HEAD].decode("utf-8", errors="replace").replace("\r\n", "\n")
    if go := _GO.search(text):
        words = _GO_COUNT.sub("", go[1], count=1).strip()
        first, *others = [line.removeprefix("* ").strip() for line in words.splitlines() if line.strip()] or [
            ""
        ]
        return brief(first, 300) + (f" (the first of {len(others) + 1})" if others else "")
    if java := _JAVA.search(text):
        causes = _CAUSE.findall(text, java.end())
        return brief(java[1].strip(), 200) + (
            f"; caused by: {brief(causes[-1].strip(), 200)}" if causes else ""
        )
    python = _PYTHON.search(text)
    return brief(python[1].strip(), 200) if python else None


def json_error(page: bytes) -> str | None:
    r"""Return in short what a JSON document says went wrong; None when it says nothing of the kind.

    Examples
    --------
    >>> json_error(b'{"status": 404, "error": {"message": "no such page"}}'), json_error(b'{"a": 1}')
    ('no such page', None)
    """
    if len(page) > _ERROR_HEAD:
        return None
    try:
        document = json.loads(page)
    except (ValueError, RecursionError):
        return None
    return _said(document, depth=3)


def _said(document: Any, *, depth: int) -> str | None:
    if isinstance(document, str):
        return brief(document.strip(), 200) or None
    if isinstance(document, list) and document and depth:
        return _said(document[0], depth=depth - 1) if isinstance(document[0], dict | str) else None
    if not isinstance(document, dict) or not depth:
        return None
    lowered = {str(name).lower(): value for name, value in document.items()}
    said = (_said(lowered[word], depth=depth - 1) for word in _WORDS if word in lowered)
    return next((words for words in said if words), None)


def _quoted(words: str) -> str:
    short = brief(" ".join(words.split()), 120)
    return f": '{short}'" if short else ""

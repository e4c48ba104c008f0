"""Say what an answer is that is no page of metrics."""

import re

_HTML = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*<")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HEAD = 4096


def kind_of(page: bytes) -> str:
    r"""Return in words what a page is.

    Examples
    --------
    >>> kind_of(b""), kind_of(b"<html><body>log in</body></html>"), kind_of(bytes(9)), kind_of(b"hello\n")
    ('empty', 'HTML', 'binary', 'text without a line of metrics')
    """
    head = page[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        return "empty" if len(page) <= _HEAD else "blank"
    if _HTML.match(head):
        return "HTML"
    if _BINARY.search(head):
        return "binary"
    if _MARKUP.match(head):
        return "markup"
    return "JSON" if head.lstrip()[:1] in (b"{", b"[") else "text without a line of metrics"

"""Show text from anywhere in one short line, whatever it holds."""

import re

MOST = 160
_REPEATED = re.compile(r"(\\x..|\\u....|\\.)\1{3,}")


def brief(text: str, most: int = MOST) -> str:
    r"""Return a text for a message: control characters escaped, repeated ones counted, and never longer than wanted.

    Parameters
    ----------
    text
        Text that was read from somewhere: a line of a page, a name, an answer.
    most
        The most characters to return.

    Examples
    --------
    >>> print(brief("a\tb" + "\0" * 400 + "c"))
    a\tb\x00(400 times)c
    >>> brief("orders" * 100, most=10)
    'ordersord…'
    """
    head = text[: 8 * most]
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in head)
    short = _REPEATED.sub(lambda match: f"{match[1]}({len(match[0]) // len(match[1])} times)", escaped)
    return short if len(short) <= most and len(head) == len(text) else short[: most - 1] + "…"

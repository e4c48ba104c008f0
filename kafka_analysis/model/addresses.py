"""Show addresses and errors without the secrets they may hold: the one place that does."""

import re

HIDDEN = "(address not shown)"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_HOST = r"\[[0-9A-Fa-f:.]+(?:%25[\w.~-]+)?\]|[\w-]+(?:\.[\w-]+)*\.?"
_PLACE = re.compile(rf"({_HOST})(?::(\d{{1,5}}))?")
_PATH = re.compile(r"(?:/[\w.~%!$&'()*+,=:-]*)*")
_END = re.compile(r"[/?#]")
_LARGEST_PORT = 65_535
_URL = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:/{{1,3}}(?!{re.escape(HIDDEN)})[^\s/]\S*")
_AFTER = ".,;:)]}>'\"`"  # what a sentence puts after an address
_LOGIN = re.compile(r"(?<![\w:@%.-])(?!(?:User|Group|Role):)[^\s'\"<>,/@:=]+:\S*@")
_MARK = "…@"


def redacted(url: str) -> str:
    """Return an address without user, password, parameters, query and fragment.

    What cannot be read for certain is not shown at all: of ``http://ann:pa/ss@host`` nobody can say where the password
    ends.

    Examples
    --------
    >>> redacted("https://ann:secret@broker-1:11001/metrics?token=x"), redacted("HTTP://ann:s@[::1]:1/m;token=x#f")
    ('https://broker-1:11001/metrics', 'http://[::1]:1/m')
    >>> redacted("http://ann:pa/ss@broker-1/"), redacted("http://ann:secret@"), redacted("ann:secret")
    ('http://(address not shown)', 'http://(address not shown)', '(address not shown)')
    """
    match = _SCHEME.fullmatch(url.strip())
    if match is None:
        return HIDDEN
    scheme, rest = match[1].lower(), match[2]
    end = _END.search(rest)
    cut = end.start() if end else len(rest)
    authority, tail = rest[:cut], rest[cut:]
    place = _PLACE.fullmatch(authority.rpartition("@")[2])
    path = re.split(r"[;?#]", tail, maxsplit=1)[0]
    unclear = place is None or int(place[2] or 0) > _LARGEST_PORT or "@" in tail or not _PATH.fullmatch(path)
    if place is None or unclear:
        return f"{scheme}://{HIDDEN}"
    port = f":{place[2]}" if place[2] else ""
    return f"{scheme}://{place[1]}{port}{path}"


def without_credentials(text: str) -> str:
    """Return a text, an error's say, in which no address shows a user, password, parameters, query or fragment.

    Examples
    --------
    >>> without_credentials("'http://ann:secret@h:1/m?token=x' is listed twice; ann:secret@h:9092 does not answer")
    "'http://h:1/m' is listed twice; …@h:9092 does not answer"
    """
    shown = _URL.sub(lambda match: _shown(match[0]), text)
    return _LOGIN.sub(_MARK, shown)


def _shown(url: str) -> str:
    """Return an address as it was where it holds no secret, so that ordinary sentences stay as they are."""
    bare = url.rstrip(_AFTER)
    return url if _is_plain(bare) else redacted(bare) + url[len(bare) :]


def _is_plain(url: str) -> bool:
    return HIDDEN not in redacted(url) and not re.search(r"[@?#;]", url)


def holds_credentials(text: str) -> bool:
    """Tell whether a text holds an address with more than host, port and path: a login, or a query with a token.

    Examples
    --------
    >>> [holds_credentials(t) for t in ("http://a:b@h/m", "a:b@h:1", "http://h/m?token=x", "http://h/m", "a@b.csv")]
    [True, True, True, False, False]
    """
    if _LOGIN.search(text):
        return True
    return any(not _is_plain(match[0].rstrip(_AFTER)) for match in _URL.finditer(text))

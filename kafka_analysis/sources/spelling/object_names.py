"""Names of MBeans: split into domain and properties; values quoted and unquoted as Java's ObjectName does it."""

import re
from dataclasses import dataclass

_ESCAPED = {'"': r"\"", "\\": r"\\", "*": r"\*", "?": r"\?", "\n": r"\n"}
_MEANING = {escape: char for char, escape in _ESCAPED.items()}
_QUOTED = r'"(?:[^"\\*?\n]|\\["\\*?n])*"'
_PROPERTY = re.compile(rf'(?P<key>[^,=:*?\n]+)=(?P<value>{_QUOTED}|[^,=:"*?\n]*)(?:,(?=.)|\Z)', re.DOTALL)
_DOMAIN = re.compile(r"[^:*?\n]*:")


@dataclass(frozen=True)
class ObjectName:
    """A name of one MBean: ``properties`` are keys and values in the order of the name, values unquoted."""

    domain: str
    properties: tuple[tuple[str, str], ...]


def quote(text: str) -> str:
    r"""Quote a value, so that any text can stand in a name.

    Notes
    -----
    As ``javax.management.ObjectName.quote``: ``"``, ``\``, ``*``, ``?`` and line feed are escaped.

    Examples
    --------
    >>> print(quote('a,b="c"?'))
    "a,b=\"c\"\?"
    """
    return '"' + "".join(_ESCAPED.get(char, char) for char in text) + '"'


def unquote(text: str) -> str:
    r"""Return the value a quoted text stands for.

    Raises
    ------
    ValueError
        It is not in quotes, or holds an escape there is not, or a character that should have been escaped.

    Examples
    --------
    >>> unquote(r'"a,b=\"c\"\?"')
    'a,b="c"?'
    """
    if re.fullmatch(_QUOTED, text) is None:
        raise ValueError(f"{text[:80]!r} is not quoted as Java's ObjectName quotes")
    return re.sub(r"\\.", lambda match: _MEANING[match[0]], text[1:-1])


def is_pattern(name: str) -> bool:
    r"""Tell whether a name stands for many MBeans: it has a ``*`` or ``?`` that is not escaped.

    Examples
    --------
    >>> is_pattern("kafka.log:type=Log,*"), is_pattern(r'a:k="\*"')
    (True, False)
    """
    return re.search(r"[*?]", re.sub(r"\\.", "", name)) is not None


def parse_object_name(text: str) -> ObjectName:
    """Split the name of one MBean.

    Raises
    ------
    ValueError
        It is no name, or a pattern, which stands for many.

    Notes
    -----
    Syntax: Java's ``javax.management.ObjectName``.

    Examples
    --------
    >>> parse_object_name('kafka.server:type=Produce,client-id="a:b"')
    ObjectName(domain='kafka.server', properties=(('type', 'Produce'), ('client-id', 'a:b')))
    """
    domain = _DOMAIN.match(text)
    properties: dict[str, str] = {}
    position = domain.end() if domain else len(text)
    while position < len(text):
        match = _PROPERTY.match(text, position)
        if match is None or match["key"] in properties:
            break
        quoted = match["value"].startswith('"')
        properties[match["key"]] = unquote(match["value"]) if quoted else match["value"]
        position = match.end()
    if domain is None or not properties or position < len(text):
        raise ValueError(f"{text[:80]!r} is not an MBean name, <domain>:<key>=<value>,…")
    return ObjectName(domain[0][:-1], tuple(properties.items()))

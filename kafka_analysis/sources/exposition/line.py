"""Read one line of a page of metrics with care: every form the formats allow, and a reason for what they do not."""

import re
from functools import lru_cache

LONGEST_LINE = 1024 * 1024
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_INSIDE = rf'(?:[^"}}]|{_QUOTED})*'
_LINE = re.compile(
    rf"""[ \t]*(?P<series>(?:[^\s{{"#]+[ \t]*)?(?:\{{{_INSIDE}\}})?)
    [ \t]*(?<=[\s}}])(?P<value>[^\s#]+)(?:[ \t]+(?P<timestamp>[^\s#]+))?[ \t]*
    (?:\#[ \t]*\{{{_INSIDE}\}}[ \t]+\S+(?:[ \t]+\S+)?[ \t]*)?""",
    re.VERBOSE,
)
_SERIES = re.compile(r"(?P<metric>[a-zA-Z_:][a-zA-Z0-9_:]*)?[ \t]*(?:\{(?P<labels>.*)\})?", re.DOTALL)
_LABEL = re.compile(
    rf"[ \t]*(?P<key>[a-zA-Z_][a-zA-Z0-9_]*|{_QUOTED})[ \t]*=[ \t]*(?P<value>{_QUOTED})[ \t]*(?:,|$)"
)
_QUOTED_NAME = re.compile(rf"[ \t]*(?P<name>{_QUOTED})[ \t]*(?:,|$)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NUMBER = re.compile(
    r"[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE
)
_MILLISECONDS = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_SECONDS = re.compile(r"[+-]?\d{1,15}(?:\.\d*)?(?:e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_MEANING = {"n": "\n", "\\": "\\", '"': '"'}

Labels = tuple[tuple[str, str], ...]


def read_line(text: str, *, seconds: bool = False) -> tuple[str, Labels, float, int | None]:
    r"""Split a line into metric, labels, value and time.

    Parameters
    ----------
    text
        A line that is neither empty nor a comment, without its line feed.
    seconds
        Whether times are OpenMetrics' seconds rather than whole milliseconds.

    Returns
    -------
    tuple
        Metric, labels in their order, value, time in ms since the epoch (None: the line carries none). An exemplar is
        passed over.

    Raises
    ------
    ValueError
        The line breaks the format; the message is the reason.

    Notes
    -----
    Format: Prometheus, Exposition formats, text format 0.0.4 and OpenMetrics 1.0, names quoted as of Prometheus 3.

    Examples
    --------
    >>> read_line('bytes{topic="a\\"b",} 2.5 1700000000000')
    ('bytes', (('topic', 'a"b'),), 2.5, 1700000000000)
    >>> read_line('{"my.bytes", "the topic"="t"} 1 # {trace="x"} 0.5')
    ('my.bytes', (('the topic', 't'),), 1.0, None)
    """
    match = _LINE.fullmatch(text)
    if match is None or not match["series"]:
        raise ValueError("not <name>{<labels>} <value> [<timestamp>]")
    metric, labels = read_series(match["series"].rstrip())
    return metric, labels, _value(match["value"]), _time(match["timestamp"], seconds=seconds)


@lru_cache(maxsize=50_000)
def read_series(text: str) -> tuple[str, Labels]:
    """Split a series into its metric and its labels; the same few thousand come again with every scrape.

    Raises
    ------
    ValueError
        As for :func:`read_line`.

    Examples
    --------
    >>> read_series('up{job="kafka"}')
    ('up', (('job', 'kafka'),))
    """
    if "\0" in text:
        raise ValueError("it contains a NUL character")
    match = _SERIES.fullmatch(text)
    if match is None:
        raise ValueError("not a metric name of letters, digits, '_' and ':'")
    metric, inside, labels, position = match["metric"], (match["labels"] or "").rstrip(" \t"), {}, 0
    if metric is None:
        quoted = _QUOTED_NAME.match(inside)
        if quoted is None:
            raise ValueError("no metric name, neither before the braces nor quoted first inside them")
        metric, position = unescaped(quoted["name"][1:-1]), quoted.end()
    while position < len(inside):
        label = _LABEL.match(inside, position)
        if label is None:
            raise ValueError('labels are not <key>="<value>" joined by commas')
        key = label["key"] if label["key"][0] != '"' else unescaped(label["key"][1:-1])
        if key in labels:
            raise ValueError(f"label {key!r} is repeated")
        labels[key] = unescaped(label["value"][1:-1])
        position = label.end()
    if not metric:
        raise ValueError("the quoted metric name is empty")
    return metric, tuple(labels.items())


def unescaped(text: str) -> str:
    r"""Resolve the three escapes there are: a backslash before a backslash, a quote or an n.

    Raises
    ------
    ValueError
        There is another.

    Examples
    --------
    >>> unescaped(r'a\"b')
    'a"b'
    """
    if "\\" not in text:
        return text
    wrong = next((c for c in _ESCAPE.findall(text) if c not in _MEANING), None)
    if wrong is not None:
        raise ValueError(f'unknown escape \\{wrong}; allowed: \\\\, \\" and \\n')
    return _ESCAPE.sub(lambda match: _MEANING[match[1]], text)


def _value(text: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"value {text[:40]!r} is not a number")
    return float(text)


def _time(text: str | None, *, seconds: bool) -> int | None:
    if text is None:
        return None
    if seconds and _SECONDS.fullmatch(text):
        return round(float(text) * 1000)
    if seconds or _MILLISECONDS.fullmatch(text) is None:
        unit = "a number of seconds" if seconds else "a whole number of milliseconds"
        raise ValueError(f"timestamp {text[:40]!r} is not {unit}")
    return int(text)

"""Read the properties file of a dedicated MirrorMaker 2: its clusters, its flows, and settings without secrets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from kafka_analysis.model.errors import InputError
from kafka_analysis.sources.mirroring.shown_values import shown_value

MOST_BYTES = 2**20
MOST_CLUSTERS = 100
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|(?P<char>.))", re.DOTALL)
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_KEY = re.compile(r"(?P<key>(?:[^\\=: \t\f]|\\.)*)(?:[ \t\f]*[=:]|[ \t\f]|$)[ \t\f]*(?P<value>.*)", re.DOTALL)
_LINE = re.compile(r"\r\n|\r|\n")
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_WHITE = " \t\f"


@dataclass(frozen=True)
class Flow:
    """A flow of MirrorMaker 2; ``topics`` and ``groups`` are its lists of names and patterns, None: the default."""

    source: str
    target: str
    is_enabled: bool
    topics: str | None
    groups: str | None


@dataclass(frozen=True)
class MirrorFile:
    """What a file says: aliases of clusters, flows between any two, and every setting, secrets None."""

    clusters: tuple[str, ...]
    flows: tuple[Flow, ...]
    settings: dict[str, str | None]


def read_mirror_file(data: bytes) -> MirrorFile:
    r"""Read the properties file of a dedicated MirrorMaker 2.

    A flow is enabled where ``a->b.enabled`` is true; its topics are those of ``a->b.topics``, or else of ``topics``.

    Raises
    ------
    InputError
        The file is too large, is no properties file, or names no or too many clusters.

    Examples
    --------
    >>> read = read_mirror_file(b"clusters = a, b\na->b.enabled = true\na->b.topics = orders\n")
    >>> [flow for flow in read.flows if flow.is_enabled]
    [Flow(source='a', target='b', is_enabled=True, topics='orders', groups=None)]
    """
    settings = parse_properties(data)
    clusters = tuple(dict.fromkeys(re.findall(r"[^\s,]+", settings.get("clusters", ""))))
    if not 1 <= len(clusters) <= MOST_CLUSTERS:
        raise InputError(
            f"the file names {len(clusters)} clusters; give clusters = and 1 to {MOST_CLUSTERS} aliases"
        )
    return MirrorFile(
        clusters,
        tuple(_flow(source, target, settings) for source, target in permutations(clusters, 2)),
        {name: shown_value(name, value) for name, value in settings.items()},
    )


def _flow(source: str, target: str, settings: dict[str, str]) -> Flow:
    def of(name: str) -> str | None:
        own = settings.get(f"{source}->{target}.{name}", settings.get(name))
        return None if own is None else shown_value(name, own)

    enabled = settings.get(f"{source}->{target}.enabled", "false")
    return Flow(source, target, enabled.strip().lower() == "true", of("topics"), of("groups"))


def parse_properties(data: bytes) -> dict[str, str]:
    r"""Return names and values of a Java properties file, as ``java.util.Properties.load`` reads them (Latin-1).

    Of a name that stands there twice the last value counts.

    Raises
    ------
    InputError
        The file is too large, or an escape in it is none.

    Examples
    --------
    >>> parse_properties(b"# flows\nclusters = a,\\\n    b\nk\\:1 : caf\\u00e9\n")
    {'clusters': 'a,b', 'k:1': 'café'}
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"the file has {len(data)} bytes; a properties file has at most {MOST_BYTES}")
    settings: dict[str, str] = {}
    for number, line in _logical_lines(data.decode("latin-1")):
        match = _KEY.fullmatch(line)
        try:
            name, value = (_unescaped(match[part] if match else line) for part in ("key", "value"))
        except ValueError:
            message = (
                f"line {number}: an escape is none; write \\uXXXX with four digits, or \\\\ for a backslash"
            )
            raise InputError(message) from None
        settings[name] = value
    return settings


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines without comments and blank ones, continued lines joined, with the number of the first."""
    parts: list[str] = []
    begun = 0
    for number, line in enumerate(_LINE.split(text), 1):
        bare = line.lstrip(_WHITE)
        if not parts and (not bare or bare[0] in "#!"):
            continue
        begun = begun if parts else number
        if _CONTINUED.search(bare):
            parts.append(bare[:-1])
            continue
        yield begun, "".join([*parts, bare])
        parts = []
    if parts:
        yield begun, "".join(parts)


def _unescaped(text: str) -> str:
    def meaning(match: re.Match[str]) -> str:
        if match["code"]:
            return chr(int(match["code"], 16))
        if match["char"] == "u":
            raise ValueError("not four digits")
        return _CONTROL.get(match["char"], match["char"])

    found = _ESCAPE.sub(meaning, text)
    return found.encode("utf-16", "surrogatepass").decode(
        "utf-16"
    )  # two halves of a pair become one character

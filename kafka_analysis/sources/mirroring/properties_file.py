"""Read the properties file of a dedicated MirrorMaker 2: its clusters, its flows, and settings without secrets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from kafka_analysis.model.errors import InputError
from kafka_analysis.sources.mirroring.shown_values import shown_value

MOST_BYTES = 2**20
MOST_CLUSTERS = 100
SERVERS = "bootstrap.servers"
_CLIENTS = ("producer", "consumer", "admin")
# Begins of the names that MirrorMaker's connectors take; all others are of the workers.
_OF_CONNECTORS = (
    "admin.timeout", "checkpoints.", "config.action.", "config.propert", "config.providers", "consumer.poll.", "emit.",
    "errors.", "exactly.once.", "forwarding.", "group.filter.", "groups", "header.converter", "heartbeats.",
    "key.converter", "offset-syncs.", "offset.lag.", "predicates", "refresh.", "replication.", "sasl.",
    "security.protocol", "ssl.", "sync.", "tasks.max", "topic.filter.", "topics", "transforms", "value.converter",
)  # fmt: skip
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|(?P<char>.))", re.DOTALL)
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_KEY = re.compile(r"(?P<key>(?:[^\\=: \t\f]|\\.)*)(?:[ \t\f]*[=:]|[ \t\f]|$)[ \t\f]*(?P<value>.*)", re.DOTALL)
_LINE = re.compile(r"\r\n|\r|\n")
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_WHITE = " \t\f"


@dataclass(frozen=True)
class Flow:
    """A flow that is enabled, and the settings that MirrorMaker gives each of its connectors; secrets are None."""

    source: str
    target: str
    settings: dict[str, str | None]


@dataclass(frozen=True)
class MirrorFile:
    """What a file says: aliases of clusters with their addresses, and the flows between them that are enabled."""

    clusters: dict[str, frozenset[str]]
    flows: tuple[Flow, ...]


def read_mirror_file(data: bytes) -> MirrorFile:
    r"""Read the properties file of a dedicated MirrorMaker 2.

    A flow is enabled where ``a->b.enabled`` is true. Its connectors have what the file says for all flows, under
    ``source.`` and ``target.`` what it says of the two clusters, and over both what it says of the flow.

    Raises
    ------
    InputError
        The file is too large, is no properties file, or names no or too many clusters.

    Notes
    -----
    Apache Kafka, ``MirrorMakerConfig.connectorBaseConfig``. What it repeats for each of its clients is left out.

    Examples
    --------
    >>> read = read_mirror_file(b"clusters = a, b\na->b.enabled = true\na->b.topics = orders\na.ssl.protocol = x\n")
    >>> [(flow.source, flow.target, flow.settings) for flow in read.flows]
    [('a', 'b', {'source.cluster.ssl.protocol': 'x', 'enabled': 'true', 'topics': 'orders'})]
    """
    settings = parse_properties(data)
    aliases = tuple(dict.fromkeys(re.findall(r"[^\s,]+", settings.get("clusters", ""))))
    if not 1 <= len(aliases) <= MOST_CLUSTERS:
        raise InputError(
            f"the file names {len(aliases)} clusters; give clusters = and 1 to {MOST_CLUSTERS} aliases"
        )
    return MirrorFile(
        {alias: addresses(settings.get(f"{alias}.{SERVERS}", "")) for alias in aliases},
        tuple(
            Flow(source, target, _settings_of(source, target, settings))
            for source, target in permutations(aliases, 2)
            if settings.get(f"{source}->{target}.enabled", "false").strip().lower() == "true"
        ),
    )


def addresses(servers: str) -> frozenset[str]:
    """Return the addresses of a list of bootstrap servers.

    Examples
    --------
    >>> sorted(addresses("h2:9092, h1:9092"))
    ['h1:9092', 'h2:9092']
    """
    return frozenset(part.strip() for part in servers.split(",") if part.strip())


def _settings_of(source: str, target: str, settings: dict[str, str]) -> dict[str, str | None]:
    own = {name: value for name, value in settings.items() if name.startswith(_OF_CONNECTORS)}
    for end, alias in (("source", source), ("target", target)):
        for name, value in _below(f"{alias}.", settings).items():
            is_client = name.startswith(_CLIENTS)
            own[f"{end}.{name}" if is_client else f"{end}.cluster.{name}"] = value
    own |= _below(f"{source}->{target}.", settings)
    return {name: shown_value(name, value) for name, value in own.items()}


def _below(prefix: str, settings: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}


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
        raise InputError(
            f"the file has more than {MOST_BYTES} bytes; a properties file has at most {MOST_BYTES}"
        )
    settings: dict[str, str] = {}
    for number, line in _logical_lines(data.decode("latin-1")):
        match = _KEY.fullmatch(line)
        try:
            name, value = (_unescaped(match[part] if match else line) for part in ("key", "value"))
        except ValueError:
            message = (
                f"line {number}: invalid escape; write \\uXXXX with four digits, or \\\\ for a backslash"
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

"""Find in Prometheus' series what is Kafka's: scrape targets, the dialect each speaks, and the broker it speaks for."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from kafka_analysis.model.profile import PrometheusServer
from kafka_analysis.model.units import counted
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.prometheus.api import PrometheusApi
from kafka_analysis.sources.prometheus.samples import is_labels, series_frame
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.families import Dialect

OF_BROKERS = ("jmx", "node")
SHOWN = 3
_LARGEST_BROKER = 2**31 - 1
_A_NUMBER = r"^(\d+)$"


@dataclass(frozen=True)
class ScrapedTarget:
    """What Prometheus scraped at one address: how to select it, how it speaks, and how many series it has.

    ``dialects`` are those its lines are read by, the one that explains most first.
    """

    labels: Mapping[str, str]
    selector: str
    dialects: tuple[Dialect, ...]
    broker: int | None
    series: int

    @property
    def words(self) -> str:
        """Return the target's labels as PromQL writes them.

        Examples
        --------
        >>> ScrapedTarget({"job": "kafka"}, "", dialects()[:1], None, 1).words
        '{job="kafka"}'
        """
        return f"{{{_equalities(self.labels)}}}"


@dataclass(frozen=True)
class Discovery:
    """The targets of a cluster, and what a reader must know of those left out."""

    targets: tuple[ScrapedTarget, ...]
    notes: tuple[str, ...]


@cache
def known_names() -> frozenset[str]:
    """Return the names of metrics that any dialect knows.

    Examples
    --------
    >>> "kafka_server_BrokerTopicMetrics_Count" in known_names(), "up" in known_names()
    (True, False)
    """
    return frozenset(name for dialect in dialects() for name in names_of(dialect))


def names_of(dialect: Dialect) -> frozenset[str]:
    """Return the names of metrics that a dialect knows.

    Examples
    --------
    >>> from kafka_analysis.sources.spelling.dialects import find_dialect
    >>> "node_cpu_seconds_total" in names_of(find_dialect("node_exporter"))
    True
    """
    return frozenset(name for family in dialect.families for name in family.names)


def dialects_of(series: pl.DataFrame) -> tuple[Dialect, ...]:
    """Return the dialects that explain a target's series, the one that explains most first; none is possible.

    Examples
    --------
    >>> series = series_frame([{"__name__": "node_memory_MemTotal_bytes", "instance": "h:9100"}])
    >>> [dialect.name for dialect in dialects_of(series)]
    ['node_exporter']
    """
    page = series.with_columns(
        value=pl.lit(1.0), timestamp_ms=pl.lit(None, dtype=pl.Int64), line=pl.int_range(1, pl.len() + 1)
    )
    return detect(Exposition(samples=page, rejected=pl.DataFrame()))


def discover(api: PrometheusApi, server: PrometheusServer, *, start_ms: int, end_ms: int) -> Discovery:
    """Ask which of a cluster's series the dialects know, and sort them by scrape target.

    Raises
    ------
    SourceError
        When the server does not answer, or not with what was asked for.

    Examples
    --------
    >>> import httpx
    >>> from kafka_analysis.sources.prometheus.api import connected
    >>> memory = {"__name__": "node_memory_MemTotal_bytes", "instance": "h1:9100", "job": "node"}
    >>> def answer(request):
    ...     data = ["up", memory["__name__"]] if "label" in request.url.path else [memory]
    ...     return httpx.Response(200, json={"status": "success", "data": data})
    >>> server = PrometheusServer(url="http://prometheus.example.org", brokers={"h1:9100": 1})
    >>> with connected(server, transport=httpx.MockTransport(answer)) as api:
    ...     found = discover(api, server, start_ms=0, end_ms=60_000)
    >>> [(target.broker, target.dialects[0].name, target.series) for target in found.targets]
    [(1, 'node_exporter', 1)]
    """
    span = {"start_ms": start_ms, "end_ms": end_ms}
    named = api.names(selector(server, '__name__!=""'), **span)
    notes = list(named.warnings)
    frames = [series_frame([])]
    for name in sorted(known_names() & set(named.data)):
        reply = api.series(selector(server, _equalities({"__name__": name})), **span)
        notes += reply.warnings
        understood = [labels for labels in reply.data if is_labels(labels)]
        if len(understood) < len(reply.data):
            notes.append(f"{name}: series whose labels are not valid Unicode are skipped")
        frames.append(series_frame(understood))
    targets, left_out = _sorted_by_target(pl.concat(frames, how="diagonal"), server)
    return Discovery(tuple(targets), (*dict.fromkeys(notes), *left_out))


def selector(server: PrometheusServer, *more: str) -> str:
    """Return a selector of the cluster's own series, with more matchers.

    Examples
    --------
    >>> selector(PrometheusServer(url="http://p:9090", match='{job="kafka", }'), 'instance="a"')
    '{job="kafka",instance="a"}'
    """
    matchers = server.match.strip()[1:-1].strip().removesuffix(",").rstrip()
    return f"{{{','.join(part for part in (matchers, *more) if part)}}}"


def broker_of(value: str | None, server: PrometheusServer) -> int | None:
    r"""Return the broker a label's value stands for, None when it stands for none.

    Examples
    --------
    >>> server = PrometheusServer(url="http://p:9090", broker_pattern=r"^b-(\d+)\.")
    >>> broker_of("b-2.example.org:11001", server), broker_of("mirror:7072", server)
    (2, None)
    """
    if value is None or server.brokers:
        return server.brokers.get(value or "")
    match = re.search(server.broker_pattern or _A_NUMBER, value)
    digits = (match[1] or "") if match else ""
    number = int(digits) if digits.isascii() and digits.isdigit() else None
    return number if number is not None and number <= _LARGEST_BROKER else None


def _sorted_by_target(
    series: pl.DataFrame, server: PrometheusServer
) -> tuple[list[ScrapedTarget], list[str]]:
    identity = list(dict.fromkeys(("job", "instance", server.broker_label)))
    columns = [f"label_{name}" for name in identity]
    lacking = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in series.columns]
    targets, unmatched = [], []
    for values, rows in series.with_columns(lacking).sort(columns).group_by(columns, maintain_order=True):
        labels = {name: value or "" for name, value in zip(identity, values, strict=True)}
        target = _target(labels, rows, server)
        if target is None:
            continue
        if target.broker is None and target.dialects[0].kind in OF_BROKERS:
            unmatched.append(labels[server.broker_label])
        else:
            targets.append(target)
    return targets, _left_out(unmatched, server)


def _target(
    labels: Mapping[str, str], series: pl.DataFrame, server: PrometheusServer
) -> ScrapedTarget | None:
    spoken = dialects_of(series)
    if not spoken:
        return None
    recognised = series.filter(pl.col("metric").is_in(sorted(set().union(*map(names_of, spoken)))))
    names = "|".join(map(re.escape, recognised["metric"].unique().sort()))
    matchers = (_equalities(labels), f"__name__=~{json.dumps(names)}")
    broker = broker_of(labels[server.broker_label], server)
    return ScrapedTarget(labels, selector(server, *matchers), spoken, broker, len(recognised))


def _equalities(labels: Mapping[str, str]) -> str:
    """Write matchers; PromQL's quoted strings are escaped as JSON's are, and an absent label equals ``""``."""
    return ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items())


def _left_out(values: Iterable[str], server: PrometheusServer) -> list[str]:
    names = sorted(set(values))
    if not names:
        return []
    shown = ", ".join(map(repr, names[:SHOWN])) + (" …" if len(names) > SHOWN else "")
    what = f"no broker number in {counted(len(names), 'value')} of {server.broker_label} ({shown})"
    return [f"{what}: their samples are skipped; add them under brokers, or correct broker_pattern"]

"""Tell the dialects of a page by the share of its lines they explain."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import polars as pl

from kafka_analysis.model.metrics import COUNTERS, RATES
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.families import NAME, Dialect, Family

ROW = "_row"
# The last one is the JMX exporter's from 1.0 on, where two attributes come under one name: kafka.x<type=Y><>Count.
_ATTRIBUTE_LABELS = ("attribute", "attr", "jmx_attribute", "mbean_attribute", "_objectname")
_ATTRIBUTE = r"(?:.*><[^>]*>)?(.*)$"
_OF_METERS = ("count", "meanrate", "oneminuterate", "fiveminuterate", "fifteenminuterate", "stddev", "min")
_TORN_REQUEST = r"^\w+, (version|error)="
_NUMBER_AND_MORE = r"^\d+\D"
_LABEL = "label_"
_ABSENT = "_absent"  # a column of nulls, which stands for every label that no line has


@dataclass(frozen=True)
class Page:
    """The lines of a page, numbered in ``_row``, with a column of nulls for labels that are absent; and its names."""

    lines: pl.DataFrame
    names: frozenset[str]


def page_of(exposition: Exposition) -> Page:
    r"""Return the lines of a parsed page, numbered.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> sorted(page_of(parse_exposition(b"up 1\nup 2\ndown 3\n")).names)
    ['down', 'up']
    """
    samples = _untorn(exposition.samples).with_row_index(ROW)
    lines = samples.with_columns(pl.Series(_ABSENT, dtype=pl.String).extend_constant(None, len(samples)))
    return Page(lines=lines, names=frozenset(lines["metric"].unique()))


def _untorn(samples: pl.DataFrame) -> pl.DataFrame:
    """Part a request from what a greedy rule took for a part of it: ``Produce, version=9``, ``Fetch, error=NONE``."""
    request = "label_request"
    if request not in samples.columns or not samples[request].str.contains(_TORN_REQUEST).any():
        return samples
    parts = []
    for key in ("version", "error"):
        inside = pl.col(request).str.extract(f", {key}=([^,]*)")
        own = f"label_{key}"
        parts.append((pl.coalesce(own, inside) if own in samples.columns else inside).alias(own))
    return samples.with_columns(*parts, pl.col(request).str.extract(r"^([^,]*)"))


def explained(exposition: Exposition, dialect: Dialect) -> int:
    r"""Count the lines of a page that tell of a dialect: those it alone, or nearly alone, turns into metrics.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> page = parse_exposition(b"node_memory_MemAvailable_bytes 5\nprocess_cpu_seconds_total 1\n")
    >>> {d.name: explained(page, d) for d in dialects() if d.name in ("msk", "node_exporter")}
    {'msk': 0, 'node_exporter': 1}
    """
    return len(_rows(page_of(exposition), [family for family in dialect.families if family.telling]))


def detect(exposition: Exposition, *, known: Sequence[Dialect] | None = None) -> tuple[Dialect, ...]:
    r"""Return the dialects of a page: the one that explains most lines, then the one that explains most of the rest.

    Parameters
    ----------
    known
        The dialects to choose from; all of :func:`dialects` by default.

    Returns
    -------
    tuple of Dialect
        None when no line is known: the page is not about Kafka. Of two that explain as much, the one whose names are
        written down rather than put together by patterns, then the first by name.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> page = b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 5\nnode_memory_MemTotal_bytes 9\n'
    >>> [dialect.name for dialect in detect(parse_exposition(page))]
    ['msk', 'node_exporter']
    >>> detect(parse_exposition(b"strimzi_resources 3\n"))
    ()
    """
    page = page_of(exposition)
    left = {
        dialect.name: (dialect, _rows(page, [f for f in dialect.families if f.telling]))
        for dialect in (dialects() if known is None else known)
    }
    chosen: list[Dialect] = []
    while left:
        best, telling = max(left.values(), key=lambda pair: (len(pair[1]), pair[0].like is None))
        if not telling:
            break
        chosen.append(best)
        taken = _rows(page, best.families)
        left = {n: (d, rows - taken) for n, (d, rows) in left.items() if n != best.name}
    return tuple(chosen)


def speaking(exposition: Exposition, known: Iterable[Dialect]) -> tuple[Dialect, ...]:
    r"""Return those of some dialects that know a line of a page, in their order.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> page = parse_exposition(b"node_memory_MemTotal_bytes 9\n")
    >>> [dialect.name for dialect in speaking(page, dialects())]
    ['node_exporter']
    """
    page = page_of(exposition)
    return tuple(dialect for dialect in known if _rows(page, dialect.families))


def _rows(page: Page, families: Iterable[Family]) -> set[int]:
    present = [family for family in families if family.names.keys() & page.names]
    return {row for family in present for row in recognised(page, family, but=frozenset())[ROW]}


def recognised(page: Page, family: Family, *, but: Set[int]) -> pl.DataFrame:
    r"""Return the lines of a family, with the canonical name in ``to`` and the stat in ``stat``.

    Parameters
    ----------
    but
        Numbers of lines that have been translated already.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> page = page_of(parse_exposition(b'lag{q="0.5"} 1\nlag{q="0.7"} 2\n'))
    >>> family = Family(metrics={"lag": ""}, to="request_total_ms", stat_label="q", stats={"0.5": "p50"})
    >>> recognised(page, family, but=set()).select("_row", "to", "stat", "value").rows()
    [(0, 'request_total_ms', 'p50', 1.0)]
    """
    names = sorted(page.names & family.names.keys())
    rows = page.lines.filter(pl.col("metric").is_in(names)) if names else page.lines.clear()
    if but:
        rows = rows.filter(~pl.col(ROW).is_in(sorted(but)))
    for name in family.having:
        rows = rows.filter(label(rows, name).is_not_null())
    for name, allowed in family.only.items():
        rows = rows.filter(label(rows, name).is_in(allowed))
    for name, refused in family.without.items():
        rows = rows.filter(~label(rows, name).fill_null("").is_in(refused))
    needed = ["to", "stat"] if family.stats else ["to"]
    named = rows.with_columns(to=_to(rows, family), stat=_stat(rows, family)).drop_nulls(needed)
    meant = _own_attribute(named, family)
    if not family.partition:
        return meant
    # a number and more than that is no partition: rules may put `0, is-future=true` there
    torn = label(meant, family.partition).str.contains(_NUMBER_AND_MORE)
    return meant.filter(~torn.fill_null(value=False))


def _own_attribute(rows: pl.DataFrame, family: Family) -> pl.DataFrame:
    """Keep what a metric is of an MBean whose attributes share a name and differ in a label: of a counter the Count."""
    used = (family.key, family.stat_label, *family.only, *family.without)
    there = {column.lower() for column in rows.columns}
    for name in _ATTRIBUTE_LABELS:
        if f"label_{name}" in there and name not in used:
            attribute = label(rows, name).str.extract(_ATTRIBUTE).str.to_lowercase()
            is_rate, is_counter = (pl.col("to").is_in(sorted(names)) for names in (RATES, COUNTERS))
            meant = (
                pl.when(is_counter)
                .then(attribute == "count")
                .when(is_rate)
                .then(attribute == "oneminuterate")
            )
            rows = rows.filter(meant.otherwise(~attribute.is_in(_OF_METERS)).fill_null(value=True))
    return rows


def _to(rows: pl.DataFrame, family: Family) -> pl.Expr:
    if isinstance(family.to, str):
        return pl.lit(family.to)
    text = pl.col("metric") if family.key == NAME else label(rows, family.key)
    return text.replace_strict(family.to, default=None, return_dtype=pl.String)


def _stat(rows: pl.DataFrame, family: Family) -> pl.Expr:
    by_name = {name: stat or None for name, stat in family.names.items()}
    named = pl.col("metric").replace_strict(by_name, default=None, return_dtype=pl.String)
    if family.stat_label is None:
        return named
    text = label(rows, family.stat_label)
    return text.replace_strict(family.stats, default=None, return_dtype=pl.String) if family.stats else text


def label(rows: pl.DataFrame, name: str | None) -> pl.Expr:
    r"""Return the expression of a label's value, whether it is spelled clientId or client_id; null where it is absent.

    Parameters
    ----------
    rows
        Lines of a :class:`Page`. A label that none of them has is a column too, never a literal: Polars cuts long
        frames into pieces, and a predicate on a literal has the length of none of them.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> rows = page_of(parse_exposition(b'm{clientid="a"} 1\nm 1\n')).lines
    >>> rows.select(value=label(rows, "clientId"), none=label(rows, "topic")).rows()
    [('a', None), (None, None)]
    """
    if not name:
        return pl.col(_ABSENT)
    wanted = _squeezed(name)
    columns = [
        c for c in rows.columns if c.startswith(_LABEL) and _squeezed(c.removeprefix(_LABEL)) == wanted
    ]
    return pl.coalesce(columns) if columns else pl.col(_ABSENT)


def _squeezed(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")

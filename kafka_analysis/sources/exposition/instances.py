"""Several brokers on one page, as a federating Prometheus or a collector gives them: one page for each of them."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import polars as pl

from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.units import listed
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.saved.file_names import broker_in_name
from kafka_analysis.sources.spelling.detect import Page, label, page_of, recognised
from kafka_analysis.sources.spelling.families import Dialect, Family

OF_BROKERS = ("jmx", "node")
SEVERAL = "series of "
SHOWN = 3
# Labels by which collectors tell the processes they scrape; of several that name brokers the first is taken.
LABELS = (
    "broker_id", "brokerid", "kafka_broker_id", "broker", "kafka_broker", "broker_name", "node_id",
    "pod", "pod_name", "kubernetes_pod_name", "kubernetes_pod", "k8s_pod_name", "kube_pod_name",
    "statefulset_kubernetes_io_pod_name", "container", "container_name", "hostname", "host", "host_name", "server",
    "server_name", "machine", "exported_instance", "instance", "service_instance_id", "service_name", "instance_name",
    "instance_id", "ec2_instance_id", "address", "target", "endpoint", "url", "ip", "pod_ip", "kubernetes_node",
    "kubernetes_node_name", "k8s_node_name", "nodename", "node_name", "node",
)  # fmt: skip


@dataclass(frozen=True)
class OfInstance:
    """The lines of one instance, and the broker that it is; null: not known."""

    name: str | None
    broker: int | None
    page: Exposition


@dataclass(frozen=True)
class _Label:
    """A label by which instances are told: each value with the broker it names."""

    name: str
    brokers: dict[str, int | None]

    @property
    def names_brokers(self) -> bool:
        numbers = list(self.brokers.values())
        return None not in numbers and len(set(numbers)) == len(numbers)


def by_instance(
    page: Exposition,
    chosen: Sequence[Dialect],
    *,
    broker: int | None = None,
    is_given: bool = False,
    pattern: re.Pattern[str] | None = None,
) -> tuple[OfInstance, ...]:
    r"""Split a page that holds the series of several brokers; most hold those of one.

    Parameters
    ----------
    page, chosen
        A page, and its dialects. Only lines of brokers and their hosts are looked at: an exporter that watches a whole
        cluster speaks for no broker.
    broker, is_given
        The broker the page is of as far as is known, and whether the user says so.
    pattern
        Finds the broker in a label's value, with its one group; without it ``broker-3``, ``kafka-3`` and ``b-3`` are
        understood, and numbers where the label is named after brokers.

    Returns
    -------
    tuple of OfInstance
        The whole page, unless a label has several values. Lines without it, and of other processes, come last.

    Raises
    ------
    SourceError
        There are several instances, and their names are no brokers', or the user says that the page is of one broker.

    Examples
    --------
    >>> from kafka_analysis.sources.spelling.detect import detect
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> line = 'kafka_server_replicamanager_leadercount{{instance="kafka-{}:7071"}} {}\n'
    >>> page = parse_exposition("".join(line.format(n, 5 * n) for n in (1, 2)).encode())
    >>> [(one.broker, one.page.samples["value"].to_list()) for one in by_instance(page, detect(page))]
    [(1, [5.0]), (2, [10.0])]
    """
    labels = _labels(page, chosen, pattern)
    several = [candidate for candidate in labels if len(candidate.brokers) > 1]
    if not several:
        named = next((b for candidate in labels for b in candidate.brokers.values() if b is not None), None)
        return (OfInstance(None, named if broker is None else broker, page),)
    finest = max(len(candidate.brokers) for candidate in several)
    telling = [
        candidate for candidate in several if candidate.names_brokers and len(candidate.brokers) == finest
    ]
    if is_given or not telling:
        raise SourceError(_refusal(next(o for o in several if len(o.brokers) == finest), is_given=is_given))
    return tuple(_split(page, telling[0], pattern))


def instances_of(page: Exposition, chosen: Sequence[Dialect]) -> dict[str, int | None]:
    r"""Return the instances on a page, each with the broker that its name tells; none where there is but one.

    Examples
    --------
    >>> from kafka_analysis.sources.spelling.detect import detect
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> lines = [f'kafka_server_replicamanager_leadercount{{host="10.0.0.{n}"}} 5' for n in (1, 2)]
    >>> page = parse_exposition("\n".join([*lines, ""]).encode())
    >>> instances_of(page, detect(page))
    {'10.0.0.1': None, '10.0.0.2': None}
    """
    several = [candidate for candidate in _labels(page, chosen, None) if len(candidate.brokers) > 1]
    best = max(several, key=lambda candidate: (len(candidate.brokers), candidate.names_brokers), default=None)
    return {} if best is None else best.brokers


def _labels(page: Exposition, chosen: Sequence[Dialect], pattern: re.Pattern[str] | None) -> list[_Label]:
    """Return the labels that tell the instances of broker lines, those named after brokers first."""
    families = [f for dialect in chosen if dialect.kind in OF_BROKERS for f in dialect.families]
    names = _candidates(page.samples, families)
    if not names:
        return []
    for kind in OF_BROKERS:
        of_kind = [f for dialect in chosen if dialect.kind == kind for f in dialect.families if f.telling]
        rows = _recognised(page_of(page), of_kind)
        if len(rows):
            return [candidate for name in names if (candidate := _label(rows, name, pattern)) is not None]
    return []


def _candidates(samples: pl.DataFrame, families: Iterable[Family]) -> list[str]:
    """Return the labels that may tell instances: known ones, then those that no family uses and all its lines have."""
    used = {name.lower() for family in families for name in _used(family)}
    there = {name.removeprefix("label_"): name for name in samples.columns if name.startswith("label_")}
    usual = [name for word in LABELS for name in there if name.lower() == word and word not in used]
    metrics = sorted({name for family in families for name in family.names})
    rows = samples.filter(pl.col("metric").is_in(metrics))
    other = [
        n
        for n, column in there.items()
        if n not in usual and n.lower() not in used and rows[column].null_count() == 0
    ]
    return [*usual, *other] if len(rows) else []


def _used(family: Family) -> Collection[str]:
    single = (family.key, family.topic, family.partition, family.topic_partition, family.group, family.broker)
    return {n for n in (*single, family.stat_label, *family.entity, *family.only, *family.without) if n}


def _recognised(page: Page, families: Iterable[Family]) -> pl.DataFrame:
    present = [family for family in families if family.names.keys() & page.names]
    rows = [recognised(page, family, but=frozenset()).drop("to", "stat") for family in present]
    return pl.concat([page.lines.clear(), *rows])


def _label(rows: pl.DataFrame, name: str, pattern: re.Pattern[str] | None) -> _Label | None:
    """Return a label with its values; one of no known name counts only where its values are brokers' names."""
    values = rows.select(label(rows, name).drop_nulls().unique().sort()).to_series().to_list()
    labelled = _Label(name, {value: broker_of(name, value, pattern) for value in values})
    return labelled if values and (name.lower() in LABELS or labelled.names_brokers) else None


def broker_of(name: str, value: str, pattern: re.Pattern[str] | None = None) -> int | None:
    """Return the broker that a label's value names, None when it names none.

    Examples
    --------
    >>> broker_of("instance", "b-2.example.org:11001"), broker_of("broker_id", "7"), broker_of("host", "10.0.0.1")
    (2, 7, None)
    """
    if pattern is None and ("broker" in name.lower() or name.lower() == "node_id"):
        whole = re.fullmatch(r"\d{1,9}", value, re.ASCII)
        if whole is not None:
            return int(value)
    return broker_in_name(PurePath(value.replace("/", " ")), pattern=pattern)


def _split(page: Exposition, by: _Label, pattern: re.Pattern[str] | None) -> Iterable[OfInstance]:
    """Yield the lines of each broker, and then the others; lines not understood stay with the first."""
    column = f"label_{by.name}"
    texts = page.samples[column]
    numbers = {text: broker_of(by.name, text, pattern) for text in texts.unique().drop_nulls()}
    owners = texts.replace_strict(numbers, default=None, return_dtype=pl.Int32)
    brokers = sorted(set(by.brokers.values()), key=lambda number: number or 0)
    rejected = page.rejected
    for number in brokers:
        names = ", ".join(text for text, broker in by.brokers.items() if broker == number)
        yield OfInstance(
            names, number, replace(page, samples=page.samples.filter(owners == number), rejected=rejected)
        )
        rejected = rejected.clear()
    rest = page.samples.filter(~owners.is_in(brokers).fill_null(value=False))
    if len(rest):
        yield OfInstance(None, None, replace(page, samples=rest, rejected=rejected))


def _refusal(label: _Label, *, is_given: bool) -> str:
    names = [repr(name[:60]) for name in label.brokers]
    mend = (
        "leave out the broker, and the page is split by the brokers in these names"
        if is_given and label.names_brokers
        else "save or scrape one page per broker, or give a broker pattern that finds the id in these names"
    )
    return f"{SEVERAL}{len(names)} instances on one page ({label.name}: {listed(names, SHOWN)}); {mend}"

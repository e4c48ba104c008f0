"""Recognise Amazon MSK's metrics in CloudWatch: ``cloudwatch.toml`` says which is which canonical one."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import Field

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frozen import Frozen
from kafka_analysis.model.metrics import METRICS

Level = Literal["DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"]
LEVELS: tuple[Level, ...] = ("DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION")
_NUMBERS = ("Broker ID", "Partition")


class Family(Frozen):
    """Metrics with the same dimensions and meaning.

    ``metrics`` maps CloudWatch's names to canonical ones; ``dimensions`` are the sets of names they come with.
    ``level`` is the monitoring level at which they first appear, ``statistic`` what is asked of a period, ``scale``
    multiplies values.
    """

    level: Level
    dimensions: tuple[tuple[str, ...], ...]
    metrics: dict[str, str]
    statistic: Literal["Average", "Maximum"] = "Average"
    scale: float = Field(default=1.0, gt=0)
    entity: str | None = None
    stat: str | None = None


class Names(Frozen):
    """What ``cloudwatch.toml`` holds."""

    namespace: str
    express_only: tuple[str, ...]
    standard_only: tuple[str, ...]
    families: tuple[Family, ...]


@dataclass(frozen=True)
class Series:
    """One metric of CloudWatch, with the canonical series it becomes."""

    name: str
    dimensions: tuple[tuple[str, str], ...]
    metric: str
    statistic: str
    level: Level
    scale: float = 1.0
    broker: int | None = None
    topic: str | None = None
    partition: int | None = None
    group: str | None = None
    entity: str | None = None
    stat: str | None = None


@dataclass(frozen=True)
class Listing:
    """What CloudWatch has of a cluster: series known, names that are not catalogued, and what both tell.

    ``level`` is the highest monitoring level any series belongs to: a cluster without topics or groups shows no more.
    ``flavour`` is known where a metric was listed that only one kind of broker has. ``unpublished``: canonical metrics
    that brokers of this flavour do not publish.
    """

    series: tuple[Series, ...]
    not_catalogued: tuple[str, ...]
    level: Level
    flavour: str | None
    unpublished: tuple[str, ...]


@cache
def names() -> Names:
    """Return the mapping, checked against the catalogue.

    Raises
    ------
    InputError
        When it names a metric the catalogue does not have.

    Examples
    --------
    >>> names().namespace, names().express_only
    ('AWS/Kafka', ('StorageUsed',))
    """
    text = (files("kafka_analysis.sources.amazon") / "cloudwatch.toml").read_text(encoding="utf-8")
    catalogue = Names.model_validate(tomllib.loads(text))
    for family in catalogue.families:
        for name in family.metrics.values():
            if name not in METRICS:
                raise InputError.unknown("metric in cloudwatch.toml", name, METRICS)
    return catalogue


def recognise(listed: Iterable[Mapping[str, Any]]) -> Listing:
    """Sort what ``list_metrics`` answered into series of the catalogue and the rest.

    Parameters
    ----------
    listed
        Metrics as CloudWatch lists them: ``MetricName`` and ``Dimensions``, in any order.

    Examples
    --------
    >>> cluster, broker = {"Name": "Cluster Name", "Value": "c"}, {"Name": "Broker ID", "Value": "1"}
    >>> found = recognise([{"MetricName": "CpuUser", "Dimensions": [cluster, broker]},
    ...                    {"MetricName": "SwapUsed", "Dimensions": [cluster, broker]}])
    >>> [(s.metric, s.broker, s.entity, s.scale) for s in found.series], found.not_catalogued, found.level
    ([('cpu_ratio', 1, 'user', 0.01)], ('SwapUsed',), 'DEFAULT')
    """
    read = [(metric["MetricName"], _series(metric["MetricName"], metric["Dimensions"])) for metric in listed]
    catalogued = dict.fromkeys(series for _, series in read if series is not None)
    flavour = _flavour({name for name, _ in read})
    return Listing(
        series=tuple(catalogued),
        not_catalogued=tuple(sorted({name for name, series in read if series is None})),
        level=max((series.level for series in catalogued), key=LEVELS.index, default="DEFAULT"),
        flavour=flavour,
        unpublished=_unpublished() if flavour == "msk-express" else (),
    )


def _series(name: str, dimensions: Sequence[Mapping[str, str]]) -> Series | None:
    values = {dimension["Name"]: dimension["Value"] for dimension in dimensions}
    family = _index().get((name, frozenset(values)))
    if family is None or not all(
        values[number].isascii() and values[number].isdigit() for number in _NUMBERS if number in values
    ):
        return None
    return Series(
        name=name,
        dimensions=tuple((dimension["Name"], dimension["Value"]) for dimension in dimensions),
        metric=family.metrics[name],
        statistic=family.statistic,
        level=family.level,
        scale=family.scale,
        broker=_number(values.get("Broker ID")),
        topic=values.get("Topic"),
        partition=_number(values.get("Partition")),
        group=values.get("Consumer Group"),
        entity=values.get("Client Authentication", values.get("ReplicatorName", family.entity)),
        stat=family.stat,
    )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


@cache
def _index() -> dict[tuple[str, frozenset[str]], Family]:
    return {
        (name, frozenset(dimensions)): family
        for family in names().families
        for dimensions in family.dimensions
        for name in family.metrics
    }


def _flavour(seen: set[str]) -> str | None:
    express, standard = seen & set(names().express_only), seen & set(names().standard_only)
    if bool(express) == bool(standard):
        return None
    return "msk-express" if express else "msk-standard"


@cache
def _unpublished() -> tuple[str, ...]:
    """Return the canonical metrics that only Standard brokers publish."""
    missing = {
        family.metrics[name]
        for family in names().families
        for name in names().standard_only
        if name in family.metrics
    }
    return tuple(sorted(missing))

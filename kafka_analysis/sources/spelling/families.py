"""What a dialect is made of: families of lines, each with the names on a page and what they mean."""

import re
import string
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from kafka_analysis.model.frozen import Frozen

NAME = "__name__"  # Prometheus' label of a line's own name
PARTS = (
    "domain",
    "type",
    "name",
    "meter",
    "attribute",
)  # what the name of an MBean's attribute is put together from
STATS = re.compile(r"mean|mean_since_start|max|min|stddev|p[0-9]{2,4}|")
Fold = Literal["sum", "max"]
Kind = Literal["jmx", "node", "exporter", "client", "cloud"]


class Family(Frozen):
    """Lines of the same shape.

    ``metrics`` maps names of the page to a ``stat`` ('' for none); the label ``key`` chooses from ``to`` the
    canonical metric (without key, ``to`` is the metric). With ``key = "__name__"`` the name itself chooses, and
    ``metrics`` may be left out. ``topic``, ``partition``, ``group``, ``broker`` and ``entity`` name the labels these
    are taken from (``clientId`` is ``client_id`` and ``clientid``, too); several labels of an entity are joined by
    ``joined_by``, one that is absent is left empty. ``topic_partition`` is a label that holds both, the partition last:
    ``a.b-3``. ``stat_label`` names a label the stat is taken from, translated by ``stats``; a value that is not in it
    is no line of the family; without ``stats`` the value is the stat.

    ``having`` names labels a line must have; ``only`` keeps lines with these label values, ``without`` leaves out those
    with these; ``unknown`` are values by which the exporter says that it does not know. ``fold`` makes one of lines
    that differ in other labels, ``scale`` multiplies the value. Lines that many exporters have in common
    (``process_cpu_seconds_total``) are not ``telling``.
    """

    metrics: dict[str, str] = Field(default_factory=dict)
    to: str | dict[str, str]
    key: str | None = None
    topic: str | None = None
    partition: str | None = None
    topic_partition: str | None = None
    group: str | None = None
    broker: str | None = None
    entity: tuple[str, ...] = ()
    joined_by: str = "/"
    stat_label: str | None = None
    stats: dict[str, str] = Field(default_factory=dict)
    having: tuple[str, ...] = ()
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    without: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unknown: tuple[float, ...] = ()
    fold: Fold | None = None
    scale: float = 1.0
    telling: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if isinstance(self.to, str) == (self.key is not None):
            raise ValueError(
                "key and a table to = {value of the label = metric} belong together; give both or neither"
            )
        if not self.names:
            raise ValueError("metrics = {name on the page = stat, or ''} is missing")
        if self.stats and self.stat_label is None:
            raise ValueError("stats translates the values of stat_label, which is missing; name the label")
        if self.topic_partition is not None and (self.topic or self.partition):
            raise ValueError("topic_partition gives topic and partition; remove it, or these two")
        return self

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the names of the page, each with its stat ('' for none).

        Examples
        --------
        >>> Family(key="__name__", to={"lag": "group_lag_records"}).names
        {'lag': ''}
        """
        if self.metrics or isinstance(self.to, str) or self.key != NAME:
            return self.metrics
        return dict.fromkeys(self.to, "")

    @property
    def canonical(self) -> tuple[str, ...]:
        """Return the canonical metrics of the family.

        Examples
        --------
        >>> Family(metrics={"lag": ""}, to="group_lag_records").canonical
        ('group_lag_records',)
        """
        return (self.to,) if isinstance(self.to, str) else tuple(self.to.values())

    @property
    def columns(self) -> set[str]:
        """Return the columns of the samples the family fills, besides those of every sample.

        Examples
        --------
        >>> sorted(Family(metrics={"lag": ""}, to="group_lag_records", group="g", topic_partition="tp").columns)
        ['group', 'partition', 'topic']
        """
        named = {name for name in ("topic", "partition", "group") if getattr(self, name)}
        return named | ({"topic", "partition"} if self.topic_partition else set())


class Dialect(Frozen):
    """How one exporter spells Kafka's metrics.

    ``source`` says what the names rest on: a real run, or which documentation. ``cluster`` is a label with the name of
    the cluster a line is about, where one exporter watches several.

    ``lowercase_of`` names a dialect whose names are these in lower case (``lowercaseOutputName``): its families are
    taken over. ``like`` names a dialect with the same metrics under other names, made by ``names``: for each attribute
    of an MBean (``Count``, ``Value`` …, ``"*"`` for all others) the patterns of the names it may have, of

    - ``{type}``: ``kafka_server_BrokerTopicMetrics``, and ``{domain}``: ``kafka_server``;
    - ``{name}``: ``BytesInPerSec``, and ``{meter}``: ``BytesIn`` (a name that does not end in PerSec has none);
    - ``{attribute}``: ``Count``.

    Attributes without a pattern are left out; ``lowercase`` lowers what comes of it. ``without_total`` cuts ``_total``
    off the names of the other dialect instead. Families of its own come first.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)
    title: str = Field(min_length=1, max_length=120)
    kind: Kind
    source: str = Field(min_length=1)
    cluster: str | None = None
    lowercase_of: str | None = None
    like: str | None = None
    names: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    lowercase: bool = False
    without_total: bool = False
    families: tuple[Family, ...] = ()

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.like is None and (self.names or self.lowercase or self.without_total):
            raise ValueError("names, lowercase and without_total need like = another dialect's name; add it")
        if self.like is not None and bool(self.names) == self.without_total:
            raise ValueError("like needs [names], or without_total = true; give one of them")
        if (self.lowercase_of is not None) + (self.like is not None or bool(self.families)) != 1:
            raise ValueError("give [[families]], like = …, or lowercase_of = another dialect's name")
        for pattern in (pattern for patterns in self.names.values() for pattern in patterns):
            _check_pattern(pattern)
        return self


def _check_pattern(pattern: str) -> None:
    allowed = ", ".join(f"{{{part}}}" for part in PARTS)
    try:
        fields = {field for _, field, *_ in string.Formatter().parse(pattern) if field is not None}
    except ValueError:
        raise ValueError(f"names: {pattern!r} has unbalanced braces; allowed: {allowed}") from None
    if not fields or not fields <= set(PARTS):
        raise ValueError(f"names: {pattern!r} may only consist of {allowed}")

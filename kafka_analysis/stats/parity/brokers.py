"""Configurations of brokers that clients feel, at both ends."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.parity.rows import (
    KINDS,
    PARITY,
    Known,
    Parity,
    count_rows,
    ends_of,
    entity,
    parity_rows,
    split_by_sight,
)
from kafka_analysis.stats.parity.settings import Judgement, is_not_compared, judged

OPEN = "allow.everyone.if.no.acl.found"
_AUTHORIZER = "authorizer.class.name"
_DYNAMIC = "DYNAMIC_DEFAULT_BROKER_CONFIG"
_UNTOLD = (
    "It is not in the brokers' configurations, and the defaults of MSK and Apache Kafka differ: "
    "declare the flavour of both clusters in the profile."
)


class _Held(NamedTuple):
    """A setting of a cluster: the values of its brokers, whether it is set anywhere, and set for all of them."""

    values: tuple[str, ...]
    is_default: bool
    is_dynamic: bool

    @property
    def text(self) -> str:
        return ", ".join(self.values)


def broker_parity(
    pairs: Frame, *, broker_configs: Frame, known: Known, flavours: Mapping[str, str | None] | None = None
) -> Parity:
    """Compare the configurations of two clusters' brokers, without those that are a cluster's own operation.

    Parameters
    ----------
    pairs
        ``source``, ``target`` of topics that move.
    broker_configs
        One snapshot of the capture's ``broker_configs``.
    known
        Pairs of a cluster and a table that was read with the right to see all.
    flavours
        Of the clusters: ``allow.everyone.if.no.acl.found`` is true on MSK where brokers do not show it, else false.

    Returns
    -------
    Parity
        ``topic`` is null. Where brokers of one cluster have several values, all are given, and the worst pair counts.
        A setting that one end does not know, and that has its default at the other, is not compared. What holds without
        an access control entry is not compared where an end checks no rights (:func:`authorizers_of`).

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "target": ["b"]})
    >>> rows = pl.DataFrame({"cluster": ["a", "b"], "broker": 1, "name": "message.max.bytes", "value": ["9", "8"],
    ...     "is_default": False, "source": "STATIC_BROKER_CONFIG"})
    >>> both = {("a", "broker_configs"), ("b", "broker_configs")}
    >>> broker_parity(pair, broker_configs=rows, known=both).differences.select("name", "kind").rows()
    [('allow.everyone.if.no.acl.found', 'unknown'), ('message.max.bytes', 'must fix')]
    """
    seen, unknown = split_by_sight("broker configuration", ends_of(to_polars(pairs)), known)
    kinds = flavours or {}
    settings = _settings(to_polars(broker_configs))
    checks = authorizers_of(broker_configs)
    rows: list[dict[str, Any]] = []
    counts = []
    for source, target in seen.iter_rows():
        ours, theirs = settings.get(source, {}), settings.get(target, {})
        is_checked = False not in (checks.get(source), checks.get(target))
        if is_checked:
            ours, theirs = _with_open(ours, kinds.get(source)), _with_open(theirs, kinds.get(target))
        found = [
            row for row in _differences(ours, theirs, kinds.get(target)) if is_checked or row["name"] != OPEN
        ]
        compared = sum(_is_compared(ours.get(name), theirs.get(name)) for name in ours.keys() | theirs.keys())
        differing = sum(row["kind"] != "unknown" for row in found)
        counts.append((source, target, compared, compared - differing))
        rows += [{"source": source, "target": target, **row} for row in found]
    differences = parity_rows("broker configuration", pl.DataFrame(rows, schema=PARITY))
    return Parity(pl.concat([differences, unknown]), count_rows("broker configuration", counts))


def open_to_all(broker_configs: Frame, flavours: Mapping[str, str | None]) -> dict[str, bool | None]:
    """Tell of each cluster whether everyone may do what no access control entry is about; None: unknown.

    Examples
    --------
    >>> rows = pl.DataFrame(schema={"cluster": pl.String, "name": pl.String, "value": pl.String})
    >>> open_to_all(rows, {"a": "self-managed", "b": "msk", "c": None})
    {'a': False, 'b': True, 'c': None}
    """
    told = to_polars(broker_configs).filter(name=OPEN).drop_nulls("value")
    said = {cluster: _default_open(flavour) for cluster, flavour in flavours.items()}
    return said | {cluster: value == "true" for cluster, value in told.select("cluster", "value").iter_rows()}


def authorizers_of(broker_configs: Frame) -> dict[str, bool]:
    """Tell of each cluster whose brokers show it whether they have an authorizer: without one, no rights are checked.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["a", "b"], "name": "authorizer.class.name", "value": ["x.Authorizer", None]})
    >>> authorizers_of(rows)
    {'a': True, 'b': False}
    """
    told = to_polars(broker_configs).filter(name=_AUTHORIZER)
    has = told.group_by("cluster").agg((pl.col("value").fill_null("") != "").any()).sort("cluster")
    return dict(has.iter_rows())


def _default_open(flavour: str | None) -> bool | None:
    return None if flavour is None else flavour.startswith("msk")


def _settings(rows: pl.DataFrame) -> dict[str, dict[str, _Held]]:
    """Return what each cluster has of the settings that are compared; what its brokers keep secret is left out.

    A setting without a value is empty, if that is its default.
    """
    names = [name for name in rows["name"].unique() if not is_not_compared("broker", name)]
    told = rows.filter(
        pl.col("name").is_in(names), pl.col("value").is_not_null() | pl.col("is_default")
    ).with_columns(pl.col("value").fill_null(""))
    grouped = told.group_by("cluster", "name").agg(
        pl.col("value").unique().sort(),
        pl.col("is_default").all(),
        is_dynamic=(pl.col("source") == _DYNAMIC).any(),
    )
    held: dict[str, dict[str, _Held]] = {}
    for cluster, name, values, is_default, is_dynamic in grouped.iter_rows():
        held.setdefault(cluster, {})[name] = _Held(tuple(values), is_default, is_dynamic)
    return held


def _with_open(settings: Mapping[str, _Held], flavour: str | None) -> dict[str, _Held]:
    """Add what holds for those without an entry, where brokers do not show it."""
    is_open = _default_open(flavour)
    filled = {} if is_open is None else {OPEN: _Held((str(is_open).lower(),), False, False)}
    return filled | dict(settings)


def _is_compared(ours: _Held | None, theirs: _Held | None) -> bool:
    if ours is not None and theirs is not None:
        return True
    (alone,) = [held for held in (ours, theirs) if held is not None]
    return not alone.is_default


def _differences(
    ours: Mapping[str, _Held], theirs: Mapping[str, _Held], flavour: str | None
) -> Iterator[dict[str, Any]]:
    for name in sorted({*ours, *theirs, OPEN}):
        at_source, at_target = ours.get(name), theirs.get(name)
        shown = {
            "name": name,
            "at_source": None if at_source is None else at_source.text,
            "at_target": None if at_target is None else at_target.text,
            "entity": entity(
                is_set=at_target is not None and at_target.is_dynamic,
                is_known=at_target is not None,
                flavour=flavour,
            ),
        }
        if name == OPEN and (at_source is None or at_target is None):
            fact = "MSK developer guide (Apache Kafka ACLs)"
            yield shown | {"kind": "unknown", "why": _UNTOLD, "fact_source": fact}
        elif _is_compared(at_source, at_target) and (worst := _worst(name, at_source, at_target, flavour)):
            yield shown | worst._asdict()


def _worst(
    name: str, at_source: _Held | None, at_target: _Held | None, flavour: str | None
) -> Judgement | None:
    if at_source and at_target and at_source.values == at_target.values:
        return None  # brokers of one cluster that differ are alike at both ends
    found = [
        judged("broker", name, ours, theirs, flavour=flavour)
        for ours in (at_source.values if at_source else (None,))
        for theirs in (at_target.values if at_target else (None,))
    ]
    told = [judgement for judgement in found if judgement is not None]
    return min(told, key=lambda judgement: KINDS.index(judgement.kind), default=None)

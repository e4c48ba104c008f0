"""Quotas at both ends: Kafka holds each broker to them, so the total changes with the number of brokers."""

from collections.abc import Collection
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.parity.rows import (
    PARITY,
    Known,
    Parity,
    count_rows,
    ends_of,
    entity,
    parity_rows,
    split_by_sight,
)

ENTITY = ("user", "client_id", "ip")
_OF_CLUSTER = ("controller_mutation_rate",)  # the controller alone holds clients to it (KIP-599)
_QUOTAS = "Apache Kafka documentation (quotas)"
_Key = tuple[str | None, str | None, str | None, tuple[str, ...], str]


class _Value(NamedTuple):
    """A quota: per broker, and of how many brokers; None: unknown."""

    value: float
    brokers: int | None

    @property
    def total(self) -> float | None:
        return None if self.brokers is None else self.value * self.brokers

    @property
    def text(self) -> str:
        if self.brokers == 1 or self.total is None:
            return f"{number(self.value)} per broker"
        return f"{number(self.value)} per broker, {number(self.total)} on {self.brokers} brokers"


def quota_parity(
    pairs: Frame, *, quotas: Frame, brokers: Frame, known: Known, users: Collection[str] | None = None
) -> Parity:
    """Compare the quotas of two clusters, per broker and in total.

    Parameters
    ----------
    pairs
        ``source``, ``target`` of topics that move.
    quotas
        One snapshot of the capture's ``quotas``.
    brokers
        ``cluster``, ``broker`` of those that are there. Without any, totals are unknown and values are compared.
    known
        Pairs of a cluster and a table that was read with the right to see all.
    users
        Names of the users of the wave, without ``User:``; None: of all. Quotas of no user by name are always compared.

    Returns
    -------
    Parity
        ``name`` is the quota and whose it is. Two quotas are equal if value and total are; one whose total is the same
        while its value is not is harmless. ``entity``: whose, and what the target needs for the source's total.

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "target": ["b"]})
    >>> rows = pl.DataFrame({"cluster": ["a", "b"], "user": "u", "client_id": None, "ip": None, "defaults": [[], []],
    ...     "name": "producer_byte_rate", "value": 5.0}, schema_overrides={"client_id": pl.String, "ip": pl.String})
    >>> there = pl.DataFrame({"cluster": ["a", "a", "b"], "broker": [1, 2, 1]})
    >>> found = quota_parity(pair, quotas=rows, brokers=there, known={("a", "quotas"), ("b", "quotas")})
    >>> found.differences.select("name", "at_source", "at_target", "kind").rows()
    [('producer_byte_rate of user u', '5 per broker, 10 on 2 brokers', '5 per broker', 'must fix')]
    """
    seen, unknown = split_by_sight("quota", ends_of(to_polars(pairs)), known)
    counts = dict(to_polars(brokers).group_by("cluster").agg(pl.col("broker").n_unique()).iter_rows())
    held = _held(to_polars(quotas), users, counts)
    rows: list[dict[str, Any]] = []
    compared = []
    for source, target in seen.iter_rows():
        ours, theirs = held.get(source, {}), held.get(target, {})
        keys = sorted(ours.keys() | theirs.keys(), key=str)
        found = [
            {"source": source, "target": target, **row}
            for key in keys
            if (row := _difference(key, ours.get(key), theirs.get(key), counts.get(target))) is not None
        ]
        compared.append((source, target, len(keys), len(keys) - len(found)))
        rows += found
    differences = parity_rows("quota", pl.DataFrame(rows, schema=PARITY))
    return Parity(pl.concat([differences, unknown]), count_rows("quota", compared))


def number(value: float) -> str:
    """Return a number as Kafka's tools take it, without a fraction where there is none.

    Examples
    --------
    >>> number(1048576.0), number(12.5), number(1e21)
    ('1048576', '12.5', '1000000000000000000000')
    """
    return str(int(value)) if float(value).is_integer() else repr(value)


def _held(
    quotas: pl.DataFrame, users: Collection[str] | None, counts: dict[str, int]
) -> dict[str, dict[_Key, _Value]]:
    held: dict[str, dict[_Key, _Value]] = {}
    for cluster, *names, defaults, name, value in quotas.select(
        "cluster", *ENTITY, "defaults", "name", "value"
    ).iter_rows():
        if users is not None and names[0] is not None and names[0] not in users:
            continue
        brokers = 1 if name in _OF_CLUSTER else counts.get(cluster)
        key = (*names, tuple(sorted(defaults or ())), name)
        held.setdefault(cluster, {})[key] = _Value(value, brokers)
    return held


def _difference(
    key: _Key, ours: _Value | None, theirs: _Value | None, brokers: int | None
) -> dict[str, Any] | None:
    kind, why = _judged(ours, theirs)
    if kind is None:
        return None
    *names, defaults, name = key
    wanted = _wanted(ours, theirs, 1 if name in _OF_CLUSTER else brokers)
    whose = dict(zip(ENTITY, names, strict=True))
    return {
        "name": f"{name} of {_whose(whose, defaults)}",
        "at_source": None if ours is None else ours.text,
        "at_target": None if theirs is None else theirs.text,
        "kind": kind,
        "why": why,
        "fact_source": _QUOTAS,
        "entity": entity(
            **whose,
            defaults=list(defaults),
            quota=name,
            wanted=wanted,
            held=None if theirs is None else theirs.value,
        ),
    }


def _wanted(ours: _Value | None, theirs: _Value | None, brokers: int | None) -> float | None:
    """Return what each broker of the target needs for the total of the source; None: no quota."""
    if ours is None:
        return None
    there = theirs.brokers if theirs is not None else brokers
    return ours.value if ours.total is None or not there else ours.total / there


def _judged(ours: _Value | None, theirs: _Value | None) -> tuple[str | None, str]:
    if ours is None:
        return "must fix", "The target throttles a client that the source does not."
    if theirs is None:
        return "must fix", "The target has no quota for this client: it may crowd out others."
    if ours.total is None or theirs.total is None:
        compared = (ours.value, theirs.value)
        of_what = "each broker; how many there are is unknown"
    else:
        compared = (ours.total, theirs.total)
        of_what = "the whole cluster, since a quota holds for each broker"
    if ours.value == theirs.value and compared[0] == compared[1]:
        return None, ""
    if compared[0] == compared[1]:
        return "harmless", "The value of each broker differs, the total of the cluster is the same."
    if compared[1] < compared[0]:
        return "must fix", f"The target allows less ({of_what}): the client is throttled sooner."
    return "harmless", f"The target allows more ({of_what}): the client is throttled later."


def _whose(names: dict[str, str | None], defaults: tuple[str, ...]) -> str:
    parts = [
        f"{column.replace('_', ' ')} {name}" if name is not None else f"every {column.replace('_', ' ')}"
        for column, name in names.items()
        if name is not None or column in defaults
    ]
    return ", ".join(parts) or "everyone"

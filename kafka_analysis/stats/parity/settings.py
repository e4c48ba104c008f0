"""What a difference of a setting means for clients: kept in ``settings.csv``, with the source of each fact.

The first line that fits counts: its name (``*`` stands for anything), the flavour of the target (``msk`` for any kind
of MSK), and how the target differs: its value is ``lower`` or ``higher``, it is ``set``, one end does not know the
setting (``absent``), or ``any``. A setting of ``not compared`` is a cluster's own operation.
"""

from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

import polars as pl

from kafka_analysis.stats.parity.rows import Kind

Scope = Literal["topic", "broker"]
NOT_COMPARED = "not compared"
UNCLASSIFIED = "not classified"
_BOOLEANS = {"false": 0, "true": 1}
_SETS = ("cleanup.policy", "group.coordinator.rebalance.protocols")
_MOST_NAMES = 4096  # of which the lines are remembered: names come from clusters


class Judgement(NamedTuple):
    """What a difference means, why, and where this is from."""

    kind: Kind
    why: str
    fact_source: str


def setting_facts() -> pl.DataFrame:
    """Return what is known of settings that differ between two ends.

    Returns
    -------
    polars.DataFrame
        ``scope`` (``topic`` or ``broker``), ``name``, ``flavour`` of the target (empty: any), ``when``, ``unlimited``
        (the value that means no limit), ``kind``, ``why``, ``fact_source``.

    Examples
    --------
    >>> setting_facts().filter(scope="topic", name="retention.ms", when="lower")["kind"].item()
    'must fix'
    """
    text = (files("kafka_analysis.stats.parity") / "settings.csv").read_bytes()
    return pl.read_csv(text, infer_schema=False).fill_null("")


def judged(
    scope: Scope, name: str, at_source: str | None, at_target: str | None, *, flavour: str | None
) -> Judgement | None:
    """Say what it means that a setting has two values; None: they mean the same, or are not compared.

    Parameters
    ----------
    at_source, at_target
        The values that hold; None where that end does not know the setting.
    flavour
        Of the target, as its profile declares it; None: unknown.

    Returns
    -------
    Judgement or None
        A setting that nobody has classified must be fixed: that no harm is known does not make it harmless.

    Examples
    --------
    >>> judged("topic", "retention.ms", "-1", "1000", flavour=None).kind
    'must fix'
    >>> judged("topic", "retention.ms", "1000", "-1", flavour=None).kind
    'harmless'
    >>> judged("topic", "cleanup.policy", "compact,delete", "delete,compact", flavour=None)
    """
    rules = _rules(scope, name, flavour)
    if at_source == at_target or is_not_compared(scope, name):
        return None
    if not rules:
        return Judgement(
            "must fix",
            "This setting has not been classified: find out what it does before the cut-over.",
            UNCLASSIFIED,
        )
    ways = _ways(name, at_source, at_target, unlimited=rules[0]["unlimited"])
    if not ways:
        return None
    found = next((rule for rule in rules if rule["when"] in ways), None)
    if found is None:
        return _unforeseen(rules, at_source, at_target)
    return Judgement(cast("Kind", found["kind"]), found["why"], found["fact_source"])


def is_not_compared(scope: Scope, name: str) -> bool:
    """Tell whether a setting is a cluster's own operation.

    Examples
    --------
    >>> is_not_compared("broker", "log.dirs"), is_not_compared("broker", "message.max.bytes")
    (True, False)
    """
    rules = _rules(scope, name, None)
    return bool(rules) and rules[0]["kind"] == NOT_COMPARED


def _unforeseen(rules: tuple[dict[str, str], ...], at_source: str | None, at_target: str | None) -> Judgement:
    """Judge what no line foresees: an end that does not know the setting, or values that are no numbers."""
    if at_target is None:
        why = "It is set at the source, and the target does not know it."
    elif at_source is None:
        why = "It is set at the target, and the source does not know it."
    else:
        why = rules[0]["why"]
    return Judgement("must fix", why, rules[0]["fact_source"])


def _ways(name: str, at_source: str | None, at_target: str | None, *, unlimited: str) -> tuple[str, ...]:
    """Name the ways in which a value at the target differs; none: it means the same."""
    if at_source is None or at_target is None:
        return ("absent",)
    if name in _SETS:
        ours, theirs = _items(at_source), _items(at_target)
        return () if ours == theirs else ("higher" if ours < theirs else "lower", "any")
    both = _number(at_source, unlimited), _number(at_target, unlimited)
    if None not in both:
        if both[0] == both[1]:
            return ()
        return ("higher" if both[1] > both[0] else "lower", "any")
    return ("any",) if at_target == "" else ("set", "any")


def _number(value: str, unlimited: str) -> float | None:
    if unlimited and value.strip() == unlimited:
        return float("inf")
    if value in _BOOLEANS:
        return _BOOLEANS[value]
    for kind in (int, float):  # whole numbers reach beyond those that a float tells apart
        with suppress(ValueError):
            return kind(value)
    return None


def _items(value: str) -> set[str]:
    """Return the items of a list whose order means nothing."""
    return {item.strip() for item in value.split(",")}


@cache
def _facts() -> tuple[dict[str, str], ...]:
    return tuple(setting_facts().iter_rows(named=True))


@lru_cache(_MOST_NAMES)
def _rules(scope: Scope, name: str, flavour: str | None) -> tuple[dict[str, str], ...]:
    """Return the lines of one setting: those of its own name, or of the first pattern that fits."""
    fitting = tuple(_fitting(scope, name))
    first = fitting[0]["name"] if fitting else ""
    return tuple(rule for rule in fitting if rule["name"] == first and _is_of(rule["flavour"], flavour))


def _fitting(scope: Scope, name: str) -> Iterator[dict[str, str]]:
    for rule in _facts():
        if rule["scope"] == scope and fnmatchcase(name, rule["name"]):
            yield rule


def _is_of(wanted: str, flavour: str | None) -> bool:
    """Tell whether a line is for a flavour: the kind of MSK counts only where the line names one."""
    if not wanted:
        return True
    return flavour == wanted or (wanted == "msk" and flavour is not None and flavour.startswith("msk"))

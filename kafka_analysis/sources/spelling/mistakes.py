"""Find probable mistakes in a user's dialect file by a page: names that no line has, and why lines are not read."""

from collections.abc import Mapping, Sequence

import polars as pl

from kafka_analysis.model.brief_text import brief
from kafka_analysis.model.units import listed
from kafka_analysis.sources.exposition.page import Exposition
from kafka_analysis.sources.spelling.derived import derived
from kafka_analysis.sources.spelling.detect import label, page_of
from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.families import NAME, Dialect, Family
from kafka_analysis.sources.spelling.unknown import unread_lines

_VALUES = 5
_LONGEST_VALUE = 80


def own_families(dialect: Dialect) -> tuple[Family, ...]:
    """Return the families a user wrote down: none of a built-in dialect, none that ``like`` takes over.

    Examples
    --------
    >>> own_families(dialects()[0])
    ()
    """
    built_in = {one.name: one for one in dialects()}
    if dialect.name in built_in or dialect.lowercase_of is not None:
        return ()
    if dialect.like is None:
        return dialect.families
    if dialect.like not in built_in:
        return ()
    taken_over = derived(dialect.model_copy(update={"families": ()}), built_in[dialect.like]).families
    return dialect.families[: len(dialect.families) - len(taken_over)]


def absent_names(exposition: Exposition, known: Sequence[Dialect]) -> tuple[str, ...]:
    r"""Return the names listed in a user's dialects that no line of a page has.

    Parameters
    ----------
    exposition
        A parsed page.
    known
        Dialects the user gave.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> lag = Family(metrics={"acme_lag": "", "acme_lga": ""}, to="group_lag_records", group="group")
    >>> acme = Dialect(name="acme", title="Acme", kind="jmx", source="a test", families=(lag,))
    >>> absent_names(parse_exposition(b"acme_lag 1\n"), [acme])
    ('acme_lga',)
    """
    written = {name for dialect in known for family in own_families(dialect) for name in family.names}
    return tuple(sorted(written - page_of(exposition).names)) if written else ()


def absent_labels(exposition: Exposition, known: Sequence[Dialect]) -> tuple[str, ...]:
    r"""Return the labels that a family of a user's dialects takes a topic, entity … from, and none of its lines has.

    Parameters
    ----------
    exposition
        A parsed page.
    known
        Dialects the user gave.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> lag = Family(metrics={"acme_lag": ""}, to="group_lag_records", group="gruop", topic="topic")
    >>> acme = Dialect(name="acme", title="Acme", kind="jmx", source="a test", families=(lag,))
    >>> absent_labels(parse_exposition(b'acme_lag{group="g",topic="t"} 1\n'), [acme])
    ('gruop',)
    """
    families = [family for dialect in known for family in own_families(dialect)]
    if not families:
        return ()
    page = page_of(exposition)
    found: set[str] = set()
    for family in (family for family in families if family.names.keys() & page.names):
        lines = page.lines.filter(pl.col("metric").is_in(sorted(family.names)))
        places = (family.topic, family.partition, family.topic_partition, family.group, family.broker)
        for name in filter(None, (*places, *family.entity)):
            if lines.select(label(lines, name).is_null().all()).item():
                found.add(brief(name))
    return tuple(sorted(found))


def unread_reasons(exposition: Exposition, known: Sequence[Dialect]) -> dict[str, str]:
    r"""Say of names in a user's dialects why some of their lines are not read.

    Parameters
    ----------
    exposition
        A parsed page.
    known
        Dialects the user gave.

    Returns
    -------
    dict of str to str
        Names on the page, each with the label or the values that do not fit; without those for which none is found.

    Examples
    --------
    >>> from kafka_analysis.sources.exposition.page import parse_exposition
    >>> page = parse_exposition(b'acme_ms{api="Fetch",q="0.5"} 1\nacme_ms{api="Fetch",q="0.99"} 9\n')
    >>> shape = {"metrics": {"acme_ms": ""}, "to": "request_total_ms", "entity": ("api",), "stats": {"0.99": "p99"}}
    >>> def acme(label):
    ...     families = (Family(stat_label=label, **shape),)
    ...     return Dialect(name="acme", title="Acme", kind="jmx", source="a test", families=families)
    >>> unread_reasons(page, [acme("q")])
    {'acme_ms': 'values of `q` not in stats: 0.5'}
    >>> unread_reasons(page, [acme("quantile")])
    {'acme_ms': 'label `quantile` is missing'}
    """
    families = [family for dialect in known for family in own_families(dialect)]
    if not families:
        return {}
    page = page_of(exposition)
    names = {name for family in families for name in family.names} & page.names
    left = unread_lines(page, known).filter(pl.col("metric").is_in(sorted(names)))
    found: dict[str, str] = {}
    for family in families:
        for name in sorted(family.names.keys() & set(left["metric"])):
            why = _why(left.filter(pl.col("metric") == name), family)
            if why is not None:
                found.setdefault(brief(name), why)
    return found


def _why(lines: pl.DataFrame, family: Family) -> str | None:
    """Name the first label that unread lines lack, else the values that the family does not know."""
    key = None if family.key == NAME else family.key
    to = {} if isinstance(family.to, str) else family.to
    for name in filter(None, (family.stat_label, key, *family.having, *family.only)):
        if lines.select(label(lines, name).is_null().all()).item():
            return f"label `{brief(name)}` is missing"
    for name, entry, allowed in ((family.stat_label, "stats", family.stats), (key, "to", to)):
        if allowed and (values := _others(lines, name, allowed)):
            return f"values of `{brief(name)}` not in {entry}: {listed(values, _VALUES)}"
    return None


def _others(lines: pl.DataFrame, name: str | None, allowed: Mapping[str, str]) -> list[str]:
    values = lines.select(label(lines, name).alias("value"))["value"].drop_nulls().unique()
    return [brief(value, _LONGEST_VALUE) for value in sorted(set(values) - set(allowed))]

"""Access control entries of a wave's topics, and of the principals that use them, at both ends."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from kafka_analysis.model.frames import Frame, to_polars
from kafka_analysis.stats.parity.entries import (
    ANY_NAME,
    EVERYONE,
    LITERAL,
    Entry,
    Held,
    Names,
    expected,
    held_of,
    names_of,
)
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

TOPIC = "TOPIC"
_ACLS = "Apache Kafka documentation (authorization and ACLs)"
_MIRROR = "Apache Kafka, MirrorSourceConnector.updateTopicAcls"


class _End(NamedTuple):
    """Entries of one end that concern a wave, and whether what has none is open to everyone."""

    entries: Collection[Entry]
    held: Held
    is_open: bool | None


def access_parity(
    pairs: Frame,
    *,
    acls: Frame,
    known: Known,
    open_to_all: Mapping[str, bool | None] | None = None,
    authorizers: Mapping[str, bool | None] | None = None,
) -> Parity:
    """Compare who may do what at both ends: on the wave's topics, and otherwise of the principals that use these.

    An entry is missing if nothing at the other end says as much: the same entry, or one of a prefix, of every name, of
    ``User:*``, of every host, of ALL. Entries of groups, transactional ids and the cluster are compared for the
    principals that have an entry for a topic of the wave, and for ``User:*``.

    Parameters
    ----------
    pairs
        ``source``, ``source_topic``, ``target``, ``topic``; of a topic that has another name at the target, only rights
        to read are expected there.
    acls
        One snapshot of the capture's ``acls``.
    known
        Pairs of a cluster and a table that was read with the right to see all.
    open_to_all
        Result of :func:`~kafka_analysis.stats.parity.brokers.open_to_all`.
    authorizers
        Whether each cluster checks rights; None: unknown. One that does not has no entries.

    Returns
    -------
    Parity
        ``name`` is the principal, ``topic`` that of a literal entry, ``entity`` the entry as the target would have it.
        Counted are entries of either end.

    Examples
    --------
    >>> pair = pl.DataFrame({"source": ["a"], "source_topic": "t", "target": "b", "topic": "t"})
    >>> rows = pl.DataFrame({"cluster": ["a"], "principal": "User:app", "host": "*", "resource_type": "TOPIC",
    ...     "resource_name": "t", "pattern_type": "LITERAL", "operation": "WRITE", "permission": "ALLOW"})
    >>> found = access_parity(pair, acls=rows, known={("a", "acls"), ("b", "acls")})
    >>> found.differences.select("name", "at_source", "at_target", "kind").rows()
    [('User:app', 'ALLOW WRITE on TOPIC t, LITERAL, host *', None, 'must fix')]
    """
    named = to_polars(pairs).drop_nulls("topic")
    checks = authorizers or {}
    unchecked = {(cluster, "acls") for cluster, checked in checks.items() if checked is False}
    ends = ends_of(to_polars(pairs))
    seen, unknown = split_by_sight("access control entry", ends, {*known, *unchecked})
    entries = _entries(to_polars(acls))
    rows: list[dict[str, Any]] = []
    counts = []
    for source, target in seen.iter_rows():
        of_pair = named.filter(source=source, target=target).select("source_topic", "topic")
        names = names_of(dict(of_pair.iter_rows()))
        kept = checks.get(source), checks.get(target)
        if False in kept and kept[0] != kept[1]:
            rows.append(_unchecked(source, target, is_source=kept[0] is False))
            continue
        is_open = open_to_all or {}
        ours, theirs = _relevant(entries.get(source, []), entries.get(target, []), names)
        at_source = _End(ours, held_of(ours), is_open.get(source))
        at_target = _End(theirs, held_of(theirs), is_open.get(target))
        found = list(_differences(at_source, at_target, names))
        compared = len({*ours, *theirs})
        counts.append((source, target, compared, compared - len(found)))
        rows += [{"source": source, "target": target, **row} for row in found]
    differences = parity_rows("access control entry", pl.DataFrame(rows, schema=PARITY))
    return Parity(pl.concat([differences, unknown]), count_rows("access control entry", counts))


def _entries(acls: pl.DataFrame) -> dict[str, list[Entry]]:
    parts = acls.select("cluster", *Entry._fields).unique().partition_by("cluster", as_dict=True)
    return {
        str(cluster): [Entry(*row) for row in part.select(Entry._fields).iter_rows()]
        for (cluster,), part in parts.items()
    }


def _relevant(
    source: Collection[Entry], target: Collection[Entry], names: Names
) -> tuple[set[Entry], set[Entry]]:
    """Keep the entries of the wave, in the names of the target: of its topics, and of who has one of these."""
    remote = names_of({name: name for name in names.remote.values()})
    ours = {entry for entry in source if entry.resource_type == TOPIC and names.about(entry)}
    theirs = {entry for entry in target if entry.resource_type == TOPIC and remote.about(entry)}
    users = {entry.principal for entry in (*ours, *theirs)} | {EVERYONE}
    meant = {found for entry in ours for found in expected(entry, names)}
    others = [
        {entry for entry in entries if entry.resource_type != TOPIC and entry.principal in users}
        for entries in (source, target)
    ]
    return meant | others[0], theirs | others[1]


def _differences(source: _End, target: _End, names: Names) -> Iterator[dict[str, Any]]:
    remote = names_of({name: name for name in names.remote.values()})
    local = {there: here for here, there in names.remote.items()}
    missing = [e for e in source.entries if e not in target.entries and not _covered(e, target.held, remote)]
    more = [e for e in target.entries if e not in source.entries and not _covered(e, source.held, remote)]
    for entry in sorted(missing):
        why, fact = _missing(entry, target)
        yield _row(entry, local, "must fix", why, fact) | {"at_source": entry.words}
    for entry in sorted(more):
        kind, why = _more(entry, source)
        yield _row(entry, local, kind, why, _ACLS) | {"at_target": entry.words}


def _covered(entry: Entry, held: Held, names: Names) -> bool:
    """Tell whether entries say as much as another: as a whole, or of each topic of the wave that it is about."""
    if held.covers(entry):
        return True
    if entry.resource_type != TOPIC or (entry.pattern_type == LITERAL and entry.resource_name != ANY_NAME):
        return False
    return all(
        held.covers(entry._replace(resource_name=name, pattern_type=LITERAL)) for name in names.about(entry)
    )


def _row(entry: Entry, local: Mapping[str, str], kind: str, why: str, fact: str) -> dict[str, Any]:
    is_topic = entry.resource_type == TOPIC and entry.pattern_type == LITERAL
    topic = local.get(entry.resource_name) if is_topic else None
    return {
        "topic": topic,
        "remote_topic": entry.resource_name if topic is not None else None,
        "name": entry.principal,
        "kind": kind,
        "why": why,
        "fact_source": fact,
        "entity": entity(**entry._asdict()),
    }


def _missing(entry: Entry, target: _End) -> tuple[str, str]:
    """Say what it means that the target lacks an entry of the source."""
    if not entry.is_allow:
        return (
            "The source denies this and the target does not: it gains a right that it must not have.",
            _ACLS,
        )
    if target.is_open and not target.held.has_any_of(entry):
        return (
            "The target has no ACL for it and allows everyone where there is none: others may do it too.",
            "Apache Kafka documentation (authorization and ACLs); MSK developer guide (Apache Kafka ACLs)",
        )
    if entry.resource_type != TOPIC:
        return "It is refused at the target. MirrorMaker 2 carries entries of topics only.", _MIRROR
    if entry.pattern_type != LITERAL or entry.resource_name == ANY_NAME:
        return "It is refused at the target. MirrorMaker 2 carries entries of single topics only.", _MIRROR
    if entry.operation in ("WRITE", "ALL"):
        return (
            "It is refused at the target. MirrorMaker 2 leaves ALLOW WRITE out, and makes ALLOW ALL an ALLOW READ.",
            _MIRROR,
        )
    return "It is refused at the target.", _ACLS


def _more(entry: Entry, source: _End) -> tuple[str, str]:
    """Say what it means that the target has an entry that the source lacks."""
    if not entry.is_allow:
        return "must fix", "It is refused this at the target, and not at the source."
    if source.is_open and not source.held.has_any_of(entry):
        return (
            "must fix",
            "The source has no ACL for it and allows everyone: this entry locks out all others at the target.",
        )
    return "harmless", "It has a right that it does not have at the source; nobody loses access."


def _unchecked(source: str, target: str, *, is_source: bool) -> dict[str, Any]:
    """Return the row of two ends of which one checks no rights."""
    at_source, at_target = ("no rights are checked", "rights are checked")[:: 1 if is_source else -1]
    why = (
        "The source has no authorizer, the target has: clients that have no entry there are refused."
        if is_source
        else "The target has no authorizer: everyone may read, write and delete there."
    )
    return {
        "source": source,
        "target": target,
        "name": "authorizer",
        "at_source": at_source,
        "at_target": at_target,
        "kind": "must fix",
        "why": why,
        "fact_source": _ACLS,
    }

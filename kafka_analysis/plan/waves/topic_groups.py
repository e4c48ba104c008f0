"""What must move together: sets of topics that no plan takes apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.waves.input import CLIENT

_PREFIXES = ("topic", "producer", "group")


def atoms_of(topics: Sequence[str], flows: pl.DataFrame, together: Collection[Collection[str]]) -> np.ndarray:
    """Find the sets of topics that move in one wave, and number them.

    Parameters
    ----------
    topics
        The topics to be moved, in order.
    flows
        ``client``, ``kind``, ``topic``.
    together
        Sets of names. A topic stands for itself, a client for all topics it uses: a transactional producer, a Streams
        application or a connector is kept whole that way. ``topic:``, ``producer:`` or ``group:`` in front of a name
        says what it is; a topic that is not to be moved is passed over.

    Returns
    -------
    numpy.ndarray
        The number of each topic's set, from 0, in the order of their first topics.

    Raises
    ------
    InputError
        A name is unknown, or may be a topic as well as a client.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": ["etl", "etl"], "kind": "group", "topic": ["a", "c"]})
    >>> atoms_of(["a", "b", "c"], flows, [{"etl"}]).tolist()
    [0, 1, 0]
    """
    place = {name: at for at, name in enumerate(topics)}
    uses = _uses(flows)
    parent = list(range(len(topics)))
    for names in together:
        members = sorted({place[one] for name in names for one in _meant(name, place, uses) if one in place})
        for one in members[1:]:
            parent[_root(parent, one)] = _root(parent, members[0])
    roots = [_root(parent, at) for at in range(len(topics))]
    number = {root: at for at, root in enumerate(dict.fromkeys(roots))}
    return np.array([number[root] for root in roots], np.int64)


def _uses(flows: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
    grouped = flows.group_by(*CLIENT).agg(pl.col("topic").unique().sort())
    return {(client, kind): used for client, kind, used in grouped.iter_rows()}


def _meant(name: str, place: Collection[str], uses: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    """Yield the topics a name stands for."""
    word, _, rest = name.partition(":")
    kinds = (word,) if word in _PREFIXES and rest else _PREFIXES
    plain = rest if len(kinds) == 1 else name
    all_topics = {topic for used in uses.values() for topic in used} | set(place)
    found = [
        *([[plain]] if "topic" in kinds and plain in all_topics else []),
        *(uses[plain, kind] for kind in kinds if (plain, kind) in uses),
    ]
    if not found:
        message = f"together names {name!r}, which is no topic and no client; mend the name, or leave it out"
        raise InputError(message)
    if "topic" in kinds and len(found) > 1 and plain in all_topics:
        message = (
            f"together: {name!r} is a topic and a client; write topic:{name}, group:{name} or producer:{name}"
        )
        raise InputError(message)
    for used in found:
        yield from used


def _root(parent: list[int], one: int) -> int:
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one

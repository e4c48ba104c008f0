"""What must move together: sets of topics that no plan takes apart."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.connected_sets import connected_sets
from kafka_analysis.plan.waves.input import CLIENT

_PREFIXES = ("topic", "producer", "group")
_Uses = dict[tuple[str, str], list[str]]  # client and kind → topics


def topic_groups_of(
    topics: Sequence[str], flows: pl.DataFrame, together: Collection[Collection[str]]
) -> np.ndarray:
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
    >>> topic_groups_of(["a", "b", "c"], flows, [{"etl"}]).tolist()
    [0, 1, 0]
    """
    number, uses = {name: at for at, name in enumerate(topics)}, _uses(flows)
    links = []
    for names in together:
        used = [topic for name in names for topic in _topics_of(name, topics, uses)]
        members = [number[topic] for topic in used if topic in number]
        links += [(members[0], member) for member in members]
    return connected_sets(len(topics), links)


def check_names(together: Collection[Collection[str]], topics: Iterable[str], flows: pl.DataFrame) -> None:
    """Check that every name is a topic or a client.

    Raises
    ------
    InputError
        One is neither.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": ["etl"], "kind": "group", "topic": ["a"]})
    >>> check_names([{"etl", "topic:a"}], ["a"], flows)
    """
    all_topics, uses = set(topics), _uses(flows)
    for name in (name for names in together for name in names):
        _check_name(name, _meanings(name, all_topics, uses))


def names_known(
    together: Collection[Collection[str]], topics: Iterable[str], flows: pl.DataFrame
) -> list[set[str]]:
    """Return the sets with those names only that are topics or clients of one source.

    Examples
    --------
    >>> flows = pl.DataFrame({"client": ["etl"], "kind": "group", "topic": ["a"]})
    >>> names_known([{"etl", "of-another-source"}], ["a"], flows)
    [{'etl'}]
    """
    own_topics, uses = set(topics), _uses(flows)
    return [{name for name in names if _meanings(name, own_topics, uses)} for names in together]


def _uses(flows: pl.DataFrame) -> _Uses:
    grouped = flows.group_by(*CLIENT).agg(pl.col("topic").unique().sort())
    return {(client, kind): topics for client, kind, topics in grouped.iter_rows()}


def _meanings(name: str, topics: Collection[str], uses: _Uses) -> dict[str, list[str]]:
    """Return the topics that a name stands for as a topic, a producer or a group."""
    prefix, _, rest = name.partition(":")
    kinds, plain = ((prefix,), rest) if prefix in _PREFIXES and rest else (_PREFIXES, name)
    meanings = {kind: uses[plain, kind] for kind in kinds if (plain, kind) in uses}
    if "topic" in kinds and (plain in topics or any(plain in used for used in uses.values())):
        meanings["topic"] = [plain]
    return meanings


def _check_name(name: str, meanings: Mapping[str, list[str]]) -> None:
    if not meanings:
        message = f"together: {name!r} is neither a topic nor a client; correct it, or leave it out"
        raise InputError(message)


def _topics_of(name: str, topics: Collection[str], uses: _Uses) -> list[str]:
    meanings = _meanings(name, topics, uses)
    _check_name(name, meanings)
    if "topic" in meanings and len(meanings) > 1:
        raise InputError(
            f"together: {name!r} is both a topic and a client; write topic:{name}, group:{name} or producer:{name}"
        )
    return [topic for used in meanings.values() for topic in used]

"""Atoms of a split: topics that stay together, who must be apart, who must be where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.split.options import SplitOptions


@dataclass(frozen=True)
class Atoms:
    """Which atom each topic belongs to, and what is asked of atoms.

    ``of_topic[t]``: its atom. ``pinned[a]``: the number of its cell, −1: any. ``home[a]``: the cell it was in, −1: it
    is new. ``rivals``: pairs of atoms that must be in different cells.
    """

    of_topic: np.ndarray
    pinned: np.ndarray
    home: np.ndarray
    rivals: np.ndarray

    @property
    def count(self) -> int:
        """Return how many atoms there are."""
        return len(self.pinned)


def find_atoms(topics: Sequence[str], options: SplitOptions, cells: Sequence[str]) -> Atoms:
    """Join what must stay together, and check that it may.

    Raises
    ------
    InputError
        An option names a topic or cell that is not there, or what is asked cannot hold at once.

    Examples
    --------
    >>> from kafka_analysis.plan.split.options import read_options
    >>> options = read_options(cells=2, together=[("a", "b")], pinned={"b": "cell-2"})
    >>> atoms = find_atoms(["a", "b", "c"], options, ("cell-1", "cell-2"))
    >>> atoms.of_topic.tolist(), atoms.pinned.tolist()
    ([0, 0, 1], [1, -1])
    """
    index = {name: number for number, name in enumerate(topics)}
    _check_known(options, index, cells)
    pairs = np.array(
        [(index[one], index[group[0]]) for group in options.together for one in group], np.int64
    ).reshape(-1, 2)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(topics), len(topics)))
    count, labels = connected_components(links, directed=False)
    _, first, label = np.unique(labels, return_index=True, return_inverse=True)
    of_topic = np.argsort(np.argsort(first))[label]  # atoms are numbered by their first topic
    where = {name: number for number, name in enumerate(cells)}
    pinned = _pinned(options, of_topic, index, where, count)
    home = np.full(count, -1)
    for topic, cell in sorted((options.previous or {}).items()):
        if topic in index and cell in where:
            home[of_topic[index[topic]]] = where[cell]
    return Atoms(of_topic, pinned, home, _rivals(options, of_topic, index, pinned))


def _check_known(options: SplitOptions, index: dict[str, int], cells: Sequence[str]) -> None:
    for what, groups in (("together", options.together), ("apart", options.apart)):
        for name in (name for group in groups for name in group):
            if name not in index:
                word = f"topic in {what}"
                raise InputError.unknown(word, name, list(index)[:20])
    for topic, cell in options.pinned.items():
        if topic not in index:
            what = "topic in pinned"
            raise InputError.unknown(what, topic, list(index)[:20])
        if cell not in cells:
            what = "cell in pinned"
            raise InputError.unknown(what, cell, cells)


def _pinned(
    options: SplitOptions,
    of_topic: np.ndarray,
    index: dict[str, int],
    where: dict[str, int],
    count: int,
) -> np.ndarray:
    pinned, by = np.full(count, -1), {}
    for topic, cell in sorted(options.pinned.items()):
        atom = int(of_topic[index[topic]])
        if pinned[atom] not in (-1, where[cell]):
            message = (
                f"topics {by[atom]!r} and {topic!r} stay together and are pinned to different cells; pin both to one "
                "cell, or take one of them out of together"
            )
            raise InputError(message)
        pinned[atom], by[atom] = where[cell], topic
    return pinned


def _rivals(
    options: SplitOptions,
    of_topic: np.ndarray,
    index: dict[str, int],
    pinned: np.ndarray,
) -> np.ndarray:
    found = set()
    for group in options.apart:
        for number, one in enumerate(group):
            for other in group[number + 1 :]:
                a, b = int(of_topic[index[one]]), int(of_topic[index[other]])
                if a == b:
                    message = (
                        f"topics {one!r} and {other!r} are to be together and apart; take them out of one of the "
                        "two"
                    )
                    raise InputError(message)
                if pinned[a] >= 0 and pinned[a] == pinned[b]:
                    message = (
                        f"topics {one!r} and {other!r} are to be apart and pinned to the same cell; pin one of them to "
                        "another cell, or take the pair out of apart"
                    )
                    raise InputError(message)
                found.add((min(a, b), max(a, b)))
    return np.array(sorted(found), np.int64).reshape(-1, 2)

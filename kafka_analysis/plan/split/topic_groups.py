"""Topic groups of a split: topics that stay together, who must be apart, who must be where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.connected_sets import connected_sets
from kafka_analysis.plan.split.options import SplitOptions


@dataclass(frozen=True)
class TopicGroups:
    """Which group each topic belongs to, and the constraints on groups.

    ``of_topic[t]``: its group. ``pinned[a]``: the number of its cell, −1: any. ``home[a]``: the cell it was in, −1: it
    is new. ``rivals``: pairs of groups that must be in different cells.
    """

    of_topic: np.ndarray
    pinned: np.ndarray
    home: np.ndarray
    rivals: np.ndarray

    @property
    def count(self) -> int:
        """Return how many groups there are."""
        return len(self.pinned)


def find_topic_groups(topics: Sequence[str], options: SplitOptions, cells: Sequence[str]) -> TopicGroups:
    """Join what must stay together, and check that it may.

    Raises
    ------
    InputError
        An option names a topic or cell that is not there, or what is asked cannot hold at once.

    Examples
    --------
    >>> from kafka_analysis.plan.split.options import SplitOptions
    >>> options = SplitOptions(cells=2, together=[("a", "b")], pinned={"b": "cell-2"})
    >>> groups = find_topic_groups(["a", "b", "c"], options, ("cell-1", "cell-2"))
    >>> groups.of_topic.tolist(), groups.pinned.tolist()
    ([0, 0, 1], [1, -1])
    """
    index = {name: number for number, name in enumerate(topics)}
    _check_known(options, index, cells)
    links = [(index[name], index[names[0]]) for names in options.together for name in names]
    of_topic = connected_sets(len(topics), links)
    count = int(of_topic.max()) + 1
    where = {name: number for number, name in enumerate(cells)}
    group = dict(zip(topics, of_topic.tolist(), strict=True))
    pinned = _pinned(options, group, where, count)
    home = np.full(count, -1)
    for topic, cell in sorted((options.previous or {}).items()):
        if topic in group and cell in where:
            home[group[topic]] = where[cell]
    return TopicGroups(of_topic, pinned, home, _rivals(options, group, pinned))


def _check_known(options: SplitOptions, index: dict[str, int], cells: Sequence[str]) -> None:
    named = [
        *(("together", name) for names in options.together for name in names),
        *(("apart", name) for names in options.apart for name in names),
        *(("pinned", name) for name in options.pinned),
    ]
    for option, name in named:
        if name not in index:
            what = f"topic in {option}"
            raise InputError.unknown(what, name, list(index)[:20])
    for cell in options.pinned.values():
        if cell not in cells:
            what = "cell in pinned"
            raise InputError.unknown(what, cell, cells)


def _pinned(
    options: SplitOptions, group_of: Mapping[str, int], where: Mapping[str, int], count: int
) -> np.ndarray:
    pinned, by = np.full(count, -1), {}
    for topic, cell in sorted(options.pinned.items()):
        group = group_of[topic]
        if pinned[group] not in (-1, where[cell]):
            raise InputError(
                f"topics {by[group]!r} and {topic!r} stay together, but are pinned to different cells; pin both to one "
                "cell, or remove one of them from together"
            )
        pinned[group], by[group] = where[cell], topic
    return pinned


def _rivals(options: SplitOptions, group_of: Mapping[str, int], pinned: np.ndarray) -> np.ndarray:
    rivals = set()
    for topic, other in (pair for names in options.apart for pair in combinations(names, 2)):
        a, b = group_of[topic], group_of[other]
        if a == b:
            message = f"topics {topic!r} and {other!r} are in both together and apart; remove them from one of the two"
            raise InputError(message)
        if pinned[a] >= 0 and pinned[a] == pinned[b]:
            raise InputError(
                f"topics {topic!r} and {other!r} are in apart, but pinned to one cell; pin one to another cell, "
                "or remove the pair from apart"
            )
        rivals.add((min(a, b), max(a, b)))
    return np.array(sorted(rivals), np.int64).reshape(-1, 2)

"""Divide topics among several connectors, so that their tasks mirror about the same."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.plan.mirroring.round_robin import hash_map_order, round_robin

EVEN = 1.05  # heaviest task ÷ mean of all
_ROUNDS, _NEAREST = 200, 8
_STARTS = ((EVEN, 1), (1.0, 1), (1.2, 1), (1.5, 1), (EVEN, 2), (1.5, 2), (2.0, 3), (3.0, 4))
_MOST_PLACES = 20_000  # topics × connectors: of more only starts with connectors of one task are tried


class _Topic(NamedTuple):
    name: str
    loads: np.ndarray  # of its partitions, in order
    load: float


class _Connector:
    """Topics that one connector mirrors with so many tasks, and what its heaviest task then carries."""

    def __init__(self, tasks: int, topics: list[_Topic]) -> None:
        self.tasks, self.topics = tasks, topics
        self.heaviest = self._heaviest()

    def with_topic(self, topic: _Topic) -> _Connector:
        return _Connector(self.tasks, [*self.topics, topic])

    def without(self, topic: _Topic) -> _Connector:
        return _Connector(self.tasks, [other for other in self.topics if other is not topic])

    def _heaviest(self) -> float:
        if self.tasks == 1 or not self.topics:
            return sum(topic.load for topic in self.topics)
        by_name = {topic.name: topic.loads for topic in self.topics}
        dealt = np.concatenate([by_name[name] for name in hash_map_order(by_name)])
        return float(np.bincount(np.arange(len(dealt)) % self.tasks, dealt, self.tasks).max())


@same_kind
def divide_topics(partitions: Frame, *, tasks: int, load: str = "records_per_s") -> Frame:
    """Divide topics among connectors so that no task mirrors much more than the mean.

    MirrorMaker deals partitions out to a connector's tasks in turn, whatever they carry
    (:func:`~kafka_analysis.plan.mirroring.round_robin.round_robin`), and nothing can be said to it but which topics a
    connector has and how many tasks. A topic that carries more than a task should gets a connector of its own with
    as many tasks as it takes; the other tasks are connectors of one task each. The rest of the topics, the heaviest
    first, go where the heaviest task stays lightest; then topics of the heaviest connector are moved or exchanged while
    that helps.

    Parameters
    ----------
    partitions
        ``topic``, ``partition`` and the load of all that is mirrored.
    tasks
        Tasks of all connectors together.
    load
        The column that is to be even; no null.

    Returns
    -------
    frame of the kind given
        ``partitions`` with ``connector`` (from 1), its ``tasks_max`` and ``task``. The same input gives the same
        division. Dedicated MirrorMaker runs one source connector for each pair of clusters: a division needs a
        Connect cluster, or a process of MirrorMaker for each connector.

    Raises
    ------
    InputError
        A load is unknown or negative, or there are fewer partitions than tasks.

    Examples
    --------
    >>> from kafka_analysis.plan.mirroring.round_robin import task_loads
    >>> rows = pl.DataFrame({"topic": ["hot"] * 2 + ["a", "b"], "partition": [0, 1, 0, 0],
    ...     "records_per_s": [10.0, 10.0, 6.0, 4.0]})
    >>> divided = divide_topics(rows, tasks=3)
    >>> task_loads(divided)["over_mean"].to_list(), divided["connector"].n_unique()
    ([1.0, 1.0, 1.0], 2)
    """
    _check(partitions, tasks, load)
    topics = _topics(partitions, load)
    starts = [start for start in _STARTS if start[1] == 1 or len(topics) * tasks < _MOST_PLACES]
    tried = (_improved(_first(topics, tasks, *start)) for start in starts)
    connectors = min(tried, key=lambda made: (max(connector.heaviest for connector in made), len(made)))
    parts = []
    for number, connector in enumerate(connectors, start=1):
        names = [topic.name for topic in connector.topics]
        mine = partitions.filter(pl.col("topic").is_in(names))
        dealt = round_robin(mine, tasks_max=connector.tasks)
        parts.append(
            dealt.with_columns(
                connector=pl.lit(number, pl.Int32),
                tasks_max=pl.lit(connector.tasks, pl.Int32),
            )
        )
    return pl.concat(parts).sort("connector", "topic", "partition")


def _check(partitions: pl.DataFrame, tasks: int, load: str) -> None:
    unknown = partitions.filter(pl.col(load).is_null() | (pl.col(load) < 0))
    if len(unknown):
        topic, partition = unknown.select("topic", "partition").row(0)
        raise InputError(
            f"{load} of {topic}-{partition} is unknown or negative; measure it, or leave the topic out"
        )
    if not 1 <= tasks <= len(partitions):
        raise InputError(f"tasks is {tasks}; give 1 to {len(partitions)}, the number of partitions")


def _topics(partitions: pl.DataFrame, load: str) -> list[_Topic]:
    rows = partitions.sort("topic", "partition").group_by("topic", maintain_order=True).agg(load)
    topics = [_Topic(name, np.array(loads, float), float(sum(loads))) for name, loads in rows.iter_rows()]
    return sorted(topics, key=lambda topic: (-topic.load, topic.name))


def _first(topics: Sequence[_Topic], tasks: int, most: float, width: int) -> list[_Connector]:
    """Give topics above ``most`` × the mean of a task connectors of their own, and fill up the rest, heaviest first.

    The other connectors have ``width`` tasks each.
    """
    mean = sum(topic.load for topic in topics) / tasks
    connectors, rest, left = [], [], tasks
    for number, topic in enumerate(topics):
        others = 1 if number + 1 < len(topics) or rest else 0
        wanted = _enough(topic, EVEN * mean)
        if topic.load > most * mean and len(topic.loads) > 1 and wanted <= left - others:
            connectors.append(_Connector(wanted, [topic]))
            left -= wanted
        else:
            rest.append(topic)
    connectors += [_Connector(width, []) for _ in range(left // width)]
    connectors += [_Connector(1, []) for _ in range(left % width)]
    several = [number for number, connector in enumerate(connectors) if connector.tasks > 1]
    single = [(connector.heaviest, n) for n, connector in enumerate(connectors) if connector.tasks == 1]
    heapq.heapify(single)
    for topic in rest:
        spread = ((connectors[number].with_topic(topic).heaviest, number) for number in several)
        best = min(spread, default=(np.inf, -1))
        if single and single[0][0] + topic.load <= best[0]:
            carried, number = heapq.heappop(single)
            heapq.heappush(single, (carried + topic.load, number))
        else:
            number = best[1]
        connectors[number] = connectors[number].with_topic(topic)
    return [connector for connector in connectors if connector.topics]


def _enough(topic: _Topic, most: float) -> int:
    """Return the fewest tasks with which none of a topic's carries too much; all partitions apart if none does."""
    fewest = 1 if most <= 0 else min(int(topic.load / most), len(topic.loads))
    for tasks in range(max(fewest, 1), len(topic.loads) + 1):
        if _Connector(tasks, [topic]).heaviest <= most:
            return tasks
    return len(topic.loads)


def _improved(connectors: list[_Connector]) -> list[_Connector]:
    """Move or exchange topics of the connector with the heaviest task while that makes it lighter."""
    for _ in range(_ROUNDS):
        worst = max(range(len(connectors)), key=lambda number: connectors[number].heaviest)
        change = _change(connectors, worst)
        if change is None:
            break
        other, connectors[worst], connectors[other] = change
    return connectors


def _change(connectors: list[_Connector], worst: int) -> tuple[int, _Connector, _Connector] | None:
    """Return another connector, and both after a topic was moved to it or exchanged, where that helps most."""
    best, found = connectors[worst].heaviest * (1 - 1e-9), None
    others = sorted((n for n in range(len(connectors)) if n != worst), key=lambda n: connectors[n].heaviest)
    for topic in connectors[worst].topics:
        without = connectors[worst].without(topic)
        if without.heaviest >= best:
            continue
        for other in others[:_NEAREST]:
            for back in [None, *connectors[other].topics]:
                if back is not None and back.load >= topic.load:
                    continue
                given = connectors[other] if back is None else connectors[other].without(back)
                one = without if back is None else without.with_topic(back)
                if not one.topics or one.heaviest >= best:
                    continue
                two = given.with_topic(topic)
                after = max(one.heaviest, two.heaviest)
                if after < best:
                    best, found = after, (other, one, two)
    return found

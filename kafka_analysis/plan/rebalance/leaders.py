"""Choose leaders so that brokers lead as evenly as their replicas allow; a leader that changes costs no bytes."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import coo_array

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.frames import Frame, same_kind
from kafka_analysis.plan.common.checks import check_replicas, named

Group = tuple[int, tuple[int, ...]]  # the preferred leader and the brokers that may lead, in order


@same_kind
def plan_leaders(partitions: Frame, *, brokers: Collection[int] | None = None) -> Frame:
    """Choose the preferred leader of every partition: as even as can be, with as few changes as that takes.

    Parameters
    ----------
    partitions
        ``topic``, ``partition``, ``replicas`` (the first is the preferred leader). None is moved.
    brokers
        Those that may lead; None = all.

    Returns
    -------
    frame of the kind given
        A row per partition, by topic and partition: ``topic``, ``partition``, ``replicas`` with the chosen leader
        first and the others as they were, ``leader_before``, ``leader``. The sum of squares of leaders per broker is
        the least possible, and so is the greatest number; among all such choices this one changes the fewest leaders.

    Raises
    ------
    InputError
        A partition comes twice, has no replica, has a broker twice, or none of its replicas may lead.

    Notes
    -----
    A minimum-cost flow from partitions over their replicas to brokers, each further leader of a broker costing more
    than the one before. What has the least sum of squares has the least maximum too (Harvey, Ladner, Lovász and Tamir,
    Semi-matchings for bipartite graphs and load balancing, 2006). Partitions with the same leader and replicas are one
    node; the flow is solved as a linear program, whose corners are whole numbers.

    Examples
    --------
    >>> rows = pl.DataFrame({"topic": "t", "partition": [0, 1, 2], "replicas": [[1, 2], [1, 2], [1, 3]]})
    >>> plan_leaders(rows).select("partition", "replicas", "leader_before", "leader").rows()
    [(0, [1, 2], 1, 1), (1, [2, 1], 1, 2), (2, [3, 1], 1, 3)]
    """
    rows = partitions.select("topic", "partition", "replicas").sort("topic", "partition")
    check_replicas(rows)
    replicas = rows["replicas"].to_list()
    groups = [_group(row, brokers) for row in replicas]
    _check_leaders(rows, groups)
    left = _solve(Counter(groups))
    chosen = [_take(left[group], group) for group in groups]
    before = [row[0] for row in replicas]
    ordered = [
        [leader, *(b for b in row if b != leader)] for leader, row in zip(chosen, replicas, strict=True)
    ]
    kind = rows.schema["replicas"]
    return rows.select("topic", "partition").with_columns(
        pl.Series("replicas", ordered, dtype=kind),
        pl.Series("leader_before", before, dtype=pl.Int32),
        pl.Series("leader", chosen, dtype=pl.Int32),
    )


def _group(replicas: Sequence[int], brokers: Collection[int] | None) -> Group:
    return replicas[0], tuple(sorted(b for b in replicas if brokers is None or b in brokers))


def _check_leaders(rows: pl.DataFrame, groups: Sequence[Group]) -> None:
    alone = rows.filter(pl.Series([not able for _, able in groups], dtype=pl.Boolean))
    if len(alone):
        names = named(alone, " has", " have")
        message = (
            f"{names} no replica on a broker that may lead; move one there first, or let more brokers lead"
        )
        raise InputError(message)


def _take(left: dict[int, int], group: Group) -> int:
    """Take a leader of those left for a group: the present one while there is one, then by broker."""
    leader = group[0] if left.get(group[0], 0) else next(broker for broker in sorted(left) if left[broker])
    left[leader] -= 1
    return leader


def _solve(groups: Mapping[Group, int]) -> dict[Group, dict[int, int]]:
    """Say how many partitions of each group each broker is to lead."""
    if not groups:
        return {}
    names = sorted(groups)
    arcs = [(at, broker) for at, (_, able) in enumerate(names) for broker in able]
    most = _most_needed(groups)
    brokers = sorted({broker for _, broker in arcs})
    steps = [(at, step) for at in range(len(brokers)) for step in range(most)]
    place = {broker: at for at, broker in enumerate(brokers)}
    change = np.array([float(broker != names[at][0]) for at, broker in arcs])
    dear = sum(groups.values()) + 1.0  # evenness first: no number of changes is worth one step
    cost = np.concatenate([change, [dear * (2 * step + 1) for _, step in steps]])
    given = np.array([groups[name] for name in names], dtype=float)
    rows, columns, values = zip(*_equations(arcs, steps, place, len(names)), strict=True)
    shape = (len(names) + len(brokers), len(cost))
    solution = linprog(
        cost,
        A_eq=coo_array((values, (rows, columns)), shape=shape).tocsr(),
        b_eq=np.concatenate([given, np.zeros(len(brokers))]),
        bounds=[(0, None)] * len(arcs) + [(0, 1)] * len(steps),
        method="highs-ds",
    )
    whole = np.rint(solution.x[: len(arcs)]).astype(int)
    answer: dict[Group, dict[int, int]] = defaultdict(dict)
    for (at, broker), number in zip(arcs, whole.tolist(), strict=True):
        answer[names[at]][broker] = number
    return answer


def _equations(
    arcs: Sequence[tuple[int, int]], steps: Sequence[tuple[int, int]], place: Mapping[int, int], groups: int
) -> Iterator[tuple[int, int, float]]:
    """Yield row, column and value: every partition has a leader, and every leader is a step of its broker."""
    for column, (at, broker) in enumerate(arcs):
        yield at, column, 1.0
        yield groups + place[broker], column, 1.0
    for column, (at, _) in enumerate(steps, start=len(arcs)):
        yield groups + at, column, -1.0


def _most_needed(groups: Mapping[Group, int]) -> int:
    """Return how many leaders the fullest broker has when each partition in turn goes to the emptiest that may lead."""
    leaders: Counter[int] = Counter()
    for (_, able), number in groups.items():
        for _ in range(number):
            leaders[min(able, key=lambda broker: (leaders[broker], broker))] += 1
    return max(leaders.values(), default=0)

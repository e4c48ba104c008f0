"""Who of a plan's teams writes and reads what: topics hop from application to application, mostly among neighbours."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.simulate.plan import Plan
from kafka_analysis.simulate.teams import GROUPS, TOPICS, draw_teams, numbered

Ints = NDArray[np.int64]
Pairs = set[tuple[int, int]]
STREAM = 4
FEWEST_HOPS, MOST_HOPS = 3, 5
MOST_WRITERS = 2
MOST_MORE_READERS = 2
TOPICS_OF_A_PRODUCER = 4
CRITICALITIES = ("critical", "high", "medium", "low")
CRITICALITY_SHARES = (0.1, 0.2, 0.4, 0.3)


@dataclass(frozen=True)
class Written:
    """A producer's share of a topic's bytes in."""

    client: str
    topic: int
    share: float


@dataclass(frozen=True)
class Community:
    """Who belongs where and does what; teams, topics and groups are numbers from 0.

    ``reads`` are pairs of a topic and a group; ``wide`` the groups that read throughout the cluster.
    """

    topic_team: Ints
    group_team: Ints
    neighbourhood: Ints  # of each team
    criticality: tuple[str, ...]  # of each team
    reads: frozenset[tuple[int, int]]
    writes: tuple[Written, ...]
    wide: tuple[int, ...]


@dataclass(frozen=True)
class _Readers:
    """The groups that read near home: all of them, those of each team, and those near each team."""

    every: Ints
    of_team: tuple[Ints, ...]
    near_team: tuple[Ints, ...]


def draw_community(plan: Plan) -> Community:
    """Draw who of a plan's teams writes and reads what.

    Topics form chains of 3 to 5 hops within a neighbourhood of teams: a group of the next topic's team reads a topic,
    and the same application writes the next. Beginnings are written by producers of their own team. Up to two more
    groups read each topic, from its neighbourhood but for ``stray_share`` of them; the last ``wide_groups`` read each
    topic with the chance ``wide_share``.

    Examples
    --------
    >>> from kafka_analysis.simulate.plan import plan_of
    >>> plan = plan_of({"brokers": 3, "partitions": 40, "topics": 20, "groups": 8, "teams": 4, "wide_groups": 1})
    >>> drawn = draw_community(plan)
    >>> {w.topic for w in drawn.writes} == set(range(20)), drawn.wide, sum(g == 7 for _, g in drawn.reads)
    (True, (7,), 20)
    """
    rng = np.random.default_rng([plan.seed, STREAM])
    topic_team = draw_teams(plan.seed, TOPICS, teams=plan.teams, count=plan.topics)
    group_team = draw_teams(plan.seed, GROUPS, teams=plan.teams, count=plan.groups)
    neighbourhood = np.arange(plan.teams) % plan.neighbourhoods
    wide = tuple(range(plan.groups - plan.wide_groups, plan.groups))
    readers = _readers(group_team[: plan.groups - plan.wide_groups], neighbourhood)
    reads, writes = _hops(rng, plan, topic_team, neighbourhood, readers)
    reads |= _more_readers(rng, plan, topic_team, readers)
    reads |= _idle_groups(rng, reads, group_team, neighbourhood[topic_team], neighbourhood, readers)
    reads |= {(t, g) for g in wide for t in range(plan.topics) if rng.random() < plan.wide_share}
    drawn = rng.choice(CRITICALITIES, plan.teams, p=CRITICALITY_SHARES)
    return Community(
        topic_team=topic_team,
        group_team=group_team,
        neighbourhood=neighbourhood,
        criticality=tuple(str(word) for word in drawn),
        reads=frozenset(reads),
        writes=tuple(writes),
        wide=wide,
    )


def _readers(group_team: Ints, neighbourhood: Ints) -> _Readers:
    teams = range(len(neighbourhood))
    near = [np.flatnonzero(neighbourhood[group_team] == number) for number in range(neighbourhood.max() + 1)]
    return _Readers(
        every=np.arange(len(group_team)),
        of_team=tuple(np.flatnonzero(group_team == team) for team in teams),
        near_team=tuple(near[neighbourhood[team]] for team in teams),
    )


def _hops(
    rng: np.random.Generator, plan: Plan, topic_team: Ints, neighbourhood: Ints, readers: _Readers
) -> tuple[Pairs, list[Written]]:
    """Let applications carry records from topic to topic of a chain; a topic no group can write begins anew."""
    reads: Pairs = set()
    writes: list[Written] = []
    names = plan.group_names
    for before, topic in _chained(rng, topic_team, neighbourhood):
        groups = readers.of_team[topic_team[topic]]
        if before is None or not len(groups):
            writes += _written_by_producers(rng, plan, topic, int(topic_team[topic]))
            continue
        group = int(rng.choice(groups))
        reads.add((before, group))
        writes.append(Written(names[group], topic, 1.0))
    return reads, writes


def _chained(
    rng: np.random.Generator, topic_team: Ints, neighbourhood: Ints
) -> Iterator[tuple[int | None, int]]:
    """Yield each topic with the one before it in its chain, None where a chain begins."""
    of_topic = neighbourhood[topic_team]
    for number in range(neighbourhood.max() + 1):
        left = 0
        before: int | None = None
        for topic in rng.permutation(np.flatnonzero(of_topic == number)).tolist():
            if left == 0:
                before, left = None, int(rng.integers(FEWEST_HOPS, MOST_HOPS + 1))
            yield before, topic
            before, left = topic, left - 1


def _written_by_producers(rng: np.random.Generator, plan: Plan, topic: int, team: int) -> list[Written]:
    """Let one or two of a team's producers write a topic; a producer writes several topics of its team."""
    most = max(plan.topics // plan.teams // TOPICS_OF_A_PRODUCER, MOST_WRITERS)
    chosen = rng.choice(most, int(rng.integers(1, MOST_WRITERS + 1)), replace=False)
    first = float(rng.uniform(0.2, 0.8)) if len(chosen) > 1 else 1.0
    name = numbered("team", plan.teams)[team]
    return [
        Written(f"{name}.producer-{number + 1}", topic, share)
        for number, share in zip(chosen, (first, 1 - first), strict=False)
    ]


def _more_readers(rng: np.random.Generator, plan: Plan, topic_team: Ints, readers: _Readers) -> Pairs:
    reads: Pairs = set()
    for topic, team in enumerate(topic_team):
        near = readers.near_team[team]
        for _ in range(int(rng.integers(0, MOST_MORE_READERS + 1))):
            strays = rng.random() < plan.stray_share or not len(near)
            pool = readers.every if strays else near
            if len(pool):
                reads.add((topic, int(rng.choice(pool))))
    return reads


def _idle_groups(
    rng: np.random.Generator,
    reads: Pairs,
    group_team: Ints,
    of_topic: Ints,
    neighbourhood: Ints,
    readers: _Readers,
) -> Pairs:
    """Give every group that reads nothing yet a topic near it."""
    busy = {group for _, group in reads}
    more: Pairs = set()
    for group in readers.every.tolist():
        if group not in busy:
            near = np.flatnonzero(of_topic == neighbourhood[group_team[group]])
            more.add((int(rng.choice(near if len(near) else len(of_topic))), group))
    return more

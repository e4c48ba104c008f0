"""Which team each topic and group is of: drawn by the seed, and part of the names."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
STREAM = 3
TOPICS, GROUPS = 0, 1


def numbered(word: str, count: int) -> list[str]:
    """Return names that sort in their order.

    Examples
    --------
    >>> numbered("topic", 2), numbered("cell", 10)[0]
    (['topic-1', 'topic-2'], 'cell-01')
    """
    width = len(str(count))
    return [f"{word}-{number:0{width}d}" for number in range(1, count + 1)]


def draw_teams(seed: int, what: int, *, teams: int, count: int) -> Ints:
    """Draw the team (from 0) of each of some things: every team has one if there are enough, the first more.

    Examples
    --------
    >>> drawn = draw_teams(7, TOPICS, teams=3, count=30)
    >>> sorted(set(drawn.tolist())), len(drawn)
    ([0, 1, 2], 30)
    """
    rng = np.random.default_rng([seed, STREAM, what])
    weights = np.arange(1, teams + 1) ** -0.5
    more = rng.choice(teams, max(count - teams, 0), p=weights / weights.sum())
    return rng.permutation(np.concatenate([np.arange(min(teams, count)), more])).astype(np.int64)


def owned_names(word: str, seed: int, what: int, *, teams: int, count: int) -> list[str]:
    """Return names that begin with their team's, where there are teams.

    Examples
    --------
    >>> owned_names("topic", 7, TOPICS, teams=0, count=2)
    ['topic-1', 'topic-2']
    >>> sorted(owned_names("topic", 7, TOPICS, teams=2, count=2))[0].startswith("team-1.topic-")
    True
    """
    names = numbered(word, count)
    if teams == 0:
        return names
    of = numbered("team", teams)
    drawn = draw_teams(seed, what, teams=teams, count=count)
    return [f"{of[team]}.{name}" for team, name in zip(drawn, names, strict=True)]

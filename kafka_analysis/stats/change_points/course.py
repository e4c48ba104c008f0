"""What may go on beside changes of level: a straight or a broken line, levels of weekends or of days of the week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kafka_analysis.stats.change_points.season import DAY_S, MONDAY_S, WEEK_S, WORKDAYS
from kafka_analysis.stats.change_points.whiten import Floats

LEAST_WEEKS = 2.0
KNOTS = 16  # places tried for a bend
_OWN_COST = 2.0


@dataclass(frozen=True, eq=False)
class Course:
    """Columns that are fitted together with the steps, and taken for no change.

    Examples
    --------
    >>> Course("straight line", np.ones((1, 9))).cost(100) == 3 * np.log(100)
    np.True_
    """

    name: str
    columns: Floats = field(repr=False)

    def cost(self, count: int) -> float:
        """Return what it must gain to count: log n for each column, and twice that for being chosen at all.

        Examples
        --------
        >>> NO_COURSE.cost(100)
        0.0
        """
        return float((_OWN_COST + len(self.columns)) * np.log(count)) if len(self.columns) else 0.0


NO_COURSE = Course("none", np.zeros((0, 1)))


def straight_line(count: int) -> Course:
    """Return a straight line.

    Examples
    --------
    >>> straight_line(3).columns.tolist()
    [[-1.0, 0.0, 1.0]]
    """
    return Course("straight line", np.linspace(-1.0, 1.0, count)[None])


def courses(count: int, *, start_s: float, step_s: float) -> Iterator[Course]:
    """Yield what may go on beside changes: a line, levels of weekends or of days, and these with a line.

    Levels of days need two weeks or more of samples at most a day apart.

    Examples
    --------
    >>> [course.name for course in courses(30, start_s=0.0, step_s=3600.0)]
    ['straight line']
    >>> [course.name for course in courses(30, start_s=0.0, step_s=86400.0)][1]
    'weekends'
    """
    line = straight_line(count)
    yield line
    if count * step_s < LEAST_WEEKS * WEEK_S or step_s > DAY_S:
        return
    day = np.floor((start_s + step_s * np.arange(count) - MONDAY_S) % WEEK_S / DAY_S).astype(int)
    weekends = Course("weekends", (day >= WORKDAYS).astype(float)[None])
    yield weekends
    yield Course("weekends, straight line", np.vstack([weekends.columns, line.columns]))
    days = Course("days of the week", (day == np.arange(1, 7)[:, None]).astype(float))
    yield days
    yield Course("days of the week, straight line", np.vstack([days.columns, line.columns]))


def bends(course: Course, count: int) -> Iterator[Course]:
    """Yield a line, straight or bent before, with one bend more, at each of a number of places.

    Examples
    --------
    >>> bent = list(bends(straight_line(100), 100))
    >>> len(bent), bent[0].name, bent[0].columns.shape
    (15, 'broken line', (2, 100))
    """
    at = np.linspace(-1.0, 1.0, count)
    for knot in np.linspace(-1.0, 1.0, KNOTS + 1)[1:-1]:
        yield Course("broken line", np.vstack([course.columns, np.maximum(at - knot, 0.0)]))

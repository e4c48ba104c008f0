"""Fit levels to a whitened series, and say of every sample what one more step there would gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.stats.change_points.course import NO_COURSE, Course
from kafka_analysis.stats.change_points.whiten import NO_MEMORY, Filter, Floats

_TINY = 1e-9
_COLLINEAR = 1e-6
_DEPENDENT = 1e-7


@dataclass(frozen=True, eq=False)
class Problem:
    """A series to search: values (NaN where missing), the fewest samples between steps, what goes on beside them, ψ.

    Examples
    --------
    >>> Problem(np.array([1.0, np.nan]), apart=3).present.tolist()
    [True, False]
    """

    values: Floats
    apart: int
    edge: int = 0
    course: Course = NO_COURSE
    short_run: Floats = None

    @property
    def present(self) -> NDArray[np.bool_]:
        """Return which samples are known.

        Examples
        --------
        >>> Problem(np.array([np.nan, 1.0]), apart=3).present.tolist()
        [False, True]
        """
        return np.isfinite(self.values)

    def filter(self, phi: float) -> Filter:
        """Return the whitening filter for a φ.

        Examples
        --------
        >>> Problem(np.ones(3), apart=1).filter(0.5).weights.tolist()
        [1.0, -0.5]
        """
        return Filter.of(phi, self.present, NO_MEMORY if self.short_run is None else self.short_run)


@dataclass(frozen=True)
class Fit:
    """Steps at some samples under one φ: ``left`` is the sum of squares of ``count`` whitened residuals."""

    phi: float
    steps: tuple[int, ...]
    left: float
    count: int

    def score(self, penalty: float) -> float:
        """Return the criterion to minimise: ``n log(left) + penalty * steps``.

        Examples
        --------
        >>> Fit(0.0, (3,), 1.0, 10).score(12.0)
        12.0
        """
        return self.count * float(np.log(self.left)) + penalty * len(self.steps)


class Levels:
    """Whitened values with some levels taken out, and what one more step would gain.

    Examples
    --------
    >>> levels = Levels(Problem(np.array([9.0, 0.0, 1.0, 6.0, 5.0]), apart=1), 0.0)  # the first is only read
    >>> gains = levels.gains()
    >>> int(gains.argmax()), round(levels.left, 2), round(levels.left - float(gains.max()), 2)
    (3, 26.0, 1.0)
    """

    def __init__(self, problem: Problem, phi: float, steps: Sequence[int] = ()) -> None:
        self.problem, self.phi, self.steps = problem, phi, tuple(sorted(steps))
        self.filter = problem.filter(phi)
        self._white = self.filter.whitened(problem.values)
        self._whole = float(self._white @ self._white)
        self._basis = _orthonormal(self.filter.whitened(np.array(self._columns())))
        self._residual = self._white - (self._basis @ self._white) @ self._basis

    def _level(self, at: int) -> Floats:
        return (np.arange(len(self._white)) >= at).astype(float)

    @cached_property
    def _taken(self) -> Floats:
        """How much of the step at each sample is in the levels already, squared."""
        return (self.filter.along_steps(self._basis) ** 2).sum(axis=0)

    def _take_out(self, column: Floats) -> None:
        unit = _beside(self._basis, column)
        if unit is not None:
            self._taken = self._taken + self.filter.along_steps(unit) ** 2
            self._basis = np.vstack([self._basis, unit])
            self._residual = self._residual - (unit @ self._residual) * unit

    @property
    def count(self) -> int:
        """Return how many whitened values there are.

        Examples
        --------
        >>> Levels(Problem(np.ones(5), apart=1), 0.5).count
        4
        """
        return int(self.filter.rows.sum())

    @property
    def residual(self) -> Floats:
        """Return whitened residuals, 0 where there is none.

        Examples
        --------
        >>> Levels(Problem(np.array([0.0, 1.0, 3.0]), apart=1), 0.0).residual.round(9).tolist()
        [0.0, -1.0, 1.0]
        """
        return self._residual

    @property
    def left(self) -> float:
        """Return the sum of squares of the residuals, never quite 0.

        Examples
        --------
        >>> Levels(Problem(np.array([0.0, 1.0, 3.0]), apart=1), 0.0).left
        2.0
        """
        return max(float(self._residual @ self._residual), _TINY * self._whole, np.finfo(float).tiny)

    def gains(self, *, crowded: bool = False) -> Floats:
        """Return by how much a step at each sample would lower the sum of squares; 0 where none may be.

        Parameters
        ----------
        crowded
            Also beside steps that are there, and at the edges.

        Examples
        --------
        >>> Levels(Problem(np.array([0.0, 0.0, 0.0, 1.0, 1.0]), apart=1), 0.0).gains().round(2).tolist()
        [0.0, 0.0, 0.33, 1.0, 0.33]
        """
        norms = self.filter.step_norms
        free = norms - self._taken
        allowed = (free > _TINY + _COLLINEAR * norms) & (crowded | self.open)
        along = self.filter.along_steps(self._residual)
        return np.where(allowed, along**2 / np.where(allowed, free, 1.0), 0.0)

    def jolt(self, at: int) -> float:
        """Return by how much one free innovation at a sample, which dies away as noise does, would lower the sum.

        Examples
        --------
        >>> round(Levels(Problem(np.array([0.0, 0.0, 0.0, 4.0, 0.0]), apart=1), 0.0).jolt(3), 6)
        12.0
        """
        own = 1.0 - float(self._basis[:, at] @ self._basis[:, at])
        return float(self._residual[at] ** 2) / own if own > _COLLINEAR else 0.0

    @property
    def open(self) -> NDArray[np.bool_]:
        """Return where a step may be: enough known samples from it to the edges and to the next step, on either side.

        Examples
        --------
        >>> Levels(Problem(np.ones(7), apart=2), 0.0, [3]).open.tolist()
        [False, False, False, False, False, True, False]
        """
        before = np.concatenate([[0], np.cumsum(self.filter.rows)])
        at, total = before[:-1], before[-1]
        edge = max(self.problem.edge, self.problem.apart)
        free = (at >= edge) & (total - at >= edge)
        for step in self.steps:
            free &= np.abs(at - at[step]) >= self.problem.apart
        return free

    @property
    def sizes(self) -> Floats:
        """Return the fitted size of each step.

        Examples
        --------
        >>> Levels(Problem(np.array([1.0, 1.0, 1.0, 4.0, 4.0]), apart=1), 0.0, [3]).sizes.round(6).tolist()
        [3.0]
        """
        return self._coefficients[len(self._coefficients) - len(self.steps) :]

    @property
    def fitted(self) -> Floats:
        """Return the fitted level of each sample, with what goes on beside the steps.

        Examples
        --------
        >>> Levels(Problem(np.array([1.0, 1.0, 1.0, 4.0, 4.0]), apart=1), 0.0, [3]).fitted.round(6).tolist()
        [1.0, 1.0, 1.0, 4.0, 4.0]
        """
        return self._coefficients @ np.array(self._columns())

    @property
    def _coefficients(self) -> Floats:
        white = self.filter.whitened(np.array(self._columns()))
        return np.linalg.lstsq(white.T, self._white, rcond=None)[0]

    def _columns(self) -> list[Floats]:
        return [np.ones(len(self._white)), *self.problem.course.columns, *map(self._level, self.steps)]

    @property
    def basis(self) -> Floats:
        """Return orthonormal rows that span the whitened levels.

        Examples
        --------
        >>> np.abs(Levels(Problem(np.ones(5), apart=1), 0.0).basis).round(9).tolist()
        [[0.0, 0.5, 0.5, 0.5, 0.5]]
        """
        return self._basis

    def largest_gain(self, residuals: Floats) -> Floats:
        """Return the largest gain of one more step for each row of residuals of other series.

        Examples
        --------
        >>> levels = Levels(Problem(np.ones(5), apart=1), 0.0)
        >>> levels.largest_gain(np.array([[0.0, -1.0, -1.0, 1.0, 1.0]])).tolist()
        [4.0]
        """
        norms = self.filter.step_norms
        free = norms - self._taken
        at = np.flatnonzero((free > _TINY + _COLLINEAR * norms) & self.open)
        if not len(at):
            return np.zeros(len(residuals))
        return (self.filter.along_steps(residuals)[:, at] ** 2 / free[at]).max(axis=1)

    def with_step(self, at: int) -> Levels:
        """Return the same with one more step.

        Examples
        --------
        >>> Levels(Problem(np.array([0.0, 0.0, 1.0, 1.0]), apart=1), 0.0).with_step(2).left < 1e-6
        True
        """
        more = object.__new__(Levels)
        more.__dict__.update(self.__dict__)
        more.steps = tuple(sorted((*self.steps, at)))
        more._take_out(self.filter.whitened(self._level(at)))
        return more

    def fit(self) -> Fit:
        """Return these steps and what they leave.

        Examples
        --------
        >>> Levels(Problem(np.array([0.0, 1.0, 3.0]), apart=1), 0.0).fit()
        Fit(phi=0.0, steps=(), left=2.0, count=2)
        """
        return Fit(self.phi, self.steps, self.left, self.count)


def _orthonormal(columns: Floats) -> Floats:
    """Return orthonormal rows that span some rows; a row that others make up adds none."""
    base, factors = np.linalg.qr(columns.T)
    if (np.abs(np.diag(factors)) > _DEPENDENT * np.linalg.norm(columns, axis=1)).all():
        return base.T
    basis = np.zeros((0, columns.shape[1]))
    for column in columns:
        unit = _beside(basis, column)
        basis = basis if unit is None else np.vstack([basis, unit])
    return basis


def _beside(basis: Floats, column: Floats) -> Floats | None:
    """Return the part of a column outside a basis, of length 1; null if there is none."""
    length = np.linalg.norm(column)
    for _ in range(2):  # twice is enough (Kahan, after Parlett)
        column = column - (basis @ column) @ basis
    rest = np.linalg.norm(column)
    return None if rest <= _DEPENDENT * length else column / rest

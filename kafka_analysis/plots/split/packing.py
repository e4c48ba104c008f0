"""Where dots and discs lie: dots packed into a disc, discs on a ring. The same input lies the same way."""

import math
from collections.abc import Sequence

import numpy as np

_GOLDEN = math.pi * (3 - math.sqrt(5))
_PLACES = 5000
_APART = 1.06  # of its radius that a dot keeps from its neighbours
_WIDE = 1.7


def pack_dots(radii: Sequence[float]) -> np.ndarray:
    """Place dots around the middle without overlap, each as near to it as the ones before leave room.

    Parameters
    ----------
    radii
        Of the dots, above 0; the largest first looks best.

    Returns
    -------
    numpy.ndarray
        A row per dot: x, y; the middle of all of them is 0.

    Examples
    --------
    >>> places = pack_dots([1.0, 1.0, 0.5])
    >>> places.shape, bool(np.hypot(*(places[0] - places[1])) >= 2.0)
    ((3, 2), True)
    """
    sizes = np.asarray(radii, float)
    if not len(sizes):
        return np.zeros((0, 2))
    reach = _WIDE * math.sqrt(float((sizes**2).sum())) + float(sizes.max())
    number = np.arange(_PLACES)
    away, turn = reach * np.sqrt(number / _PLACES), number * _GOLDEN
    spots = np.column_stack([away * np.cos(turn), away * np.sin(turn)])
    free, placed = np.full(_PLACES, np.inf), np.zeros((len(sizes), 2))
    for k, size in enumerate(sizes):
        fits = free >= _APART * size
        spot = int(fits.argmax()) if fits.any() else int(free.argmax())
        placed[k] = spots[spot]
        free = np.minimum(free, np.hypot(*(spots - spots[spot]).T) - size)
    ends = np.stack([placed - sizes[:, None], placed + sizes[:, None]])
    return placed - (ends.min(axis=(0, 1)) + ends.max(axis=(0, 1))) / 2


def ring_places(count: int, *, apart: float) -> np.ndarray:
    """Place discs on a ring, neighbours so far apart; two lie side by side, four in a square.

    Returns
    -------
    numpy.ndarray
        A row per disc: x, y, around 0; clockwise from the top left.

    Examples
    --------
    >>> ring_places(2, apart=3.0).round(6).tolist()
    [[-1.5, 0.0], [1.5, 0.0]]
    """
    if count == 1:
        return np.zeros((1, 2))
    radius = apart / 2 / math.sin(math.pi / count)
    first = math.pi / 2 + (math.pi / count if count % 2 == 0 else 0.0)
    turn = first - 2 * math.pi * np.arange(count) / count
    return radius * np.column_stack([np.cos(turn), np.sin(turn)])


def rim_slots(wanted: Sequence[float | None]) -> np.ndarray:
    """Give each mark on a rim an angle, all evenly spaced; who wants a direction comes near to it, first come first.

    Parameters
    ----------
    wanted
        Angle (radians) that a mark would like; None: any.

    Returns
    -------
    numpy.ndarray
        An angle for each.

    Examples
    --------
    >>> rim_slots([None, 3.1, None, None]).round(2).tolist()
    [1.57, 3.14, 0.0, 4.71]
    """
    slots = np.pi / 2 - 2 * np.pi * np.arange(len(wanted)) / max(len(wanted), 1)
    taken, placed = np.zeros(len(wanted), bool), np.zeros(len(wanted))
    for k, angle in enumerate(wanted):
        if angle is not None:
            off = np.where(taken, np.inf, np.abs((slots - angle + np.pi) % (2 * np.pi) - np.pi))
            placed[k], taken[off.argmin()] = slots[off.argmin()], True
    left = iter(slots[~taken])
    for k, angle in enumerate(wanted):
        if angle is None:
            placed[k] = next(left)
    return placed % (2 * np.pi)

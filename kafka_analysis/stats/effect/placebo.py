"""The placebo: the two halves of the window before, between which nothing happened."""

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.stats.effect.fit import Layout
from kafka_analysis.stats.effect.hours import Blocks

_LEAST = 8  # blocks of a half


def placebo_layout(blocks: Blocks) -> tuple[NDArray[np.float64], Layout] | None:
    """Return the values and places of a comparison of the two halves of the window before; None if it is too short.

    Where the halves have no hours of the week in common (one week before), the window after says what is usual for
    each: it has a level of its own, and only the course of its week is used.

    Examples
    --------
    >>> from kafka_analysis.stats.effect.hours import blocks_of
    >>> sides = tuple((np.arange(s, s + 20), np.zeros(20), 20) for s in (0, 20))
    >>> values, layout = placebo_layout(blocks_of(sides, step_s=60.0, seasonal=False))
    >>> len(values), sum(layout.changed)
    (20, 10)
    """
    before = blocks.part(~blocks.after)
    first, last = before.at.min(), before.at.max() + 1
    middle = first + (last - first) // 2
    late = before.at >= middle
    alone = Blocks.matched(_sided(before, late))
    if min(alone.after.sum(), (~alone.after).sum()) >= max(_LEAST, 0.4 * len(before.at)):
        return alone.value, alone.layout(alone.after)
    changed = ~blocks.after & (blocks.at >= middle)
    if not blocks.seasonal or min(changed.sum(), (~changed & ~blocks.after).sum()) < _LEAST:
        return None
    return blocks.value, blocks.layout(changed, level=blocks.after)


def _sided(blocks: Blocks, late: NDArray[np.bool_]) -> Blocks:
    from dataclasses import replace

    return replace(blocks, after=late)

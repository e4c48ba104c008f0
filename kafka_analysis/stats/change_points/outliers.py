"""Set single outliers aside: a sample or two far from both neighbours is no change of level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.stats.change_points.whiten import Floats

FAR = 5.0  # robust standard deviations of the steps between samples
LONGEST = 2  # samples in a row
_LEAST = 12


def outliers(values: Floats) -> NDArray[np.bool_]:
    """Return which samples lie apart from those before and after them, on the same side of both.

    A run of one or two samples is set aside if it leaves and comes back by more than five robust standard deviations
    of the steps between neighbours. A change of level does not come back, and noise with a memory comes back slowly.

    Examples
    --------
    >>> values = np.tile([0.0, 1.0, -1.0, 0.5], 5)
    >>> values[7] = 30.0
    >>> np.flatnonzero(outliers(values)).tolist()
    [7]
    """
    at = np.flatnonzero(np.isfinite(values))
    found = np.zeros(len(values), bool)
    if len(at) < _LEAST:
        return found
    known = values[at]
    for length in range(1, LONGEST + 1):
        away = known[1:-length] - known[: -length - 1]
        back = known[length:-1] - known[length + 1 :]
        typical = 1.4826 * np.median(np.abs(np.diff(known)))
        far = (np.minimum(np.abs(away), np.abs(back)) > FAR * typical) & (away * back > 0) & (typical > 0)
        for first in np.flatnonzero(far) + 1:
            found[at[first : first + length]] = True
    return found

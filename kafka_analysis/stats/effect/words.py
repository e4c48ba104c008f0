"""What noise was found, in words."""

import math

import numpy as np
from numpy.typing import NDArray

from kafka_analysis.model.units import format_duration
from kafka_analysis.stats.effect.fit import Fit
from kafka_analysis.stats.effect.noise import DAY, Memory

_TWO_DAYS_S = 172_800
_ONE, _SLOW, _DAYS = "one", "slow", "days"


def describe_noise(fit: Fit, *, block_s: float, step_s: float) -> str:
    """Name the noise for which the first series of a fit speaks most.

    Kinds (one memory, fast and slow, days of their own) are compared by what each is worth after the data to what it
    counted before; within the kind, the candidate with the largest weight is named. Time constants are to within a
    factor of 2.

    Examples
    --------
    >>> fit = Fit(weight=np.array([[1.0]]), change=np.zeros((1, 1)), error=np.ones((1, 1)), freedom=9,
    ...     memory=(Memory(4.48, None, (0.0,), (0.0,)),), share=np.zeros(1), prior=np.ones(1))
    >>> describe_noise(fit, block_s=3600, step_s=3600)
    'AR(1), φ 0.80 per 1 h'
    """
    kinds = np.array([_kind(memory) for memory in fit.memory])
    weight = fit.weight[:, 0]
    gain = {
        kind: weight[kinds == kind].sum() / fit.prior[kinds == kind].sum() for kind in set(kinds.tolist())
    }
    # One memory is the simplest: the others must be worth 3 times as much to be named.
    kind = max(gain, key=lambda name: gain[name] * (3 if name == _ONE else 1))
    best = int(np.argmax(np.where(kinds == kind, weight, -1.0)))
    memory, share = fit.memory[best], fit.share[best]
    fast = _memory(memory.fast * block_s, step_s)
    if memory.slow is None:
        return fast
    if memory.slow == DAY:
        return f"{fast}; days differ by more than hours explain ({share:.0%} of the variance)"
    slow = plain_duration(float(memory.slow) * block_s)
    return f"{fast}; and a slow component with a memory of about {slow} ({share:.0%} of the variance)"


def plain_duration(seconds: float) -> str:
    """Return a duration without parts that are 0.

    Examples
    --------
    >>> plain_duration(3600), plain_duration(10), plain_duration(3.5 * 86_400)
    ('1 h', '10 s', '3.5 days')
    """
    if seconds >= _TWO_DAYS_S:
        return f"{seconds / 86_400:.3g} days"
    return format_duration(seconds).removesuffix(" 0 min").removesuffix(" 0 h")


def _kind(memory: Memory) -> str:
    return _ONE if memory.slow is None else _DAYS if memory.slow == DAY else _SLOW


def _memory(seconds: float, step_s: float) -> str:
    if seconds == 0:
        return "no memory from one block to the next"
    return f"AR(1), φ {math.exp(-step_s / seconds):.2f} per {plain_duration(step_s)}"


def wanders(fit: Fit) -> NDArray[np.bool_]:
    """Return for each series whether noise about as slow as the windows are long is nearly all there is.

    Then nothing in the two windows says how far it goes, and no interval can be trusted.

    Examples
    --------
    >>> fit = Fit(weight=np.array([[0.1], [0.9]]), change=np.zeros((2, 1)), error=np.ones((2, 1)), freedom=9,
    ...     memory=(Memory(1.0, None, (0.0,), (0.0,)), Memory(8.0, None, (0.0,), (0.0,))), share=np.zeros(2),
    ...     prior=np.ones(2))
    >>> wanders(fit).tolist()
    [True]
    """
    slowest = max(memory.fast for memory in fit.memory)
    slow = [_most(m, share) >= _AS_SLOW * slowest for m, share in zip(fit.memory, fit.share, strict=True)]
    return fit.weight[np.array(slow)].sum(axis=0) > _WANDERS


def _most(memory: Memory, share: float) -> float:
    """Return the memory of the noise as a whole: of the only part, or of a slow one that is nearly all there is."""
    if memory.slow is None:
        return memory.fast
    return float(memory.slow) if memory.slow != DAY and share >= _MOST else memory.fast


_AS_SLOW = 0.5  # of the length of the shorter window
_MOST = 0.75  # of the variance
_WANDERS = 0.6  # of the weight of all candidates

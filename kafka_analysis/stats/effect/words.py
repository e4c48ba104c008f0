"""What noise was found, in words."""

import math

import numpy as np

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


def wandering(fit: Fit) -> float:
    """Return how much speaks for noise as slow as the windows are long, between 0 and 1.

    Examples
    --------
    >>> fit = Fit(weight=np.array([[0.4], [0.6]]), change=np.zeros((2, 1)), error=np.ones((2, 1)), freedom=9,
    ...     memory=(Memory(1.0, None, (0.0,), (0.0,)), Memory(8.0, None, (0.0,), (0.0,))), share=np.zeros(2),
    ...     prior=np.ones(2))
    >>> wandering(fit)
    0.6
    """
    slowest = max(memory.fast for memory in fit.memory)
    slow = [_slow(memory, share) >= slowest for memory, share in zip(fit.memory, fit.share, strict=True)]
    return float(fit.weight[np.array(slow), 0].sum())


def _slow(memory: Memory, share: float) -> float:
    if memory.slow is None:
        return memory.fast
    return float(memory.slow) if memory.slow != DAY and share >= _MOST else 0.0


_MOST = 0.75  # of the variance: the slow part is nearly all there is

"""What came of comparing two windows of one series."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["better", "same", "worse", "cannot tell"]
Better = Literal["higher", "lower", "held"]  # held: less is worse, more is neither better nor worse
Scale = Literal["log", "additive"]


@dataclass(frozen=True)
class Hours:
    """How much of the two windows there is: in hours, whatever the step."""

    before: float
    after: float
    missing: float
    unmatched: float


@dataclass(frozen=True)
class Placebo:
    """The two halves of the window before, compared in the same way: nothing happened between them.

    ``clear`` is whether the interval contains 0, as it should in 95 of 100 series; None where ``reason`` says why there
    is no interval.
    """

    effect: float | None
    low: float | None
    high: float | None
    clear: bool | None
    reason: str = ""


@dataclass(frozen=True)
class Effect:
    """How much a series changed from one window to the other.

    On scale ``log``, ``effect`` is after / before − 1 (0.1 = 10 % more) of the geometric means; on scale ``additive``
    (some value is 0 or negative) it is after − before, in the unit of the series. ``low`` to ``high`` is the interval;
    all are None where there is none, and ``reason`` says what is missing. ``least`` is the least effect that could
    have been seen. ``noise`` says what noise was found, ``method`` how it was computed.
    """

    verdict: Verdict
    reason: str
    scale: Scale
    method: str
    noise: str
    hours: Hours
    level: float
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    least: float | None = None
    placebo: Placebo | None = None

"""What a search for changes finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Change:
    """One change of level: ``time`` is the first sample of the new level.

    Attributes
    ----------
    low, high
        95 % interval for ``time``.
    before, after
        Level on either side, in the series' unit.
    size
        ``after / before`` where all values are above 0 (1.2 = a fifth more), else ``after - before``.
    p_value
        How probable a step as clear as this is somewhere in a series without it.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> Change(at, at, at, before=10.0, after=12.0, size=1.2, p_value=0.001).size
    1.2
    """

    time: datetime
    low: datetime
    high: datetime
    before: float
    after: float
    size: float
    p_value: float


@dataclass(frozen=True)
class Changes:
    """Every change of level of a series, and what the answer rests on.

    Attributes
    ----------
    changes
        In order of time; empty where nothing changed, or where nothing can be said (``cannot_tell``).
    cannot_tell
        Why the series does not answer; null where it does.
    p_value
        Of "no change in the whole series"; null where nothing can be said.
    is_ratio
        Whether sizes are ratios.
    scale
        ``log`` or ``value``: on which scale noise was more even, and levels were compared.
    phi
        How much of the noise of one sample is left in the next: 0 none, 1 all of it.
    noise
        Standard deviation of the noise about its levels, on ``scale``.
    season, season_reason
        What was removed (``none``, ``hour of the day`` …), and why or why not.
    beside
        What went on beside changes and is none: ``none``, ``straight line``, ``broken line``, ``weekends`` …
    step
        Time between samples.
    samples, missing, outliers
        Samples of the regular series; those not known; those set aside as outliers or in short bursts.

    Examples
    --------
    >>> Changes.unknown("constant", step=timedelta(hours=1), samples=20, missing=0).rejects_no_change is None
    True
    """

    changes: tuple[Change, ...]
    cannot_tell: str | None
    p_value: float | None
    is_ratio: bool
    scale: str | None
    phi: float | None
    noise: float | None
    season: str
    season_reason: str
    beside: str
    step: timedelta
    samples: int
    missing: int
    outliers: int

    @property
    def rejects_no_change(self) -> bool | None:
        """Return whether "no change" is rejected at 5 %; null where nothing can be said.

        Examples
        --------
        >>> Changes.unknown("too short", step=timedelta(hours=1), samples=3, missing=0).rejects_no_change is None
        True
        """
        return None if self.cannot_tell else bool(self.changes)

    @classmethod
    def unknown(cls, reason: str, *, step: timedelta, samples: int, missing: int) -> Changes:
        """Return the answer of a series that cannot tell.

        Examples
        --------
        >>> Changes.unknown("too short", step=timedelta(hours=1), samples=3, missing=0).cannot_tell
        'too short'
        """
        return cls(
            (),
            reason,
            None,
            False,
            None,
            None,
            None,
            "none",
            "not searched for",
            "none",
            step,
            samples,
            missing,
            0,
        )

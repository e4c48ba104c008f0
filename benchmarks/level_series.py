"""Series with a day's season, autocorrelated noise and, if asked for, one planted change of level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

HOURS = 24
_WARM_UP = 400


@dataclass(frozen=True)
class Cell:
    """What one row of the table simulates: noise has standard deviation 1, values are hourly."""

    days: int
    phi: float
    shift: float = 0.0
    tails: int | None = None
    season: bool = True

    @property
    def noise(self) -> str:
        """Name the noise."""
        parts = [
            f"AR(1) φ {self.phi:g}",
            "t5" if self.tails else "",
            "day season" if self.season else "no season",
        ]
        return ", ".join(filter(None, parts))

    def draw(self, run: int) -> tuple[np.ndarray, int]:
        """Return a series and the first sample of its new level, the same for the same run."""
        n = self.days * HOURS
        rng = np.random.default_rng([run, self.days, round(100 * self.phi), self.tails or 0, self.season])
        e = rng.standard_normal(n + _WARM_UP)
        if self.tails:
            e = rng.standard_t(self.tails, n + _WARM_UP) * np.sqrt(1 - 2 / self.tails)
        noise = lfilter([np.sqrt(1 - self.phi**2)], [1.0, -self.phi], e)[_WARM_UP:]
        hour, at = np.arange(n), int(rng.integers(n // 5, n - n // 5))
        day = 3 * np.sin(2 * np.pi * hour / HOURS) + np.cos(4 * np.pi * hour / HOURS)
        return noise + self.season * day + self.shift * (hour >= at), at


CHANGED = [Cell(days, phi, shift=3.0) for phi in (0.0, 0.5, 0.8, 0.95) for days in (14, 28)]
UNCHANGED = [
    *(Cell(days, phi) for phi in (0.0, 0.5, 0.8, 0.95) for days in (14, 28)),
    *(Cell(14, phi, tails=5) for phi in (0.0, 0.5, 0.8)),
    *(Cell(14, phi, season=False) for phi in (0.0, 0.8)),
]


def without_day(values: np.ndarray) -> np.ndarray:
    """Return values less the median of their hour of the day: what the peers are given."""
    hours = values.reshape(-1, HOURS)
    return (hours - np.median(hours, axis=0)).ravel()

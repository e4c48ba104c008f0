"""Series with known noise, for tests and benchmarks: logarithms of hourly means around a season, 7 noises and more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import gammaln

Floats = NDArray[np.float64]
HOURS_OF_WEEK = 168
NOISE = 0.15  # standard deviation of the noise, in logarithms: hours differ by 15 %
_WARM_UP = 400


@dataclass(frozen=True)
class Noise:
    """A noise of variance 1: ``draw`` makes runs × hours of it, ``covariance`` is the true one of so many hours."""

    draw: Callable[[np.random.Generator, int, int], Floats]
    covariance: Callable[[int], Floats]


def normal(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    return rng.standard_normal(size)


def student(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """Draw Student's t with 3 degrees of freedom, variance 1: one in 100 lies beyond 3.4 standard deviations."""
    return rng.standard_t(3, size) / np.sqrt(3)


def ar(rng: np.random.Generator, runs: int, hours: int, phi: float, *, shock: Callable = normal) -> Floats:
    """Draw an AR(1) of variance 1 that has been going on for a long time."""
    shocks = shock(rng, (runs, hours + _WARM_UP)) * np.sqrt(1 - phi**2)
    return lfilter([1], [1, -phi], shocks, axis=1)[:, _WARM_UP:]


def ar_covariance(hours: int, phi: float) -> Floats:
    at = np.arange(hours)
    return phi ** np.abs(at[:, None] - at)


def day_levels(rng: np.random.Generator, runs: int, hours: int) -> Floats:
    return np.repeat(rng.standard_normal((runs, -(-hours // 24))), 24, axis=1)[:, :hours]


def same_day(hours: int) -> Floats:
    day = np.arange(hours) // 24
    return (day[:, None] == day).astype(float)


BURST_EVERY, BURST_MEMORY, BURST_SHARE = 72.0, 4.0, 0.6


def bursts(rng: np.random.Generator, runs: int, hours: int) -> Floats:
    """Draw a quiet AR(1) and bursts on top: one in three days, of exponential height, gone after some hours."""
    began = rng.random((runs, hours + _WARM_UP)) < 1 / BURST_EVERY
    heights = began * rng.exponential(1.0, began.shape)
    decay = np.exp(-1 / BURST_MEMORY)
    shots = lfilter([1], [1, -decay], heights, axis=1)[:, _WARM_UP:]
    p = 1 / BURST_EVERY
    scale = np.sqrt(BURST_SHARE * (1 - decay**2) / (2 * p - p**2))
    return scale * shots + np.sqrt(1 - BURST_SHARE) * ar(rng, runs, hours, 0.5)


def bursts_covariance(hours: int) -> Floats:
    return BURST_SHARE * ar_covariance(hours, np.exp(-1 / BURST_MEMORY)) + (1 - BURST_SHARE) * ar_covariance(
        hours, 0.5
    )


def one_ar(phi: float, *, shock: Callable = normal) -> Noise:
    return Noise(
        lambda rng, runs, hours: ar(rng, runs, hours, phi, shock=shock),
        lambda hours: ar_covariance(hours, phi),
    )


def mixture(fast: float, slow: float, share: float) -> Noise:
    """Return fast and slow noise together; ``share`` of the variance is the slow one's."""

    def draw(rng: np.random.Generator, runs: int, hours: int) -> Floats:
        return np.sqrt(1 - share) * ar(rng, runs, hours, fast) + np.sqrt(share) * ar(rng, runs, hours, slow)

    return Noise(draw, lambda n: (1 - share) * ar_covariance(n, fast) + share * ar_covariance(n, slow))


def days_differ(share: float) -> Noise:
    def draw(rng: np.random.Generator, runs: int, hours: int) -> Floats:
        return np.sqrt(1 - share) * ar(rng, runs, hours, 0.5) + np.sqrt(share) * day_levels(rng, runs, hours)

    return Noise(draw, lambda n: (1 - share) * ar_covariance(n, 0.5) + share * same_day(n))


def walk(rng: np.random.Generator, runs: int, hours: int) -> Floats:
    """Draw a random walk: no mean, no variance, the longer the further; steps a tenth of the others' deviation."""
    return 0.1 * np.cumsum(rng.standard_normal((runs, hours)), axis=1)


def walk_covariance(hours: int) -> Floats:
    at = np.arange(1, hours + 1)
    return 0.01 * np.minimum(at[:, None], at).astype(float)


MEMORY_D = 0.3


def long_memory_correlation(hours: int) -> Floats:
    """Return the autocorrelation of fractional noise (Hosking 1981)."""
    lag = np.arange(hours)
    d = MEMORY_D
    return np.exp(gammaln(lag + d) - gammaln(lag - d + 1) + gammaln(1 - d) - gammaln(d))


def long_memory(rng: np.random.Generator, runs: int, hours: int) -> Floats:
    """Draw fractional noise by circulant embedding (Davies and Harte 1987)."""
    around = long_memory_correlation(hours + 1)
    power = np.maximum(np.fft.fft(np.concatenate([around, around[-2:0:-1]])).real, 0)
    shocks = rng.standard_normal((runs, len(power))) + 1j * rng.standard_normal((runs, len(power)))
    return np.fft.fft(shocks * np.sqrt(power / len(power)), axis=1).real[:, :hours]


def long_memory_covariance(hours: int) -> Floats:
    at = np.arange(hours)
    return long_memory_correlation(hours)[np.abs(at[:, None] - at)]


NOISES: dict[str, Noise] = {
    "AR(1), φ 0": one_ar(0.0),
    "AR(1), φ 0.5": one_ar(0.5),
    "AR(1), φ 0.8": one_ar(0.8),
    "AR(1), φ 0.95": one_ar(0.95),
    "heavy tails": one_ar(0.5, shock=student),
    "days differ": days_differ(0.3),
    "fast + slow": mixture(0.5, 0.99, 0.25),
    "bursts": Noise(bursts, bursts_covariance),
}
MIXTURES = ("fast + slow",)
# Nothing was chosen by these: they show how far the method carries.
UNSEEN: dict[str, Noise] = {
    "AR(1), φ 0.98": one_ar(0.98),
    "white + AR(1), φ 0.95": mixture(0.0, 0.95, 0.5),
    "white + AR(1), φ 0.98": mixture(0.0, 0.98, 0.25),
    "random walk": Noise(walk, walk_covariance),
    "long memory, d 0.3": Noise(long_memory, long_memory_covariance),
}


def season(hours: int) -> Floats:
    """Return a day's and a week's course in logarithms: nights at a third, weekends at half."""
    at = np.arange(hours)
    weekend = (at // 24 % 7) >= 5
    return 0.55 * np.sin(2 * np.pi * (at % 24 - 8) / 24) - 0.7 * weekend


def logarithms(noise: Noise, *, days: int, runs: int, effect: float, seed: int, sd: float = NOISE) -> Floats:
    """Return runs × hours of logarithms: ``days`` before a change and as many after it."""
    hours = 48 * days
    made = season(hours) + sd * noise.draw(np.random.default_rng(seed), runs, hours)
    made[:, hours // 2 :] += np.log1p(effect)
    return made


def oracle_error(noise: Noise, *, days: int, sd: float = NOISE) -> float:
    """Return the standard error of the change by generalised least squares with the true covariance, season unknown."""
    hours = 48 * days
    at = np.arange(hours)
    columns = np.column_stack([at >= hours // 2, at[:, None] % HOURS_OF_WEEK == np.arange(HOURS_OF_WEEK)])
    return sd * contrast_error(noise.covariance(hours), columns)


def contrast_error(covariance: Floats, columns: NDArray[np.bool_]) -> float:
    """Return the standard error of the first column's coefficient by generalised least squares."""
    design = columns.astype(float)
    information = design.T @ np.linalg.solve(covariance, design)
    return float(np.sqrt(np.linalg.inv(information)[0, 0]))

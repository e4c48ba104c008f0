"""Compare intervals for "was it better?" on simulated series whose change and noise are known.

Hourly means, so many days before a change and as many after it, under each noise of tests/simulated_series.py:

- ours: the fit that `stats.measure_effect` makes (hours of the week matched, all noises that may be)
- AR: matched hours and an AR(p) by AIC, day-paired differences, the wider of both
- bootstrap: blocks of a day of the differences of matched hours
- Newey-West: the same differences, lags by Newey and West's rule of 1994
- Welch: Welch's t on the hourly values, as one does by hand

Each cell has how often the 95 % interval holds the true change, and the median width as a multiple of the oracle's,
which knows the covariance of the noise. For ours also: how often there is no answer, and how often the placebo (two
halves of the window before) sees a change. Then noises that nothing was chosen by, and even loads of a few samples.

    python benchmarks/before_after.py [--runs 1000] [--cells "AR(1), φ 0.8@7" …] [--seed 18]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

from kafka_analysis.stats.effect.fit import fit_change
from kafka_analysis.stats.effect.hours import Blocks, blocks_of
from kafka_analysis.stats.effect.interval import interval_of
from kafka_analysis.stats.effect.placebo import placebo_layout
from kafka_analysis.stats.effect.words import wanders

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.simulated_series import (
    MIXTURES,
    NOISE,
    NOISES,
    UNSEEN,
    Floats,
    Noise,
    contrast_error,
    logarithms,
    oracle_error,
)

DAYS = (7, 14, 28)
EFFECT = 0.1
MONDAY = 20_458 * 24  # hours from 1970 to Monday, 5 January 2026
HALF_WIDTHS = 1.959964
COVERED, WIDE, SILENT, FALSE = 0.93, 2.0, 0.10, 0.07
Bounds = tuple[Floats, Floats]


def blocks_for(days: int) -> Blocks:
    """Return the blocks of two windows; as values their own places, to pick the means of many runs by."""
    hours = 24 * days
    sides = tuple((MONDAY + start + np.arange(hours), np.zeros(hours), hours) for start in (0, hours))
    blocks = blocks_of(sides, step_s=3600.0, seasonal=True)
    return Blocks(**{**vars(blocks), "value": np.arange(len(blocks.value), dtype=float)})


def ours(series: Floats, blocks: Blocks) -> tuple[Bounds, np.ndarray, np.ndarray]:
    """Return the bounds, where there is no answer, and where the placebo sees a change."""
    means = series.reshape(len(series), -1, blocks.steps).mean(axis=2).T
    fit = fit_change(means, blocks.layout(blocks.after))
    _, low, high = interval_of(fit)
    places, layout = placebo_layout(blocks)
    _, below, above = interval_of(fit_change(means[places.astype(int)], layout))
    return (low, high), wanders(fit), (below > 0) | (above < 0)


def differences(series: Floats) -> Floats:
    """Return what each hour has beyond the hour that many weeks before."""
    before, after = np.split(series, 2, axis=1)
    return after - before


def autocovariances(values: Floats, lags: int) -> Floats:
    rest = values - values.mean(axis=1, keepdims=True)
    n = values.shape[1]
    return np.array([(rest[:, : n - k] * rest[:, k:]).sum(axis=1) / n for k in range(lags + 1)])


def newey_west(series: Floats) -> Bounds:
    """Take the long-run variance with Bartlett's weights, lags by the rule 4 (n / 100)^(2/9)."""
    gaps = differences(series)
    n = gaps.shape[1]
    lags = int(4 * (n / 100) ** (2 / 9))
    covariance = autocovariances(gaps, lags)
    weights = 1 - np.arange(1, lags + 1) / (lags + 1)
    variance = covariance[0] + 2 * (weights[:, None] * covariance[1:]).sum(axis=0)
    return around(gaps.mean(axis=1), HALF_WIDTHS * np.sqrt(variance / n))


def bootstrap(series: Floats, *, block: int = 24, resamples: int = 500) -> Bounds:
    """Draw blocks of a day, going round in a circle; 2.5 % and 97.5 % of the means."""
    gaps = differences(series)
    n = gaps.shape[1]
    sums = np.cumsum(np.concatenate([np.zeros((len(gaps), 1)), gaps, gaps[:, :block]], axis=1), axis=1)
    means = (sums[:, block : block + n] - sums[:, :n]) / block
    drawn = np.random.default_rng(1).integers(0, n, (resamples, n // block))
    resampled = np.zeros((len(gaps), resamples))
    for column in drawn.T:
        resampled += means[:, column]
    low, high = np.quantile(resampled / drawn.shape[1], [0.025, 0.975], axis=1)
    return low, high


def welch(series: Floats) -> Bounds:
    """Take hours as independent."""
    before, after = np.split(series, 2, axis=1)
    n = before.shape[1]
    error = np.sqrt((before.var(axis=1, ddof=1) + after.var(axis=1, ddof=1)) / n)
    return around(after.mean(axis=1) - before.mean(axis=1), HALF_WIDTHS * error)


def wider_of_both(series: Floats, *, most: int = 12) -> Bounds:
    """Fit AR(p) to the differences by AIC, pair whole days, and take the wider interval."""
    gaps = differences(series)
    runs, n = gaps.shape
    covariance = autocovariances(gaps, most)
    variance, phi = covariance[0].copy(), np.zeros((most, runs))
    best = n * np.log(variance)
    long_run = variance.copy()
    for p in range(1, most + 1):  # Levinson and Durbin
        partial = (covariance[p] - (phi[: p - 1] * covariance[1:p][::-1]).sum(axis=0)) / variance
        phi[: p - 1] -= partial * phi[: p - 1][::-1].copy()
        phi[p - 1] = partial
        variance = variance * (1 - partial**2)
        aic = n * np.log(variance) + 2 * p
        better = aic < best
        long_run = np.where(better, variance / (1 - phi[:p].sum(axis=0)) ** 2, long_run)
        best = np.minimum(aic, best)
    days = gaps.reshape(runs, -1, 24).mean(axis=2)
    count = days.shape[1]
    paired = stdtrit(count - 1, 0.975) * days.std(axis=1, ddof=1) / np.sqrt(count)
    return around(gaps.mean(axis=1), np.maximum(HALF_WIDTHS * np.sqrt(long_run / n), paired))


def around(middle: Floats, half: Floats) -> Bounds:
    return middle - half, middle + half


PEERS: dict[str, Callable[[Floats], Bounds]] = {
    "AR": wider_of_both,
    "bootstrap": bootstrap,
    "Newey-West": newey_west,
    "Welch": welch,
}


def cell(noise: Noise, days: int, *, runs: int, seed: int) -> dict[str, float]:
    """Return the figures of one noise and length."""
    series = logarithms(noise, days=days, runs=runs, effect=EFFECT, seed=seed)
    oracle = 2 * HALF_WIDTHS * oracle_error(noise, days=days)
    bounds, silent, false = ours(series, blocks_for(days))
    told = tuple(x[~silent] for x in bounds)
    found = {"silent": silent.mean(), "false": false[~silent].mean()}
    found |= judged("ours", told, oracle)
    for peer, way in PEERS.items():
        found |= judged(peer, way(series), oracle)
    return found


def even_cell(noise: Noise, samples: int, *, runs: int, seed: int) -> dict[str, float]:
    """Return the figures of an even load with so many samples before and after, season declared absent."""
    series = NOISE * noise.draw(np.random.default_rng(seed), runs, 2 * samples)
    series[:, samples:] += np.log1p(EFFECT)
    changed = np.arange(2 * samples) >= samples
    sides = tuple((start + np.arange(samples), np.zeros(samples), samples) for start in (0, samples))
    blocks = blocks_of(sides, step_s=10.0, seasonal=False)
    fit = fit_change(series.T, blocks.layout(blocks.after))
    _, low, high = interval_of(fit)
    silent = wanders(fit)
    oracle = (
        2
        * HALF_WIDTHS
        * NOISE
        * contrast_error(noise.covariance(2 * samples), np.column_stack([changed, np.ones_like(changed)]))
    )
    found = {"silent": silent.mean()} | judged("ours", (low[~silent], high[~silent]), oracle)
    for peer in ("Newey-West", "Welch"):
        found |= judged(peer, PEERS[peer](series), oracle)
    return found


def print_even(runs: int, seed: int) -> None:
    print(f"\neven load, no season: {runs} runs a cell\n")
    print("| noise | samples on each side | ours | no answer | Newey-West | Welch |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in list(NOISES)[:3]:
        for samples in (12, 24, 36, 72):
            found = even_cell(NOISES[name], samples, runs=runs, seed=seed)
            ways = [
                f"{found[f'{w} holds']:.1%} × {found[f'{w} width']:.2f}"
                for w in ("ours", "Newey-West", "Welch")
            ]
            print(
                f"| {name} | {samples} | {ways[0]} | {found['silent']:.1%} | {ways[1]} | {ways[2]} |",
                flush=True,
            )


def judged(name: str, bounds: Bounds, oracle: float) -> dict[str, float]:
    low, high = bounds
    truth = np.log1p(EFFECT)
    holds = (low <= truth) & (truth <= high)
    return {f"{name} holds": holds.mean(), f"{name} width": float(np.median(high - low)) / oracle}


def keeps(name: str, found: dict[str, float]) -> bool:
    """Return whether a cell is as good as it must be."""
    silent = name in MIXTURES or found["silent"] <= SILENT
    return (
        found["ours holds"] >= COVERED and found["ours width"] <= WIDE and silent and found["false"] <= FALSE
    )


def printed(name: str, days: int, found: dict[str, float], *, good: bool) -> str:
    columns = [f"{found[f'{way} holds']:.1%} × {found[f'{way} width']:.2f}" for way in ("ours", *PEERS)]
    marks = f"{found['silent']:.1%} | {found['false']:.1%}"
    return (
        f"| {name} | {days} | {columns[0]} | {marks} | {' | '.join(columns[1:])} | {'' if good else 'no'} |"
    )


def main() -> int:
    """Print the tables; exit with 1 when a cell of the first is not as good as it must be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--cells", nargs="*", help='such as "bursts@7"; all when not given')
    options = parser.parse_args()
    began = time.perf_counter()
    failed = 0
    for title, noises in (("noises the method was chosen by", NOISES), ("noises it was not", UNSEEN)):
        print(
            f"\n{title}: {options.runs} runs a cell, 95 % intervals: holds the truth × width of the oracle's\n"
        )
        print(
            "| noise | days | ours | no answer | placebo | AR | bootstrap | Newey-West | Welch | as it must be |"
        )
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        for name, noise in noises.items():
            for days in DAYS:
                if options.cells and f"{name}@{days}" not in options.cells:
                    continue
                found = cell(noise, days, runs=options.runs, seed=options.seed)
                good = keeps(name, found)
                failed += noises is NOISES and not good
                print(printed(name, days, found, good=good), flush=True)
    if not options.cells:
        print_even(options.runs, options.seed)
    print(f"\n{time.perf_counter() - began:.0f} s; cells that are not as they must be: {failed}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

"""Compare `stats.reduce.increase` with the pandas one would write by hand: sort, diff, sum.

The hand-written version answers the same question only while no counter is reset, no scrape is missed and the window
lies on scrapes. On such data both must agree to the last byte; what the careful version costs in time is a ratio.
Then one broker restarts right after a scrape, and what each of the two still finds is printed as well.

    python benchmarks/reduce_rates.py [--brokers 6] [--topics 100] [--scrapes 120]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl

from kafka_analysis.stats import reduce

T0 = datetime(2026, 1, 1, tzinfo=UTC)
INTERVAL = timedelta(seconds=10)
KEYS = ["metric", "cluster", "broker", "topic"]
REPEATS = 3


def generate(brokers: int, topics: int, scrapes: int, *, seed: int = 7) -> tuple[pl.DataFrame, np.ndarray]:
    """Make counters of every topic on every broker and the brokers' aggregates; return the growth of each too."""
    steps = np.random.default_rng(seed).integers(0, 1_000_000, size=(brokers, topics, scrapes - 1))
    steps = np.concatenate([steps.sum(axis=1, keepdims=True), steps], axis=1).astype(float)
    values = np.concatenate([np.full((brokers, topics + 1, 1), 1e9), steps], axis=2).cumsum(axis=2)
    shape = values.shape
    broker, topic, scrape = (axis.ravel() for axis in np.indices(shape))
    names = pl.Series([None, *(f"topic-{n}" for n in range(topics))], dtype=pl.String)
    frame = pl.DataFrame(
        {
            "metric": pl.repeat("bytes_in_total", values.size, eager=True),
            "ts": pl.Series([T0 + INTERVAL * n for n in range(scrapes)]).cast(pl.Datetime("ms", "UTC"))[
                scrape
            ],
            "cluster": pl.repeat("source", values.size, eager=True),
            "broker": pl.Series(broker, dtype=pl.Int32),
            "topic": names[topic],
            "partition": pl.repeat(None, values.size, dtype=pl.Int32, eager=True),
            **{
                n: pl.repeat(None, values.size, dtype=pl.String, eager=True)
                for n in ("group", "entity", "stat")
            },
            "value": values.ravel(),
        }
    )
    return frame, steps


def by_hand(samples: pd.DataFrame) -> pd.DataFrame:
    """Compute increase and rate per series as a person would in a notebook."""
    ordered = samples.sort_values("ts")
    steps = ordered.groupby(KEYS, dropna=False)["value"].diff().clip(lower=0)
    grown = ordered.assign(increase=steps).groupby(KEYS, dropna=False, as_index=False)["increase"].sum()
    seconds = (ordered["ts"].max() - ordered["ts"].min()).total_seconds()
    return grown.assign(rate_per_s=grown["increase"] / seconds)


def restarted(samples: pl.DataFrame, *, broker: int, at: datetime) -> pl.DataFrame:
    """Let every counter of a broker begin at 0 at a moment, as a restart does."""
    hit = (pl.col("broker") == broker) & (pl.col("ts") >= at)
    before = (
        samples.filter((pl.col("broker") == broker) & (pl.col("ts") < at))
        .group_by("topic")
        .agg(lost=pl.col("value").max())
    )
    joined = samples.join(before, on="topic", how="left", nulls_equal=True)
    return joined.with_columns(
        value=pl.when(hit).then(pl.col("value") - pl.col("lost")).otherwise("value")
    ).drop("lost")


def fastest(function: Callable[[], object]) -> float:
    """Return the shortest of a few runs in seconds."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times)


def total(frame: pl.DataFrame | pd.DataFrame) -> float:
    """Return the growth of all topics together."""
    rows = frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)
    return float(rows.filter(pl.col("topic").is_not_null())["increase"].sum())


def agree(ours: pl.DataFrame, theirs: pd.DataFrame) -> bool:
    """Compare every series' growth and rate."""
    other = pl.from_pandas(theirs).cast({"broker": pl.Int32})
    both = ours.join(other, on=KEYS, nulls_equal=True, suffix="_by_hand")
    same = [np.allclose(both[c], both[f"{c}_by_hand"], rtol=1e-12) for c in ("increase", "rate_per_s")]
    return len(both) == len(ours) == len(theirs) and all(same)


def main() -> int:
    """Run the comparison; exit with 1 when the two disagree where they must not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("--brokers", 6), ("--topics", 100), ("--scrapes", 120)):
        parser.add_argument(name, type=int, default=default)
    options = parser.parse_args()
    samples, steps = generate(options.brokers, options.topics, options.scrapes)
    as_pandas = samples.to_pandas()
    ours, theirs = reduce.increase(samples), by_hand(as_pandas)
    truth = float(steps[:, 1:].sum())
    same = agree(ours, theirs) and total(ours) == truth
    print(
        f"{len(samples):,} samples of {len(ours):,} series; no resets: {'the same' if same else 'DIFFERENT'} growth"
    )
    hand = fastest(lambda: by_hand(as_pandas))
    for kind, frame in (("Polars", samples), ("pandas", as_pandas)):
        seconds = fastest(lambda frame=frame: reduce.increase(frame))
        print(
            f"increase on {kind}: {seconds:.3f} s, by hand: {hand:.3f} s, ratio {seconds / hand:.2f} (below 1: faster)"
        )
    broken = restarted(samples, broker=0, at=T0 + INTERVAL * (options.scrapes // 2))
    for name, answer in (("increase", reduce.increase(broken)), ("by hand", by_hand(broken.to_pandas()))):
        print(f"one broker restarted: {name} finds {total(answer) / truth:.2%} of the bytes that came in")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())

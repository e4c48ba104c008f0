"""Measure `CaptureWriter`: memory and time against rows, and bytes per sample against what else one would write.

Memory is that of a process of its own for each size; the plain way is to keep every frame, then concat, sort and
`write_parquet` with Polars. What `CaptureWriter` costs in time is a ratio to that, and its memory should stay flat.

    python benchmarks/capture_write.py [--millions 1 4] [--series 8000]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from timing import peak_bytes, told_by

from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.samples import SAMPLES, SERIES

T0 = datetime(2026, 1, 1, tzinfo=UTC)
BROKERS = 10


def scrapes(series: int, rows: int, *, seed: int = 7) -> Iterator[pl.DataFrame]:
    """Make counters and sizes scrape after scrape: most series idle, the others of very different rates."""
    random = np.random.default_rng(seed)
    topics = series // (BROKERS * 4)
    names = ("bytes_in_total", "bytes_out_total", "messages_in_total", "log_size_bytes")
    broker, topic, metric = (a.ravel() for a in np.indices((BROKERS, topics, len(names))))
    rates = random.pareto(0.6, size=len(broker)) * (random.random(len(broker)) < 0.4) * 1000
    values = np.floor(random.random(len(broker)) * 1e9)
    fixed = {
        "metric": pl.Series(names)[metric],
        "cluster": pl.repeat("monolith", len(broker), eager=True),
        "broker": pl.Series(broker, dtype=pl.Int32),
        "topic": pl.Series([f"team-{n % 17}.stream-{n}" for n in range(topics)])[topic],
        "partition": pl.Series(np.where(metric == 3, 0, -1), dtype=pl.Int32).replace(-1, None),
        **{n: pl.repeat(None, len(broker), dtype=pl.String, eager=True) for n in ("group", "entity", "stat")},
    }
    for number in range(rows // len(broker)):
        values = values + random.poisson(np.minimum(rates, 1e9))
        late = timedelta(milliseconds=1) * random.integers(0, 900, size=BROKERS)
        ts = pl.Series(list(T0 + timedelta(seconds=15) * number + late)).cast(SAMPLES["ts"])[broker]
        yield pl.DataFrame(fixed | {"ts": ts, "value": values}).select(SAMPLES.names())


def plain(frames: Iterator[pl.DataFrame], out: Path) -> dict[str, float]:
    """Keep every frame, sort and write, as one would by hand."""
    kept = list(frames)
    began = time.perf_counter()
    pl.concat(kept).sort(*SERIES, "ts").write_parquet(out / "plain.parquet", row_group_size=50_000)
    return {"seconds": time.perf_counter() - began}


def writer(frames: Iterator[pl.DataFrame], out: Path) -> dict[str, float]:
    """Write a capture; adding and finishing are timed apart from making the rows."""
    adding = 0.0
    with CaptureWriter(out / "capture") as capture:
        for frame in frames:
            began = time.perf_counter()
            capture.add_samples(frame)
            adding += time.perf_counter() - began
        began = time.perf_counter()
        capture.finish(window=(T0, T0 + timedelta(days=1)))
    return {"seconds": time.perf_counter() - began, "adding": adding}


def nothing(frames: Iterator[pl.DataFrame], _out: Path) -> dict[str, float]:
    """Only make the rows: what the process needs anyway."""
    return {"seconds": 0.0, "rows": sum(map(len, frames))}


WAYS = {"nothing": nothing, "writer": writer, "plain": plain}


def measured(way: str, series: int, rows: int, out: Path) -> dict[str, float]:
    """Run one way in a process of its own; return what it told and its peak memory in MB."""
    options = {"way": way, "series": series, "rows": rows, "out": out}
    return json.loads(told_by(__file__, *(f"--{name}={value}" for name, value in options.items())))


def compare(series: int, rows: int) -> None:
    """Print one size."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        base, ours, theirs = (measured(way, series, rows, out) for way in WAYS)
        made = int(base["rows"])
        size = sum(file.stat().st_size for file in (out / "capture" / "samples").iterdir())
        other = (out / "plain.parquet").stat().st_size
        print(f"{made:,} samples of {series:,} series")
        print(
            f"  peak memory above making the rows: {ours['peak_mb'] - base['peak_mb']:.0f} MB, "
            f"plain {theirs['peak_mb'] - base['peak_mb']:.0f} MB"
        )
        print(
            f"  finish {ours['seconds']:.2f} s, plain sort and write {theirs['seconds']:.2f} s: "
            f"ratio {ours['seconds'] / theirs['seconds']:.2f}; adding took {ours['adding']:.2f} s"
        )
        print(f"  {size / made:.2f} bytes a sample, plain {other / made:.2f}: ratio {size / other:.2f}")


def main() -> None:
    """Run the comparison for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 4])
    parser.add_argument("--series", type=int, default=8000)
    for name, kind in (("--way", str), ("--rows", int), ("--out", Path)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way is None:
        for millions in options.millions:
            compare(options.series, int(millions * 1_000_000))
        return
    told = WAYS[options.way](scrapes(options.series, options.rows), options.out)
    print(json.dumps(told | {"peak_mb": peak_bytes() / 1e6}))


if __name__ == "__main__":
    main()

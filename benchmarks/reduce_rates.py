"""Compare what a capture's counters grew by, and broker x minute aggregation, with other ways to compute them.

A capture of made-up counters is written (no resets, so that all must agree): series of very different rates, a scrape
every 15 seconds. Each way reads the same Parquet files:

- scan: read the columns and keep next to nothing, the least one can do
- ours: read into memory and call `stats.reduce.increase`; in batches: call it with the lazy frame
- pandas: sort, diff and sum by series, as one would by hand
- DuckDB: lag and sum by series in SQL, resets counted from 0

Then the memory of a process that reduces in batches, and what each way finds when a broker restarts right after a
scrape.

    python benchmarks/reduce_rates.py [--millions 5] [--series 8000] [--capture FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from capture_write import scrapes, writer
from timing import fastest, peak_bytes, told_by

from kafka_analysis.stats.reduce.samples import SERIES, increase

COUNTERS = ["bytes_in_total", "bytes_out_total", "messages_in_total"]
KEYS = list(SERIES)
MB = 1e6
RATES_SQL = """
    select {keys}, sum(case when value < before then value else value - before end) as increase
    from (
        select {keys}, value, lag(value) over (partition by {keys} order by ts) as before
        from read_parquet('{files}') where metric in ('bytes_in_total', 'bytes_out_total', 'messages_in_total')
    )
    group by {keys}
"""
MINUTES_SQL = """
    select broker, date_trunc('minute', ts) as minute, sum(value) as value
    from read_parquet('{files}') where metric = 'bytes_in_total' group by all
"""


def counters(files: str) -> pl.LazyFrame:
    """Read the counters, lazily."""
    return pl.scan_parquet(files).filter(pl.col("metric").is_in(COUNTERS))


def scan(files: str) -> pl.DataFrame:
    """Read the counters' columns and do next to nothing with them."""
    return counters(files).select(pl.exclude("value").last(), pl.col("value").sum()).collect()


def ours(files: str) -> pl.DataFrame:
    """Compute growth of counters held in memory."""
    return increase(counters(files).collect())


def in_batches(files: str) -> pl.DataFrame:
    """Compute growth of counters read in batches."""
    return increase(counters(files))


def by_pandas(files: str) -> pd.DataFrame:
    """Compute growth as a person would in a notebook."""
    rows = pd.concat(map(pd.read_parquet, sorted(Path(files).parent.glob("*.parquet"))))
    ordered = rows[rows["metric"].isin(COUNTERS)].sort_values("ts")
    steps = ordered.groupby(KEYS, dropna=False)["value"].diff().clip(lower=0)
    grown = ordered.assign(increase=steps).groupby(KEYS, dropna=False, as_index=False)
    return grown["increase"].sum()


def by_duckdb(files: str) -> pl.DataFrame:
    """Compute growth in SQL."""
    keys = ", ".join(f'"{key}"' for key in KEYS)
    return duckdb.sql(RATES_SQL.format(keys=keys, files=files)).pl()


def minutes(files: str) -> pl.DataFrame:
    """Add up one counter by broker and minute."""
    rows = pl.scan_parquet(files).filter(metric="bytes_in_total")
    by = ("broker", pl.col("ts").dt.truncate("1m").alias("minute"))
    return rows.group_by(by).agg(pl.col("value").sum()).collect()


def minutes_scan(files: str) -> pl.DataFrame:
    """Read the columns that takes and do next to nothing with them."""
    rows = pl.scan_parquet(files).filter(metric="bytes_in_total")
    return rows.select(pl.col("broker", "ts").max(), pl.col("value").sum()).collect()


def minutes_by_pandas(files: str) -> pd.DataFrame:
    """Add up as a person would in a notebook."""
    rows = pd.concat(
        pd.read_parquet(file, columns=["metric", "broker", "ts", "value"])
        for file in sorted(Path(files).parent.glob("*.parquet"))
    )
    rows = rows[rows["metric"] == "bytes_in_total"]
    return rows.groupby(["broker", rows["ts"].dt.floor("min")])["value"].sum().reset_index()


def minutes_by_duckdb(files: str) -> pl.DataFrame:
    """Add up in SQL."""
    return duckdb.sql(MINUTES_SQL.format(files=files)).pl()


RATES: dict[str, Callable[[str], pl.DataFrame | pd.DataFrame]] = {
    "scan": scan,
    "ours": ours,
    "ours, in batches": in_batches,
    "DuckDB": by_duckdb,
    "pandas": by_pandas,
}
MINUTES: dict[str, Callable[[str], pl.DataFrame | pd.DataFrame]] = {
    "scan": minutes_scan,
    "ours": minutes,
    "DuckDB": minutes_by_duckdb,
    "pandas": minutes_by_pandas,
}


def total(frame: pl.DataFrame | pd.DataFrame, column: str) -> float:
    """Return the sum of a column."""
    return float(np.sum(frame[column].to_numpy()))


def compare(title: str, ways: dict[str, Callable], files: str, column: str) -> bool:
    """Print the time of each way as a multiple of the scan's; tell whether all found the same."""
    seconds = {name: fastest(lambda way=way: way(files)) for name, way in ways.items()}
    found = {name: total(way(files), column) for name, way in ways.items() if name != "scan"}
    print(f"{title}: scan {seconds['scan']:.3f} s")
    for name in found:
        print(f"  {name}: {seconds[name]:.3f} s, {seconds[name] / seconds['scan']:.1f} × the scan")
    same = np.allclose(list(found.values()), found["ours"], rtol=1e-9)
    print(f"  all find the same: {'yes' if same else 'NO'}")
    return bool(same)


def restarted(samples: pl.DataFrame) -> pl.DataFrame:
    """Let every counter of broker 0 begin at 0 in the middle, as a restart does."""
    at = samples["ts"].min() + (samples["ts"].max() - samples["ts"].min()) / 2
    hit = (pl.col("broker") == 0) & (pl.col("ts") >= at)
    before = (
        samples.filter((pl.col("broker") == 0) & (pl.col("ts") < at))
        .group_by("metric", "topic")
        .agg(lost=pl.col("value").max())
    )
    joined = samples.join(before, on=["metric", "topic"], how="left", nulls_equal=True)
    value = pl.when(hit).then(pl.col("value") - pl.col("lost")).otherwise("value")
    return joined.with_columns(value=value).drop("lost")


def with_totals(samples: pl.DataFrame) -> pl.DataFrame:
    """Add each broker's aggregates, which a restart can be told by."""
    totals = samples.group_by("metric", "ts", "cluster", "broker").agg(pl.col("value").sum())
    return pl.concat([samples, totals], how="diagonal")


def after_a_restart(folder: Path) -> None:
    """Print how much of what came in each way still finds."""
    made = pl.concat(scrapes(400, 40_000)).filter(pl.col("metric").is_in(COUNTERS))
    truth = total(increase(made), "increase")
    broken = with_totals(restarted(made)).sort(*KEYS, "ts")
    broken.write_parquet(folder / "restarted.parquet")
    files = str(folder / "restarted.parquet")
    for name in ("ours", "DuckDB", "pandas"):
        found = RATES[name](files)
        rows = found if isinstance(found, pl.DataFrame) else pl.from_pandas(found)
        share = total(rows.filter(pl.col("topic").is_not_null()), "increase") / truth
        print(f"one broker restarted: {name} finds {share:.3%} of what came in")


def main() -> int:
    """Run the comparison; exit with 1 when two ways disagree where they must not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, default=5)
    parser.add_argument("--series", type=int, default=8000)
    parser.add_argument("--capture", type=Path, help="a capture that is there already")
    parser.add_argument("--peak-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak_of:
        print(len(in_batches(options.peak_of)), peak_bytes())
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if options.capture is None:
            writer(scrapes(options.series, int(options.millions * MB)), folder)
        files = f"{options.capture or folder / 'capture'}/samples/*.parquet"
        rows = counters(files).select(pl.len()).collect().item()
        print(f"{rows:,} samples of counters")
        same = compare("what counters grew by, resets seen", RATES, files, "increase")
        same &= compare("broker x minute", MINUTES, files, "value")
        series, peak = told_by(__file__, "--peak-of", files).split()
        print(
            f"memory of a process that reduces {rows:,} samples to {series} rows in batches: {int(peak) / MB:.0f} MB"
        )
        after_a_restart(folder)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())

"""Compare how surely and how exactly a change of level is found, and how often one is found where there is none.

Hourly series with a season of the day and autocorrelated noise, with one planted change of 3 standard deviations of the
noise (its marginal ones) or with none. Each way gets the same series; those that know no season get them without the
median of each hour of the day:

- ours: `stats.find_changes`
- KernelCPD: ruptures, Gaussian kernel, penalty 2 log n
- Otava: apache-otava's default (window 50, p < 0.001); it pins an older NumPy, so it runs in an environment of its own

"Within 2" is the share of series with a change found within two samples of the planted one; "just one" that with no
other change found; "covered" that whose 95 % interval holds the planted time.

    python benchmarks/change_points.py [--runs 1000] [--peer-runs 200] [--otava]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from level_series import CHANGED, UNCHANGED, Cell, without_day

from kafka_analysis.stats import find_changes

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 7, 5, tzinfo=UTC)
NEAR = 2
ROUND = 50
OTAVA = """
import json, sys
from otava.analysis import compute_change_points
out = []
for values in json.load(sys.stdin):
    found = compute_change_points(values)
    points = found[0] if isinstance(found, tuple) else found
    out.append([int(point.index) for point in points])
print(json.dumps(out))
"""
Spans = list[tuple[int, int, int]]


def ours(values: np.ndarray) -> Spans:
    """Find changes with the package: place, low and high of each."""
    frame = pl.DataFrame({"ts": [START + i * HOUR for i in range(len(values))], "value": values})
    changes = find_changes(frame, step=HOUR).changes
    return [tuple(round((t - START) / HOUR) for t in (c.time, c.low, c.high)) for c in changes]


def by_kernel(values: np.ndarray) -> Spans:
    """Find changes with ruptures."""
    from ruptures import KernelCPD

    flat = without_day(values)
    ends = KernelCPD(kernel="rbf", min_size=6).fit(flat).predict(pen=2 * np.log(len(flat)))
    return [(end, end, end) for end in ends[:-1]]


def otava_python(folder: Path) -> Path | None:
    """Make an environment with Otava; say why where it cannot be made."""
    try:
        venv.create(folder, with_pip=True)
        python = folder / "bin" / "python"
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "apache-otava"]
        subprocess.run(pip, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        print(f"Otava is left out: its environment could not be made ({reason[-1] if reason else error}).")
        return None
    return python


def by_otava(python: Path, series: Sequence[np.ndarray]) -> list[Spans]:
    """Find changes with Otava, all series at once."""
    given = json.dumps([without_day(values).tolist() for values in series])
    told = subprocess.run([str(python), "-c", OTAVA], input=given, capture_output=True, text=True, check=True)
    return [[(at, at, at) for at in found] for found in json.loads(told.stdout)]


class Tally:
    """What came of the runs of one cell for one way."""

    def __init__(self) -> None:
        self.runs = self.found = self.near = self.one = self.covered = 0
        self.seconds = 0.0

    def add(self, found: Spans, at: int) -> None:
        """Count one series."""
        self.runs += 1
        self.found += bool(found)
        self.near += any(abs(place - at) <= NEAR for place, _, _ in found)
        self.one += len(found) == 1
        self.covered += any(low <= at <= high for _, low, high in found)

    def row(self, cell: Cell, way: str) -> str:
        """Return a row of the table."""
        share = [
            f"{100 * part / self.runs:5.1f} %" for part in (self.found, self.near, self.one, self.covered)
        ]
        share = share[: 4 if cell.shift and way == "ours" else 3 if cell.shift else 1]
        figures = [*share, *["–"] * (4 - len(share))]
        planted = f"{cell.shift:g} sd" if cell.shift else "none"
        ms = f"{1e3 * self.seconds / self.runs:.0f} ms"
        return (
            f"| {' | '.join([planted, f'{cell.days} days', cell.noise, way, str(self.runs), *figures, ms])} |"
        )


def tallied(way: Callable[[np.ndarray], Spans], cell: Cell, runs: range, tally: Tally) -> None:
    """Run one way over some runs of a cell."""
    for run in runs:
        values, at = cell.draw(run)
        began = time.process_time()
        found = way(values)
        tally.seconds += time.process_time() - began
        tally.add(found, at)


def table(tallies: dict[tuple[Cell, str], Tally]) -> Iterator[str]:
    """Yield the table's lines."""
    yield "| planted | series | noise | way | runs | found | within 2 | just one | covered | CPU |"
    yield "|" + " --- |" * 10
    for (cell, way), tally in tallies.items():
        if tally.runs:
            yield tally.row(cell, way)


def main() -> None:
    """Print the table; after each round also to a file, if one is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--peer-runs", type=int, default=200)
    parser.add_argument(
        "--otava", action="store_true", help="make an environment for Apache Otava and run it too"
    )
    parser.add_argument("--otava-python", type=Path, help="an interpreter that has Otava already")
    parser.add_argument("--so-far", type=Path, help="a file that holds the table of what is done")
    options = parser.parse_args()
    cells = [*CHANGED, *UNCHANGED]
    tallies = {(cell, "ours"): Tally() for cell in cells}
    for first in range(0, options.runs, ROUND):
        for cell in cells:
            tallied(ours, cell, range(first, min(first + ROUND, options.runs)), tallies[cell, "ours"])
            if options.so_far:
                options.so_far.write_text("\n".join(table(tallies)) + "\n", encoding="utf-8")
    for cell in cells if options.peer_runs else ():
        tallies[cell, "KernelCPD"] = Tally()
        tallied(by_kernel, cell, range(options.peer_runs), tallies[cell, "KernelCPD"])
    if options.otava or options.otava_python:
        with tempfile.TemporaryDirectory() as folder:
            run_otava(options.otava_python or otava_python(Path(folder)), cells, options.peer_runs, tallies)
    print("\n".join(table(tallies)))


def run_otava(
    python: Path | None, cells: Sequence[Cell], runs: int, tallies: dict[tuple[Cell, str], Tally]
) -> None:
    """Add Otava's rows."""
    for cell in cells if python else ():
        drawn = [cell.draw(run) for run in range(runs)]
        tally, began = Tally(), time.perf_counter()
        for found, (_, at) in zip(by_otava(python, [values for values, _ in drawn]), drawn, strict=True):
            tally.add(found, at)
        tally.seconds = time.perf_counter() - began
        tallies[cell, "Otava"] = tally


if __name__ == "__main__":
    sys.exit(main())

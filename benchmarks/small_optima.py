"""Prove the fewest bytes that make small clusters even, by a program that shares nothing with the planner.

Writes a row per seed of :func:`clusters.small` to ``small_optima.csv``: the cluster's shape, the fewest bytes copied
among placements that meet every goal at the default tolerance, how far the proof may be off, and ``proven`` (the gap is
1e-4 or less), ``unproven`` (time ran out), or ``impossible`` (it is proven that no placement meets every goal). Seeds
in the file are kept; unproven ones are tried again where more seconds are given than they had.

    python benchmarks/small_optima.py [--seeds 945] [--seconds 10]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from clusters import small
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

OPTIMA = Path(__file__).with_name("small_optima.csv")
TOLERANCE = (1, 10)  # a tenth, as a fraction of whole numbers
GAP = 1e-4
MB = 1e6
INFEASIBLE = 2
AMOUNTS = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s")


@dataclass(frozen=True)
class Optimum:
    """A row of the file."""

    seed: int
    brokers: int
    partitions: int
    copies: int
    racks: int
    loads: int
    status: str
    fewest_bytes: int | None
    bound_bytes: int | None
    gap: float | None
    seconds: float
    limit_seconds: float


def resources(partitions: pl.DataFrame) -> list[tuple[str, list[int], list[int]]]:
    """Return of each resource what every replica of a partition carries, and what its leader does, in whole numbers."""
    rows = partitions.to_dicts()
    copies, one, none = [len(row["replicas"]) for row in rows], [1] * len(rows), [0] * len(rows)
    found = [("size_bytes", [int(row["size_bytes"]) for row in rows], none)]
    if "bytes_in_per_s" in partitions.columns:
        taken, read = ([int(row[name]) for row in rows] for name in AMOUNTS[1:])
        sent = [(n - 1) * i + o for n, i, o in zip(copies, taken, read, strict=True)]
        found += [("bytes_in_per_s", taken, none), ("bytes_out_per_s", none, sent)]
    return [*found, ("replicas", one, none), ("leaders", none, one)]


def limits(name: str, total: int, brokers: int) -> tuple[int, int]:
    """Return the least and the most, in whole numbers, that a broker may carry."""
    part, whole = TOLERANCE
    low, high = -(-total * (whole - part) // (brokers * whole)), total * (whole + part) // (brokers * whole)
    if name in AMOUNTS:
        return low, high
    return min(low, total // brokers), max(high, -(-total // brokers))


class Program:
    """Rows of a mixed-integer program: partition p is on broker b, partition p is led by broker b."""

    def __init__(self, partitions: pl.DataFrame, brokers: pl.DataFrame) -> None:
        self.partitions = partitions
        self.rows, self.ids = partitions.to_dicts(), brokers["broker"].to_list()
        self.rack = brokers["rack"].to_list()
        n, m = len(self.rows), len(self.ids)
        self.on, self.led = np.arange(n * m).reshape(n, m), np.arange(n * m, 2 * n * m).reshape(n, m)
        self.rules: list[tuple[np.ndarray, np.ndarray, float, float]] = []
        self._copies()
        for name, every, leader in resources(partitions):
            self._even(name, np.array(every, float), np.array(leader, float))
        self.cost = np.zeros(2 * n * m)
        for p, row in enumerate(self.rows):
            self.cost[self.on[p]] = [0 if b in row["replicas"] else row["size_bytes"] / MB for b in self.ids]

    def _copies(self) -> None:
        m = len(self.ids)
        racks = {name: [b for b in range(m) if self.rack[b] == name] for name in set(self.rack) - {None}}
        for p, row in enumerate(self.rows):
            copies = len(row["replicas"])
            self.rules.append((self.on[p], np.ones(m), copies, copies))
            self.rules.append((self.led[p], np.ones(m), 1, 1))
            self.rules += [
                (np.array([self.led[p, b], self.on[p, b]]), np.array([1, -1]), -1, 0) for b in range(m)
            ]
            if len(racks) < 2:
                continue
            for there in racks.values():
                least, most = (0, 1) if copies <= len(racks) else (1, copies)
                self.rules.append((self.on[p, there], np.ones(len(there)), least, most))

    def _even(self, name: str, every: np.ndarray, leader: np.ndarray) -> None:
        copies = np.array([len(row["replicas"]) for row in self.rows])
        total = int(every @ copies + leader.sum())
        if not total:
            return
        low, high = limits(name, total, len(self.ids))
        scale = 1.0 if name not in AMOUNTS else total / len(self.ids)
        where, amount = (self.on, every) if every.any() else (self.led, leader)
        for b in range(len(self.ids)):
            self.rules.append((where[:, b], amount / scale, low / scale, high / scale))

    def bytes_of(self, chosen: np.ndarray) -> int:
        """Add up the bytes a solution copies, in whole numbers; stop where it does not meet every goal after all."""
        on, led = chosen[self.on], chosen[self.led]
        for name, every, leader in resources(self.partitions):
            total = sum(every[p] * len(row["replicas"]) + leader[p] for p, row in enumerate(self.rows))
            low, high = limits(name, total, len(self.ids))
            for b in range(len(self.ids)):
                carried = sum(every[p] * int(on[p, b]) + leader[p] * int(led[p, b]) for p in range(len(on)))
                if total and not low <= carried <= high:
                    message = f"{name} of broker {self.ids[b]}: {carried} is not in {low} to {high}"
                    raise SystemExit(message)
        return sum(
            int(row["size_bytes"]) * int(on[p, at])
            for p, row in enumerate(self.rows)
            for at, b in enumerate(self.ids)
            if b not in row["replicas"]
        )

    def solve(self, seconds: float) -> OptimizeResult:
        """Look for the fewest bytes, for so many seconds."""
        at = np.concatenate([np.full(len(rule[0]), r) for r, rule in enumerate(self.rules)])
        columns, values = (np.concatenate([rule[k] for rule in self.rules]) for k in (0, 1))
        matrix = sparse.csr_array((values, (at, columns)), shape=(len(self.rules), len(self.cost)))
        return milp(
            self.cost,
            constraints=LinearConstraint(matrix, [r[2] for r in self.rules], [r[3] for r in self.rules]),
            integrality=np.ones(len(self.cost)),
            bounds=Bounds(0, 1),
            options={"time_limit": seconds, "mip_rel_gap": GAP},
        )


def prove(seed: int, seconds: float) -> Optimum:
    """Solve one cluster, and check in whole numbers that the placement found meets every goal."""
    partitions, brokers = small(seed)
    program = Program(partitions, brokers)
    began = time.perf_counter()
    found = program.solve(seconds)
    took = time.perf_counter() - began
    bound, best = found.mip_dual_bound, None
    if found.x is not None:
        best = program.bytes_of(np.rint(found.x).astype(int))
    gap = None if best is None else (best / MB - bound) / max(best / MB, 1e-9)
    status = "impossible" if found.status == INFEASIBLE else "unproven"
    if gap is not None and gap <= GAP * 1.001:
        status = "proven"
    return Optimum(
        seed=seed,
        brokers=brokers.height,
        partitions=partitions.height,
        copies=len(partitions["replicas"][0]),
        racks=brokers["rack"].drop_nulls().n_unique(),
        loads=len(resources(partitions)),
        status=status,
        fewest_bytes=best,
        bound_bytes=None if bound is None else max(round(bound * MB), 0),
        gap=None if gap is None else max(round(gap, 7), 0.0),
        seconds=round(took, 1),
        limit_seconds=seconds,
    )


def read(path: Path = OPTIMA) -> dict[int, Optimum]:
    """Return the rows of the file by seed."""
    if not path.exists():
        return {}
    rows = pl.read_csv(path, schema_overrides={"limit_seconds": pl.Float64, "seconds": pl.Float64})
    return {row["seed"]: Optimum(**row) for row in rows.iter_rows(named=True)}


def write(rows: dict[int, Optimum], path: Path = OPTIMA) -> None:
    """Write the file, the seeds in order."""
    pl.DataFrame([asdict(rows[seed]) for seed in sorted(rows)], infer_schema_length=None).write_csv(path)


def main() -> None:
    """Prove what is not proven yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=945)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    rows = read()
    for seed in range(options.seeds):
        known = rows.get(seed)
        if known and (known.status != "unproven" or known.limit_seconds >= options.seconds):
            continue
        rows[seed] = prove(seed, options.seconds)
        print(rows[seed], flush=True)
        write(rows)
    print(Counter(row.status for row in rows.values()))


if __name__ == "__main__":
    main()

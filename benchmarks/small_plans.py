"""Plan for small clusters whose fewest bytes a solver proved (small_optima.csv), and print how far plans are from them.

Prints the share of plans within 1.05 × the optimum and the farthest, seconds of CPU of each plan, and the same of what
the search alone finds, which is what larger clusters get. Stops where a plan breaks a goal that can be met, in the
planner's own judgement or by count in whole numbers, or claims a bound above the optimum.

    python benchmarks/small_plans.py [--first 513] [--from 0] [--out FILE]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from clusters import small
from small_optima import GAP, Optimum, limits, read, resources

from kafka_analysis.plan.rebalance import solve as solver
from kafka_analysis.plan.rebalance.exact import meets, solve_exactly
from kafka_analysis.plan.rebalance.plan import plan_rebalance
from kafka_analysis.plan.rebalance.search import moved_bytes

FEW = 40  # plans without arguments: enough to see a wrong turn, in a minute
NEAR, FAR = 1.05, 1.2


def missed(partitions: pl.DataFrame, brokers: pl.DataFrame, assignment: pl.DataFrame) -> list[str]:
    """Return the goals an assignment misses, counted in whole numbers."""
    rack = dict(brokers.select("broker", "rack").iter_rows())
    racks = len(set(rack.values()) - {None})
    after = {(t, p): row for t, p, row in assignment.iter_rows()}
    rows = partitions.to_dicts()
    placed = [after[row["topic"], row["partition"]] for row in rows]
    found = []
    for row, will in zip(rows, placed, strict=True):
        if len(set(will)) != len(row["replicas"]):
            found.append("copies")
        if len({rack[b] for b in will} - {None}) < min(len(will), racks):
            found.append("racks")
    for name, every, leader in resources(partitions):
        load = dict.fromkeys(rack, 0)
        for will, on_all, on_leader in zip(placed, every, leader, strict=True):
            load[will[0]] += on_leader
            for b in will:
                load[b] += on_all
        low, high = limits(name, sum(load.values()), len(rack))
        if sum(load.values()) and not all(low <= carried <= high for carried in load.values()):
            found.append(name)
    return found


def plan_one(seed: int, optimum: Optimum) -> dict[str, Any]:
    """Plan for a cluster; return bytes with and without the solver, and seconds of CPU."""
    partitions, brokers = small(seed)
    before: dict[str, Any] = {}

    def noted(model, placement, **options):  # noqa: ANN001, ANN003, ANN202
        before["searched"] = moved_bytes(model, placement)
        before["searched_meets"] = meets(model, placement.load)
        return solve_exactly(model, placement, **options)

    solver.solve_exactly = noted
    began = time.process_time()
    plan = plan_rebalance(partitions, brokers)
    seconds = time.process_time() - began
    copies = partitions["replicas"].list.len()
    share = float((partitions["size_bytes"] * copies).sum()) / brokers.height
    return {
        "seed": seed,
        "status": optimum.status,
        "fewest": optimum.fewest_bytes,
        "planned": round(plan.summary.bytes_to_move),
        "bound": plan.summary.lower_bound_bytes,
        "violated": plan.summary.goals.filter(status="VIOLATED").height,
        "missed": len(missed(partitions, brokers, plan.assignment)),
        "searched": round(before["searched"] * share),
        "searched_meets": before["searched_meets"],
        "seconds": round(seconds, 2),
    }


def ratio(moved: int, fewest: int) -> float:
    """Return bytes ÷ the optimum; where that is 0, 1 for 0 bytes and infinity for more."""
    return moved / fewest if fewest else (1.0 if not moved else np.inf)


def tell(rows: list[dict[str, Any]]) -> None:
    """Print the distribution, with and without the solver."""
    for name, key in (("plan", "planned"), ("search alone", "searched")):
        ratios = np.array([ratio(row[key], row["fewest"]) for row in rows])
        met = sum(row["violated"] == 0 if key == "planned" else row["searched_meets"] for row in rows)
        zeros = [row[key] == 0 for row in rows if row["fewest"] == 0]
        print(
            f"{name:13} of {len(rows)}: {met} meet every goal; within {NEAR} x {(ratios <= NEAR).mean():.1%},"
            f" above {FAR} x {(ratios > FAR).sum()}, most {ratios.max():.4f} x, mean {ratios.mean():.4f} x;"
            f" 0 where the optimum is 0: {sum(zeros)} of {len(zeros)}"
        )
    bounds = np.array([ratio(row["bound"] or 0, row["fewest"]) for row in rows if row["fewest"]])
    seconds = np.array([row["seconds"] for row in rows])
    print(
        f"bound / optimum: least {bounds.min():.3f}, median {np.median(bounds):.4f}, most {bounds.max():.6f}"
    )
    print(f"seconds of CPU: median {np.median(seconds):.2f}, most {seconds.max():.2f}")


def check(row: dict[str, Any]) -> None:
    """Stop at a plan that is wrong, rather than far from the best."""
    wrong = row["violated"] or row["missed"] or row["bound"] is None
    if wrong or row["bound"] > row["fewest"] * (1 + 1e-6) or row["planned"] < row["fewest"] * (1 - 1.1 * GAP):
        raise SystemExit(str(row))


def main() -> None:
    """Plan for the clusters that are proven."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=FEW)
    parser.add_argument("--from", type=int, default=0, dest="begin")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    optima = read()
    print("clusters drawn:", dict(Counter(optimum.status for optimum in optima.values())))
    proven = [seed for seed in sorted(optima) if optima[seed].status == "proven"]
    plan_rebalance(*small(2))  # compiles
    rows = []
    for seed in proven[options.begin : options.begin + options.first]:
        rows.append(plan_one(seed, optima[seed]))
        if options.out:
            pl.DataFrame(rows, infer_schema_length=None).write_csv(options.out)
        check(rows[-1])
    tell(rows)


if __name__ == "__main__":
    main()

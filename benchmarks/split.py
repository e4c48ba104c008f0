"""Split estates from published seeds, beside what one would do instead, all measured by code that plans nothing.

Prints for each estate and way: clients in extra cells, as a multiple of the planted communities' too, bytes between
cells, the share of clients that the worst cell takes along, and the fullest cell ÷ its limit (above 1: broken). The
estates: 3,000 topics, 800 groups, 9,300 flows, into 8 cells, four resources each at most 1.15 × the even share.

    python benchmarks/split.py [--only NAME]

``--only grow``: topics that come later. ``--only begin``: plans from igraph's communities, then from own ones.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from unittest.mock import patch

import igraph
import numpy as np
import polars as pl
from estates import Estate, planted_estate

from kafka_analysis.plan import SplitPlan, plan_split
from kafka_analysis.plan.split import search
from kafka_analysis.plan.split.annealing import Model
from kafka_analysis.plan.split.communities import communities

CELLS, EVENNESS = 8, 1.15
RESOURCES = ("bytes_in_per_s", "bytes_out_per_s", "size_bytes", "partitions")
ESTATES = {
    f"{communities} communities, {noise:.0%} by chance": {"communities": communities, "noise": noise}
    for communities in (8, 24, 100)
    for noise in (0.1, 0.2, 0.4)
}
SEED = 1


def limits_of(topics: pl.DataFrame) -> dict[str, float]:
    """Return what a cell may carry."""
    return {name: EVENNESS * topics[name].sum() / CELLS for name in RESOURCES}


def measure(estate: Estate, cell: np.ndarray) -> dict[str, float]:
    """Measure a split, flow by flow."""
    where = dict(zip(estate.topics["topic"], cell.tolist(), strict=True))
    touched: dict[str, dict[int, float]] = {}
    for client, topic, amount in estate.flows.select("client", "topic", "bytes_per_s").iter_rows():
        there = touched.setdefault(client, {})
        there[where[topic]] = there.get(where[topic], 0.0) + amount
    counts = [sum(k in there for there in touched.values()) for k in range(CELLS)]
    cross = sum(sum(there.values()) - max(there.values()) for there in touched.values())
    full = [
        np.bincount(cell, weights=estate.topics[name].to_numpy(), minlength=CELLS).max() / limit
        for name, limit in limits_of(estate.topics).items()
    ]
    return {
        "extra": sum(len(there) - 1 for there in touched.values()),
        "cross": cross / estate.flows["bytes_per_s"].sum(),
        "worst": max(counts) / len(touched),
        "full": max(full),
    }


def loads(estate: Estate) -> np.ndarray:
    """Return what each topic takes, as shares of a cell's limits."""
    return estate.topics.select(
        pl.col(name) / limit for name, limit in limits_of(estate.topics).items()
    ).to_numpy()


def planted(estate: Estate) -> np.ndarray:
    """Put each planted community whole into the emptiest cell, the largest first."""
    return pack(estate, estate.planted["community"].to_numpy(), whole=True)


def by_chance(estate: Estate) -> np.ndarray:
    """Put each topic anywhere."""
    return np.random.default_rng(99).integers(CELLS, size=len(estate.topics))


def first_fit(estate: Estate) -> np.ndarray:
    """Put each topic, the largest first, into the first cell with room; where none has, into the emptiest."""
    load, carried, cell = (
        loads(estate),
        np.zeros((CELLS, len(RESOURCES))),
        np.zeros(len(estate.topics), np.int64),
    )
    for topic in np.argsort(-load.max(axis=1), kind="stable"):
        after = (carried + load[topic]).max(axis=1)
        k = int(np.argmax(after <= 1)) if (after <= 1).any() else int(after.argmin())
        cell[topic], carried[k] = k, carried[k] + load[topic]
    return cell


def graph_of(estate: Estate) -> tuple[list[tuple[int, int]], list[float]]:
    """Return topics and clients as vertices, flows as edges, and the edges' bytes."""
    topics = {name: number for number, name in enumerate(estate.topics["topic"])}
    clients = {
        name: len(topics) + number for number, name in enumerate(estate.flows["client"].unique().sort())
    }
    rows = estate.flows.select("client", "topic", "bytes_per_s").rows()
    return [(topics[topic], clients[client]) for client, topic, _ in rows], [amount for *_, amount in rows]


def leiden(estate: Estate, *, by_bytes: bool) -> np.ndarray:
    """Find communities by the Leiden method and pack them, largest first, those that fit nowhere topic by topic."""
    edges, amounts = graph_of(estate)
    random.seed(SEED)
    graph = igraph.Graph(n=len(estate.topics) + estate.flows["client"].n_unique(), edges=edges)
    found = graph.community_leiden("modularity", weights=amounts if by_bytes else None, n_iterations=10)
    return pack(estate, np.array(found.membership[: len(estate.topics)]))


def pack(estate: Estate, groups: np.ndarray, *, whole: bool = False) -> np.ndarray:
    """Pack groups of topics into cells."""
    load, carried, cell = (
        loads(estate),
        np.zeros((CELLS, len(RESOURCES))),
        np.zeros(len(estate.topics), np.int64),
    )
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    for group in sorted(members, key=lambda group: -load[group].sum(axis=0).max()):
        after = (carried + load[group].sum(axis=0)).max(axis=1)
        k = int(after.argmin())
        pieces = [group] if whole or after[k] <= 1 else [np.array([topic]) for topic in group]
        for piece in pieces:
            after = (carried + load[piece].sum(axis=0)).max(axis=1)
            k = k if after[k] <= 1 else int(after.argmin())
            cell[piece], carried[k] = k, carried[k] + load[piece].sum(axis=0)
    return cell


def metis(estate: Estate) -> np.ndarray:
    """Cut the graph of topics and clients by METIS; one weight a vertex: the fullest of a topic's resources."""
    import pymetis  # for this way alone

    edges, _ = graph_of(estate)
    count = len(estate.topics) + estate.flows["client"].n_unique()
    near: list[list[int]] = [[] for _ in range(count)]
    for one, other in edges:
        near[one].append(other)
        near[other].append(one)
    weight = np.concatenate([np.ceil(loads(estate).max(axis=1) * 1e6), np.zeros(count - len(estate.topics))])
    _, part = pymetis.part_graph(CELLS, adjacency=near, vweights=weight.astype(int).tolist())
    return np.array(part[: len(estate.topics)])


def planned(estate: Estate, **options: object) -> tuple[SplitPlan, float]:
    """Plan twice; return the second plan and its seconds, without those of compiling."""
    for _ in range(2):
        began = time.perf_counter()
        plan = plan_split(
            estate.topics, estate.flows, cells=CELLS, limits=limits_of(estate.topics), **options
        )
        took = time.perf_counter() - began
    return plan, took


def cells_of(estate: Estate, plan: SplitPlan) -> np.ndarray:
    """Return the number of each topic's cell."""
    names = plan.cells["cell"].unique().sort().to_list()
    where = dict(plan.cells.iter_rows())
    return np.array([names.index(where[topic]) for topic in estate.topics["topic"]])


def ways(estate: Estate) -> Iterator[tuple[str, np.ndarray, float | None]]:
    """Yield every way of splitting an estate."""
    others: dict[str, Callable[[Estate], np.ndarray]] = {
        "planted communities": planted, "at random": by_chance, "first fit": first_fit,
        "Leiden, packed": lambda one: leiden(one, by_bytes=False),
        "Leiden by bytes, packed": lambda one: leiden(one, by_bytes=True), "METIS": metis,
    }  # fmt: skip
    for name, way in others.items():
        yield name, way(estate), None
    plan, took = planned(estate)
    yield "plan_split", cells_of(estate, plan), took


def compare(name: str, estate: Estate) -> None:
    """Print a line for each way."""
    print(
        f"\n{name}: extra cells (x planted), bytes between cells, worst cell's clients, fullest / limit",
        flush=True,
    )
    reference = 1.0
    for way, cell, took in ways(estate):
        found = measure(estate, cell)
        reference = found["extra"] if way == "planted communities" else reference
        seconds = "" if took is None else f"  {took:.1f} s"
        print(
            f"  {way:24} {found['extra']:6,} ({found['extra'] / reference:5.3f})  {found['cross']:7.2%}"
            f"  {found['worst']:7.2%}  {found['full']:6.3f}{seconds}",
            flush=True,
        )


def grow(share: float = 0.05) -> None:
    """Plan without some topics, then with them: how many of the old ones move."""
    print(f"\n{share:.0%} of the topics come later: old topics that move", flush=True)
    for name, options in ESTATES.items():
        estate = planted_estate(SEED, **options)
        old = estate.topics.sample(fraction=1 - share, seed=SEED)
        before, _ = planned(
            Estate(old, estate.flows.filter(pl.col("topic").is_in(old["topic"].implode())), estate.planted)
        )
        after, took = planned(estate, previous=before)
        fresh, _ = planned(estate)
        extra = after.summary.clients_in_extra_cells / fresh.summary.clients_in_extra_cells
        moved = after.summary.moved_topics / len(old)
        print(
            f"  {name:32} {moved:6.2%}, extra cells {extra:.3f} x those of a new plan, {took:.1f} s",
            flush=True,
        )


def by_igraph(model: Model, *, seed: int) -> Iterator[np.ndarray]:
    """Yield what ``communities`` does, as igraph finds it."""
    groups, clients = len(model.pinned), len(model.begins) - 1
    edges = np.column_stack([np.repeat(np.arange(groups), np.diff(model.first)), groups + model.client])
    graph = igraph.Graph(n=groups + clients, edges=edges)
    for amounts in (None, model.flow):
        random.seed(seed)
        found = graph.community_leiden("modularity", weights=amounts, n_iterations=10)
        yield np.array(found.membership[:groups])


def begin(seeds: int = 4) -> None:
    """Plan from communities of igraph, then of the package: means of the plan's seeds, and their least and most."""
    print(f"\nplans from communities of igraph, then own; {seeds} seeds: mean (least to most)", flush=True)
    for name, options in ESTATES.items():
        estate = planted_estate(SEED, **options)
        for who, way in (("igraph", by_igraph), ("own", communities)):
            with patch.object(search, "communities", way):
                plans = [planned(estate, seed=seed) for seed in range(seeds)]
            found = [measure(estate, cells_of(estate, plan)) for plan, _ in plans]
            extra, cross, worst = ([one[what] for one in found] for what in ("extra", "cross", "worst"))
            print(
                f"  {name:32} {who:7} extra cells {np.mean(extra):7,.1f} ({min(extra):,} to {max(extra):,})"
                f"  bytes {np.mean(cross):6.2%} ({min(cross):.2%} to {max(cross):.2%})"
                f"  worst {np.mean(worst):6.2%}  {np.mean([took for _, took in plans]):.1f} s",
                flush=True,
            )


def main() -> None:
    """Run them all, or those whose name holds a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    word = parser.parse_args().only
    for name, options in ESTATES.items():
        if word in name:
            compare(name, planted_estate(SEED, **options))
    if not word or word == "grow":
        grow()
    if word == "begin":
        begin()


if __name__ == "__main__":
    main()

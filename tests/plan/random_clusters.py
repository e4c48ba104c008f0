"""Small random clusters for the tests of plans: uneven, with brokers that are gone and racks that are unknown."""

from __future__ import annotations

import random

import polars as pl
from hypothesis import strategies as st

ROWS = {
    "topic": pl.String,
    "partition": pl.Int32,
    "replicas": pl.List(pl.Int32),
    "size_bytes": pl.Float64,
    "bytes_in_per_s": pl.Float64,
    "bytes_out_per_s": pl.Float64,
}


def cluster_of(replicas, *, racks, sizes=None, bytes_in=None, bytes_out=None):
    """Return frames: a row per list of replicas, brokers 0, 1, … in the racks given."""
    n = len(replicas)
    partitions = pl.DataFrame(
        {
            "topic": [f"t{i % 3}" for i in range(n)],
            "partition": list(range(n)),
            "replicas": replicas,
            "size_bytes": sizes or [1.0] * n,
            "bytes_in_per_s": bytes_in or [1.0] * n,
            "bytes_out_per_s": bytes_out or [0.0] * n,
        },
        schema=ROWS,
    )
    brokers = pl.DataFrame(
        {"broker": list(range(len(racks))), "rack": racks}, schema={"broker": pl.Int32, "rack": pl.String}
    )
    return partitions, brokers


@st.composite
def clusters(draw, *, gone: int = 2, unknown_racks: bool = True):
    """Draw a cluster of 1 to 8 brokers and 1 to 30 partitions."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    brokers, partitions = draw(st.integers(1, 8)), draw(st.integers(1, 30))
    copies = draw(st.integers(1, min(3, brokers)))
    names = [f"r{n}" for n in range(draw(st.integers(1, 4)))]
    may_be = [*names, None] if unknown_racks else names
    there = brokers + draw(st.integers(0, gone))
    scale = draw(st.sampled_from([0.0, 1.0, 1e9]))
    loads = [[rng.lognormvariate(0, 1) for _ in range(partitions)] for _ in range(3)]
    return cluster_of(
        [rng.sample(range(there), copies) for _ in range(partitions)],
        racks=[rng.choice(may_be) for _ in range(brokers)],
        sizes=[scale * size for size in loads[0]],
        bytes_in=loads[1],
        bytes_out=loads[2],
    )

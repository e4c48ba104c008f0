"""Small estates of topics and clients, drawn by Hypothesis or from a seed."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import strategies as st


def estate_of(seed: int, *, topics: int, clients: int, flows: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw topics and flows."""
    rng = np.random.default_rng(seed)
    names = [f"t{number}" for number in range(topics)]
    table = pl.DataFrame(
        {
            "topic": names,
            "bytes_in_per_s": rng.integers(1, 10, topics).astype(float),
            "partitions": rng.integers(1, 5, topics) * 3,
        }
    )
    pairs = pl.DataFrame(
        {
            "client": [f"c{number}" for number in rng.integers(clients, size=flows)],
            "topic": rng.choice(names, flows),
        }
    ).unique(maintain_order=True)
    return table, pairs.with_columns(
        kind=pl.lit("group"),
        bytes_per_s=pl.Series(rng.integers(1, 10, len(pairs)).astype(float)),
        evidence=pl.lit("measured"),
    )


@st.composite
def estates(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw a small source."""
    size = draw(st.integers(1, 12))
    return estate_of(
        draw(st.integers(0, 10_000)),
        topics=size,
        clients=draw(st.integers(1, 8)),
        flows=draw(st.integers(1, 30)),
    )

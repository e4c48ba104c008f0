"""Estates of topics and clients from published seeds, with the communities they were drawn from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl


class Estate(NamedTuple):
    """Topics and flows as ``plan_split`` takes them, and the community each topic was drawn into."""

    topics: pl.DataFrame
    flows: pl.DataFrame
    planted: pl.DataFrame


def planted_estate(
    seed: int,
    *,
    topics: int = 3000,
    clients: int = 800,
    flows: int = 9300,
    communities: int = 8,
    noise: float = 0.2,
    spread: float = 1.5,
) -> Estate:
    """Draw topics of log-normal size into communities; each client reads mostly its own, and others by chance.

    Parameters
    ----------
    noise
        Share of the flows that go to a topic of any community.
    spread
        Standard deviation of the logarithm of a topic's bytes; 0: all alike.
    """
    rng = np.random.default_rng(seed)
    community = rng.integers(communities, size=topics)
    bytes_in = rng.lognormal(13, spread, topics)
    partitions = 3 * np.clip(np.round(bytes_in / bytes_in.mean() * 12), 1, 300).astype(int)
    size = bytes_in * rng.choice([24, 72, 168], topics) * 3600 * 3
    home = rng.integers(communities, size=clients)
    pairs: set[tuple[int, int]] = set()
    members = [np.flatnonzero(community == one) for one in range(communities)]
    while len(pairs) < flows:
        client = int(rng.integers(clients))
        if rng.random() < noise or not len(members[home[client]]):
            topic = int(rng.integers(topics))
        else:
            topic = int(rng.choice(members[home[client]]))
        pairs.add((client, topic))
    who, what = np.array(sorted(pairs)).T
    share = np.where(rng.random(len(who)) < 0.9, 1.0, rng.random(len(who)))
    names = [f"topic-{number:04d}" for number in range(topics)]
    read = np.bincount(what, weights=share * bytes_in[what], minlength=topics)
    return Estate(
        pl.DataFrame(
            {
                "topic": names,
                "bytes_in_per_s": bytes_in,
                "bytes_out_per_s": read,
                "size_bytes": size,
                "partitions": partitions,
            }
        ),
        pl.DataFrame(
            {
                "client": [f"group-{number:03d}" for number in who],
                "kind": "group",
                "topic": [names[number] for number in what],
                "bytes_per_s": share * bytes_in[what],
                "evidence": "measured",
            }
        ),
        pl.DataFrame({"topic": names, "community": community}),
    )

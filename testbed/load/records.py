"""What the producers send: keys, sizes and moments, the same for the same seed."""

from __future__ import annotations

import itertools
import random
import zlib
from dataclasses import dataclass

from testbed.scenario import TopicSpec

BLOCK_BYTES = 1 << 20
BURST_PERIOD_S = 20.0
BURST_SHARE = 0.25
ZIPF_EXPONENT = 1.1
ABORTED_SHARE = 0.2


@dataclass(frozen=True)
class Record:
    """A key (None: spread over partitions) and a value."""

    key: bytes | None
    value: bytes


class Records:
    """The endless, reproducible sequence of one topic's records."""

    def __init__(self, spec: TopicSpec, *, seed: int) -> None:
        self._spec = spec
        self._random = random.Random(topic_seed(spec.name, seed))
        self._block = self._random.randbytes(BLOCK_BYTES)
        self._weights = list(itertools.accumulate(zipf(spec.keys)))

    def next(self) -> Record:
        """Return the next record."""
        size = max(16, round(self._spec.record_bytes * self._random.uniform(0.6, 1.4)))
        start = self._random.randrange(BLOCK_BYTES - size)
        return Record(self._key(), self._block[start : start + size])

    def aborts(self) -> bool:
        """Decide whether the next transaction is aborted."""
        return self._random.random() < ABORTED_SHARE

    def _key(self) -> bytes | None:
        if self._spec.shape not in {"keyed", "compacted", "transactional"}:
            return None
        (number,) = self._random.choices(range(self._spec.keys), cum_weights=self._weights)
        return f"{self._spec.team}-{number}".encode()


def topic_seed(topic: str, seed: int) -> int:
    """Return a seed that differs by topic and is the same on every machine.

    Examples
    --------
    >>> topic_seed("a", 1) == topic_seed("a", 1) != topic_seed("b", 1)
    True
    """
    return zlib.crc32(f"{seed}/{topic}".encode())


def zipf(keys: int) -> list[float]:
    """Return the weights of `keys` keys by Zipf's law: the first key outweighs all others.

    Examples
    --------
    >>> [round(w, 2) for w in zipf(3)]
    [1.0, 0.47, 0.3]
    """
    return [1 / rank**ZIPF_EXPONENT for rank in range(1, keys + 1)]


def allowance(spec: TopicSpec, elapsed_s: float) -> float:
    """Return how many records the topic should have seen after `elapsed_s` of running load.

    A bursty topic sends a period's records in its first quarter; all others send evenly.

    Examples
    --------
    >>> spec = TopicSpec(name="t", team="a", shape="bursty", partitions=1, placement=[[1]], bytes_per_s=1000,
    ...                  record_bytes=100)
    >>> allowance(spec, 2.5), allowance(spec, 5.0), allowance(spec, 20.0)
    (100.0, 200.0, 200.0)
    """
    per_s = spec.bytes_per_s / spec.record_bytes
    if spec.shape != "bursty":
        return per_s * elapsed_s
    periods, rest = divmod(elapsed_s, BURST_PERIOD_S)
    burst_s = BURST_PERIOD_S * BURST_SHARE
    return per_s * BURST_PERIOD_S * (periods + min(1.0, rest / burst_s))

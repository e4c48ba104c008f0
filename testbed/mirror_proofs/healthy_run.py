"""What a healthy run is made of, by its seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from testbed.mirror_failures.mirror_runs import DEFAULT_POLICY, IDENTITY
from testbed.mirror_proofs.streams import Stream

RUNS_OF_A_POLICY = 5  # then the other one follows, on empty clusters
HAPPENINGS = (
    "mirror restarted before", "group reads", "group lags at the source", "topic created", "records mirrored deleted",
    "leader moved", "a topic falls silent",
)  # fmt: skip
KINDS = ("paced", "in bursts", "compacted", "transactional", "transactional, some aborted")
MOST_TOPICS, MOST_PARTITIONS, LEAST_PACE, MOST_PACE = 4, 4, 2.0, 60.0


@dataclass(frozen=True)
class HealthyRun:
    """A healthy run: its topics' streams and their kinds, and what happens while it is recorded."""

    seed: int
    policy: str
    streams: tuple[Stream, ...]
    kinds: tuple[str, ...]
    happenings: tuple[str, ...]

    @property
    def is_renaming(self) -> bool:
        """Whether topics have the source's alias before their names at the target."""
        return self.policy == DEFAULT_POLICY

    @property
    def deletable(self) -> Stream | None:
        """The first topic of which records may be deleted: none that is compacted."""
        return next((stream for stream in self.streams if stream.keys is None), None)

    def remote(self, topic: str, *, alias: str) -> str:
        """Return the name of a topic at the target."""
        return f"{alias}.{topic}" if self.is_renaming else topic


def healthy_run(seed: int) -> HealthyRun:
    """Return the run of a seed, always the same.

    Examples
    --------
    >>> healthy_run(3) == healthy_run(3), healthy_run(0).policy == healthy_run(5).policy
    (True, False)
    """
    chance = random.Random(seed)
    kinds = tuple(chance.choice(KINDS) for _ in range(chance.randint(1, MOST_TOPICS)))
    return HealthyRun(
        seed=seed,
        policy=(IDENTITY, DEFAULT_POLICY)[seed // RUNS_OF_A_POLICY % 2],
        streams=tuple(_stream(chance, f"{_word(kind)}-{seed}-{n}", kind) for n, kind in enumerate(kinds)),
        kinds=kinds,
        happenings=tuple(name for name in HAPPENINGS if chance.random() < 0.4),
    )


def _word(kind: str) -> str:
    return kind.partition(",")[0].replace(" ", ".")


def _stream(chance: random.Random, topic: str, kind: str) -> Stream:
    paces = (
        round(chance.uniform(LEAST_PACE, MOST_PACE), 1) for _ in range(chance.randint(1, MOST_PARTITIONS))
    )
    return Stream(
        topic,
        tuple(paces),
        keys=5 if kind == "compacted" else None,
        in_bursts=kind == "in bursts",
        is_transactional=kind.startswith("transactional"),
        aborts=kind.endswith("aborted"),
    )

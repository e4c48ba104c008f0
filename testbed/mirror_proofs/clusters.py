"""The clusters of all proofs: two brokers at the source, so that a leader can move; one at the target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testbed.mirror_failures.pair import Pair, running_pair, scenario

SETTINGS = {
    "log.cleaner.backoff.ms": "1000",  # compaction looks for work every second
    "quota.window.num": "2",  # else Kafka lets ten seconds' worth of a quota pass at once
}


@contextmanager
def proof_clusters(run_dir: Path) -> Iterator[Pair]:
    """Run both clusters for the time of a block."""
    with running_pair(run_dir, scenario(source_brokers=2, settings=SETTINGS)) as pair:
        yield pair

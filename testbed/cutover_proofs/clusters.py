"""The clusters of all proofs: a source and a target of one broker each that do not differ in any setting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kafka_analysis.model.profile import Endpoint, Profile
from testbed.mirror_failures.pair import SETTINGS, Pair, running_pair, scenario
from testbed.scenario import Scenario

OF_BOTH = {
    **SETTINGS,
    "log.cleaner.backoff.ms": "1000",  # compaction looks for work every second
}


def equal_clusters() -> Scenario:
    """Return two clusters with the same settings."""
    given = scenario()
    same = tuple(spec.model_copy(update={"settings": OF_BOTH}) for spec in given.clusters)
    return given.model_copy(update={"clusters": same})


@contextmanager
def cutover_pair(run_dir: Path) -> Iterator[Pair]:
    """Run both clusters for the time of a block."""
    with running_pair(run_dir, equal_clusters()) as pair:
        yield pair


def measured_profile(pair: Pair) -> Profile:
    """Return the profile of both clusters with the metrics of their brokers, which headroom needs."""
    given = pair.profile()
    with_metrics = [
        of.model_copy(
            update={
                "endpoints": tuple(
                    Endpoint(broker=node.id, kind="jmx", url=node.agent_url) for node in cluster.nodes
                )
            }
        )
        for of, cluster in zip(given.clusters, pair.clusters, strict=True)
    ]
    return Profile(clusters=tuple(with_metrics))

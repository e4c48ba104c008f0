"""MirrorMaker 2 as a trial runs it: started with its own settings, waited for, stopped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

from testbed import processes
from testbed.brokers import jvm
from testbed.errors import TestbedError
from testbed.mirror import COMMON, CONSUMER, REPLICATION_FACTORS, TASK_LOST, mirrored_by
from testbed.mirror_failures import orders
from testbed.mirror_failures.pair import NEW, OLD, Clusters
from testbed.waiting import wait_for

NAME = "mirror"
HEAP_MB = 256
WITHIN_S = 240  # a mirror of three clusters has six herders to start, on two cores with other work
Flow = tuple[str, str]
FORTH: Flow = (OLD, NEW)
BACK: Flow = (NEW, OLD)
IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
DEFAULT_POLICY = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"
SHORT = {
    **dict.fromkeys(REPLICATION_FACTORS, "1"),
    "replication.policy.class": IDENTITY,
    "offset.storage.partitions": "1",
    "emit.heartbeats.interval.seconds": "1",
    "emit.checkpoints.interval.seconds": "1",
    "sync.group.offsets.interval.seconds": "1",
    "refresh.topics.interval.seconds": "2",
    "refresh.groups.interval.seconds": "2",
    "sync.topic.configs.interval.seconds": "5",
    "sync.topic.acls.interval.seconds": "2",
}
# Heeded only with the target's name before them. Workers that left are not waited for, nor jars searched.
WORKER = {
    "offset.flush.interval.ms": "1000",
    "scheduled.rebalance.max.delay.ms": "0",
    "plugin.discovery": "service_load",
}


def mirror_text(
    clusters: Clusters,
    *,
    flows: Sequence[Flow] = (FORTH,),
    settings: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> str:
    """Return MirrorMaker's properties: these flows, all topics and groups, short intervals, and a trial's settings."""
    common = {name: value for name, value in {**COMMON, **SHORT}.items() if name not in without}
    names = ",".join(cluster.name for cluster in clusters.clusters)
    lines = {"clusters": names, "plugin.discovery": WORKER["plugin.discovery"], **common}
    lines |= settings or {}
    for cluster in clusters.clusters:
        lines[f"{cluster.name}.bootstrap.servers"] = cluster.bootstrap
        lines |= {f"{cluster.name}.consumer.{name}": value for name, value in CONSUMER.items()}
        lines |= {f"{cluster.name}.{name}": value for name, value in WORKER.items()}
    for source, target in permutations([cluster.name for cluster in clusters.clusters], 2):
        is_on = str((source, target) in flows).lower()
        lines[f"{source}->{target}.enabled"] = is_on
        lines[f"{source}->{target}.emit.heartbeats.enabled"] = is_on
    return "".join(f"{name} = {value}\n" for name, value in lines.items())


def start_mirror(clusters: Clusters, text: str, *, env: Mapping[str, str] | None = None) -> None:
    """Start MirrorMaker, in an environment or in ours; it has not mirrored anything yet when this returns."""
    folder = folder_of(clusters)
    folder.mkdir(exist_ok=True)
    properties = folder / "mm2.properties"
    properties.write_text(text, encoding="utf-8")
    log_of(clusters).unlink(missing_ok=True)
    main = ["org.apache.kafka.connect.mirror.MirrorMaker", str(properties)]
    command = [*jvm(clusters.state, heap_mb=HEAP_MB), *main]
    processes.start(
        NAME, command, run_dir=clusters.state.run_dir, log=log_of(clusters), env=env, nice=processes.NICE
    )


def stop_mirror(clusters: Clusters) -> None:
    """Ask MirrorMaker to end, and wait until it has."""
    children = processes.running(clusters.state.run_dir)
    processes.stop([child for child in children if child.name == NAME])


@contextmanager
def mirror(clusters: Clusters, text: str) -> Iterator[None]:
    """Run MirrorMaker for the time of a block."""
    start_mirror(clusters, text)
    try:
        yield
    finally:
        stop_mirror(clusters)


def folder_of(clusters: Clusters) -> Path:
    """Return the folder of MirrorMaker's properties and log."""
    return clusters.state.run_dir / NAME


def log_of(clusters: Clusters) -> Path:
    """Return MirrorMaker's log since its last start."""
    return folder_of(clusters) / "mirror.log"


def wait_until_stored(
    clusters: Clusters, topic: str, *, flow: Flow = FORTH, store: str | None = None
) -> None:
    """Wait until MirrorMaker has stored that it has read every record of a topic of a flow's source.

    Parameters
    ----------
    store
        The topic of Connect's offsets; None = that of a dedicated MirrorMaker.

    Raises
    ------
    TestbedError
        If one of its tasks dies, or it takes too long.
    """
    source, target = (clusters.state.cluster(name) for name in flow)

    def stored() -> bool:
        check(clusters)
        reached = mirrored_by(target, store or f"mm2-offsets.{source.name}.internal")
        wanted = {place: end for place, end in orders.ends(source, topic).items() if end}
        return bool(wanted) and all(reached.get(place, -1) + 1 == end for place, end in wanted.items())

    wait_for(stored, f"the mirror of {topic}", within_s=WITHIN_S, every_s=0.5, where=log_of(clusters))


def wait_for_task_lost(clusters: Clusters) -> None:
    """Wait until MirrorMaker says that a task of it died."""
    wait_for(
        lambda: TASK_LOST in said(clusters), "the end of a task", within_s=WITHIN_S, where=log_of(clusters)
    )


def check(clusters: Clusters) -> None:
    """Raise when a task of MirrorMaker has died."""
    if TASK_LOST in said(clusters):
        message = f"a task of MirrorMaker 2 died: see {log_of(clusters)}"
        raise TestbedError(message)


def said(clusters: Clusters) -> str:
    """Return MirrorMaker's log since its last start."""
    log = log_of(clusters)
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

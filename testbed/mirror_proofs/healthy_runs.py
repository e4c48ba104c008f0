"""Record healthy runs one after the other, and look for findings, each of which would be false."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from kafka_analysis import analyses
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.findings import Light
from testbed.admin import Admin, Place
from testbed.errors import TestbedError
from testbed.mirror import mirrored_by
from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import check, log_of, mirror_text, start_mirror, stop_mirror
from testbed.mirror_failures.pair import Pair, clear
from testbed.mirror_failures.recorded import recording
from testbed.mirror_proofs.healthy_run import HealthyRun, healthy_run
from testbed.mirror_proofs.leaders import move_leader
from testbed.mirror_proofs.streams import Sent, Stream, producing
from testbed.running import Say
from testbed.waiting import wait_for

TOLERANCE_S = 10.0
FIRST, NEW_TOPIC_RECORDS = 200, 50
ROUNDS_BEFORE, ROUNDS_AFTER = 3, 3
ROUNDS_SILENT = 8  # longer than what is late
WITHIN_S = 120
COMPACTION = {"cleanup.policy": "compact", "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01"}


@dataclass(frozen=True)
class Healthy:
    """How a healthy run went and what the analysis said.

    ``records`` that were committed and not compacted away; ``settled_s``: seconds until the last record sent was at
    the target, from the end of the producers on.
    """

    seed: int
    policy: str
    kinds: tuple[str, ...]
    happenings: tuple[str, ...]
    partitions: int
    records: int
    arrived: int
    recorded_s: float
    settled_s: float
    light: str
    sentence: str
    false_findings: tuple[str, ...]
    grey_findings: tuple[str, ...]


def healthy_runs(pair: Pair, folder: Path, seeds: Iterable[int], *, say: Say) -> Iterator[Healthy]:
    """Run seeds with a mirror that is kept up between them, or stopped and started as an operator does.

    Raises
    ------
    TestbedError
        If a run does not go as it should: a record is missing at the target, or a task of the mirror dies.
    """
    policy = None
    try:
        for run in map(healthy_run, seeds):
            if run.policy != policy:
                stop_mirror(pair)
                clear(pair)
            _create(pair, run)
            if run.policy != policy or "mirror restarted before" in run.happenings:
                stop_mirror(pair)
                start_mirror(pair, mirror_text(pair, settings={"replication.policy.class": run.policy}))
            policy = run.policy
            done = _recorded(pair, run, folder / f"healthy-{run.seed}")
            say(described(done))
            yield done
    finally:
        stop_mirror(pair)


def _create(pair: Pair, run: HealthyRun) -> None:
    admin = Admin(pair.old.bootstrap)
    brokers = [node.id for node in pair.old.nodes]
    for stream in run.streams:
        placement = [brokers[n % 2 :] + brokers[: n % 2] for n in range(len(stream.paces))]
        admin.create(stream.topic, placement, COMPACTION if stream.keys else {})


def _recorded(pair: Pair, run: HealthyRun, out: Path) -> Healthy:
    sent = Sent()
    for stream in run.streams:
        _send_first(pair, stream, sent)
    wait_until_copied(pair, sent)
    silent = run.streams[-1:] if "a topic falls silent" in run.happenings else ()
    going_on = [stream for stream in run.streams if stream not in silent]
    began = time.monotonic()
    with ExitStack() as stack:
        rounds = stack.enter_context(recording(pair, out))
        if "group reads" in run.happenings:
            stack.enter_context(orders.reading(pair.old, f"reader-{run.seed}", run.streams[0].topic))
        with producing(pair.old, going_on, sent):
            with producing(pair.old, silent, sent):
                rounds(ROUNDS_BEFORE)
            _happen(pair, run, sent)
            rounds(ROUNDS_SILENT if silent else ROUNDS_AFTER)
    ended = time.monotonic()
    settled_s = wait_until_copied(pair, sent)
    return judged(
        run, out, sent, arrived=_arrived(pair, run, sent), recorded_s=ended - began, settled_s=settled_s
    )


def _send_first(pair: Pair, stream: Stream, sent: Sent) -> None:
    partitions = range(len(stream.paces))
    orders.send(pair.old, stream.topic, FIRST, partitions=partitions)
    for partition in partitions:
        sent.add((stream.topic, partition), FIRST - 1, FIRST)


def _happen(pair: Pair, run: HealthyRun, sent: Sent) -> None:
    first = run.streams[0].topic
    if "group lags at the source" in run.happenings:
        Admin(pair.old.bootstrap).commit(f"laggard-{run.seed}", {(first, 0): FIRST // 2})
    if "topic created" in run.happenings:
        new = Stream(f"new-{run.seed}", (0.0, 0.0))
        orders.create_topic(pair.old, new.topic, len(new.paces))
        _send_first(pair, new, sent)
    if "leader moved" in run.happenings:
        move_leader(pair.old, first)
    if "records mirrored deleted" in run.happenings and run.deletable is not None:
        topic = run.deletable.topic
        orders.delete_before(pair.old, topic, positions(pair)[topic, 0] + 1)


def positions(pair: Pair) -> dict[Place, int]:
    """Return the last offset that the mirror has stored of each partition."""
    return mirrored_by(pair.new, f"mm2-offsets.{pair.old.name}.internal")


def wait_until_copied(pair: Pair, sent: Sent) -> float:
    """Wait until the mirror has stored that it copied every record, and return the seconds that took."""

    def is_copied() -> bool:
        check(pair)
        reached = positions(pair)
        return all(reached.get(place, -1) >= last for place, last in sent.last.items())

    return wait_for(is_copied, "the mirror", within_s=WITHIN_S, every_s=0.5, where=log_of(pair))


def _arrived(pair: Pair, run: HealthyRun, sent: Sent) -> int:
    """Return how many records are at the target, of the topics from which nothing is compacted away."""
    names = {run.remote(topic, alias=pair.old.name) for topic in counted_topics(run, sent)}
    return sum(Admin(pair.new.bootstrap).end_offsets(names).values())


def counted_topics(run: HealthyRun, sent: Sent) -> set[str]:
    """Return the topics of which every record has to arrive: all but compacted ones."""
    return {topic for topic, _ in sent.records} - {stream.topic for stream in run.streams if stream.keys}


def judged(
    run: HealthyRun, capture: Path, sent: Sent, *, arrived: int, recorded_s: float, settled_s: float
) -> Healthy:
    """Put beside each other what happened and what the analysis finds.

    Raises
    ------
    TestbedError
        If the run was not healthy: not as many records at the target as were sent.
    """
    counted = counted_topics(run, sent)
    records = sum(n for (topic, _), n in sent.records.items() if topic in counted)
    if records != arrived:
        message = (
            f"run {run.seed} was not healthy: {records} records were sent, and {arrived} are at the target"
        )
        raise TestbedError(message)
    results = analyses.replication(read_capture(capture), tolerance=TOLERANCE_S).results
    findings = [finding for result in results for finding in result.findings]
    verdict = results[0].verdict if results else None
    return Healthy(
        seed=run.seed, policy=run.policy.rpartition(".")[2], kinds=run.kinds, happenings=run.happenings,
        partitions=len(sent.records), records=records, arrived=arrived, recorded_s=recorded_s, settled_s=settled_s,
        light="none" if verdict is None else verdict.light.value,
        sentence="" if verdict is None else verdict.sentence,
        false_findings=tuple(f"{f.title}: {f.detail}" for f in findings if f.light in (Light.RED, Light.AMBER)),
        grey_findings=tuple(f"{f.title}: {f.detail}" for f in findings if f.light is Light.GREY),
    )  # fmt: skip


def described(run: Healthy) -> str:
    """Say in a line how a run went."""
    false = len(run.false_findings)
    return (
        f"healthy run {run.seed}: {run.records} records in {run.recorded_s:.0f} s, settled in {run.settled_s:.1f} s; "
        f"{run.light}, {false} false"
    )

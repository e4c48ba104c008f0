"""Let a slow mirror copy a backlog, and hold the estimated time to catch up against the time it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from kafka_analysis import analyses
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from testbed.mirror_failures import orders
from testbed.mirror_failures.mirror_runs import WORKER, check, log_of, mirror_text, start_mirror, stop_mirror
from testbed.mirror_failures.pair import NEW, Pair
from testbed.mirror_failures.recorded import recording
from testbed.mirror_proofs.arrivals import Look, began, caught_up, watching_ends
from testbed.mirror_proofs.healthy_runs import wait_until_copied
from testbed.mirror_proofs.quotas import producers_slowed
from testbed.mirror_proofs.streams import Sent, Stream, producing
from testbed.waiting import wait_for

TOLERANCE_S = 10.0
ON_ITS_WAY_S = 2.0  # a record that came less than this before is not late
RECORD_BYTES = 1_000
WITHIN_S = 300
SHARES = (1 / 3, 2 / 3)
FLUSH = "offset.flush.interval.ms"


@dataclass(frozen=True)
class Backlog:
    """A backlog: records of each partition by topic, what goes on to come, and what a task copies at most.

    ``pace``: records per second of each partition; ``task_bytes_per_s``: what each task may send; ``commit_s``:
    seconds between two commits of the mirror's positions.
    """

    name: str
    records: dict[str, tuple[int, ...]]
    pace: float
    task_bytes_per_s: int
    tasks: int = 1
    commit_s: float = 1.0


@dataclass(frozen=True)
class Estimate:
    """What the analysis said at a moment while the mirror caught up, and what was true."""

    backlog: str
    of_the_way: float
    at: datetime
    lag_records: int
    copied_per_s: float | None
    produced_per_s: float | None
    estimated_s: float | None
    low_s: float | None
    high_s: float | None
    true_s: float
    took_s: float

    @property
    def error(self) -> float | None:
        """Estimated ÷ true − 1."""
        return None if self.estimated_s is None else self.estimated_s / self.true_s - 1


def catch_up(pair: Pair, backlog: Backlog, folder: Path) -> list[Estimate]:
    """Stop the mirror, send a backlog, start it again, and record until it has caught up.

    Raises
    ------
    TestbedError
        If it does not catch up, or a task dies.
    """
    streams = [Stream(topic, (backlog.pace,) * len(records), record_bytes=RECORD_BYTES)
               for topic, records in backlog.records.items()]  # fmt: skip
    text = _text(pair, backlog)
    for topic, records in backlog.records.items():
        orders.create_topic(pair.old, topic, len(records))
        orders.send(pair.old, topic, 1, partitions=range(len(records)))
    start_mirror(pair, text)
    try:
        wait_until_copied(
            pair,
            Sent(last={(t, p): 0 for t, records in backlog.records.items() for p in range(len(records))}),
        )
        stop_mirror(pair)
        for topic, records in backlog.records.items():
            for partition, count in enumerate(records):
                orders.send(pair.old, topic, count, partitions=[partition], record_bytes=RECORD_BYTES)
        capture = folder / f"catch-up-{backlog.name}"
        with ExitStack() as stack:
            stack.enter_context(producers_slowed(pair.state, pair.new, backlog.task_bytes_per_s))
            stack.enter_context(producing(pair.old, streams, Sent()))
            looks = stack.enter_context(watching_ends(pair, backlog.records))
            rounds = stack.enter_context(recording(pair, capture))
            start_mirror(pair, text)
            _wait_until_caught_up(pair, looks)
            rounds(2)
    finally:
        stop_mirror(pair)
    return list(estimates(read_capture(capture), backlog, looks))


def _text(pair: Pair, backlog: Backlog) -> str:
    flush = f"{NEW}.{FLUSH}"
    text = mirror_text(pair, settings={"tasks.max": str(backlog.tasks)})
    return text.replace(f"{flush} = {WORKER[FLUSH]}\n", f"{flush} = {backlog.commit_s * 1000:.0f}\n")


def _wait_until_caught_up(pair: Pair, looks: Sequence[Look]) -> None:
    def is_there() -> bool:
        check(pair)
        return began(looks) is not None and caught_up(looks, within_s=ON_ITS_WAY_S) is not None

    wait_for(is_there, "the end of the backlog", within_s=WITHIN_S, where=log_of(pair))


def estimates(capture: Capture, backlog: Backlog, looks: Sequence[Look]) -> Iterator[Estimate]:
    """Compare what the analysis says at a third and at two thirds of the way with what the looks say."""
    first, last = began(looks), caught_up(looks, within_s=ON_ITS_WAY_S)
    if first is None or last is None:
        return
    for share in SHARES:
        at = first + share * (last - first)
        yield estimate(capture, backlog, at=at, share=share, first=first, last=last)


def estimate(
    capture: Capture, backlog: Backlog, *, at: datetime, share: float, first: datetime, last: datetime
) -> Estimate:
    """Ask the analysis for a window that ends at a moment; its answer is as of the last positions read until then."""
    answer = analyses.replication(capture, end=at, tolerance=TOLERANCE_S)
    (flow,) = answer.flows.iter_rows(named=True)
    seen = answer.over_time.select(pl.col("ts").max()).item()
    return Estimate(
        backlog=backlog.name, of_the_way=share, at=seen, lag_records=flow["lag_records"],
        copied_per_s=flow["consumed_per_s"], produced_per_s=flow["produced_per_s"],
        estimated_s=flow["seconds_to_close"], low_s=flow["seconds_to_close_low"],
        high_s=flow["seconds_to_close_high"], true_s=(last - seen).total_seconds(),
        took_s=(last - first).total_seconds(),
    )  # fmt: skip


def described(one: Estimate) -> str:
    """Say in a line what was estimated and what was true."""
    said = "nothing" if one.estimated_s is None else f"{one.estimated_s:.1f} s"
    off = "" if one.error is None else f" ({one.error:+.0%})"
    return (
        f"{one.backlog} at {one.of_the_way:.0%} of {one.took_s:.0f} s: {one.lag_records} records behind, "
        f"estimated {said}, true {one.true_s:.1f} s{off}"
    )

"""Divide topics among connectors of a real Connect cluster as planned, and measure what each task copies."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kafka_analysis import analyses, plan
from kafka_analysis.analyses.replication import Replication
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from testbed.admin import Admin, Place
from testbed.errors import TestbedError
from testbed.mirror import mirrored_by
from testbed.mirror_failures import connect_runs, orders
from testbed.mirror_failures.connect_runs import ask
from testbed.mirror_failures.mirror_runs import check, log_of
from testbed.mirror_failures.pair import Pair
from testbed.mirror_failures.recorded import recording
from testbed.mirror_proofs.streams import Sent, Stream, producing
from testbed.waiting import wait_for

TASKS = 4
LOAD = "copied_per_s"
TOLERANCE_S = 10.0
ROUNDS, WITHIN_S = 8, 120
STREAMS = (  # one connector of four tasks gives the same task payments and prices, of all topics
    Stream("heavy", (40.0,) * 4),
    Stream("payments", (80.0,)),
    Stream("prices", (70.0,)),
    Stream("clicks", (30.0,)),
    Stream("orders", (20.0,)),
    Stream("returns", (15.0,)),
    Stream("users", (10.0,)),
    Stream("audit", (5.0,)),
)
TASK = ["connector", "task"]
ONE, PART = "one", "part-{}"
Connectors = dict[str, tuple[list[str], int]]  # topics and tasks.max by name
Dealt = list[tuple[str, int, str, int]]  # connector, task, topic, partition


@dataclass(frozen=True)
class Division:
    """Partitions of each task as planned and as Connect has them, and what each task copied, before and after.

    ``loads_…``: records per second of each task, by connector and task, from positions. ``twice``: records at the
    target beyond those that were sent.
    """

    planned_before: Dealt
    assigned_before: Dealt
    planned_after: Dealt
    assigned_after: Dealt
    topics_after: list[tuple[str, int, tuple[str, ...]]]
    loads_before: dict[str, float]
    loads_after: dict[str, float]
    predicted_before: float
    predicted_after: float
    sent: int
    arrived: int
    findings_after: tuple[str, ...]

    @property
    def over_mean(self) -> tuple[float, float]:
        """Heaviest task ÷ mean, before and after."""
        return over_mean(self.loads_before), over_mean(self.loads_after)


def over_mean(loads: Mapping[str, float]) -> float:
    """Return the heaviest task's load ÷ the mean.

    Examples
    --------
    >>> over_mean({"a-0": 3.0, "a-1": 1.0})
    1.5
    """
    return max(loads.values()) * len(loads) / sum(loads.values())


def divide(pair: Pair, folder: Path, *, rounds: int = ROUNDS) -> Division:
    """Run one connector of four tasks, then the connectors of the plan, with the same producers going on.

    Raises
    ------
    TestbedError
        If Connect refuses a connector, or does not copy.
    """
    sent = Sent()
    for stream in STREAMS:
        orders.create_topic(pair.old, stream.topic, len(stream.paces))
    with connect_runs.connect(pair) as address:
        with producing(pair.old, STREAMS, sent):
            _create(pair, address, ONE, topics=[stream.topic for stream in STREAMS], tasks=TASKS)
            before = _recorded(pair, folder / "division-before", sent, rounds)
            answer = _analysed(before)
            _replace(pair, address, connectors_of(answer))
            after = _recorded(pair, folder / "division-after", sent, rounds)
        _wait_until_copied(pair, sent.last)
    return compared(before, answer, after, sent=sum(sent.records.values()), arrived=_arrived(pair))


def connectors_of(answer: Replication) -> Connectors:
    """Return the connectors of the plan: their topics and tasks."""
    divided = plan.divide_topics(_places(answer), tasks=TASKS, load=LOAD)
    rows = divided.group_by("connector", "tasks_max", maintain_order=True).agg(
        pl.col("topic").unique().sort()
    )
    return {PART.format(number): (topics, tasks) for number, tasks, topics in rows.iter_rows()}


def _places(answer: Replication) -> pl.DataFrame:
    return answer.partitions.select("topic", "partition", LOAD)


def _analysed(capture: Capture) -> Replication:
    return analyses.replication(capture, tolerance=TOLERANCE_S, tasks=TASKS)


def _create(
    pair: Pair, address: str, name: str, *, topics: list[str], tasks: int, state: str = "RUNNING"
) -> None:
    config = connect_runs.connector_config(pair, "source") | {
        "topics": ",".join(re.escape(topic) for topic in topics),
        "tasks.max": str(tasks),
        "name": name,
    }
    ask(address, "POST", "connectors", {"name": name, "config": config, "initial_state": state})


def _replace(pair: Pair, address: str, connectors: Connectors) -> None:
    """Stop the one connector, and let those of the plan go on at its positions."""
    ask(address, "PUT", f"connectors/{ONE}/stop")
    _wait_until_stopped(pair, address, ONE)
    offsets = ask(address, "GET", f"connectors/{ONE}/offsets")["offsets"]
    for name, (topics, tasks) in connectors.items():
        _create(pair, address, name, topics=topics, tasks=tasks, state="STOPPED")
        _wait_until_stopped(pair, address, name)
        own = [one for one in offsets if one["partition"]["topic"] in topics]
        ask(address, "PATCH", f"connectors/{name}/offsets", {"offsets": own})
    ask(address, "DELETE", f"connectors/{ONE}")
    for name in connectors:
        ask(address, "PUT", f"connectors/{name}/resume")


def _wait_until_stopped(pair: Pair, address: str, name: str) -> None:
    stopped = ("STOPPED", 0)
    wait_for(
        lambda: _state(address, name) == stopped, f"the end of {name}", within_s=WITHIN_S, where=log_of(pair)
    )


def _state(address: str, name: str) -> tuple[str, int]:
    try:
        status = ask(address, "GET", f"connectors/{name}/status")
    except TestbedError:  # it is not known yet
        return "", 0
    return status["connector"]["state"], len(status["tasks"])


def _recorded(pair: Pair, out: Path, sent: Sent, count: int) -> Capture:
    """Record once the mirror has copied what was sent until now: what a backlog adds is no load."""
    partitions = sum(len(stream.paces) for stream in STREAMS)
    wait_for(lambda: len(sent.last) == partitions, "a record of every partition", within_s=WITHIN_S)
    _wait_until_copied(pair, dict(sent.last))
    with recording(pair, out) as rounds:
        rounds(count)
    return read_capture(out)


def _positions(pair: Pair) -> dict[Place, int]:
    return mirrored_by(pair.new, connect_runs.OFFSETS)


def _wait_until_copied(pair: Pair, wanted: Mapping[Place, int]) -> None:
    def is_copied() -> bool:
        check(pair)
        reached = _positions(pair)
        return all(reached.get(place, -1) >= last for place, last in wanted.items())

    wait_for(is_copied, "the last record", within_s=WITHIN_S, every_s=0.5, where=log_of(pair))


def _arrived(pair: Pair) -> int:
    return sum(Admin(pair.new.bootstrap).end_offsets([stream.topic for stream in STREAMS]).values())


def compared(before: Capture, planned: Replication, after: Capture, *, sent: int, arrived: int) -> Division:
    """Put beside each other what was planned, what Connect dealt out, and what tasks copied."""
    divided = plan.divide_topics(_places(planned), tasks=TASKS, load=LOAD)
    dealt = plan.round_robin(_places(planned), tasks_max=TASKS).with_columns(connector=pl.lit(ONE))
    named = divided.with_columns(connector=_name(pl.col("connector")))
    answer = _analysed(after)
    connectors = connectors_of(planned)
    assigned = [assigned_tasks(before, [ONE]), assigned_tasks(after, connectors)]
    return Division(
        planned_before=_rows(dealt),
        assigned_before=_rows(assigned[0]),
        planned_after=_rows(named),
        assigned_after=_rows(assigned[1]),
        topics_after=[(name, tasks, tuple(topics)) for name, (topics, tasks) in connectors.items()],
        loads_before=loads_of(assigned[0], planned.partitions),
        loads_after=loads_of(assigned[1], answer.partitions),
        predicted_before=_skew(plan.task_loads(dealt, load=LOAD)),
        predicted_after=_skew(plan.task_loads(divided, load=LOAD)),
        sent=sent,
        arrived=arrived,
        findings_after=tuple(
            f"{finding.light.value}: {finding.title}: {finding.detail}"
            for result in answer.results
            for finding in result.findings
        ),
    )


def assigned_tasks(capture: Capture, connectors: Collection[str]) -> pl.DataFrame:
    """Return the partitions that Connect has given to each task, by the last answer about these connectors."""
    mine = pl.col("connector").is_in(list(connectors))
    rows = capture.table("connectors").filter(mine, name="task.assigned.partitions")
    last = rows.filter(pl.col("ts") == pl.col("ts").max()).with_columns(pl.col("value").str.split(","))
    places = pl.col("value").str.extract_groups(r"(?s)^(?<topic>.+)-(?<partition>\d+)$")
    return (
        last.explode("value")
        .select("connector", "task", places.alias("place"))
        .unnest("place")
        .with_columns(pl.col("partition").cast(pl.Int32))
    )


def loads_of(assigned: pl.DataFrame, partitions: pl.DataFrame) -> dict[str, float]:
    """Return the records per second that each task copied, by connector and task."""
    copied = partitions.select("connector", "topic", "partition", LOAD)
    joined = assigned.join(copied, on=["connector", "topic", "partition"], how="left")
    sums = joined.group_by(*TASK).agg(pl.col(LOAD).sum()).sort(TASK)
    return {f"{connector}-{task}": load for connector, task, load in sums.iter_rows()}


def _skew(loads: pl.DataFrame) -> float:
    return float(loads["over_mean"].max())  # type: ignore[arg-type]


def _name(number: pl.Expr) -> pl.Expr:
    return pl.format(PART, number)


def _rows(dealt: pl.DataFrame) -> Dealt:
    return sorted(dealt.select("connector", "task", "topic", "partition").rows())


def described(done: Division) -> Iterator[str]:
    """Say in lines how the division went."""
    for when, planned, assigned in (
        ("one connector", done.planned_before, done.assigned_before),
        ("divided", done.planned_after, done.assigned_after),
    ):
        same = len(set(planned) & set(assigned))
        yield f"{when}: {same} of {len(planned)} partitions in the task that was planned, {len(assigned)} assigned"
    before, after = done.over_mean
    yield f"heaviest task ÷ mean: {before:.2f} (predicted {done.predicted_before:.2f}) before"
    yield f"heaviest task ÷ mean: {after:.2f} (predicted {done.predicted_after:.2f}) after"
    yield f"{done.sent} records were sent, {done.arrived} are at the target"
    yield from done.findings_after

"""Start the load's child processes and order them about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from kafka_analysis.plan.routing.table import RoutingTable
from testbed import processes, routing
from testbed.admin import Place
from testbed.clusters import State
from testbed.errors import TestbedError
from testbed.load.worker import PROCESSES

ROOT = Path(__file__).parents[2]
FOLLOW_WITHIN_S = 120
NAME = "load"


@dataclass
class Load:
    """The running load, and the routing table it follows."""

    state: State
    last_readable: dict[Place, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    retries: int = 0
    _table: RoutingTable | None = None
    _children: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def table(self) -> RoutingTable:
        """The newest version of the routing table."""
        if self._table is None:
            self._table = routing.begin(self.state)
        return self._table

    def start(self) -> None:
        """Start the processes, with every producer paused and every group reading, where the table says."""
        if any(child.name.startswith(NAME) for child in processes.running(self.state.run_dir)):
            message = "a load is running already: end it first (Ctrl-C where it was started)"
            raise TestbedError(message)
        version = self.table.version
        self._children = [self._spawn(number) for number in range(PROCESSES)]
        self._applied(version, FOLLOW_WITHIN_S)

    def follow(self, table: RoutingTable, *, within_s: float = FOLLOW_WITHIN_S) -> int:
        """Publish the next version of the routing table, wait until all have applied it, and return its number.

        Then producers of paused topics are at rest, everything they sent acknowledged and recorded, and groups have
        read what they drain and left what they leave.

        Raises
        ------
        TestbedError
            If it must not follow the one before it, or somebody has not applied it in time.
        """
        self._table = routing.publish(self.state, self.table, table)
        self._applied(table.version, within_s)
        return table.version

    def resume(self) -> None:
        """Let producers send, where the table does not hold their topics (and slow groups read)."""
        self._ask_all(do="resume")

    def pause(self) -> None:
        """Stop producers; on return all they sent is acknowledged and recorded.

        Groups that never catch up stop reading too: else their commits go on, and nothing is at rest.
        """
        self._take(self._ask_all(do="pause"))

    def _applied(self, version: int, within_s: float) -> None:
        answers = self._ask_all(do="follow", version=version, within_s=within_s)
        self._take(answers)
        late = [name for answer in answers for name in answer["late"]]
        if late:
            what = f"version {version} of the routing table: applying it by {', '.join(late[:3])}"
            raise TestbedError.gave_up(what, within_s, self.state.run_dir / f"{NAME}-0.log")

    def _take(self, answers: list[dict]) -> None:
        for topic, last in (item for answer in answers for item in answer["last"].items()):
            self.last_readable.update({(topic, int(partition)): offset for partition, offset in last.items()})
        self.problems = [text for answer in answers for text in answer["problems"]]
        self.retries = sum(answer["retries"] for answer in answers)

    def stop(self) -> None:
        """End the processes and wait for them."""
        for child in self._children:
            child.stdin.close()
        for child in self._children:
            try:
                child.wait(timeout=90)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children = []

    def _spawn(self, number: int) -> subprocess.Popen[str]:
        run_dir = self.state.run_dir
        with (run_dir / f"{NAME}-{number}.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "testbed.load.worker", str(run_dir), str(number)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                start_new_session=True, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"},
            )  # fmt: skip
        processes.enter(f"{NAME}-process-{number}", child.pid, run_dir=run_dir)
        return child

    def _ask_all(self, **order: object) -> list[dict]:
        for number in range(len(self._children)):
            self._tell(number, **order)
        return [self._hear(number) for number in range(len(self._children))]

    def _tell(self, number: int, **order: object) -> None:
        pipe = self._children[number].stdin
        try:
            pipe.write(json.dumps(order) + "\n")
            pipe.flush()
        except BrokenPipeError as error:
            raise self._died(number) from error

    def _hear(self, number: int) -> dict:
        line = self._children[number].stdout.readline()
        if not line:
            raise self._died(number)
        return json.loads(line)

    def _died(self, number: int) -> TestbedError:
        return TestbedError(
            f"a load process ended unasked: see {self.state.run_dir / f'{NAME}-{number}.log'}"
        )

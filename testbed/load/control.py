"""Start the load's child processes and order them about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from testbed import processes
from testbed.admin import Place
from testbed.clusters import State
from testbed.errors import TestbedError

ROOT = Path(__file__).parents[2]
PROCESSES = 2
NAME = "load"


@dataclass
class Load:
    """The running load: where each topic is sent to, and what each group reads where."""

    state: State
    sent_to: dict[str, str] = field(default_factory=dict)
    reads: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    last_readable: dict[Place, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    retries: int = 0
    _children: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self) -> None:
        """Start the processes, with every producer on the source (paused) and every group reading it."""
        if any(child.name.startswith(NAME) for child in processes.running(self.state.run_dir)):
            message = "a load is running already: end it first (Ctrl-C where it was started)"
            raise TestbedError(message)
        self._children = [self._spawn(number) for number in range(PROCESSES)]
        source = self.state.source.name
        for topic in self.state.scenario.topics:
            self.send(topic.name, source)
        for group in self.state.scenario.groups:
            self.read(group.name, source, list(group.topics))

    def send(self, topic: str, cluster: str) -> None:
        """Point a topic's producer at a cluster (it sends once the load is resumed)."""
        names = [spec.name for spec in self.state.scenario.topics]
        self._ask(names.index(topic), do="produce", topic=topic, cluster=cluster)
        self.sent_to[topic] = cluster

    def read(self, group: str, cluster: str, topics: list[str]) -> None:
        """Have a group read these topics of a cluster (none: leave it)."""
        names = [spec.name for spec in self.state.scenario.groups]
        self._ask(names.index(group), do="read", group=group, cluster=cluster, topics=topics)
        self.reads[group, cluster] = topics

    def resume(self, topics: Iterable[str] | None = None) -> None:
        """Let producers send: all (and slow groups read), or those of some topics."""
        chosen = sorted(self.sent_to) if topics is None else list(topics)
        for number in range(len(self._children)):
            self._ask(number, do="resume", topics=chosen, slow_groups=topics is None)

    def pause(self, topics: Iterable[str] | None = None) -> None:
        """Stop producers (all, or some topics'); on return all they sent is acknowledged and recorded.

        When all stop, groups that never catch up stop reading too: else their commits go on, and nothing is at rest.
        """
        chosen = sorted(self.sent_to) if topics is None else list(topics)
        for number in range(len(self._children)):
            self._tell(number, do="pause", topics=chosen, slow_groups=topics is None)
        answers = [self._hear(number) for number in range(len(self._children))]
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

    def _ask(self, index: int, **order: object) -> dict:
        number = index % len(self._children)
        self._tell(number, **order)
        return self._hear(number)

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

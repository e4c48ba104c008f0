"""A child process with some producers and group members, ordered about by JSON lines on its standard input.

Where they write and read, the run's routing table says; orders only let them run, have them rest, and ask how far they
are. The process ends when its input does, so that no load outlives the process that started it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from kafka_analysis.routing.files import table_file
from testbed.clusters import State, load_state
from testbed.load.consumer import Member
from testbed.load.producer import FLUSH_S, TopicProducer
from testbed.load.record_of_truth import TruthFile
from testbed.routing import FILE

PROCESSES = 2
POLL_S = 0.05
Answer = dict[str, object]


class Worker:
    """The producers and members of one process: its share of the scenario's."""

    def __init__(self, state: State, *, number: int, truth: TruthFile) -> None:
        read = table_file(state.run_dir / FILE)
        topics, groups = state.scenario.topics[number::PROCESSES], state.scenario.groups[number::PROCESSES]
        self._producers = {
            spec.name: TopicProducer(spec, seed=state.scenario.seed, read=read, truth=truth)
            for spec in topics
        }
        self._members = [
            Member(spec, member, read=read, truth=truth)
            for spec in groups
            for member in range(1, spec.members + 1)
        ]
        self._problems: list[str] = []

    def start(self) -> None:
        """Start every thread; producers wait to be resumed."""
        for thread in (*self._producers.values(), *self._members):
            thread.start()

    def follow(self, version: int, within_s: float) -> Answer:
        """Wait until all have applied this version of the table; say who has not in time."""
        deadline = time.monotonic() + within_s
        while (late := self._behind(version)) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        return {"late": late, **self.report()}

    def resume(self) -> Answer:
        """Let producers send, and groups that never catch up read."""
        for member in self._members:
            member.resume()
        for producer in self._producers.values():
            producer.resume()
        return {}

    def pause(self) -> Answer:
        """Stop producers and wait until all they sent is acknowledged and counted."""
        for member in self._members:
            if member.slow:
                member.pause()
        for producer in self._producers.values():
            producer.pause()
        deadline = time.monotonic() + 2 * FLUSH_S
        settled = {t: one.settled(deadline - time.monotonic()) for t, one in self._producers.items()}
        self._problems += [f"{topic}: not settled" for topic, done in settled.items() if not done]
        return self.report()

    def report(self) -> Answer:
        """Return each topic's last readable offsets, the problems so far, and how many requests were sent again."""
        everyone = (*self._producers.values(), *self._members)
        return {
            "last": {topic: producer.last_readable for topic, producer in self._producers.items()},
            "problems": self._problems + [text for one in everyone for text in one.problems],
            "retries": sum(producer.retries for producer in self._producers.values()),
        }

    def finish(self) -> None:
        """End everything."""
        everyone = (*self._producers.values(), *self._members)
        for thread in everyone:
            thread.end()
        for thread in everyone:
            thread.join(FLUSH_S)

    def _behind(self, version: int) -> list[str]:
        return [one.name for one in (*self._producers.values(), *self._members) if one.version < version]


def main(run_dir: Path, number: int) -> None:
    """Obey orders until the input ends."""
    truth = TruthFile(run_dir / "truth" / f"{number}.jsonl")
    worker = Worker(load_state(run_dir), number=number, truth=truth)
    worker.start()
    orders: dict[str, Callable[..., Answer]] = {
        name: getattr(worker, name) for name in ("follow", "resume", "pause", "report")
    }
    for line in sys.stdin:
        order = json.loads(line)
        answer = orders[order.pop("do")](**order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    worker.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

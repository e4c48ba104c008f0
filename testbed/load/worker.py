"""A child process with some producers and group members, ordered about by JSON lines on its standard input.

It ends when its input does, so that no load outlives the process that started it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from testbed.clusters import State, load_state
from testbed.load.consumer import Member
from testbed.load.producer import FLUSH_S, TopicProducer
from testbed.load.record_of_truth import TruthFile

Answer = dict[str, object]


class Worker:
    """The producers and members of one process."""

    def __init__(self, state: State, *, truth: TruthFile) -> None:
        self._state = state
        self._truth = truth
        self._producers: dict[str, TopicProducer] = {}
        self._members: dict[tuple[str, str], list[Member]] = {}
        self._problems: list[str] = []
        self._retries = 0

    def produce(self, topic: str, cluster: str) -> Answer:
        """Have a topic's producer send to this cluster when the load runs; the one before it is ended."""
        before = self._producers.pop(topic, None)
        if before is not None:
            self._end(before)
        scenario = self._state.scenario
        seed = scenario.seed + (0 if cluster == self._state.source.name else 1)
        bootstrap = self._state.cluster(cluster).bootstrap
        spec = scenario.topic(topic)
        after = TopicProducer(spec, seed=seed, cluster=cluster, bootstrap=bootstrap, truth=self._truth)
        after.start()
        self._producers[topic] = after
        return {}

    def resume(self, topics: list[str], *, slow_groups: bool) -> Answer:
        """Let these topics' producers send, and groups that never catch up read."""
        for member in self._slow_members() if slow_groups else ():
            member.resume()
        for topic in self._mine(topics):
            self._producers[topic].resume()
        return {}

    def pause(self, topics: list[str], *, slow_groups: bool) -> Answer:
        """Stop these topics' producers and wait until all they sent is acknowledged and counted."""
        mine = self._mine(topics)
        for member in self._slow_members() if slow_groups else ():
            member.pause()
        for topic in mine:
            self._producers[topic].pause()
        deadline = time.monotonic() + 2 * FLUSH_S
        late = [topic for topic in mine if not self._producers[topic].settled(deadline - time.monotonic())]
        self._problems += [f"{topic}: not settled" for topic in late]
        return {"last": {topic: self._producers[topic].last_readable for topic in mine}, **self.report()}

    def read(self, group: str, cluster: str, topics: list[str]) -> Answer:
        """Have a group read exactly these topics of a cluster (none: leave it)."""
        for member in self._members.pop((group, cluster), []):
            self._leave(member)
        if not topics:
            return {}
        spec = next(spec for spec in self._state.scenario.groups if spec.name == group)
        bootstrap = self._state.cluster(cluster).bootstrap
        options = {"topics": topics, "cluster": cluster, "bootstrap": bootstrap, "truth": self._truth}
        members = [Member(spec, number, **options) for number in range(1, spec.members + 1)]
        for member in members:
            member.start()
        self._members[group, cluster] = members
        return {}

    def report(self) -> Answer:
        """Return the problems so far and the number of requests the producers had to send again."""
        retries = self._retries + sum(producer.retries for producer in self._producers.values())
        members = [member for group in self._members.values() for member in group]
        problems = [text for one in (*self._producers.values(), *members) for text in one.problems]
        return {"problems": self._problems + problems, "retries": retries}

    def finish(self) -> None:
        """End everything."""
        for producer in self._producers.values():
            producer.end()
        for member in [member for group in self._members.values() for member in group]:
            member.end()
        for producer in list(self._producers.values()):
            self._end(producer)
        for member in [member for group in self._members.values() for member in group]:
            self._leave(member)

    def _end(self, producer: TopicProducer) -> None:
        producer.end()
        producer.join(FLUSH_S)
        self._problems += producer.problems
        self._retries += producer.retries

    def _leave(self, member: Member) -> None:
        member.end()
        member.join(FLUSH_S)
        self._problems += member.problems

    def _slow_members(self) -> list[Member]:
        return [member for group in self._members.values() for member in group if member.slow]

    def _mine(self, topics: list[str]) -> list[str]:
        return [topic for topic in topics if topic in self._producers]


def main(run_dir: Path, number: str) -> None:
    """Obey orders until the input ends."""
    state = load_state(run_dir)
    worker = Worker(state, truth=TruthFile(run_dir / "truth" / f"{number}.jsonl"))
    orders: dict[str, Callable[..., Answer]] = {
        name: getattr(worker, name) for name in ("produce", "resume", "pause", "read", "report")
    }
    for line in sys.stdin:
        order = json.loads(line)
        answer = orders[order.pop("do")](**order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    worker.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

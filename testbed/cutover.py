"""One wave of a split, by the routing table: producers stop, the replica drains, producers and consumers move."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kafka_analysis.plan.routing.moves import move_groups, move_topics
from testbed.admin import Admin, Place
from testbed.clusters import Cluster, State
from testbed.errors import TestbedError
from testbed.load.control import Load
from testbed.mirror import behind, checkpoints
from testbed.scenario import GroupSpec
from testbed.waiting import wait_for

DRAIN_WITHIN_S = 120
CHECKPOINT_WITHIN_S = 45
Gate = Callable[[], None]
SETTLED_S = 12  # two checkpoint intervals and a flush of the mirror's offsets
LEAVE_WITHIN_S = 60


@dataclass(frozen=True)
class Moved:
    """How one group came to a cell: partitions at a translated offset, and those that start over."""

    group: str
    cell: str
    translated: int
    by_checkpoint: int
    from_earliest: int
    reread_records: int | None
    is_running: bool
    version: int

    def __str__(self) -> str:
        text = f"{self.group} to {self.cell}: {self.translated} partitions at translated offsets"
        if self.by_checkpoint:
            text += f" ({self.by_checkpoint} taken from checkpoints, the group's offsets being not in step)"
        if self.from_earliest:
            text += f", {self.from_earliest} without a translated offset, read from earliest"
        if not self.is_running:
            text += "; the group has no members and none are started"
        elif self.reread_records is None:
            text += "; moved without draining the source, so records after those offsets are read again"
        else:
            text += f", {self.reread_records} records read again"
        return text + f"; routing table version {self.version}"


@dataclass
class Wave:
    """The topics of one wave on a running testbed.

    The order matters for per-key order: producers stop and everything is acknowledged; the replica holds the
    last record; producers are repointed; groups drain the source, leave it, and start in the cell.
    """

    state: State
    load: Load
    topics: list[str]
    _source_ends: dict[Place, int] = field(default_factory=dict)
    _cell_ends: dict[Place, int] = field(default_factory=dict)

    def move_producers(self, *, gate: Gate = lambda: None) -> float:
        """Move the topics' producers to their cells and return the seconds they were stopped.

        `gate` is called once they are stopped and everything is mirrored.
        """
        began = time.monotonic()
        self.load.follow(move_topics(self.load.table, self.topics, paused=True))
        last = {place: at for place, at in self.load.last_readable.items() if place[0] in self.topics}
        what, where = f"the end of mirroring of {', '.join(self.topics)}", self.state.run_dir / "mirror"
        missing = lambda: behind(self.state, last, self.topics)  # noqa: E731
        wait_for(lambda: not missing(), what, within_s=DRAIN_WITHIN_S, every_s=0.5, where=where)
        gate()
        self._source_ends = {place: at + 1 for place, at in last.items()}
        for cell in {self._cell(topic) for topic in self.topics}:
            there = [topic for topic in self.topics if self._cell(topic) == cell]
            self._cell_ends |= Admin(self.state.cluster(cell).bootstrap).end_offsets(there)
        self.load.follow(move_topics(self.load.table, self.topics, state="target", paused=False))
        return time.monotonic() - began

    def move_groups(self, *, gate: Gate | None = None) -> Iterator[Moved]:
        """Move every group that reads one of the topics, and tell how each fared: the drained ones first.

        With a `gate` all of them leave the source first, then it is called; without one each moves by itself.
        """
        readers = [group for group in self.state.scenario.groups if set(group.topics) & set(self.topics)]
        in_order = sorted(readers, key=lambda group: group.behaviour != "steady")
        left = {} if gate is None else {group.name: self._leave_source(group) for group in in_order}
        if gate is not None:
            gate()
        for group in in_order:
            committed = left[group.name] if gate is not None else self._leave_source(group)
            for cell in sorted({self._cell(topic) for topic in group.topics if topic in self.topics}):
                yield self._arrive(group, self.state.cluster(cell), committed)

    def _cell(self, topic: str) -> str:
        return str(self.state.scenario.topic(topic).cell)

    def _mine(self, group: GroupSpec, cell: str) -> list[str]:
        return [topic for topic in group.topics if topic in self.topics and self._cell(topic) == cell]

    def _leave_source(self, group: GroupSpec) -> dict[Place, int]:
        """Have a group leave the source, a steady one when it has read all of it; return what it committed there."""
        mine = [topic for topic in group.topics if topic in self.topics]
        table = move_groups(self.load.table, [group.name], topics=mine, state="dual")
        self.load.follow(table, within_s=DRAIN_WITHIN_S)
        committed = Admin(self.state.source.bootstrap).committed(group.name)
        ends = {place: end for place, end in self._source_ends.items() if place[0] in mine}
        short = [place for place, end in ends.items() if committed.get(place, 0) < end]
        if short and group.behaviour == "steady":
            message = (
                f"{group.name} left {self.state.source.name} before the end of {short[0][0]}-{short[0][1]}"
            )
            raise TestbedError(message)
        return {place: at for place, at in committed.items() if place[0] in mine}

    def _arrive(self, group: GroupSpec, cell: Cluster, committed: Mapping[Place, int]) -> Moved:
        mine = self._mine(group, cell.name)
        is_drained, is_running = group.behaviour == "steady", group.behaviour != "stopped"
        ends = {place: end for place, end in self._cell_ends.items() if place[0] in mine}
        here = {place: at for place, at in committed.items() if place[0] in mine}
        translated = translated_offsets(self.state, group.name, cell, here, ends=ends if is_drained else None)
        corrected = self._set_offsets(group.name, cell, translated)
        released = False if is_running else None
        moved = move_groups(self.load.table, [group.name], topics=mine, state="target", paused=released)
        version = self.load.follow(moved)
        starts_over = sum(end > 0 and place not in translated for place, end in ends.items())
        reread = sum(end - translated.get(place, 0) for place, end in ends.items()) if is_drained else None
        return Moved(
            group.name, cell.name, len(translated), corrected, starts_over, reread, is_running, version
        )

    def _set_offsets(self, group: str, cell: Cluster, translated: Mapping[Place, int]) -> int:
        """Have the group leave the cell, and commit the offsets MirrorMaker did not; return how many."""
        admin = Admin(cell.bootstrap)
        if admin.members(group):  # offsets can be set only while nobody is in the group
            self.load.follow(move_groups(self.load.table, [group], paused=True))
        what = f"{group} leaving {cell.name}"
        wait_for(lambda: admin.members(group) == 0, what, within_s=LEAVE_WITHIN_S)
        known = admin.committed(group)
        missing = {place: at for place, at in translated.items() if known.get(place) != at}
        if missing:
            admin.commit(group, missing)
        return len(missing)


def translated_offsets(
    state: State,
    group: str,
    cell: Cluster,
    committed: Mapping[Place, int],
    *,
    ends: Mapping[Place, int] | None,
) -> dict[Place, int]:
    """Return the group's offsets in the cell as MirrorMaker translated them.

    Those of a drained group are awaited up to `ends`, the end of the mirrored log. The others come to rest a
    little before what the group committed: a checkpoint that would translate to the same offset is not
    written again. Where the group committed and not one checkpoint is there yet, nothing has come to rest.
    """
    found: dict[Place, int] = {}
    changed_at = time.monotonic()

    def complete() -> bool:
        nonlocal changed_at
        known = checkpoints(state, cell)
        now = {place: known[group, *place][1] for place in committed if (group, *place) in known}
        changed_at = changed_at if now == found else time.monotonic()
        found.update(now)
        if ends is None:
            return not committed or (bool(found) and time.monotonic() - changed_at > SETTLED_S)
        return set(found) == set(committed) and all(found[place] >= ends[place] for place in found)

    with contextlib.suppress(TestbedError):  # what is not translated by then is reported as it is
        wait_for(complete, "the translation of offsets", within_s=CHECKPOINT_WITHIN_S, every_s=1)
    return found

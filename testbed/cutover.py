"""One wave of a split: producers stop, the replica drains, producers and consumers move."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from testbed.admin import Admin, Place
from testbed.clusters import Cluster, State
from testbed.errors import TestbedError
from testbed.load.control import Load
from testbed.mirror import behind, checkpoints
from testbed.scenario import GroupSpec
from testbed.waiting import wait_for

DRAIN_WITHIN_S = 120
CHECKPOINT_WITHIN_S = 45
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

    def __str__(self) -> str:
        text = f"{self.group} to {self.cell}: {self.translated} partitions at translated offsets"
        if self.by_checkpoint:
            text += f" ({self.by_checkpoint} taken from checkpoints, the group's offsets being not in step)"
        if self.from_earliest:
            text += f", {self.from_earliest} without a translated offset, read from earliest"
        if not self.is_running:
            return text + "; the group has no members and none are started"
        if self.reread_records is None:
            return text + "; moved without draining the source, so records after those offsets are read again"
        return text + f", {self.reread_records} records read again"


def move_topics(state: State, load: Load, topics: list[str], *, tell: Callable[[Moved], None]) -> None:
    """Cut topics over to their cells; `tell` hears of each group when it has moved.

    The order matters for per-key order: producers stop and everything is acknowledged; the replica holds the
    last record; producers are repointed; groups drain the source, leave it, start in the cell; only then do
    producers send again.
    """
    load.pause(topics)
    what = f"the end of mirroring of {', '.join(topics)}"
    where = state.run_dir / "mirror"
    wait_for(
        lambda: not behind(state, load.last_readable, topics),
        what,
        within_s=DRAIN_WITHIN_S,
        every_s=1,
        where=where,
    )
    readers = [group for group in state.scenario.groups if set(group.topics) & set(topics)]
    drained = {group.name for group in readers if group.behaviour == "steady"}
    for group in readers:
        if group.name in drained:
            _drain(state, load, group, topics)
    for topic in topics:
        load.send(topic, str(state.scenario.topic(topic).cell))
    for group in readers:
        for moved in _move_group(state, load, group, topics, drained):
            tell(moved)
    load.resume(topics)


def _drain(state: State, load: Load, group: GroupSpec, topics: Iterable[str]) -> None:
    admin = Admin(state.source.bootstrap)
    wanted = set(topics) & set(group.topics)
    ends = {place: last + 1 for place, last in load.last_readable.items() if place[0] in wanted}

    def drained() -> bool:
        committed = admin.committed(group.name)
        return all(committed.get(place, 0) >= end for place, end in ends.items())

    wait_for(
        drained,
        f"the end of {group.name}'s reading",
        within_s=DRAIN_WITHIN_S,
        where=state.run_dir / "load-0.log",
    )


def _move_group(
    state: State, load: Load, group: GroupSpec, topics: list[str], drained: set[str]
) -> list[Moved]:
    source = Admin(state.source.bootstrap)
    reading = load.reads.get((group.name, state.source.name), [])
    mine = [topic for topic in group.topics if topic in topics]
    load.read(group.name, state.source.name, [topic for topic in reading if topic not in topics])
    committed = {place: at for place, at in source.committed(group.name).items() if place[0] in mine}
    results = []
    for cell in {str(state.scenario.topic(topic).cell) for topic in mine}:
        there = [topic for topic in mine if state.scenario.topic(topic).cell == cell]
        offsets = {place: at for place, at in committed.items() if place[0] in there}
        results.append(
            _arrive(state, load, group, there, state.cluster(cell), offsets, drained=group.name in drained)
        )
    return results


def _arrive(
    state: State,
    load: Load,
    group: GroupSpec,
    topics: list[str],
    cell: Cluster,
    committed: Mapping[Place, int],
    *,
    drained: bool,
) -> Moved:
    admin = Admin(cell.bootstrap)
    ends = admin.end_offsets(topics)  # producers are still paused: what was mirrored, and nothing else
    translated = _translated(state, group.name, cell, committed, ends if drained else None)
    before = load.reads.get((group.name, cell.name), [])
    load.read(group.name, cell.name, [])  # offsets can be set only while nobody is in the group
    wait_for(
        lambda: admin.members(group.name) == 0, f"{group.name} leaving {cell.name}", within_s=LEAVE_WITHIN_S
    )
    known = admin.committed(group.name)
    missing = {place: at for place, at in translated.items() if known.get(place) != at}
    if missing:
        admin.commit(group.name, missing)
    if group.behaviour != "stopped":
        load.read(group.name, cell.name, [*before, *topics])
    starts_over = [place for place, end in ends.items() if end > 0 and place not in translated]
    reread = sum(end - translated.get(place, 0) for place, end in ends.items()) if drained else None
    return Moved(
        group.name,
        cell.name,
        len(translated),
        len(missing),
        len(starts_over),
        reread,
        group.behaviour != "stopped",
    )


def _translated(
    state: State, group: str, cell: Cluster, committed: Mapping[Place, int], ends: Mapping[Place, int] | None
) -> dict[Place, int]:
    """Return the group's offsets in the cell as MirrorMaker translated them.

    Those of a drained group are awaited up to the end of the mirrored log. The others come to rest a
    little before what the group committed: a checkpoint that would translate to the same offset is not
    written again.
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
            return time.monotonic() - changed_at > SETTLED_S
        return set(found) == set(committed) and all(found[place] >= ends[place] for place in found)

    with contextlib.suppress(
        TestbedError
    ):  # what MirrorMaker has not translated by then is reported as it is
        wait_for(complete, "the translation of offsets", within_s=CHECKPOINT_WITHIN_S, every_s=1)
    return found

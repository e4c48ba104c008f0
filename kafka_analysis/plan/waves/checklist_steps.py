"""The steps of a wave in their order: producers stop before the replica is caught up again, consumers drain last.

Replica caught up, producers stopped, replica at lag 0 again (or the order per key breaks), producers repointed, old
consumers drain, consumers moved with translated offsets: at least once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import polars as pl

from kafka_analysis.model.units import counted, format_duration, format_time
from kafka_analysis.plan.waves.commands import (
    OFFSETS,
    SOURCE,
    TOPICS,
    block,
    each_end,
    each_group,
    each_topic,
)
from kafka_analysis.plan.waves.options import WaveOptions

CHECKPOINT_S = 60.0  # MirrorMaker 2: emit.checkpoints.interval.seconds
_REFRESH = "10 minutes"  # MirrorMaker 2: refresh.topics and sync.topic.acls, 600 s
# A partition of one replica that is lost is not under-replicated, but where leaders are elected by ELR (Kafka 4).
_REPORTS = ("--under-replicated-partitions", "--unavailable-partitions")


class Names(NamedTuple):
    """What a wave's texts name: its number, cells with their variables, groups by cell, producers, and files."""

    wave: int
    cells: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    producers: tuple[str, ...]

    @property
    def topics_file(self) -> str:
        """Return the name of the file with the wave's topics."""
        return f"wave-{self.wave}-topics.csv"

    @property
    def retention_file(self) -> str:
        """Return the name of the file that lists the topics whose retention is too short, a line each."""
        return f"wave-{self.wave}-retention.txt"

    @property
    def clients_file(self) -> str:
        """Return the name of the file with the wave's clients."""
        return f"wave-{self.wave}-clients.csv"

    def list_file(self, cell: str) -> str:
        """Return the name of the file that lists the topics of one cell, a line each."""
        return f"wave-{self.wave}-{self.cells[cell]}.txt"

    def groups_file(self, cell: str) -> str:
        """Return the name of the file that lists the groups of one cell, a line each."""
        return f"wave-{self.wave}-{self.cells[cell]}-groups.txt"


def before_steps(names: Names, gaps: pl.DataFrame) -> Iterator[str]:
    """Yield what is done days before the window: targets, copy, offsets."""
    variables = ", ".join(f"`{name}` and `{name}_CLIENT`" for name in names.cells.values())
    may = "describe topics, their configurations and groups" + (
        ", and alter topics at the source" if len(gaps) else ""
    )
    yield (
        f"Set `SOURCE` and `SOURCE_CLIENT`, and {variables}, to bootstrap servers and a properties file of a user who "
        f"may {may}. Work in the folder with these files. A block of commands that could not do all of its work ends "
        "with a line `Failed:` that says for what; until that is mended, do not go on."
    )
    if not all(group.isascii() for groups in names.groups.values() for group in groups):
        yield (
            "Names of groups hold letters beyond ASCII: `locale charmap` must say UTF-8, or Kafka's tools do not find "
            "these groups."
        )
    yield _step(
        1,
        "Make the targets ready",
        "Topics with as many partitions and the same configuration; users, ACLs and quotas. MirrorMaker 2 creates "
        "topics with two copies and leaves out `min.insync.replicas`, ACLs that allow writing, quotas and users.",
        "both say the same `PartitionCount` and `Configs` of every topic; identifiers, leaders and replicas differ",
        "nothing is in use yet: delete the topics at the target",
        *_topics(TOPICS, names, source=True),
    )
    if len(gaps):
        yield _retention(names, gaps)
    yield _step(
        2,
        "Begin the copy",
        f"Add the topics to the replicator. MirrorMaker 2 looks for new topics every {_REFRESH} unless told otherwise. "
        "It must read from the earliest record, and `sync.group.offsets.enabled` must be true (default: false).",
        "every task is RUNNING, and the end offsets at the target grow",
        "take the topics out of the replicator and delete them at the target; clients notice nothing",
        *_topics(OFFSETS, names),
    )
    yield _step(
        3,
        "Let it catch up",
        "Clients of the wave are told the window. Nothing else changes.",
        "the replicator's lag is near 0 and stays there for an hour, and every group is known at the target",
        "none is needed",
        *_groups(names),
    )


def cutover_steps(names: Names, options: WaveOptions) -> Iterator[str]:
    """Yield the cut-over itself, step by step."""
    yield _step(
        4,
        "Decide",
        "Go on only if no partition is under-replicated or without a leader at either end, nobody else changes "
        "anything, the owners of the clients are present, and this checklist's rollback has been tried.",
        "this prints nothing at the source and at every target",
        "stop here; the wave takes the next window",
        *(
            line
            for report in _REPORTS
            for line in each_end(f"kafka-topics.sh --describe {report}", [SOURCE, *names.cells.values()])
        ),
    )
    yield _step(
        5,
        "Stop the producers",
        f"{_producers(names)} Records wait in the applications from here on: note the time.",
        "the end offsets at the source are the same twice, a minute apart",
        "start the producers again, at the source",
        *_topics(OFFSETS, names, source=True, target=False),
    )
    yield _step(
        6,
        "Wait until the replica is at lag 0 again",
        "Without this, records that were written last come behind the first new ones, and the order per key breaks.",
        "the replicator's lag is 0 for every partition. Equal end offsets are not asked for: compaction and markers of "
        "transactions make them differ",
        "start the producers again, at the source",
    )
    yield _step(
        7,
        "Start the producers at the target",
        "Change their bootstrap servers, or the routing table, to the topics' cell. A transactional id does not move: "
        "its transactions begin anew at the target.",
        "the end offsets at the target grow, and no producer is connected to the source for these topics",
        "stop them and start them at the source. **What they wrote to the target meanwhile is not at the source**: "
        "mirror it back, or send it again",
        *_topics(OFFSETS, names),
    )
    yield from _consumers(names)
    yield (
        f"**If only a quarter of the window's {format_duration(options.cutover_s)} is left and step 7 is not done, "
        "roll back.** From step 7 on, going forward is the shorter way."
    )


def soak_steps(names: Names, row: dict[str, object]) -> Iterator[str]:
    """Yield what is watched after the cut-over, and how it ends."""
    until = format_time(row["soak_until"])
    yield _step(
        11,
        "Watch",
        f"Until {until}: errors of the clients, lag of the groups, bytes in and out as before. Keep the topics at the "
        "source, and let nobody write to them.",
        f"nothing is worse than before the wave at {until}",
        "stop consumers and producers, mirror back what was written since, start consumers at the source where they "
        "stopped, then producers",
        *_groups(names),
    )
    yield _step(
        12,
        "Close the wave",
        "Take the topics out of the replicator. Forbid writing to them at the source. Delete them there once their "
        "retention has passed and nobody has asked for them.",
        "no client has fetched from them at the source for a day",
        "none: from here on, only a wave back to the source helps",
    )


def _consumers(names: Names) -> Iterator[str]:
    yield _step(
        8,
        "Let the consumers drain the source",
        "They go on reading at the source until nothing is left. A group that is far behind may be moved at once, and "
        "reads again what lies behind its last checkpoint.",
        "`LAG` at the source is 0 for every partition of the topics above",
        "none is needed: they still read at the source",
        *_groups(names, source=True, target=False),
    )
    yield _step(
        9,
        "Stop the consumers",
        f"Stop every member, then wait for two checkpoints ({format_duration(2 * CHECKPOINT_S)} by MirrorMaker 2's "
        "default). Offsets are carried over only for groups with no members at the target.",
        "the answers say of each group at both ends that it has no active members, and at the target no partition is "
        "missing and `CURRENT-OFFSET` is at or before `LOG-END-OFFSET`",
        "start them again at the source, where they stopped",
        *_groups(names, source=True),
    )
    yield _step(
        10,
        "Start the consumers at the target",
        "Change their bootstrap servers, or the routing table. Some records are read twice: the move is at least once.",
        "each partition has a `CONSUMER-ID`, its `LAG` falls, and no group is said to be rebalancing",
        "stop them and start them at the source; what they have read at the target is read again there",
        *_groups(names),
    )


def _retention(names: Names, gaps: pl.DataFrame) -> str:
    needs = int(float(gaps["needed_s"].max()) * 1000) + 1
    command = f'kafka-configs.sh --alter --entity-type topics --entity-name "$topic" --add-config retention.ms={needs}'
    return (
        f"**Raise the retention of {counted(len(gaps), 'topic')} before the copy begins**, or records are deleted too "
        "early. Look that the disks hold it, and set it back once the wave is closed.\n\n"
        f"{block(*each_topic(command, names.retention_file, [SOURCE]))}"
    )


def _step(number: int, title: str, what: str, check: str, rollback: str, *commands: str) -> str:
    shown = f"\n\n{block(*commands)}" if commands else ""
    return f"### {number}. {title}\n\n{what}{shown}\n\n- [ ] Go on when {check}.\n- Rollback: {rollback}."


def _topics(command: str, names: Names, *, source: bool = False, target: bool = True) -> Iterator[str]:
    for cell in names.cells:
        yield from each_topic(
            command, names.list_file(cell), _ends(names, cell, source=source, target=target)
        )


def _groups(names: Names, *, source: bool = False, target: bool = True) -> Iterator[str]:
    """Yield a loop over the groups of each cell: those of another cell are not known there."""
    for cell, groups in names.groups.items():
        yield from each_group(
            names.groups_file(cell), groups, _ends(names, cell, source=source, target=target)
        )


def _ends(names: Names, cell: str, *, source: bool, target: bool) -> list[str]:
    return [*([SOURCE] if source else []), *([names.cells[cell]] if target else [])]


def _producers(names: Names) -> str:
    return (
        "No producer is known: find out who writes, or records are lost."
        if not names.producers
        else f"All producers of the table above ({len(names.producers)}), in every instance."
    )

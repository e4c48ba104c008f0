"""The text to follow for a wave: what to do in which order, what must hold before going on, and how to go back.

Replica caught up, producers stopped, replica at lag 0 again (or the order per key breaks), producers repointed, old
consumers drain, consumers moved with translated offsets: at least once. Its prose is in ``checklist.md.jinja``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import polars as pl

from kafka_analysis.model.units import format_interval
from kafka_analysis.plan.common.templates import filled
from kafka_analysis.plan.waves.commands import (
    OFFSETS,
    SOURCE,
    TOPICS,
    block,
    each_end,
    each_group,
    each_topic,
    variables,
)
from kafka_analysis.plan.waves.input import named
from kafka_analysis.plan.waves.options import WaveOptions

_MOST_NAMED = 20
_CHECKPOINT_S = 60.0  # MirrorMaker 2: emit.checkpoints.interval.seconds
# A partition of one replica that is lost is not under-replicated, but where leaders are elected by ELR (Kafka 4).
_REPORTS = ("--under-replicated-partitions", "--unavailable-partitions")


class Names(NamedTuple):
    """What a wave's texts name: its number, cells with their variables, groups by cell, and files."""

    wave: int
    cells: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]

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


def checklists(
    topics: pl.DataFrame, clients: pl.DataFrame, groups: pl.DataFrame, waves: pl.DataFrame, gaps: pl.DataFrame,
    options: WaveOptions,
) -> dict[int, str]:  # fmt: skip
    """Write the checklist of every wave as Markdown.

    Parameters
    ----------
    topics
        ``topic``, ``cell``, ``wave`` and loads.
    clients, groups, waves, gaps
        ``client_waves``, ``group_cells``, ``waves`` and ``retention`` of the plan.
    options
        What was asked of the plan.

    Returns
    -------
    dict of int to str
        The text of each wave, from 1. Names read from the cluster are escaped, and quoted in commands.
    """
    places = variables(topics["cell"].unique())
    texts = {}
    for row in waves.iter_rows(named=True):
        wave = row["wave"]
        moved, users, with_groups = (
            topics.filter(wave=wave),
            clients.filter(pl.col("waves").list.contains(wave)),
            groups.filter(wave=wave),
        )
        cells = {cell: places[cell] for cell in moved["cell"].unique().sort()}
        names = Names(wave, cells, {cell: tuple(with_groups.filter(cell=cell)["group"]) for cell in cells})
        short = gaps.filter(wave=wave)
        kept = short.group_by("retention_s", "needed_s", maintain_order=True).agg("topic")
        texts[wave] = filled(
            "waves/checklist.md.jinja",
            row=row,
            last=len(waves),
            copy_takes=format_interval(row["backfill_s"], row["backfill_s_low"], row["backfill_s_high"]),
            short=kept.to_dicts(),
            gaps=len(short),
            bridged=len(users.filter(pl.col("wave") > wave)),
            topics=moved.to_dicts(),
            clients=users.to_dicts(),
            producers=len(users.filter(kind="producer")),
            names=names,
            named=named,
            most_named=_MOST_NAMED,
            ascii_groups=all(group.isascii() for names_of in names.groups.values() for group in names_of),
            commands=_commands(names, short),
            checkpoints_s=2 * _CHECKPOINT_S,
            cutover_s=options.cutover_s,
        )
    return texts


def _commands(names: Names, short: pl.DataFrame) -> dict[str, str]:
    """Return the blocks of commands of the steps by name; empty where there is nothing to ask for."""
    ends = [SOURCE, *names.cells.values()]
    needed_ms = int(float(short["needed_s"].max() or 0.0) * 1000) + 1
    alter = 'kafka-configs.sh --alter --entity-type topics --entity-name "$topic" --add-config'
    commands = {
        "describe_topics": _topics(TOPICS, names, source=True),
        "raise_retention": each_topic(f"{alter} retention.ms={needed_ms}", names.retention_file, [SOURCE]),
        "target_offsets": _topics(OFFSETS, names),
        "source_offsets": _topics(OFFSETS, names, source=True, target=False),
        "target_groups": _groups(names),
        "source_groups": _groups(names, source=True, target=False),
        "groups": _groups(names, source=True),
        "health": (
            line for report in _REPORTS for line in each_end(f"kafka-topics.sh --describe {report}", ends)
        ),
    }
    return {name: _block(lines) for name, lines in commands.items()}


def _block(lines: Iterable[str]) -> str:
    shown = tuple(lines)
    return block(*shown) if shown else ""


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
    return [SOURCE] * source + [names.cells[cell]] * target

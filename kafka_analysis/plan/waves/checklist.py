"""The text to follow for a wave: what to do in which order, what must hold before going on, and how to go back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from kafka_analysis.model.units import counted, format_duration, format_interval, format_quantity, format_time
from kafka_analysis.plan.execution.text import escaped
from kafka_analysis.plan.waves.checklist_steps import Names, before_steps, cutover_steps, soak_steps
from kafka_analysis.plan.waves.commands import variables
from kafka_analysis.plan.waves.input import named
from kafka_analysis.plan.waves.options import WaveOptions

_MOST_NAMED = 20


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
    return {
        row["wave"]: _text(
            row,
            places,
            topics.filter(wave=row["wave"]),
            clients.filter(pl.col("waves").list.contains(row["wave"])),
            groups.filter(wave=row["wave"]),
            gaps.filter(wave=row["wave"]),
            options,
            last=len(waves),
        )
        for row in waves.iter_rows(named=True)
    }


def _text(
    row: dict[str, object], places: Mapping[str, str],
    topics: pl.DataFrame, clients: pl.DataFrame, groups: pl.DataFrame, gaps: pl.DataFrame, options: WaveOptions,
    *, last: int,
) -> str:  # fmt: skip
    wave = row["wave"]
    cells = {cell: places[cell] for cell in topics["cell"].unique().sort()}
    names = Names(
        wave=int(wave),
        cells=cells,
        groups={cell: tuple(groups.filter(cell=cell)["group"]) for cell in cells},
        producers=tuple(clients.filter(kind="producer")["client"].sort()),
    )
    parts = [
        f"# Wave {wave} of {last}",
        _summary(row),
        _calendar(row),
        *_first(gaps, clients, int(wave)),
        "## Topics",
        _topics(topics, names),
        "## Clients",
        _clients(clients, names),
        "## Before the window",
        *before_steps(names, gaps),
        "## In the window",
        *cutover_steps(names, options),
        "## While it soaks",
        *soak_steps(names, row),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(row: dict[str, object]) -> str:
    flow, stored = format_quantity(row["bytes_in_per_s"], "B/s"), format_quantity(row["stored_bytes"], "B")
    risk = (
        f" It touches {format_quantity(row['share_of_bytes_in'], '%')} of all bytes in and "
        f"{format_quantity(row['share_of_clients'], '%')} of all clients that move."
    )
    critical = f", {row['critical_clients']} of them critical," if row["critical_clients"] else ""
    return (
        f"**{counted(row['topics'], 'topic')} and {counted(row['clients'], 'client')}{critical} cut over: {flow} in, "
        f"{stored} to copy.**{risk}"
    )


def _calendar(row: dict[str, object]) -> str:
    took = format_interval(row["backfill_s"], row["backfill_s_low"], row["backfill_s_high"])
    return "\n".join(
        [
            "| when (UTC) | what |",
            "|---|---|",
            f"| {format_time(row['replication_start'])} | the copy may begin; it takes {took} |",
            f"| {format_time(row['cutover_start'])} | the window of the cut-over opens |",
            f"| {format_time(row['cutover_end'])} | everything is moved or rolled back |",
            f"| {format_time(row['soak_until'])} | until then the wave can be rolled back |",
        ]
    )


def _first(gaps: pl.DataFrame, clients: pl.DataFrame, wave: int) -> Iterator[str]:
    """Yield what the reader must know before anything else."""
    short = gaps.group_by("retention_s", "needed_s", maintain_order=True).agg("topic")
    told = [
        f"- {counted(len(topics), 'topic')} ({escaped(named(topics))}) keep records for {format_duration(kept)}, and "
        f"more than {format_duration(needed)} are needed: raise `retention.ms` at the source before the copy begins."
        for kept, needed, topics in short.iter_rows()
    ]
    later = clients.filter(pl.col("wave") > wave)
    if len(later):
        told.append(
            f"- {counted(len(later), 'client')} will have topics at the source and at the target once this wave is "
            "done, until their last wave: see the table of clients."
        )
    if told:
        yield "## Look at this first"
        yield "\n".join(told)


def _topics(topics: pl.DataFrame, names: Names) -> str:
    rows = [
        f"| {escaped(topic)} | {escaped(cell)} | {format_quantity(flow, 'B/s')} | {format_quantity(stored, 'B')} |"
        for topic, cell, flow, stored in topics.select("topic", "cell", "bytes_in_per_s", "stored_bytes")
        .head(_MOST_NAMED)
        .iter_rows()
    ]
    head = ["| topic | to cell | bytes in | to copy |", "|---|---|--:|--:|"]
    return "\n".join([*head, *rows]) + _more(len(topics), "topic", names.topics_file)


def _clients(clients: pl.DataFrame, names: Names) -> str:
    if clients.is_empty():
        return "No client of these topics is known. Ask who uses them before the window."
    rows = [
        f"| {escaped(client)} | {kind} | {criticality or 'unknown'} | {evidence or 'unknown'} "
        f"| {_span(waves, stay)} |"
        for client, kind, criticality, evidence, waves, stay in clients.select(
            "client", "kind", "criticality", "evidence", "waves", "topics_that_stay"
        ).head(_MOST_NAMED).iter_rows()
    ]  # fmt: skip
    head = ["| client | kind | criticality | evidence | its topics move |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + _more(len(clients), "client", names.clients_file)


def _span(waves: Sequence[int], stay: int) -> str:
    where = "in this wave" if len(waves) == 1 else f"in waves {', '.join(map(str, waves))}"
    return f"{where}; {counted(stay, 'topic')} at the source for good" if stay else where


def _more(count: int, what: str, file: str) -> str:
    return f"\n\nand {counted(count - _MOST_NAMED, what)} more: see {file}." if count > _MOST_NAMED else ""

"""``kafka-analysis plan split``: which topics and clients go into which cell, and what each cell needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafka_analysis.cli.errors import told
from kafka_analysis.cli.estate_input import estate_input
from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.cli.plan_input import read_bytes
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.units import counted, format_quantity

if TYPE_CHECKING:
    from kafka_analysis.plan.common.outcome import Outcome
    from kafka_analysis.plan.split.plan import SplitPlan


def split(
    capture: Annotated[
        Path | None,
        typer.Argument(metavar="[CAPTURE]", help="Folder of the capture, unless --topics are given."),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the plan's files; absent or empty.")],
    cells: Annotated[
        int | None, typer.Option(min=1, help="How many cells [default: the cheapest number that fits].")
    ] = None,
    cell: Annotated[list[str] | None, typer.Option(help="The cells' names, in place of a number.")] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=AMOUNT", help="Most that a cell may carry: bytes_in_per_s=50MB/s."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="Broker type of the cells, as express.m7g.large: limits what they carry."),
    ] = None,
    max_brokers: Annotated[
        int | None, typer.Option(help="Of that type in a cell [default: MSK's quota].")
    ] = None,
    max_clients: Annotated[int | None, typer.Option(help="Clients that may touch a cell.")] = None,
    max_client_share: Annotated[
        float | None, typer.Option(help="Share of all clients that the loss of a cell may reach, as 0.05.")
    ] = None,
    together: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="Topics that must share a cell.")
    ] = None,
    apart: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="Topics of which no two may share a cell.")
    ] = None,
    pin: Annotated[
        list[str] | None, typer.Option(metavar="TOPIC=CELL", help="A topic that must be in a cell.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="cells.csv of the plan before: its topics stay, but for a few.")
    ] = None,
    peak_ratio: Annotated[
        float, typer.Option(min=1, help="Peak ÷ mean of the traffic: brokers are sized for the peak.")
    ] = 1.0,
    topics: Annotated[
        Path | None,
        typer.Option(
            help="CSV of topic, bytes_in_per_s, bytes_out_per_s, size_bytes (all replicas), partitions."
        ),
    ] = None,
    flows: Annotated[
        Path | None,
        typer.Option(help="CSV of client, kind, topic, bytes_per_s; with a capture: what is declared."),
    ] = None,
    ownership: Annotated[
        Path | None, typer.Option(help="With a capture: CSV of pattern, kind, team, criticality.")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="The source, where the capture does not say.")] = None,
    seed: Annotated[int, typer.Option(help="The same input and seed give the same plan.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Divide topics among cells, so that few clients touch several and no cell carries more than it may.

    Exit codes: 0 done, 2 wrong use or limits that cannot be kept (nothing written; the line says the smallest change
    that would do). The last line printed is the folder.
    """
    from kafka_analysis.plan.files.plain_tables import read_table
    from kafka_analysis.plan.split.clusters import plan_source_splits
    from kafka_analysis.plan.split.frames import split_files

    with told():
        check_folder(out)
        if cells is not None and cell:
            raise InputError("--cells and --cell both say which cells there are; give one of them")
        given = estate_input(capture, cluster=cluster, topics=topics, flows=flows, ownership=ownership)
        before = None if previous is None else read_table("cells", read_bytes(previous))
        options: dict[str, Any] = {
            "cells": tuple(cell) if cell else cells,
            "limits": dict(pairs_of("--limit", limit)),
            "pinned": dict(pairs_of("--pin", pin)),
            "profile": profile, "max_brokers": max_brokers, "max_clients": max_clients,
            "max_client_share": max_client_share, "previous": before, "seed": seed,
            "apart": [names.split(",") for names in apart or ()],
            "together": [names.split(",") for names in together or ()],
        }  # fmt: skip
        (found,) = plan_source_splits(
            given.topics, given.flows, families=given.families,
            peak_ratios=dict.fromkeys(given.topics["cluster"], peak_ratio), **options,
        )  # fmt: skip
        if found.plan is None:
            raise InputError(found.impossible or f"not planned: {found.unknown}")
        files = split_files([found])[found.cluster]
        write_folder(out, files)
    typer.echo(files["split.json"] if as_json else _text(found, given.notes), err=not as_json)
    typer.echo(str(out), err=as_json)


def pairs_of(option: str, texts: Iterable[str] | None) -> Iterator[tuple[str, str]]:
    """Read texts such as ``name=value``.

    Raises
    ------
    InputError
        One is not of that form.

    Examples
    --------
    >>> dict(pairs_of("--pin", ["a=cell-1"]))
    {'a': 'cell-1'}
    """
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            message = f"{option} {text!r}: it must be a name, '=' and a value"
            raise InputError(message)
        yield name, value


def _text(found: Outcome[SplitPlan], notes: Sequence[str]) -> str:
    plan, summary = found.plan, found.plan.summary
    share, crossing = (
        format_quantity(value, "%") for value in (summary.worst_client_share, summary.cross_cell_share)
    )
    what = f"{counted(summary.topics, 'topic')} and {counted(summary.clients, 'client')}"
    several = summary.clients - summary.clients_in_one_cell
    extra = counted(summary.clients_in_extra_cells, "extra cell")
    lines = [
        f"{counted(summary.cells, 'cell')}: {what}; the loss of one reaches {share} of the clients at most",
        f"{counted(several, 'client')} of several cells ({extra} in all); {crossing} of all bytes cross cells",
    ]
    for row in summary.sizes.iter_rows(named=True):
        dear = "" if row["monthly_usd"] is None else f", {row['monthly_usd']:,.0f} USD a month"
        fits = "" if row["feasible"] else f"; not possible: {row['shortfall']}"
        lines.append(f"  {row['cell']}: {row['brokers']:,} x {row['broker_type']}{dear}{fits}")
    return "\n".join([*lines, *plan.notes, *notes])

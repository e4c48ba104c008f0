"""``kafka-analysis plan waves``: in which order topics and clients cut over, when, and what to do step by step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafka_analysis.cli.durations import parse_duration
from kafka_analysis.cli.errors import told
from kafka_analysis.cli.estate_input import estate_input
from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.cli.plan_input import read_bytes
from kafka_analysis.cli.times import parse_time
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.units import counted, format_duration, format_quantity, format_time

if TYPE_CHECKING:
    from kafka_analysis.plan.waves.plan import WavePlan

_HOURS = re.compile(r"(\d{1,2})(?:-|–)(\d{1,2})", re.ASCII)


def waves(
    capture: Annotated[
        Path | None,
        typer.Argument(metavar="[CAPTURE]", help="Folder of the capture, unless --topics are given."),
    ] = None,
    *,
    cells: Annotated[Path, typer.Option(help="CSV of topic and cell, as plan split writes it.")],
    out: Annotated[Path, typer.Option(help="Folder for the plan's files; absent or empty.")],
    topics: Annotated[
        Path | None,
        typer.Option(help="CSV of topic, bytes_in_per_s, bytes_out_per_s, size_bytes (all replicas)."),
    ] = None,
    flows: Annotated[
        Path | None, typer.Option(help="CSV of client, kind, topic; with a capture: what is declared.")
    ] = None,
    ownership: Annotated[
        Path | None, typer.Option(help="With a capture: CSV of pattern, kind, team, criticality.")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="The source, where the capture does not say.")] = None,
    start: Annotated[
        datetime | None,
        typer.Option(parser=parse_time, metavar="TIME", help="First copy [default: next hour]."),
    ] = None,
    max_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of bytes in that a wave may carry.")
    ] = 0.25,
    max_bytes_in: Annotated[
        str | None, typer.Option(metavar="RATE", help="Such as 50MB/s, of a wave.")
    ] = None,
    max_clients: Annotated[int | None, typer.Option(help="Clients of a wave.")] = None,
    max_topics: Annotated[int | None, typer.Option(help="Topics of a wave.")] = None,
    max_backfill: Annotated[
        float | None,
        typer.Option(parser=parse_duration, metavar="TIME", help="Longest copy of a wave, as 12h."),
    ] = None,
    first_wave_share: Annotated[
        float | None, typer.Option(help="A pilot: share of bytes in and of clients of the first wave.")
    ] = None,
    move_last: Annotated[
        list[str] | None, typer.Option(help="Criticality whose topics move last [default: critical].")
    ] = None,
    together: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="Topics or clients that move in one wave.")
    ] = None,
    replication_bandwidth: Annotated[
        str | None, typer.Option(metavar="RATE", help="What the replicator carries, as 100MB/s.")
    ] = None,
    parallel: Annotated[
        bool, typer.Option("--parallel", help="Copy the next wave while the one before waits.")
    ] = False,
    freeze: Annotated[
        list[str] | None, typer.Option(metavar="START/END", help="No cut-over from START to before END.")
    ] = None,
    cutover: Annotated[
        float | None,
        typer.Option(parser=parse_duration, metavar="TIME", help="Length of a cut-over [default: 2h]."),
    ] = None,
    cutover_hours: Annotated[
        str | None, typer.Option(metavar="22-4", help="Hours, UTC, in which cut-overs may be.")
    ] = None,
    cutover_day: Annotated[
        list[str] | None, typer.Option(help="Mon … Sun on which those hours may begin [default: all].")
    ] = None,
    soak: Annotated[
        float | None,
        typer.Option(parser=parse_duration, metavar="TIME", help="Watched before the next [default: 1d]."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same input and seed give the same plan.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Plan the waves of a migration and write a checklist for each, with what each moves and when.

    Exit codes: 0 done (also where retention is too short: it is told), 2 wrong use or limits that cannot be kept
    (nothing written). The last line printed is the folder.
    """
    from kafka_analysis.plan.files.plain_tables import read_table
    from kafka_analysis.plan.waves.clusters import one_wave_families
    from kafka_analysis.plan.waves.files import wave_files
    from kafka_analysis.plan.waves.plan import plan_waves

    with told():
        check_folder(out)
        given = estate_input(capture, cluster=cluster, topics=topics, flows=flows, ownership=ownership)
        whole = one_wave_families(given.families, given.topics)
        options: dict[str, Any] = {
            "max_bytes_in_per_s_per_wave": max_bytes_in,
            "max_clients_per_wave": max_clients,
            "max_topics_per_wave": max_topics,
            "max_backfill_s": max_backfill,
            "first_wave_share": first_wave_share,
            "move_last": move_last or None,
            "replication_bytes_per_s": replication_bandwidth,
            "freezes": [_freeze(text) for text in freeze or ()],
            "cutover_s": cutover,
            "cutover_hours": None if cutover_hours is None else _hours(cutover_hours),
            "cutover_days": cutover_day or None,
            "soak_s": soak,
        }
        plan = plan_waves(
            read_table("cells", read_bytes(cells)),
            given.flows.drop("cluster"),
            given.topics.drop("cluster"),
            start=start or _next_hour(datetime.now(UTC)),
            max_share_per_wave=max_share,
            together=(*whole, *(frozenset(names.split(",")) for names in together or ())),
            replicate_in_parallel=parallel,
            seed=seed,
            **{name: value for name, value in options.items() if value is not None},
        )
        files = wave_files(plan)
        write_folder(out, files)
    typer.echo(files["waves.json"] if as_json else _text(plan, given.notes), err=not as_json)
    typer.echo(str(out), err=as_json)


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _freeze(text: str) -> tuple[datetime, datetime]:
    start, _, end = text.partition("/")
    try:
        return parse_time(start), parse_time(end)
    except typer.BadParameter:
        message = f"--freeze {text!r}: it must be START/END, such as 2026-12-20T00:00Z/2027-01-04T00:00Z"
        raise InputError(message) from None


def _hours(text: str) -> tuple[float, float]:
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        message = f"--cutover-hours {text!r}: it must be two hours of the day, UTC, such as 22-4"
        raise InputError(message)
    return float(found[1]), float(found[2])


def _text(plan: WavePlan, notes: Sequence[str]) -> str:
    found = plan.client_waves
    bridged = int((found["bridged_waves"] > 0).sum())
    topics, clients = counted(len(plan.topic_waves), "topic"), counted(len(found), "client")
    lines = [
        f"{counted(len(plan.waves), 'wave')}: {topics} and {clients}, {bridged} of them at both ends for a while"
    ]
    for row in plan.waves.iter_rows(named=True):
        risk = format_quantity(row["risk_share"], "%")
        lines.append(
            f"  {row['wave']}: {counted(row['topics'], 'topic')}, {counted(row['clients'], 'client')}, risk {risk}, "
            f"copy {format_duration(row['backfill_s'])}, cut-over {format_time(row['cutover_start'])}"
        )
    return "\n".join([*lines, *plan.warnings, *notes])

"""``kafka-analysis ingest``: make a capture of saved pages of metrics."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kafka_analysis.cli.dialect_option import DIALECT
from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.progress import shown_progress
from kafka_analysis.cli.times import parse_duration, parse_time


class Role(StrEnum):
    """What a cluster is in a migration."""

    SOURCE = "source"
    TARGET = "target"


def ingest(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Saved pages, folders, or quoted patterns with * and **."),
    ],
    *,
    cluster: Annotated[str, typer.Option(help="Name of the cluster the pages are of.")],
    out: Annotated[Path, typer.Option(help="Folder of the new capture; absent or empty.")],
    broker: Annotated[
        int | None,
        typer.Option(min=0, help="Broker of all pages; else broker-3, kafka-3, b-3 in a name tells."),
    ] = None,
    broker_pattern: Annotated[
        str | None, typer.Option(help="Regular expression that finds the broker in a name, with one group.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Time of the page, 2026-01-31T12:00:00Z; else its name tells (see the README)."),
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="Time between two pages of a broker; else their median distance.")
    ] = None,
    role: Annotated[Role | None, typer.Option(help="What the cluster is in the migration.")] = None,
    dialect: Annotated[list[str] | None, DIALECT] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of each file as JSON.")] = False,
) -> None:
    """Make a capture of saved pages: text format or Jolokia's JSON, plain or packed; no cluster is needed.

    Exit codes: 0 done, 2 wrong use, or nothing about Kafka (nothing written). The last line printed is the capture's
    folder.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.live.imports.ingest import ingest_files

    with one_line_errors(), shown_progress() as show:
        done = ingest_files(
            files,
            out,
            cluster=cluster,
            broker=broker,
            pattern=broker_pattern,
            at=None if at is None else parse_time(at),
            interval_s=None if interval is None else parse_duration(interval),
            role=None if role is None else role.value,
            dialects=dialect or (),
            on_file=lambda done, files: show(done / files, f"{done:,} of {files:,} files"),
        )
        for note in done.notes:
            typer.echo(note, err=True)
        typer.echo(repr(read_capture(out)), err=True)
    typer.echo(done.model_dump_json(indent=2) if as_json else str(out))

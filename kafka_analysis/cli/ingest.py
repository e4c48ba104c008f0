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
    cluster: Annotated[str, typer.Option(help="Name of the cluster that the pages come from.")],
    out: Annotated[Path, typer.Option(help="Folder for the new capture; must be empty or not exist yet.")],
    broker: Annotated[
        int | None,
        typer.Option(
            min=0, help=r"Broker of all pages. \[default: from names such as broker-3, kafka-3, b-3]"
        ),
    ] = None,
    broker_pattern: Annotated[
        str | None,
        typer.Option(
            help=r"Regular expression with one group that finds the broker in a name. \[default: built in]"
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help=r"Time of the page: 2026-01-31T12:00:00Z. \[default: from the page or its name, see README]"
        ),
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option(help=r"Time between two pages of a broker. \[default: the median of their distances]"),
    ] = None,
    role: Annotated[
        Role | None, typer.Option(help=r"Role of the cluster in the migration. \[default: unknown]")
    ] = None,
    dialect: Annotated[list[str] | None, DIALECT] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of each file as JSON.")] = False,
) -> None:
    """Make a capture from saved pages: Prometheus text or Jolokia JSON, plain or compressed. No cluster is needed.

    Exit codes: 0 done, 2 wrong use, or no Kafka metrics found (nothing written). The last line printed is the capture's
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

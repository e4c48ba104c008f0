"""``kafka-analysis import``: bring the history that other systems have stored, before it expires."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.progress import shown_progress
from kafka_analysis.cli.times import parse_duration, parse_time

if TYPE_CHECKING:
    from kafka_analysis.live.imports.prometheus import Progress as Imported


imports = typer.Typer(
    name="import", help="Import weeks of history as a capture, before it expires.", no_args_is_help=True
)
_Out = Annotated[Path, typer.Option(help="Folder for the new capture; must be empty or not exist yet.")]
_From = Annotated[
    str, typer.Option("--from", help="Start of the window: 2026-01-31 or 2026-01-31T12:00:00Z.")
]


@imports.command()
def cloudwatch(
    *,
    out: _Out,
    start: _From,
    end: Annotated[
        str | None, typer.Option("--to", help=r"End of the window, exclusive. \[default: now]")
    ] = None,
    profile: Annotated[
        Path, typer.Option(help="Profile: clusters with cloudwatch = {…} are imported.")
    ] = Path("kafka-analysis.toml"),
    period: Annotated[str, typer.Option(help="Finest period: 60s, 5m or 1h.")] = "60s",
    note: Annotated[
        list[str] | None,
        typer.Option("--note", help=r"A note for readers of the capture; may be repeated. \[default: none]"),
    ] = None,
) -> None:
    """Import metrics of Amazon MSK clusters from CloudWatch, which is only read.

    CloudWatch keeps 1-minute data for 15 days, 5-minute data for 63 days, 1-hour data for 455 days. Exit codes: 0 done,
    2 wrong use or no answer (nothing written). The last line printed is the capture's folder.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.live.imports.cloudwatch import import_cloudwatch
    from kafka_analysis.sources.profiles import load_profile

    with one_line_errors(), shown_progress() as show:
        path = import_cloudwatch(
            load_profile(profile),
            out,
            start=parse_time(start),
            end=datetime.now(UTC) if end is None else parse_time(end),
            period_s=round(parse_duration(period)),
            on_progress=lambda p: show(p.done / max(p.total, 1), f"{p.samples:,} samples"),
            notes=note or (),
        )
        typer.echo(repr(read_capture(path)), err=True)
    typer.echo(str(out))


@imports.command()
def prometheus(
    *,
    start: _From,
    end: Annotated[str, typer.Option("--to", help="End of the window, exclusive.")],
    out: _Out,
    profile: Annotated[
        Path, typer.Option(help="Profile: which clusters, and where their history is stored.")
    ] = Path("kafka-analysis.toml"),
    interval: Annotated[
        str, typer.Option(help="Time between two scrapes, if Prometheus does not say.")
    ] = "60s",
) -> None:
    """Import the history that Prometheus has stored of the clusters in a profile. Prometheus is only read.

    Samples keep their original times. Queries that fail become gaps in the capture. Exit codes:
    0 done, 2 wrong use or no answer (nothing written). The last line printed is the capture's folder.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.live.imports.prometheus import import_prometheus
    from kafka_analysis.sources.profiles import load_profile

    window = {"start": parse_time(start), "end": parse_time(end)}
    with one_line_errors(), shown_progress() as show:
        path = import_prometheus(
            load_profile(profile),
            out,
            **window,
            interval_s=parse_duration(interval),
            on_progress=lambda p: show(p.share, _words(p)),
        )
        typer.echo(repr(read_capture(path)), err=True)
    typer.echo(str(out))


def _words(progress: Imported) -> str:
    return f"{progress.samples:,} samples, {progress.failed} of {progress.asked} queries failed"

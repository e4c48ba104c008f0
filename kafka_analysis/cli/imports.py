"""``kafka-analysis import``: bring the history that other systems have stored, before it expires."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.durations import parse_duration
from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.import_cloudwatch import cloudwatch
from kafka_analysis.cli.progress import shown_progress
from kafka_analysis.cli.times import parse_time

if TYPE_CHECKING:
    from kafka_analysis.live.imports.prometheus import Progress as Imported

imports = typer.Typer(
    name="import", help="Bring weeks of history as a capture, before it expires.", no_args_is_help=True
)
imports.command()(cloudwatch)


@imports.command()
def prometheus(
    *,
    start: Annotated[
        str, typer.Option("--from", help="Begin of the window: 2026-01-31 or 2026-01-31T12:00:00Z.")
    ],
    end: Annotated[str, typer.Option("--to", help="End of the window, not itself in it.")],
    out: Annotated[Path, typer.Option(help="Folder of the new capture; absent or empty.")],
    profile: Annotated[Path, typer.Option(help="Which clusters, and where their history is.")] = Path(
        "kafka-analysis.toml"
    ),
    interval: Annotated[str, typer.Option(help="Time between two scrapes, as far as known.")] = "60s",
) -> None:
    """Import what Prometheus has stored of the clusters in a profile; nothing is changed there.

    Samples come as they were scraped, with their own times. What does not answer is a gap in the capture. Exit codes:
    0 done, 2 wrong use, or nothing answered (nothing written). The last line printed is the capture's folder.
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
    return f"{progress.samples:,} samples, {progress.failed} of {progress.asked} questions unanswered"

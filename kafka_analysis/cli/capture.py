"""``kafka-analysis capture``: record metrics and metadata of the clusters in a profile."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.progress import shown_progress
from kafka_analysis.cli.times import parse_duration
from kafka_analysis.model.units import counted

if TYPE_CHECKING:
    from kafka_analysis.live.record.collect import Progress as Recorded

_LINE_EVERY_S = 60.0
_ENDING_S = 0.8


def capture(
    *,
    out: Annotated[Path, typer.Option(help="Folder for the new capture; must be empty or not exist yet.")],
    profile: Annotated[Path, typer.Option(help="Profile: which clusters, and how to reach them.")] = Path(
        "kafka-analysis.toml"
    ),
    duration: Annotated[
        str, typer.Option(help="How long to record: 90s, 10m, 2h, or 'forever' (until Ctrl-C).")
    ] = "10m",
    interval: Annotated[str, typer.Option(help="Time between two scrapes.")] = "15s",
    note: Annotated[
        list[str] | None,
        typer.Option("--note", help=r"A note for readers of the capture; may be repeated. \[default: none]"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an unfinished recording in that folder.")
    ] = False,
) -> None:
    """Record metrics and metadata of the clusters in a profile. The clusters are only read.

    Ctrl-C ends early with a valid, shorter capture; a second Ctrl-C stops at once. A killed process loses at most the
    last ten seconds or the last round: continue with --resume, or save the rest with 'kafka-analysis captures repair'.

    Exit codes: 0 done, 2 wrong use or no answer (nothing written), 75 another process writes to the folder, 130 stopped
    before it began. The last line printed is the capture's folder.
    """
    from kafka_analysis.capture.read import read_capture
    from kafka_analysis.live.record.collect import record_capture
    from kafka_analysis.sources.profiles import load_profile

    seconds = None if duration == "forever" else parse_duration(duration)
    with one_line_errors(), _stopped_by_signals(out) as stop, shown_progress(every_s=_LINE_EVERY_S) as show:
        path = record_capture(
            load_profile(profile),
            out,
            duration_s=seconds,
            interval_s=parse_duration(interval),
            stop=stop,
            ending_s=_ENDING_S,
            on_progress=lambda p: show(p.duration_s and min(p.elapsed_s / p.duration_s, 1.0), _words(p)),
            notes=note or (),
            resume=resume,
        )
        typer.echo(repr(read_capture(path)), err=True)
    typer.echo(str(out))


@contextmanager
def _stopped_by_signals(out: Path) -> Iterator[threading.Event]:
    """Let the first Ctrl-C or SIGTERM end the recording well, and the system end the process at the second."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.SIG_DFL)
        stop.set()
        typer.echo(
            "stopping: reading the final state (Ctrl-C again stops at once; save the recording then with: "
            f"kafka-analysis captures repair {out})",
            err=True,
        )

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, end)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _words(progress: Recorded) -> str:
    down = (
        f", no answer from {counted(len(progress.down), 'target')}: {progress.down[0]}"
        if progress.down
        else ""
    )
    return f"{progress.samples:,} samples, {progress.failed} of {progress.asked} requests failed{down}"

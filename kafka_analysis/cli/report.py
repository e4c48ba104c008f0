"""``kafka-analysis report``: run notebooks over a capture and write pages."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.model.errors import CaptureNotFoundError

if TYPE_CHECKING:
    from kafka_analysis.report.notify.send import Notifier
    from kafka_analysis.report.outcome import NotebookOutcome, RunOutcome
    from kafka_analysis.report.pool import OnProgress

_INTERRUPTED = 130


class Level(StrEnum):
    """The light that makes the command fail: red; amber (or red); grey (anything but green)."""

    RED = "red"
    AMBER = "amber"
    GREY = "grey"


def report(
    capture: Annotated[
        str | None,
        typer.Argument(help=r"Folder of the capture. \[default: the sample in data/sample]"),
    ] = None,
    *,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NB", help=r"Notebook to run; may be repeated. \[default: all]"),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            "-p",
            metavar="NB:NAME=VALUE",
            help=r"Parameter of a notebook, or of 'all', as YAML; may be repeated. \[default: the notebook's]",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help=r"YAML file with these options (docs/scheduling.md). \[default: none]")
    ] = None,
    out: Annotated[Path | None, typer.Option(help=r"Folder of all reports. \[default: reports]")] = None,
    run_id: Annotated[
        str | None, typer.Option(help=r"Name of the run. \[default: UTC time and capture id]")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help=r"Notebooks to run in parallel. \[default: number of processors]"),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(min=1, metavar="S", help=r"Seconds that each notebook may take. \[default: 600]"),
    ] = None,
    fail_on: Annotated[
        Level | None,
        typer.Option(
            help=r"Exit with 3 when a verdict reaches this light; grey: any but green. \[default: never]"
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=r"Keep the N newest runs and remove older ones; history.parquet keeps their results. "
            r"\[default: keep all]",
        ),
    ] = None,
    wait: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="S",
            help=r"Seconds to wait for another report that is being written to the folder. \[default: 0]",
        ),
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=r"Notify the target \[notify.NAME] of the profile; may be repeated. \[default: none]",
        ),
    ] = None,
    notify_profile: Annotated[
        Path | None,
        typer.Option(help=r"Profile with the notification targets. \[default: kafka-analysis.toml]"),
    ] = None,
    notify_changes_only: Annotated[
        bool | None,
        typer.Option(
            "--notify-changes-only/--notify-always",
            help=r"Notify only when a light or a finding has changed. \[default: notify-always]",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Run notebooks over a capture and write self-contained pages with an index.

    Reports contain names of topics and clients, so only you can read a new folder. To share it, create the folder
    yourself first, with the permissions you want.

    Exit codes: 0 done, 1 a notebook failed, 2 wrong use, bad input or a full disk (nothing written), 75 another report
    is being written there (see --wait), 3 a verdict reached --fail-on. The last line printed is the page to open.
    """
    from kafka_analysis.report.worker import without_slow_grammars

    without_slow_grammars()
    from kafka_analysis.report.config import ReportConfig, parse_options, read_config
    from kafka_analysis.report.run import run_report

    try:
        with one_line_errors(), _sigterm_interrupts(), _shown_progress() as (on_progress, on_notice):
            settings = ReportConfig() if config is None else read_config(config)
            only_changes = (
                settings.notify_only_changes if notify_changes_only is None else notify_changes_only
            )
            notifier = _notifier(
                notify or settings.notify,
                notify_profile or settings.notify_profile,
                only_changes=only_changes,
            )
            outcome = run_report(
                capture or settings.capture or _sample(),
                out=out or settings.out or "reports",
                only=only or None,
                parameters=parse_options(parameter or ()),
                config=settings,
                run_id=run_id,
                workers=workers,
                timeout_s=timeout,
                fail_on=None if fail_on is None else fail_on.value,
                keep=keep,
                wait_s=wait,
                notify=notifier,
                on_progress=on_progress,
                on_notice=on_notice,
            )
    except KeyboardInterrupt:
        typer.echo("stopped: nothing was written", err=True)
        raise typer.Exit(_INTERRUPTED) from None
    for note in outcome.notes:
        typer.echo(f"note: {note}", err=True)
    for target in outcome.run.notified:
        if not target.ok:
            typer.echo(f"note: {target.target} was not notified: {target.reason}", err=True)
    typer.echo(_as_json(outcome) if as_json else str(outcome.index))
    raise typer.Exit(outcome.exit_code)


def _notifier(names: list[str], profile: Path | str | None, *, only_changes: bool) -> Notifier | None:
    """Return who is notified of the report; the modules for it are loaded only then."""
    if not names:
        return None
    from kafka_analysis.report.notify.send import notifier_of

    return notifier_of(profile or "kafka-analysis.toml", names, only_changes=only_changes)


def _as_json(outcome: RunOutcome) -> str:
    document = {"path": str(outcome.path), "index": str(outcome.index), **outcome.run.model_dump(mode="json")}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _sample() -> str:
    """Return the sample of the checkout, relative to the working folder when it lies below."""
    sample = Path(__file__).resolve().parents[2] / "data" / "sample"
    if not sample.is_dir():
        message = "no capture given, and no data/sample beside the package; give the folder of a capture"
        raise CaptureNotFoundError(message)
    return str(sample.relative_to(Path.cwd()) if sample.is_relative_to(Path.cwd()) else sample)


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let a scheduler's SIGTERM end the run as Ctrl-C does: processes ended, nothing half-written."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _shown_progress() -> Iterator[tuple[OnProgress, Callable[[str], None]]]:
    """Show a bar on a terminal, a line per finished notebook in a log, notices once; always on standard error."""
    columns = (SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn())
    is_shown = sys.stderr.isatty() and "CI" not in os.environ
    with Progress(*columns, console=Console(stderr=True), disable=not is_shown) as progress:
        task = progress.add_task("Running notebooks", total=None)

        def write(text: str) -> None:
            progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

        def show(outcome: NotebookOutcome, done: int, total: int) -> None:
            write(f"[{done}/{total}] {_line(outcome)}")
            progress.update(task, completed=done, total=total)

        yield show, cache(write)  # notebooks side by side may give the same notice


def _line(outcome: NotebookOutcome) -> str:
    end = f": {outcome.reason}" if outcome.reason else ""
    return f"{outcome.notebook} {outcome.status} in {outcome.duration_s:.1f} s{end}"

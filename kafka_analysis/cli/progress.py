"""Show how far long work is: a bar on a terminal, a line now and then in a log, always on standard error."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Show = Callable[[float | None, str], None]


@contextmanager
def shown_progress(*, every_s: float = 10.0) -> Iterator[Show]:
    """Yield a function that is told the part done (0 to 1, None when that is not known) and the rest in words.

    Parameters
    ----------
    every_s
        Seconds between two lines in a log.
    """
    if not sys.stderr.isatty() or "CI" in os.environ:
        yield _lines(every_s)
        return
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda share, words: bar.update(
            task, completed=share or 0.0, total=None if share is None else 1.0, description=words
        )


def _lines(every_s: float) -> Show:
    begun = time.monotonic()
    told_at = [-every_s]

    def show(share: float | None, words: str) -> None:
        elapsed = time.monotonic() - begun
        if elapsed - told_at[0] >= every_s or share == 1:
            told_at[0] = elapsed
            typer.echo(f"{elapsed:.0f} s{'' if share is None else f', {share:.0%}'}: {words}", err=True)

    return show

"""The command line: `python -m testbed.mirror_failures FOLDER [NAME …]`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from testbed.__main__ import say, told
from testbed.mirror_failures.trials import PAIRS, chosen, record


def main(
    folder: Annotated[Path, typer.Argument(help="Where captures go.")],
    names: Annotated[list[str] | None, typer.Argument(help="Trials to record; all without it.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of clusters that record side by side.")] = PAIRS,
) -> None:
    """Provoke known failures of MirrorMaker 2 and record a capture of each."""
    with told(), tempfile.TemporaryDirectory() as run_dir:
        record(folder.resolve(), chosen(names or []), run_dir=Path(run_dir), pairs=pairs, say=say)


if __name__ == "__main__":
    typer.run(main)

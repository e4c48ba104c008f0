"""The command line: `python -m testbed.mirror_proofs healthy|catch-up|division|patterns|retention|report FOLDER`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from testbed.__main__ import say, told
from testbed.jars import CACHE
from testbed.mirror_failures.pair import Pair
from testbed.mirror_proofs.clusters import proof_clusters
from testbed.mirror_proofs.kept import keep

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
RUN_DIR = CACHE.with_name("mirror-proofs")
RunDir = Annotated[Path, typer.Option(help="The folder of the clusters.")]
Folder = Annotated[Path, typer.Argument(help="Where captures and figures go.")]


@contextmanager
def _clusters(folder: Path, run_dir: Path) -> Iterator[Pair]:
    folder.mkdir(parents=True, exist_ok=True)
    with told(), proof_clusters(run_dir.resolve()) as pair:
        say("clusters up")
        yield pair


@app.command()
def healthy(
    folder: Folder,
    runs: Annotated[int, typer.Option(min=1, help="Runs to record.")] = 20,
    first: Annotated[int, typer.Option(min=0, help="Seed of the first run.")] = 0,
    run_dir: RunDir = RUN_DIR,
) -> None:
    """Record healthy runs and count what the analysis finds in them."""
    from testbed.mirror_proofs.healthy_runs import healthy_runs

    with _clusters(folder, run_dir) as pair:
        done = []
        for run in healthy_runs(pair, folder, range(first, first + runs), say=say):
            done.append(run)
            for finding in run.false_findings:
                say(f"  false: {finding}")
            keep(folder, "healthy", done)


@app.command()
def catch_up(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Have a slow mirror copy backlogs, and compare the estimated time to catch up with the true one."""
    from testbed.mirror_failures.pair import clear
    from testbed.mirror_proofs import catching_up
    from testbed.mirror_proofs.backlogs import BACKLOGS

    with _clusters(folder, run_dir) as pair:
        done = []
        for backlog in BACKLOGS:
            clear(pair)
            for one in catching_up.catch_up(pair, backlog, folder):
                say(catching_up.described(one))
                done.append(one)
            keep(folder, "catch-up", done)


@app.command()
def division(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Divide topics among connectors of a real Connect as planned, and compare what each task copies."""
    from testbed.mirror_proofs import dividing

    with _clusters(folder, run_dir) as pair:
        done = dividing.divide(pair, folder)
        for line in dividing.described(done):
            say(line)
        keep(folder, "division", [done])


@app.command()
def patterns(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Mirror among three clusters, many to one, one to many and both ways, and see which pattern is recognised."""
    from testbed.mirror_proofs import on_three

    with told(), on_three.on_three(run_dir.resolve()) as clusters:
        done = []
        for one in on_three.patterns(clusters, folder.resolve()):
            say(f"{one.flow}: {one.found}, {one.lag_records} records behind, {one.failures} failures")
            done.append(one)
        keep(folder, "patterns", done)


@app.command()
def retention(
    folder: Folder,
    runs: Annotated[int, typer.Option(min=1, help="Losses to record.")] = 5,
    run_dir: RunDir = RUN_DIR,
) -> None:
    """Let retention delete records that a stopped mirror has not read, and see when that is announced."""
    from testbed.mirror_proofs import on_three

    with told(), on_three.on_three(run_dir.resolve()) as clusters:
        done = []
        for one in on_three.retention_runs(clusters, folder.resolve(), runs):
            missed, false = (
                sum(getattr(row, name) for row in one.rows) for name in ("is_missed", "is_false")
            )
            say(f"loss {one.run}: {len(one.rows)} answers, {missed} missed, {false} false")
            done.append(one)
            keep(folder, "retention", done)


@app.command()
def report(folder: Folder, out: Annotated[Path, typer.Option(help="The Markdown file to write.")]) -> None:
    """Write down what the proofs measured."""
    from testbed.mirror_proofs.report import report as text

    with told():
        out.write_text(text(folder), encoding="utf-8")
        say(f"written: {out}")


if __name__ == "__main__":
    app()

"""The command line: `python -m testbed up|status|load|migrate|record|truth|proof|blast|change|down`."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from testbed import running
from testbed.clusters import load_state
from testbed.errors import TestbedError
from testbed.jars import CACHE
from testbed.load.control import Load
from testbed.scenario import load_scenario
from testbed.timeline import Journal, go_through

USAGE_ERROR = 2
INTERRUPTED = 130

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
RunDir = Annotated[Path, typer.Option(help="The folder everything lives in.")]
ScenarioName = Annotated[
    str, typer.Option("--scenario", help="full, short, blast, or the path of a YAML file.")
]
FirstPort = Annotated[
    int | None, typer.Option(min=1024, max=65000, help="Take this port and those after it.")
]
DEFAULT_RUN_DIR = CACHE.with_name("run")
PROOF_DIR = CACHE.with_name("proof")
CHANGE_DIR = CACHE.with_name("change")
BLAST_CAPTURE = CACHE.with_name("blast")


def say(text: str) -> None:
    """Print a line of progress with its time."""
    typer.echo(f"{time.strftime('%H:%M:%S')} {text}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def told() -> Iterator[None]:
    """Turn errors into one line and an exit code, and SIGTERM into an orderly end."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except TestbedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE_ERROR) from error
    except KeyboardInterrupt as error:
        typer.echo("interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from error


@app.command()
def up(
    scenario: ScenarioName = "full", run_dir: RunDir = DEFAULT_RUN_DIR, first_port: FirstPort = None
) -> None:
    """Start the clusters and create the source's topics."""
    with told():
        running.up(load_scenario(scenario), run_dir=run_dir.resolve(), first_port=first_port, say=say)


@app.command()
def status(run_dir: RunDir = DEFAULT_RUN_DIR) -> None:
    """Say what runs, and what should and does not."""
    with told():
        for line in running.status(run_dir.resolve()):
            typer.echo(line)


@app.command()
def load(
    run_dir: RunDir = DEFAULT_RUN_DIR,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="End after this long; otherwise at Ctrl-C.")
    ] = None,
) -> None:
    """Run producers and consumers on the source until Ctrl-C."""
    with told():
        generators = Load(load_state(run_dir.resolve()))
        try:
            generators.start()
            generators.resume()
            say(f"load runs on {generators.state.source.name}; end it with Ctrl-C")
            end = None if seconds is None else time.monotonic() + seconds
            while end is None or time.monotonic() < end:
                time.sleep(0.5)
            generators.pause()
        finally:
            generators.stop()
        say(f"load ended; {generators.retries} requests sent again, {len(generators.problems)} errors")


@app.command()
def migrate(run_dir: RunDir = DEFAULT_RUN_DIR) -> None:
    """Go through the scenario's whole timeline, with load, on a testbed that is up."""
    with told():
        state = load_state(run_dir.resolve())
        go_through(state, Journal(say), judges_dir=state.run_dir / "judges", beside=nullcontext())


@app.command()
def record(
    out: Annotated[Path, typer.Option(help="The capture to write.")],
    scenario: ScenarioName = "full",
    run_dir: RunDir = DEFAULT_RUN_DIR,
) -> None:
    """Start a testbed, capture the scenario's whole timeline, and take it down."""
    from testbed.recording import record as record_all

    with told():
        path = record_all(load_scenario(scenario), out=out.resolve(), run_dir=run_dir.resolve(), say=say)
        say(f"captured: {path}")


@app.command()
def truth(capture: Annotated[Path, typer.Argument(help="A capture recorded by `record`.")]) -> None:
    """Compare what the analysis says of a capture with what really happened, as markdown."""
    from testbed.truth_report import report

    with told():
        typer.echo(report(capture))


@app.command()
def proof(
    out: Annotated[Path, typer.Option(help="The Markdown file to write.")],
    throttle: Annotated[float, typer.Option(min=1, help="Bytes per second of each broker.")] = 1.5e6,
    run_dir: Annotated[Path, typer.Option(help="The folder of the cluster.")] = PROOF_DIR,
) -> None:
    """Plan a rebalance of a small cluster, carry it out, undo it, and write down what was promised and found."""
    from testbed.proof import prove
    from testbed.proof_report import report

    with told():
        proven = prove(run_dir.resolve(), throttle_bytes_per_s=throttle, say=say)
        out.write_text(report(proven), encoding="utf-8")
        say(f"written: {out}")


@app.command()
def blast(
    out: Annotated[Path, typer.Option(help="The Markdown file to write.")],
    capture: Annotated[
        Path, typer.Option(help="The capture: read if it is there, else recorded.")
    ] = BLAST_CAPTURE,
    scenario: ScenarioName = "blast",
    run_dir: RunDir = DEFAULT_RUN_DIR,
) -> None:
    """Kill brokers and a whole cell of a migration, and write down what was predicted, measured and true."""
    from kafka_analysis.capture.read import read_capture
    from testbed.blast_report import report
    from testbed.recording import record as record_all

    with told():
        chosen = load_scenario(scenario)
        if not capture.exists():
            record_all(chosen, out=capture.resolve(), run_dir=run_dir.resolve(), say=say)
        out.write_text(report(read_capture(capture), chosen), encoding="utf-8")
        say(f"written: {out}")


@app.command()
def change(
    folder: Annotated[
        Path, typer.Argument(help="Where the captures go; those that are there are not made again.")
    ],
    runs: Annotated[int, typer.Option(min=1, help="Recordings, each with a seed of its own.")] = 2,
    seconds: Annotated[float, typer.Option(min=60, help="Seconds of each of three windows.")] = 240,
    bursts: Annotated[bool, typer.Option("--bursts", help="A quarter of the load comes in bursts.")] = False,
    run_dir: Annotated[Path, typer.Option(help="The folder of the cluster.")] = CHANGE_DIR,
) -> None:
    """Record a load with and without a planted change of its traffic, and say what the analysis makes of it."""
    from testbed import markdown
    from testbed.change_proof import compare, described, record_change

    with told():
        for seed in range(1, runs + 1):
            if not (out := folder.resolve() / f"{'bursts' if bursts else 'even'}-{seed}").exists():
                record_change(
                    out,
                    seed=seed,
                    seconds=seconds,
                    interval_s=5,
                    bursts=bursts,
                    run_dir=run_dir.resolve(),
                    say=say,
                )
        recorded = sorted(path.parent for path in folder.resolve().glob("*/manifest.json"))
        found = {path.name: compare(path) for path in recorded}
        typer.echo(markdown.table(described(found)))


@app.command()
def down(
    run_dir: RunDir = DEFAULT_RUN_DIR,
    keep: Annotated[bool, typer.Option("--keep", help="Leave data and logs where they are.")] = False,
) -> None:
    """Stop everything the testbed started, and nothing else."""
    with told():
        say(f"{running.down(run_dir.resolve(), keep=keep)} processes stopped")


if __name__ == "__main__":
    app(prog_name="python -m testbed")

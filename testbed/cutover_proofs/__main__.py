"""The command line: `python -m testbed.cutover_proofs PROOF FOLDER`, each proof, and then `report`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from testbed.__main__ import say, told
from testbed.cutover_proofs.clusters import cutover_pair
from testbed.jars import CACHE
from testbed.mirror_failures.pair import Pair, clear
from testbed.mirror_proofs.kept import keep

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
RUN_DIR = CACHE.with_name("cutover-proofs")
RunDir = Annotated[Path, typer.Option(help="The folder of the clusters.")]
Folder = Annotated[Path, typer.Argument(help="Where captures and figures go.")]


@contextmanager
def _clusters(folder: Path, run_dir: Path) -> Iterator[Pair]:
    folder.mkdir(parents=True, exist_ok=True)
    with told(), cutover_pair(run_dir.resolve()) as pair:
        say("clusters up")
        yield pair


@app.command()
def moves(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Move groups, and compare what they read twice with what was predicted."""
    from testbed.cutover_proofs.moves import SETTINGS, described
    from testbed.cutover_proofs.moves import moves as moved

    with _clusters(folder, run_dir) as pair:
        done = []
        for number, setting in enumerate(SETTINGS):
            clear(pair)
            for move in moved(pair, setting, folder / f"moves-{number}", say=say):
                say(described(move))
                done.append(move)
            keep(folder, "moves", done)


@app.command()
def waves(
    folder: Folder,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of five waves each.")] = 4,
    run_dir: RunDir = RUN_DIR,
) -> None:
    """Check healthy waves at each of the three gates."""
    from testbed.cutover_proofs.waves import healthy_waves

    with _clusters(folder, run_dir) as pair:
        done = []
        for number in range(rounds):
            clear(pair)
            numbers = range(5 * number + 1, 5 * number + 6)
            for one in healthy_waves(pair, numbers, folder / f"waves-{number}"):
                say(f"wave {one.wave}, {one.stage}: {one.verdict} {'; '.join(one.findings)}")
                done.append(one)
            keep(folder, "waves", done)


@app.command()
def faults(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Plant faults one after another, and see what the check says of each."""
    from testbed.cutover_proofs.faults import planted

    with _clusters(folder, run_dir) as pair:
        done = []
        for one in planted(pair, folder / "faults"):
            say(f"{'wrong: ' if one.is_wrong else ''}{one.fault}: {one.verdict}: {'; '.join(one.findings)}")
            done.append(one)
            keep(folder, "faults", done)


@app.command()
def recorded(
    folder: Folder,
    captures: Annotated[Path, typer.Argument(help="What `python -m testbed.mirror_failures` wrote.")],
) -> None:
    """Judge the recorded failures of MirrorMaker as a cut-over."""
    from testbed.cutover_proofs.recorded_failures import recorded_failures

    folder.mkdir(parents=True, exist_ok=True)
    done = []
    for one in recorded_failures(captures):
        say(f"{'wrong: ' if one.is_wrong else ''}{one.capture}: {', '.join(one.verdicts)}")
        done.append(one)
    keep(folder, "recorded", done)


@app.command()
def rights(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Check a wave as users that lack one right each, on secured clusters."""
    from testbed.cutover_proofs.rights import mirrored_pair, seen_by

    folder.mkdir(parents=True, exist_ok=True)
    with told(), mirrored_pair(run_dir.resolve()) as pair:
        done = []
        for one in seen_by(pair, folder / "rights"):
            say(
                f"{'wrong: ' if one.is_wrong else ''}without {one.lacks}: {one.verdict}: {'; '.join(one.findings)}"
            )
            done.append(one)
        keep(folder, "rights", done)


@app.command()
def expired(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Check a wave whose target shows a certificate that has expired meanwhile."""
    from testbed.cutover_proofs.expired import VALID_S, once_expired
    from testbed.cutover_proofs.rights import mirrored_pair

    folder.mkdir(parents=True, exist_ok=True)
    with told(), mirrored_pair(run_dir.resolve(), days=VALID_S / 86400) as pair:
        done = once_expired(pair, folder / "expired")
        for one in done:
            say(f"{'wrong: ' if one.is_wrong else ''}{one.lacks}: {one.verdict}: {'; '.join(one.findings)}")
        keep(folder, "expired", done)


@app.command()
def size(
    folder: Folder,
    topics: Annotated[list[int] | None, typer.Option(help="How many topics; may be repeated.")] = None,
    run_dir: RunDir = RUN_DIR,
) -> None:
    """Check a wave of thousands of topics, some of which differ, on live clusters."""
    from testbed.cutover_proofs.at_size import checked_at_size

    with _clusters(folder, run_dir) as pair:
        done = []
        for count in topics or [3000]:
            clear(pair)
            done.append(checked_at_size(pair, count, folder / "size"))
            say(str(done[-1]))
        keep(folder, "size", done)


@app.command()
def back(folder: Folder, run_dir: RunDir = RUN_DIR) -> None:
    """Move groups, and take them back with Kafka's own tools."""
    from testbed.cutover_proofs.way_back import way_back

    with _clusters(folder, run_dir) as pair:
        done = way_back(pair, folder / "back")
        for one in done:
            say(f"{'wrong: ' if one.is_wrong else ''}{one}")
        keep(folder, "back", done)


@app.command()
def report(folder: Folder, out: Annotated[Path, typer.Option(help="The Markdown file to write.")]) -> None:
    """Write down what the proofs measured; what was not measured again stays as it is."""
    from testbed.cutover_proofs.report import report as text

    with told():
        so_far = out.read_text(encoding="utf-8") if out.exists() else ""
        out.write_text(text(folder, so_far), encoding="utf-8")
        say(f"written: {out}")


if __name__ == "__main__":
    app()

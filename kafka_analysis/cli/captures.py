"""``kafka-analysis captures``: merge captures, repair what did not finish, redact for sharing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import one_line_errors

if TYPE_CHECKING:
    from kafka_analysis.capture.repair import Repaired

captures = typer.Typer(help="Merge, repair and redact captures.", no_args_is_help=True)
_Out = Annotated[Path, typer.Option(help="Folder for the new capture; must be empty or not exist yet.")]
_Given = Annotated[Path, typer.Argument(metavar="CAPTURE", help="Folder of the capture.")]


@captures.command()
def merge(
    paths: Annotated[list[Path], typer.Argument(metavar="CAPTURE...", help="Folders of the captures.")],
    *,
    out: _Out,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OLD=NEW",
            help=r"Rename a cluster that the captures name differently; may be repeated. \[default: none]",
        ),
    ] = None,
) -> None:
    """Merge captures of several clusters or times into a new one.

    Exit codes: 0 done, 2 wrong use or captures that contradict each other (nothing written). The last line printed is
    the capture's folder.
    """
    from kafka_analysis.capture.merge import merge_captures

    pairs = [text.partition("=") for text in rename or ()]
    if any(not (old and new) for old, _, new in pairs):
        raise typer.BadParameter("--rename needs OLD=NEW, two cluster names")
    with one_line_errors():
        merged = merge_captures(paths, out, rename={old: new for old, _, new in pairs})
    typer.echo(repr(merged), err=True)
    typer.echo(str(out))


@captures.command()
def repair(
    capture: _Given,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the repaired capture; required for a finished capture, which is never changed. "
            r"\[default: repair in place]"
        ),
    ] = None,
) -> None:
    """Recover an unfinished recording, or a capture with damaged files, as far as possible.

    Exit codes: 0 done (or nothing to repair), 2 wrong use or nothing recoverable, 75 another process writes to the
    folder. The last line printed is the folder of a valid capture.
    """
    from kafka_analysis.capture.repair import repair_capture

    with one_line_errors():
        repaired = repair_capture(capture, out=out)
    typer.echo(_words(repaired), err=True)
    typer.echo(str(repaired.path))


def _words(repaired: Repaired) -> str:
    if repaired.whole:
        return "the capture is valid; nothing was written"
    until = f"{repaired.manifest.window.end:%Y-%m-%d %H:%M:%S} UTC"
    saved = f"saved {repaired.samples:,} samples and {repaired.rows:,} rows of tables, up to {until}"
    return "\n".join([saved, *(f"lost {what}" for what in repaired.lost)])


@captures.command()
def redact(
    capture: _Given,
    *,
    out: _Out,
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the key of the pseudonyms, to redact other captures the same way; created if missing. "
            r"Never share it. \[default: a new key, not kept]"
        ),
    ] = None,
) -> None:
    """Write a copy that can be shared: names are replaced by stable pseudonyms.

    Files beside the capture (CAPTURE.ownership.csv, CAPTURE.flows.csv, CAPTURE.cells.csv, CAPTURE.waves.csv) are
    redacted too and written beside the copy: share them with it. CAPTURE.routing holds addresses and is not copied.

    Exit codes: 0 done, 2 wrong use (nothing written). The last line printed is the capture's folder.
    """
    from kafka_analysis.capture.redact import redact_capture
    from kafka_analysis.sources.spelling.exporter_words import exporter_words

    with one_line_errors():
        redacted = redact_capture(capture, out, key_file=key_file, words=exporter_words())
    typer.echo(repr(redacted), err=True)
    typer.echo(str(out))

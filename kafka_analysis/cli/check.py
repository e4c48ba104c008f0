"""``kafka-analysis check``: go or no-go, with the evidence for it."""

from __future__ import annotations

from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.options import options_of, read_options, signed
from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.cli.progress import shown_progress
from kafka_analysis.cli.times import parse_duration
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.findings import Light
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters
from kafka_analysis.model.parameters.cutover_reads import CutoverReads

if TYPE_CHECKING:
    from kafka_analysis.analyses import CutoverReadiness

check = typer.Typer(help="Check whether a step may go ahead, and keep the evidence.", no_args_is_help=True)
_EXIT = {Light.GREEN: 0, Light.AMBER: 0, Light.RED: 3, Light.GREY: 4}
_LINE_EVERY_S = 60.0
_OF_NOTEBOOK = ("top_n", "start", "retention_amber", "retention_red")
_CAPTURE = Annotated[
    Path | None,
    typer.Argument(
        metavar="[CAPTURE]", help=r"Folder of a capture to check. \[default: record with --profile]"
    ),
]
_PROFILE = Annotated[
    Path | None,
    typer.Option(help=r"Profile of source and cells, to record and read both now. \[default: none]"),
]
_OUT = Annotated[
    Path, typer.Option(help="Folder for the evidence and the capture; must be empty or not exist yet.")
]
_SNAPSHOT = Annotated[
    Path | None,
    typer.Option(help=r"Also write the groups' offsets to this file, for plan rollback. \[default: none]"),
]
_DURATION = Annotated[str, typer.Option(help="With --profile: how long to record before reading records.")]
_INTERVAL = Annotated[str, typer.Option(help="With --profile: time between two scrapes.")]


def _cutover(
    *,
    out: Path,
    capture: Path | None = None,
    profile: Path | None = None,
    snapshot: Path | None = None,
    duration: str = "20s",
    interval: str = "5s",
    **given: Any,
) -> None:
    from kafka_analysis.analyses import cutover_readiness
    from kafka_analysis.model.whole_files import write_atomically
    from kafka_analysis.plan import offsets_snapshot

    reads = {name: given.pop(name) for name in list(given) if name in CutoverReads.model_fields}
    with one_line_errors():
        if (capture is None) == (profile is None):
            raise InputError("give either a capture to check, or --profile of the clusters to check")
        check_folder(out)
        options = read_options(CutoverReadinessParameters, given)
        recorded = capture or _recorded(profile, out, options, reads, duration=duration, interval=interval)
        answer = cutover_readiness(recorded, **options)
        write_folder(out / "evidence", _evidence(answer))
        if snapshot is not None:
            write_atomically(snapshot, offsets_snapshot(answer.groups).write_csv())
    typer.echo("\n".join([answer.text(), *answer.notes]), err=True)
    for result in answer.results:
        typer.echo(f"{result.verdict.light.symbol} {result.cluster}: {result.verdict.sentence}")
    typer.echo(str(out / "evidence"))
    lights = [result.verdict.light for result in answer.results]
    # No-go beats not enough data: what blocks is known whatever else is not.
    raise typer.Exit(max((_EXIT[light] for light in lights), key=[0, 4, 3].index, default=4))


def _recorded(
    profile: Path | None,
    out: Path,
    options: dict[str, Any],
    reads: dict[str, Any],
    *,
    duration: str,
    interval: str,
) -> Path:
    """Record both ends beside the evidence, and return where."""
    from kafka_analysis.live.checks.cutover import record_for_cutover
    from kafka_analysis.model.parameters import validate_parameters
    from kafka_analysis.sources.profiles import load_profile

    place = out / "capture"
    parameters = validate_parameters(CutoverReadinessParameters.notebook, {**options, "capture": str(place)})
    seconds, every = parse_duration(duration), parse_duration(interval)
    with shown_progress(every_s=_LINE_EVERY_S) as show:
        return record_for_cutover(
            load_profile(profile or Path()),
            place,
            parameters=parameters,
            reads=CutoverReads(**read_options(CutoverReads, reads)),
            duration_s=seconds,
            interval_s=every,
            on_progress=lambda p: show(
                p.duration_s and min(p.elapsed_s / p.duration_s, 1.0), f"{p.asked} requests sent"
            ),
        )


def _evidence(answer: CutoverReadiness) -> dict[str, bytes]:
    from kafka_analysis import tables
    from kafka_analysis.plan import offsets_snapshot
    from kafka_analysis.report.evidence import Section, evidence_files
    from kafka_analysis.report.summary import describe_capture

    shown = (
        ("Go or no-go", tables.cutover_verdicts(answer.verdicts)),
        ("What is not ready, and how to mend it", tables.cutover_blocking(answer.blocking, top_n=200)),
        ("The checklist", tables.cutover_checklist(answer.summary)),
        ("What will be read twice", tables.records_read_twice(answer.read_twice, top_n=200)),
        ("What differs between both ends", tables.end_differences(answer.differences, top_n=100)),
        ("What the check read", tables.reading_costs(answer.reads)),
    )
    return evidence_files(
        title="Cut-over check",
        question="May these waves cut over now, and what will be read twice?",
        results=answer.results,
        sections=[Section(heading, table.html()) for heading, table in shown],
        tables={
            "verdicts": answer.verdicts,
            "checklist": answer.summary,
            "read_twice": answer.read_twice,
            "differences": answer.differences,
        },
        whole={
            "not_ready": answer.blocking,
            "offsets": offsets_snapshot(answer.groups),
            "places": answer.checks,
            "read_twice_partitions": answer.read_twice_partitions,
            "counts": answer.counts,
            "compared": answer.records,
            "record_checks": answer.record_checks,
        },
        capture=describe_capture(answer.scope.whole),
        parameters=answer.parameters.given(),
        notes=answer.notes,
    )


signed(
    _cutover,
    [
        Parameter("capture", Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=_CAPTURE),
        Parameter("out", Parameter.KEYWORD_ONLY, annotation=_OUT),
        Parameter("profile", Parameter.KEYWORD_ONLY, default=None, annotation=_PROFILE),
        Parameter("snapshot", Parameter.KEYWORD_ONLY, default=None, annotation=_SNAPSHOT),
        Parameter("duration", Parameter.KEYWORD_ONLY, default="20s", annotation=_DURATION),
        Parameter("interval", Parameter.KEYWORD_ONLY, default="5s", annotation=_INTERVAL),
        *options_of(CutoverReadinessParameters, leave_out=_OF_NOTEBOOK),
        *options_of(CutoverReads),
    ],
)
check.command(
    "cutover",
    help="Check whether waves may cut over now: go, no-go or not enough data, and how many records are read twice."
    "\n\nIt only reads, so repeat it freely. Exit codes: 0 go, 3 no-go, 4 not enough data, 2 wrong use or "
    "no answer. The last line printed is the folder of the evidence.",
)(_cutover)

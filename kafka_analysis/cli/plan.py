"""``kafka-analysis plan``: judge what is to be done to a cluster before it is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.options import options_of, read_options, signed
from kafka_analysis.cli.output_folder import check_folder, write_folder
from kafka_analysis.model.errors import InputError
from kafka_analysis.model.parameters import NotebookParameters, planning
from kafka_analysis.model.summary import safe_names

if TYPE_CHECKING:
    from kafka_analysis.analyses import Answer

plan = typer.Typer(help="Make and review plans for Kafka's own tools.", no_args_is_help=True)
_CODES = """

Exit codes: 0 done (goals that cannot be met are listed), 2 wrong use, or no plan is possible (nothing written; the
message says why). The last line printed is the folder."""
_CAPTURE = Annotated[
    Path | None,
    typer.Argument(metavar="[CAPTURE]", help=r"Folder of the capture. \[default: files given as options]"),
]
_OUT = Annotated[Path, typer.Option(help="Folder for the plan's files; must be empty or not exist yet.")]
_RECORDED = Annotated[Path, typer.Argument(metavar="CAPTURE", help="Folder of the capture.")]
_REASSIGNMENT = Annotated[
    Path,
    typer.Argument(
        metavar="PLAN",
        help="Reassignment JSON, output of kafka-reassign-partitions --generate, or plan.json.",
    ),
]
_AS_JSON = Parameter(
    "as_json", Parameter.KEYWORD_ONLY, default=False,
    annotation=Annotated[bool, typer.Option("--json", help="Print as JSON.")],
)  # fmt: skip
_OF_NOTEBOOKS = ("top_n",)


def _planning(analysis: str, model: type[NotebookParameters]) -> Callable[..., None]:
    """Make the command of an analysis that writes plans; its options are the model's."""

    def command(*, out: Path, capture: Path | None = None, as_json: bool = False, **given: Any) -> None:
        with one_line_errors():
            check_folder(out)
            answer = _ask(analysis, capture, read_options(model, given))
            if not any(answer.files.values()):
                raise InputError("; ".join(f"{r.cluster}: {r.verdict.sentence}" for r in answer.results))
            write_folder(out, _in_folders(answer))
        typer.echo(_json(answer) if as_json else _text(answer), err=not as_json)
        typer.echo(str(out), err=as_json)

    leading = [
        Parameter("capture", Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=_CAPTURE),
        Parameter("out", Parameter.KEYWORD_ONLY, annotation=_OUT),
    ]
    options = options_of(model, leave_out=_OF_NOTEBOOKS)
    signed(command, [*leading, *options, _AS_JSON])
    return command


for _name, _analysis, _model, _what in (
    ("rebalance", "rebalance", planning.RebalanceParameters,
     "Balance a cluster with the fewest bytes moved: reassignments and rollbacks in batches, and a plan to read."),
    ("split", "cluster_split", planning.ClusterSplitParameters,
     "Split topics into cells: few clients need several cells, and no cell exceeds its limits."),
    ("size", "msk_sizing", planning.MskSizingParameters,
     "Size MSK clusters with two published models; write options, ranking and costs as tables."),
    ("waves", "migration_waves", planning.MigrationWavesParameters,
     "Plan the waves of a migration: what moves when, and a checklist for each wave."),
):  # fmt: skip
    plan.command(_name, help=_what + _CODES)(_planning(_analysis, _model))


def _judge(*, capture: Path, reassignment: Path, as_json: bool = False, **given: Any) -> None:
    with one_line_errors():
        options = read_options(planning.JudgementParameters, given)
        answer = _ask("judgement", capture, {**options, "reassignment": str(reassignment)})
    typer.echo(_json(answer) if as_json else _text(answer))


signed(
    _judge,
    [
        Parameter("capture", Parameter.POSITIONAL_OR_KEYWORD, annotation=_RECORDED),
        Parameter("reassignment", Parameter.POSITIONAL_OR_KEYWORD, annotation=_REASSIGNMENT),
        *options_of(planning.JudgementParameters, leave_out=("reassignment",)),
        _AS_JSON,
    ],
)
plan.command(
    "judge",
    help="Review any reassignment: what it moves, the load of each broker afterwards, and rules it fixes or breaks."
    "\n\nExit codes: 0 done, 2 wrong use, or the plan is for another cluster.",
)(_judge)


def _ask(analysis: str, capture: Path | None, options: dict[str, Any]) -> Answer:
    return getattr(import_module("kafka_analysis.analyses"), analysis)(capture, **options)


def _in_folders(answer: Answer) -> dict[str, str]:
    """Return the files to write: those of one cluster as they are, those of several in a folder for each."""
    if len(answer.files) == 1:
        (files,) = answer.files.values()
        return dict(files)
    folders = safe_names(answer.files)
    return {
        f"{folders[cluster]}/{name}": text
        for cluster, files in answer.files.items()
        for name, text in files.items()
    }


def _text(answer: Answer) -> str:
    lines = []
    for result in answer.results:
        lines.append(result.text())
        lines += [
            f"  {finding.light.symbol} {finding.title}. {finding.detail} {finding.action}".rstrip()
            for finding in result.findings
        ]
    return "\n".join([*lines, *answer.notes])


def _json(answer: Answer) -> str:
    document = {
        "results": [result.model_dump(mode="json") for result in answer.results],
        "notes": list(answer.notes),
        "tables": {name: frame.to_dicts() for name, frame in answer.frames.items()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str)


@plan.command("rollback")
def _rollback(
    *,
    snapshot: Annotated[
        Path, typer.Argument(metavar="SNAPSHOT", help="File that check cutover --snapshot wrote.")
    ],
    cluster: Annotated[str, typer.Option(help="Cluster to which the groups return: the source.")],
    out: _OUT,
) -> None:
    """Write files for kafka-consumer-groups.sh that reset groups to their offsets before a cut-over.

    Exit codes: 0 done, 2 wrong use, or no offsets of that cluster in the snapshot (nothing written). The last
    line printed is the folder.
    """
    from kafka_analysis.plan import read_snapshot, rollback_files

    with one_line_errors():
        check_folder(out)
        write_folder(out, rollback_files(read_snapshot(snapshot), cluster=cluster))
    typer.echo(str(out))

"""``kafka-analysis routing``: make a routing table, check it, and compare two versions, before clients use it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import one_line_errors

if TYPE_CHECKING:
    import polars as pl

    from kafka_analysis.plan.routing.table import RoutingTable
    from kafka_analysis.plan.routing.validate import Problem

NOT_GOOD = 3
routing = typer.Typer(help="Make, check and compare routing tables.", no_args_is_help=True)
_AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@routing.command()
def build(
    *,
    cells: Annotated[Path, typer.Option(help="CSV of topic and cell: cells.csv of plan split.")],
    flows: Annotated[Path, typer.Option(help="CSV of client, kind, topic: flows.csv of plan split.")],
    source: Annotated[str, typer.Option(help="Name of the cluster to split.")],
    bootstrap: Annotated[
        list[str],
        typer.Option(
            metavar="CLUSTER=SERVERS",
            help="Bootstrap servers of the source, and of each existing cell; may be repeated.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="New file for the table: .json or .yaml.")],
    waves: Annotated[
        Path | None,
        typer.Option(help=r"CSV of topic and wave: topic_waves.csv of plan waves. \[default: no waves]"),
    ] = None,
) -> None:
    """Make the first routing table of a split: everything still at the source, with its future cell and wave.

    Exit codes: 0 done, 2 wrong use (nothing written). The last line printed is the file.
    """
    import polars as pl

    from kafka_analysis.cli.options import pair_of
    from kafka_analysis.model.errors import InputError
    from kafka_analysis.plan.routing.build import build_routing
    from kafka_analysis.routing.files import write_routing

    with one_line_errors():
        if out.exists():
            message = f"--out {out} exists already; name a new file: clients may be using the old one"
            raise InputError(message)
        used, planned = _rows(flows), _rows(waves)
        if planned is not None and "wave" in planned.columns:
            planned = planned.with_columns(pl.col("wave").cast(pl.Int32, strict=False))
        who = used.select("client", "kind").unique() if {"client", "kind"} <= set(used.columns) else used
        addresses = dict(pair_of("--bootstrap", text) for text in bootstrap)
        table = build_routing(_rows(cells), who, used, source=source, bootstrap=addresses, waves=planned)
        write_routing(table, out)
    typer.echo(str(out))


@routing.command()
def validate(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Routing table, JSON or YAML.")],
    *,
    topics: Annotated[
        Path | None,
        typer.Option(
            help=r"CSV with the column topic: every topic that needs a route. \[default: not checked]"
        ),
    ] = None,
    flows: Annotated[
        Path | None,
        typer.Option(help=r"CSV of client, kind, topic: topics that clients use. \[default: not checked]"),
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Check a routing table: topics without a route, topics in two cells, clients on the wrong cluster.

    Exit codes: 0 clients may use it, 2 it cannot be read, 3 it breaks a rule.
    """
    from kafka_analysis.plan.routing.validate import validate_routing
    from kafka_analysis.routing.files import read_routing

    with one_line_errors():
        read = read_routing(table)
        problems = validate_routing(read, topics=_rows(topics), flows=_rows(flows))
    typer.echo(_problems_json(problems) if as_json else "\n".join(_problem_lines(read, problems)))
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(NOT_GOOD)


@routing.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Table that clients use now.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Table to replace it.")],
    *,
    as_json: _AsJson = False,
) -> None:
    """Compare two routing tables: what changes, and whether each step is allowed.

    Exit codes: 0 every step is allowed, 2 a table cannot be read, 3 a step is not allowed.
    """
    from kafka_analysis.plan.routing.diff import routing_diff
    from kafka_analysis.routing.files import read_routing

    with one_line_errors():
        rows = routing_diff(read_routing(old), read_routing(new))
    typer.echo(
        json.dumps(rows.to_dicts(), ensure_ascii=False, indent=2) if as_json else "\n".join(_diff_lines(rows))
    )
    if "jump" in rows["step"].to_list():
        raise typer.Exit(NOT_GOOD)


def _rows(path: Path | None) -> pl.DataFrame | None:
    import polars as pl

    from kafka_analysis.analyses.input_files import read_bytes
    from kafka_analysis.model.errors import InputError

    if path is None:
        return None
    try:
        return pl.read_csv(read_bytes(path), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{path} is not valid CSV: {str(error).splitlines()[0]}") from None


def _problems_json(problems: list[Problem]) -> str:
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2)


def _problem_lines(table: RoutingTable, problems: list[Problem]) -> list[str]:
    from kafka_analysis.model.units import counted

    wrong = sum(problem.severity == "error" for problem in problems)
    verdict = f"must not be used: {counted(wrong, 'error')}" if wrong else "may be used"
    size = f"{counted(len(table.topics), 'topic')}, {counted(len(table.clients), 'client')}"
    return [f"version {table.version} ({size}) {verdict}", *(f"  {problem}" for problem in problems)]


def _diff_lines(rows: pl.DataFrame) -> list[str]:
    if rows.is_empty():
        return ["no changes"]
    lines = []
    for row in rows.iter_rows(named=True):
        whose = f"{row['subject']} {row['name']}" + (f", {row['topic']}" if row["topic"] else "")
        change = "" if row["from"] == row["to"] else f": {row['from'] or 'none'} → {row['to'] or 'none'}"
        why = f" ({row['why']})" if row["why"] else ""
        lines.append(f"{row['step']:8} {whose}: {row['change']}{change}{why}")
    return lines

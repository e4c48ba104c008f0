"""The command line: no logic, only words in and words out."""

from typing import Annotated

import typer

from kafka_analysis.cli.capture import capture
from kafka_analysis.cli.captures import captures
from kafka_analysis.cli.check import check
from kafka_analysis.cli.discover import discover
from kafka_analysis.cli.doctor import doctor
from kafka_analysis.cli.imports import imports
from kafka_analysis.cli.ingest import ingest
from kafka_analysis.cli.inspect import inspect
from kafka_analysis.cli.plan import plan
from kafka_analysis.cli.report import report
from kafka_analysis.cli.routing import routing
from kafka_analysis.cli.simulate import simulate

app = typer.Typer(
    name="kafka-analysis",
    help="Decide and prove Kafka migrations: record clusters, then report on the recording.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(doctor)
app.command()(capture)
app.command()(ingest)
app.add_typer(captures, name="captures")
app.command()(inspect)
app.command()(report)
app.add_typer(plan, name="plan")
app.add_typer(check, name="check")
app.add_typer(routing, name="routing")
app.add_typer(imports)
app.add_typer(discover)
app.command()(simulate)


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(version("kafka-analysis"))
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line."""
    app()

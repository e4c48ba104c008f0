"""``kafka-analysis discover …``: find clusters and write the profile that reaches them."""

from pathlib import Path
from typing import Annotated

import typer

from kafka_analysis.cli.errors import one_line_errors

discover = typer.Typer(
    name="discover", help="Find clusters and write the profile that reaches them.", no_args_is_help=True
)


@discover.command()
def msk(
    *,
    region: Annotated[
        str | None, typer.Option(help=r"AWS region. \[default: from your AWS configuration]")
    ] = None,
    aws_profile: Annotated[
        str | None, typer.Option(help=r"Profile of your AWS configuration. \[default: AWS's own]")
    ] = None,
    name_prefix: Annotated[
        str | None, typer.Option(help=r"Only clusters whose names start with this. \[default: all]")
    ] = None,
    out: Annotated[Path | None, typer.Option(help=r"New file for the profile. \[default: print it]")] = None,
) -> None:
    """Find Amazon MSK clusters and write a profile of them. Nothing is changed in AWS, and no secret is written.

    Exit codes: 0 done, 2 wrong use, no cluster found, or no answer from MSK (nothing written).
    """
    from kafka_analysis.live.checks.discover_msk import discover_msk, write_profile

    with one_line_errors():
        found = discover_msk(region=region, aws_profile=aws_profile, name_prefix=name_prefix)
        if out is not None:
            write_profile(found.profile, out)
    for cluster in found.clusters:
        typer.echo(
            f"{cluster.name}: {cluster.flavour}, Kafka {cluster.kafka_version or 'unknown'}, "
            f"{cluster.instance_type or 'broker type unknown'}, login {cluster.login}",
            err=True,
        )
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(found.profile if out is None else str(out), nl=out is not None)

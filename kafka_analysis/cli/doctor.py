"""``kafka-analysis doctor``: what is installed and reachable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kafka_analysis.cli.errors import one_line_errors
from kafka_analysis.cli.times import parse_duration

if TYPE_CHECKING:
    from kafka_analysis.live.checks.doctor import Check


def doctor(
    *,
    profile: Annotated[
        Path | None,
        typer.Option(
            help=r"Also check the clusters of this profile. \[default: kafka-analysis.toml, if it exists]"
        ),
    ] = None,
    interval: Annotated[
        str, typer.Option(help="Interval of the planned capture: each page must be read within it.")
    ] = "15s",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check what is installed and reachable, and say how to fix what is not.

    Exit codes: 0 all required checks passed, 1 something is missing, 2 the profile is wrong.
    """
    from kafka_analysis.live.checks.doctor import Status, check_folder, check_installed, check_profile
    from kafka_analysis.sources.profiles import DEFAULT_NAME, load_profile

    chosen = profile or (Path(DEFAULT_NAME) if Path(DEFAULT_NAME).exists() else None)
    with one_line_errors():
        checks = [*check_installed(), check_folder(Path.cwd())]
        if chosen is not None:
            checks += check_profile(load_profile(chosen), interval_s=parse_duration(interval))
    shown = [c.model_dump(mode="json") for c in checks]
    typer.echo(json.dumps(shown, indent=2) if as_json else "\n".join(map(_line, checks)))
    raise typer.Exit(1 if any(check.status is Status.MISSING for check in checks) else 0)


def _line(check: Check) -> str:
    mend = f" -> {check.mend}" if check.mend else ""
    return f"{check.status.value:<9}  {check.name}  {check.found}{mend}".rstrip()

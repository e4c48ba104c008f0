"""``kafka-analysis import``: bring the history that other systems have stored, before it expires."""

from __future__ import annotations

import typer

from kafka_analysis.cli.import_cloudwatch import cloudwatch

imports = typer.Typer(
    name="import", help="Bring weeks of history as a capture, before it expires.", no_args_is_help=True
)
imports.command()(cloudwatch)

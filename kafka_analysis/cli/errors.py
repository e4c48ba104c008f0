"""Errors of the command line: one line on standard error, and the exit code of the error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from kafka_analysis.model.addresses import without_credentials
from kafka_analysis.model.errors import KafkaAnalysisError


@contextmanager
def told() -> Iterator[None]:
    """Turn this package's errors into one line, without credentials, and their exit code."""
    try:
        yield
    except KafkaAnalysisError as error:
        typer.echo(f"error: {without_credentials(str(error))}", err=True)
        raise typer.Exit(error.exit_code) from None

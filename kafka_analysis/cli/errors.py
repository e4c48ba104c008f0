"""Errors of the command line: one line on standard error, and the exit code of the error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from kafka_analysis.model.addresses import without_credentials
from kafka_analysis.model.errors import KafkaAnalysisError
from kafka_analysis.model.places import place_error

_LONGEST = 4_000


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn this package's errors, and those of places on disk, into one line and their exit code."""
    try:
        yield
    except KafkaAnalysisError as error:
        _end(error)
    except Exception as error:
        named = place_error(error, getattr(error, "filename", None) or "a file", what="write or read")
        if named is None:
            raise
        _end(named)


def _end(error: KafkaAnalysisError) -> NoReturn:
    """Print an error without the credentials it may hold, and leave."""
    text = str(error)
    if len(text) > _LONGEST:  # the last word may be half a login, which nobody would know for one
        text = f"{text[:_LONGEST].rpartition(' ')[0]} …"
    typer.echo(f"error: {without_credentials(text)}", err=True)
    raise typer.Exit(error.exit_code) from None

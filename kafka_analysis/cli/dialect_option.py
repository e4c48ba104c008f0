"""The option that says by which dialect pages are read, the same for every command."""

from typing import Any

import typer

DIALECT: Any = typer.Option(
    "--dialect",
    metavar="NAME|FILE.toml",
    help="Use only this dialect, built in or your own file (docs/dialects.md); may be repeated. "
    r"\[default: detected]",
)

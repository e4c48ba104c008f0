"""The option that says by which dialect pages are read, the same for every command."""

from typing import Any

import typer

DIALECT: Any = typer.Option(
    "--dialect",
    metavar="NAME|FILE.toml",
    help="Read the lines by this dialect, or one of your own (docs/dialects.md), and no other; may be repeated. "
    "Without it, it is detected.",
)

"""Write a frame as a table of Markdown."""

from __future__ import annotations

import math

import polars as pl


def table(frame: pl.DataFrame) -> str:
    """Return a frame as Markdown, its numbers short, what is missing as `missing`.

    Examples
    --------
    >>> print(table(pl.DataFrame({"broker": [1], "bytes": [12_000.0], "share": [0.12345]})))
    | broker | bytes | share |
    | --- | --- | --- |
    | 1 | 12,000 | 0.1235 |
    """
    rows = [
        frame.columns,
        ["---"] * frame.width,
        *[[_cell(value) for value in row] for row in frame.iter_rows()],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, float):
        return f"{value:,.0f}" if math.isclose(value, round(value), abs_tol=1e-4) else f"{value:.4g}"
    return str(value).replace("|", "\\|")

"""Tables of tools that copy between clusters."""

from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.tables.base import Column, Table, build, with_texts

_VERDICTS = {"fits": "✔", "fits with care": "▲", "unknown": "?", "does not fit": "✖"}  # the best one first
_ADVICE = (
    Column("tool", "Tool"),
    Column("pattern", "Pattern", missing="not given"),
    Column("judged", "Verdict", whole=True),
    Column("why", "Reasons"),
)


def replication_advice(frame: Any, *, top_n: int = 3) -> Table:
    """List the tools of replication with their verdict, the best first, and why.

    Parameters
    ----------
    frame
        ``tools`` of ``plan.advise_replication``: ``tool``, ``pattern``, ``verdict``, ``reasons``, the worst first.
    top_n
        Reasons shown of each tool.

    Examples
    --------
    >>> rows = pl.DataFrame({"tool": ["a", "b"], "pattern": ["fan-out", None], "verdict": ["does not fit", "fits"],
    ...     "reasons": [["licences: not among them [fact_of_a]"], ["topics: few [fact_of_b]"]]})
    >>> replication_advice(rows).cells.row(0)
    ('b', 'not given', '✔ fits', 'topics: few [fact_of_b]')
    """
    rows = to_polars(frame)
    rank = pl.col("verdict").replace_strict(
        {name: at for at, name in enumerate(_VERDICTS)}, return_dtype=pl.Int8
    )
    shown = with_texts(
        rows.sort(rank, maintain_order=True), ["judged", "why"], lambda row: _texts(row, top_n)
    )
    note = "In brackets: the fact behind a reason; the table of reasons gives its source."
    return build("replication_advice", "Replication tools, best first", shown, _ADVICE, note)


def _texts(row: dict[str, Any], top_n: int) -> tuple[str, str]:
    reasons = list(row["reasons"])
    more = [f"and {len(reasons) - top_n} more"] if len(reasons) > top_n else []
    return f"{_VERDICTS[row['verdict']]} {row['verdict']}", "; ".join([*reasons[:top_n], *more])

"""Tables of the executive summary: every answer, action, risk, unknown and change in full."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from kafka_analysis.model.findings import Light
from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.units import UNKNOWN, listed
from kafka_analysis.tables.base import Column, Table, build

_LIGHTS = {str(light): f"{light.symbol} {light.word}" for light in Light}
_NOT_STATED = "not stated"
_NAMED = 5
_NOTEBOOK = Column("notebook", "Notebook", whole=True)
_CLUSTERS = Column("clusters", "Clusters")
_LIGHT = Column("light", "Light", whole=True)


def executive_answers(answers: Any, *, top_n: int = 200) -> Table:
    """List every answer of a run: its notebook, cluster, light and sentence.

    Parameters
    ----------
    answers
        ``answers`` of ``analyses.executive_summary``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"notebook": "10_inventory", "cluster": "c", "light": ["red"], "sentence": ["No leader."]})
    >>> executive_answers(rows).cells.row(0)
    ('✖ act', '10_inventory', 'c', 'No leader.')
    """
    columns = (_LIGHT, _NOTEBOOK, Column("cluster", "Cluster"), Column("sentence", "Answer"))
    return _built("executive_answers", "All answers", _lit(answers), columns, top_n)


def executive_actions(actions: Any, *, top_n: int = 200) -> Table:
    """List every action, the worst first: why, command or setting, effect, how to take it back, owner.

    Parameters
    ----------
    actions
        ``actions`` of ``analyses.executive_summary``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"light": "amber", "notebook": "n", "clusters": [["a", "b"]], "what": "Ask.", "why": "less",
    ...     "command": "", "effect": "", "undo": "nothing is changed", "owner": ""})
    >>> executive_actions(rows).cells.row(0)
    ('▲ watch', 'Ask.', 'less', 'a, b', 'not stated', 'not stated', 'nothing is changed', 'unknown', 'n')
    """
    rows = _lit(actions).with_columns(
        _filled("command", "effect", "undo", with_text=_NOT_STATED), _filled("owner", with_text=UNKNOWN)
    )
    columns = (
        _LIGHT,
        Column("what", "What to do"),
        Column("why", "Why"),
        _CLUSTERS,
        Column("command", "Command or setting"),
        Column("effect", "Effect"),
        Column("undo", "How to undo it"),
        Column("owner", "Owner"),
        _NOTEBOOK,
    )
    note = "Replace CAPTURE and other words in capitals with your own values."
    return _built("executive_actions", "All actions", rows, columns, top_n, note)


def executive_risks(risks: Any, *, top_n: int = 200) -> Table:
    """List the red and amber findings that do not say what to do themselves, the worst first.

    Parameters
    ----------
    risks
        ``risks`` of ``analyses.executive_summary``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"light": "red", "notebook": "n", "clusters": [["a"]], "title": "full", "detail": ""})
    >>> executive_risks(rows).cells.row(0)
    ('✖ act', 'full', 'a', '', 'n')
    """
    columns = (_LIGHT, Column("title", "Risk"), _CLUSTERS, Column("detail", "What was seen"), _NOTEBOOK)
    return _built("executive_risks", "Risks: findings without an action", _lit(risks), columns, top_n)


def executive_unknown(unknown: Any, *, top_n: int = 200) -> Table:
    """List what is not known, and what would make it known.

    Parameters
    ----------
    unknown
        ``unknown`` of ``analyses.executive_summary``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"notebook": "n", "clusters": [["a"]], "what": "the lag", "how": "Grant Describe."})
    >>> executive_unknown(rows).cells.row(0)
    ('the lag', 'a', 'Grant Describe.', 'n')
    """
    columns = (Column("what", "Not known"), _CLUSTERS, Column("how", "How to find out"), _NOTEBOOK)
    return _built("executive_unknown", "What is not known", to_polars(unknown), columns, top_n)


def executive_changes(changes: Any, *, top_n: int = 200) -> Table:
    """List what changed since the run before: lights, then figures, worse before better.

    Parameters
    ----------
    changes
        ``changes`` of ``analyses.executive_summary``.
    top_n
        Rows shown.

    Examples
    --------
    >>> rows = pl.DataFrame({"notebook": "n", "cluster": "c", "what": "light", "before": "good", "now": "act",
    ...     "word": ["worse"]})
    >>> executive_changes(rows).cells.row(0)
    ('c', 'light', 'good', 'act', '▼ worse', 'n')
    """
    words = {"better": "▲ better", "worse": "▼ worse"}
    rows = to_polars(changes).with_columns(word=pl.col("word").cast(pl.String).replace(words))
    columns = (
        Column("cluster", "Cluster"),
        Column("what", "What"),
        Column("before", "Before"),
        Column("now", "Now"),
        Column("word", "Change", whole=True),
        _NOTEBOOK,
    )
    return _built("executive_changes", "What changed", rows, columns, top_n)


def _built(
    function: str, title: str, rows: pl.DataFrame, columns: Sequence[Column], top_n: int, note: str = ""
) -> Table:
    """Lay out the first rows, of many clusters the first five."""
    shown = rows.head(top_n)
    if "clusters" in shown.columns:
        names = [listed(list(names or ()), _NAMED) for names in shown["clusters"].to_list()]
        shown = shown.with_columns(pl.Series("clusters", names, dtype=pl.String))
    return build(function, title, shown, columns, note, left_out=len(rows) - top_n)


def _lit(frame: Any) -> pl.DataFrame:
    return to_polars(frame).with_columns(light=pl.col("light").cast(pl.String).replace(_LIGHTS))


def _filled(*names: str, with_text: str) -> pl.Expr:
    return pl.col(*names).cast(pl.String).replace("", with_text).fill_null(with_text)

"""What all tables share: columns with units, unknown as a word, and a note that names the function."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from great_tables import GT, loc, style

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import UNKNOWN, format_quantity, format_time

NOTHING = "nothing to show"
_SENTENCE = 60  # characters: a longer text keeps some width on a narrow screen, where the table is scrolled
_SHORT = range(5, 15)  # characters: names like `monolith` are not broken over lines on a printed page
_WHOLE = "white-space: nowrap;"
_STYLE = re.compile(r"(<style[^>]*>)(.*?)</style>", re.DOTALL)
_RULE = re.compile(r"[^{}]+\{[^{}]*\}")
_CLASS = re.compile(r"\.(gt_\w+)")
_CLASSES = re.compile(r'class="([^"]*)"')
_BORDERLESS = re.compile(r"(border-(\w+)-style: none;) border-\2-width: [^;]+; border-\2-color: [^;]+;")
_NEEDLESS = re.compile(r' (?:headers="[^"]*"|(?:row|col)span="1")|(?<=>)\s*\n\s*(?=<)')


@dataclass(frozen=True)
class Column:
    """A column shown: its name in the frame, its heading, and the unit of its numbers.

    ``unit`` None shows the value as text; ``missing`` stands for a null; ``whole`` values are not broken over lines.
    """

    name: str
    label: str
    unit: str | None = None
    missing: str = UNKNOWN
    whole: bool = False


@dataclass(frozen=True, repr=False)
class Table:
    """A table laid out, the texts of its cells, and the name of the function that made it.

    ``gt`` is Great Tables' own object, for further dressing.
    """

    gt: GT
    cells: pl.DataFrame
    title: str
    function: str

    def html(self) -> str:
        """Return the table as HTML; text read from clusters is escaped."""
        return _without_ballast(self.gt.as_raw_html())

    def __repr__(self) -> str:
        rows = "1 row" if len(self.cells) == 1 else f"{len(self.cells)} rows"
        return f"{self.title}: {rows} [kafka_analysis.tables.{self.function}]"

    def _repr_html_(self) -> str:
        return self.html()


def build(frame: Any, columns: Sequence[Column], *, function: str, title: str, note: str = "") -> Table:
    """Lay rows out as a table.

    Parameters
    ----------
    frame
        A frame with the columns named, Polars or pandas.
    columns
        The columns shown, in order; those the frame does not have are left out.
    function
        Name of the public function, for the source note.
    title, note
        Heading, and a sentence about how to read it.

    Returns
    -------
    Table
        Without rows it says so.
    """
    rows = to_polars(frame)
    shown = [column for column in columns if column.name in rows.columns]
    cells = pl.DataFrame({c.label: _texts(rows[c.name], c) for c in shown})
    if cells.is_empty():
        cells, shown = pl.DataFrame({" ": [NOTHING]}), []
    table = GT(cells, id=f"table-{function}").tab_header(title)
    numbers = [c.label for c in shown if c.unit is not None]
    table = (
        table.cols_align("left").cols_align("right", columns=numbers) if numbers else table.cols_align("left")
    )
    whole = [c.label for c in shown if c.whole or (c.unit is None and _longest(cells[c.label]) in _SHORT)]
    if whole:
        table = table.tab_style(style.css(_WHOLE), loc.body(columns=whole))
    wordy = [c.label for c in shown if c.unit is None and _longest(cells[c.label]) > _SENTENCE]
    if wordy:
        table = table.tab_style(style.css("min-width: 14em;"), loc.body(columns=wordy))
    if note:
        table = table.tab_source_note(note)
    named = table.tab_source_note(f"Table by kafka_analysis.tables.{function}")
    return Table(named, cells, title, function)


def _longest(texts: pl.Series) -> int:
    return texts.str.len_chars().max() or 0


def amounts(rows: pl.DataFrame, name: str) -> pl.Series:
    """Write the values of a column in the unit of each row's ``resource``; a null stays one."""
    pairs = rows.select("resource", name).iter_rows()
    texts = [
        None if value is None else format_quantity(value, RESOURCES[resource].unit)
        for resource, value in pairs
    ]
    return pl.Series(name, texts, dtype=pl.String)


def with_evidence(name: str) -> pl.Expr:
    """Return a column of text with ``evidence`` in brackets, wherever that is not ``measured``."""
    bracket = pl.format("{} ({})", name, "evidence")
    return pl.when(pl.col("evidence") == "measured").then(name).otherwise(bracket).alias(name)


def _without_ballast(html: str) -> str:
    """Leave out what only makes the table larger: rules of classes it does not use, and references to headings.

    Each heading says by its ``scope`` that it is its column's.
    """
    style, rest = _STYLE.search(html), _STYLE.sub("", html, count=1)
    if style is None:
        return html
    html, rest = _NEEDLESS.sub("", html), _NEEDLESS.sub("", rest)
    used = {name for names in _CLASSES.findall(rest) for name in names.split()}
    rules = dict.fromkeys(rule.strip() for rule in _RULE.findall(_BORDERLESS.sub(r"\1", style[2])))
    kept = [rule for rule in rules if set(_CLASS.findall(rule.partition("{")[0])) <= used]
    rules_of_its_own = f".ka_whole {{ {_WHOLE} }}" if _WHOLE in html else ""
    small = html.replace(f'style="{_WHOLE}" class="', 'class="ka_whole ')
    return small.replace(style[0], f"{style[1]}{''.join(kept)}{rules_of_its_own}</style>", 1)


def _texts(values: pl.Series, column: Column) -> list[str]:
    return [_text(value, column) for value in values.to_list()]


def _text(value: Any, column: Column) -> str:
    if value is None:
        return column.missing
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.unit is None:
        return str(value)
    if column.unit == "":
        return f"{value:,}" if isinstance(value, int) else format_quantity(value)
    return format_quantity(value, column.unit)

"""What all tables share: columns with units, unknown as a word, and a note that names the function."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from kafka_analysis.model.frames import to_polars
from kafka_analysis.model.markup import block, element
from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.model.units import UNKNOWN, counted, format_quantity, format_time

NOTHING = "nothing to show"
_SENTENCE = 60  # characters: a longer text keeps some width on a narrow screen, where the table is scrolled
_SHORT = range(5, 15)  # characters: names like `monolith` are not broken over lines on a printed page
_LEFT = "text-align:left"
_IN_DURATION = re.compile(r"(?<=\d) (?=(?:s|min|h|d)\b)")  # its number and unit stay on one line
_NO_BREAK = "\u00a0"
_SMALL = "font-size:0.85em;opacity:0.8"


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


_CLUSTER = Column("cluster", "Cluster")


@dataclass(frozen=True, repr=False)
class Table:
    """A table laid out: the texts of its cells by heading, and the name of the function that made it.

    ``styles`` has the style of the cells of each column, '' for numbers; ``left_out`` is how many rows are not shown.
    """

    cells: pl.DataFrame
    styles: tuple[str, ...]
    title: str
    function: str
    note: str = ""
    left_out: int = 0

    def html(self) -> str:
        """Return the table as HTML; text read from clusters is escaped."""
        headings = [
            element("th", label, scope="col", style=_LEFT if _LEFT in style else "")
            for label, style in zip(self.cells.columns, self.styles, strict=True)
        ]
        rows = [
            element(
                "tr",
                *(
                    element("td", _IN_DURATION.sub(_NO_BREAK, text), style=style)
                    for text, style in zip(row, self.styles, strict=True)
                ),
            )
            for row in self.cells.iter_rows()
        ]
        table = element(
            "table",
            element("caption", self.title, style="text-align:left;font-weight:600;padding:0 0 4px"),
            element("thead", element("tr", *headings)),
            element("tbody", *rows),
            style="margin:0",
        )
        notes = f"{self.note} Table by kafka_analysis.tables.{self.function}.".lstrip()
        more = f"{counted(self.left_out, 'more row')}: see the table file of the report."
        return block(
            table,
            element("div", notes, css="ka-note", style=_SMALL),
            element("div", more, css="ka-note ka-left-out", style=_SMALL) if self.left_out else "",
            css="ka-table",
        )

    def __repr__(self) -> str:
        rows = "1 row" if len(self.cells) == 1 else f"{len(self.cells)} rows"
        return f"{self.title}: {rows} [kafka_analysis.tables.{self.function}]"

    def _repr_html_(self) -> str:
        return self.html()


def build(
    function: str, title: str, frame: Any, columns: Sequence[Column], note: str = "", *, left_out: int = 0
) -> Table:
    """Lay rows out as a table.

    Parameters
    ----------
    function, title
        Name of the public function, for the source note, and the heading.
    frame
        A frame with the columns named, Polars or pandas.
    columns
        The columns shown, in order; those the frame does not have are left out. ``cluster`` is shown first unless it
        is among them.
    note
        A sentence about how to read it.
    left_out
        How many rows there are besides those of ``frame``; below 0 counts as none.

    Returns
    -------
    Table
        Without rows it says so.
    """
    rows = to_polars(frame)
    listed = columns if any(column.name == "cluster" for column in columns) else (_CLUSTER, *columns)
    shown = [column for column in listed if column.name in rows.columns]
    cells = pl.DataFrame({c.label: [_text(value, c) for value in rows[c.name].to_list()] for c in shown})
    if cells.is_empty():
        cells, shown = pl.DataFrame({" ": [NOTHING]}), []
    styles = tuple(_style(column, cells[column.label]) for column in shown) or (_LEFT,)
    return Table(cells, styles, title, function, note, max(left_out, 0))


def _style(column: Column, texts: pl.Series) -> str:
    if column.unit is not None:
        return "white-space:nowrap" if column.whole else ""
    longest = texts.str.len_chars().max() or 0
    whole = ";white-space:nowrap" if column.whole or longest in _SHORT else ""
    return _LEFT + whole + (";min-width:14em" if longest > _SENTENCE else "")


def by_cluster(rows: pl.DataFrame, *order: str | pl.Expr) -> pl.DataFrame:
    """Sort the rows of each cluster; the clusters stay in the order in which they first come.

    Examples
    --------
    >>> rows = pl.DataFrame({"cluster": ["source", "cell", "source"], "n": [2, 3, 1]})
    >>> by_cluster(rows, "n").rows()
    [('source', 1), ('source', 2), ('cell', 3)]
    """
    if "cluster" not in rows.columns:
        return rows.sort(*order, maintain_order=True)
    first = pl.col("_place").min().over("cluster")
    return rows.with_row_index("_place").sort(first, *order, maintain_order=True).drop("_place")


def with_texts(
    rows: pl.DataFrame, names: Sequence[str], write: Callable[[dict[str, Any]], Sequence[str | None]]
) -> pl.DataFrame:
    """Add columns of text by their names; ``write`` returns the texts of a row."""
    texts = [write(row) for row in rows.iter_rows(named=True)]
    return rows.with_columns(pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row"))


def resource_words() -> pl.Expr:
    """Return ``resource`` as its words."""
    return pl.col("resource").replace({name: resource.words for name, resource in RESOURCES.items()})


def whole_dollars(name: str) -> pl.Expr:
    """Return a column of dollars without cents as ``usd``."""
    return pl.col(name).round(0).cast(pl.Int64).alias("usd")


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

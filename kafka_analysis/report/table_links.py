"""Link the tables of a page to the files that hold all of their rows."""

import ast
from collections.abc import Sequence

import nbformat
from bs4 import BeautifulSoup, Tag

from kafka_analysis.model.summary import SummaryTable
from kafka_analysis.model.units import counted, listed

_MOST_COLUMNS = 4


def link_tables(soup: BeautifulSoup, notebook: nbformat.NotebookNode, tables: Sequence[SummaryTable]) -> None:
    """Put a link to the CSV below each table whose notebook cell names the frame it shows; in place.

    A notebook cell such as ``tables.brokers(inventory.brokers)`` shows the frame ``brokers``, which is kept under that
    name. Where a cell names no frame that was kept, its table has no link.

    Parameters
    ----------
    soup
        The page's content, each notebook cell a ``section`` with its position (from 1) in ``data-cell``.
    notebook
        The executed notebook.
    tables
        What was kept, with files relative to the page.
    """
    kept = {table.name: table for table in tables if _csv_of(table)}
    for position, cell in enumerate(notebook.cells, start=1):
        named = _frames_shown(cell)
        shown = soup.select(f'section.code-cell[data-cell="{position}"] .ka-table') if named else []
        if len(named) == len(shown):  # otherwise nobody can tell which is which
            for block, names in zip(shown, named, strict=True):
                for name in [name for name in names if name in kept][:1]:
                    for line in block.select(".ka-left-out"):  # the link says it
                        line.decompose()
                    block.append(_link(soup, kept[name]))


def _csv_of(table: SummaryTable) -> str:
    return next((file for file in table.files if file.startswith("tables/") and file.endswith(".csv")), "")


def _frames_shown(cell: nbformat.NotebookNode) -> list[list[str]]:
    """Return the attributes within what each call of a function of ``tables`` is given first, in their order."""
    try:
        tree = ast.parse(cell.source if cell.cell_type == "code" else "")
    except SyntaxError:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_of_tables(node.func)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    return [
        [
            part.attr
            for argument in call.args[:1]
            for part in ast.walk(argument)
            if isinstance(part, ast.Attribute)
        ]
        for call in calls
    ]


def _is_of_tables(function: ast.expr) -> bool:
    owner = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id == "tables"


def _link(soup: BeautifulSoup, table: SummaryTable) -> Tag:
    line = soup.new_tag("p", attrs={"class": "table-file"})
    link = soup.new_tag("a", attrs={"href": _csv_of(table)})
    link.string = f"{table.name}.csv"
    line.extend(
        ["Full table: ", link, f", {counted(table.rows, 'row')} ({listed(table.columns, _MOST_COLUMNS)})"]
    )
    return line

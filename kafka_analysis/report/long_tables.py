"""Cut long tables of a page to their first rows: the rest is folded below them, and is not printed."""

import copy

from bs4 import BeautifulSoup, Tag

from kafka_analysis.model.units import counted

MOST_ROWS, FIRST_ROWS = 20, 12
MOST_PRINTED, FIRST_PRINTED = 10, 8
SCREEN_ONLY, PAPER_ONLY = "screen-only", "paper-only"  # classes of report.css


def fold_long_tables(soup: BeautifulSoup) -> None:
    """Fold what a table has beyond its first rows; in place.

    Tables come ordered by what matters, so the first rows are kept in sight: 12 where there are more than 20. The
    others become a table with the same headings, in ``<details>`` below. Paper has the first 8 of more than 10 and
    says so: in the line that links the table's file, else in a line of its own. Tables that are layout
    (``ka-tiles``, ``ka-facts``), lie within another, or have values that span rows stay as they are.

    Parameters
    ----------
    soup
        The page's content.
    """
    for table in soup.select("table:not(.ka-tiles, .ka-facts)"):
        body = table.find("tbody", recursive=False)
        rows = [] if body is None else body.find_all("tr", recursive=False)
        if len(rows) <= MOST_PRINTED or table.find_parent("table") or _spans(rows):
            continue
        _tell_on_paper(soup, table, len(rows) - FIRST_PRINTED)
        for row in rows[FIRST_PRINTED : FIRST_ROWS if len(rows) > MOST_ROWS else None]:
            row["class"] = [*row.get("class", []), SCREEN_ONLY]
        if len(rows) > MOST_ROWS:
            table.insert_after(_folded(soup, table, rows[FIRST_ROWS:]))


def _tell_on_paper(soup: BeautifulSoup, table: Tag, count: int) -> None:
    """Say in print that rows are left out: before the link to the table's file where there is one."""
    line = table.parent.select_one(".table-file") if table.parent else None
    note = soup.new_tag("p" if line is None else "span", attrs={"class": PAPER_ONLY})
    if line is None:
        note.string = f"{counted(count, 'more row')}: see the page itself"
        table.insert_after(note)
    else:
        note.string = f"Printed: the first {FIRST_PRINTED} rows. "
        line.insert(0, note)


def _folded(soup: BeautifulSoup, table: Tag, rows: list[Tag]) -> Tag:
    fold = soup.new_tag("details", attrs={"class": "more-rows"})
    summary = soup.new_tag("summary")
    summary.string = counted(len(rows), "more row")
    rest = soup.new_tag("table", attrs=dict(table.attrs))
    caption, head = (table.find(name, recursive=False) for name in ("caption", "thead"))
    if caption is not None:
        again = soup.new_tag("caption", attrs={"class": "hidden"})
        again.string = f"{caption.get_text(' ', strip=True)}, continued"
        rest.append(again)
    if head is not None:
        rest.append(copy.copy(head))
    body = soup.new_tag("tbody")
    for row in rows:
        body.append(row.extract())
    rest.append(body)
    fold.extend([summary, rest])
    return fold


def _spans(rows: list[Tag]) -> bool:
    """Tell whether a heading or a value spans rows, so that the table cannot be cut between any two."""
    return any(
        cell.has_attr("rowspan") for row in rows for cell in row.find_all(["th", "td"], recursive=False)
    )

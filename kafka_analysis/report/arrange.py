"""Arrange notebook cells as a page: the answer first, data quality next, set-up last."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag

from kafka_analysis.model.units import counted
from kafka_analysis.report.long_tables import PAPER_ONLY, SCREEN_ONLY, fold_long_tables

_OUTPUTS = ".output, pre.stream, details.traceback"
_SAID_ALREADY = "The results as text"  # heading of what the first screen shows, for logs; paper does without
FULL_FINDINGS = 12  # printed with what was measured and what to do; of the others, paper has the titles
MANY_FIGURES = 8  # a page with more prints them smaller, or it would be too long on paper
_SETUP = (
    "<section><h2>Set-up</h2>"
    '<details class="setup"><summary>Parameters and loading</summary></details></section>'
)


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents."""

    anchor: str
    text: str


@dataclass
class _Group:
    heading: Tag | None = None
    cells: list[Tag] = field(default_factory=list)


def arrange(soup: BeautifulSoup, *, after_answer: str = "", page: str = "") -> tuple[str, tuple[Entry, ...]]:
    """Return the page's content and its table of contents.

    Notebook cells that show the first screen or the data quality come first; sections of code without any
    output are gathered at the end as set-up; the notebook's title is left to the page's header.

    Parameters
    ----------
    soup
        Sanitized notebook cells, each ``<section class="cell">``; taken apart.
    after_answer
        HTML of a section that comes after answer and data quality.
    page
        The page's file name, for paper to name where the rest is.
    """
    _drop_title(soup)
    fold_long_tables(soup)
    _name_folds(soup, page)
    _shorten_findings(soup, page)
    _dress_tables(soup)
    _name_images(soup)
    _dress_images(soup)
    _code_below(soup)
    groups = _groups(soup.select("section.cell"))
    first, quality = _take(groups, ".ka-first-screen"), _take(groups, ".ka-data-quality")
    _leave_off_paper(groups)
    setup = [cell for group in groups for cell in group.cells if _belongs_to_setup(cell, group)]
    shown = [cell for group in groups for cell in group.cells if not _belongs_to_setup(cell, group)]
    body = BeautifulSoup("", "html.parser")
    _append(body, _titled("Verdict", first), css="top")
    _append(body, _titled("Data quality", quality), css="top")
    body.append(BeautifulSoup(after_answer, "html.parser"))
    _append(body, shown)
    _append_setup(body, setup)
    contents = _contents(body)
    return str(body), contents


def _name_folds(soup: BeautifulSoup, page: str) -> None:
    """Say below each fold where its content is: paper leaves out a fold that is closed, and code without a word."""
    for fold in soup.select("details:not(.code, .more-rows)"):
        summary = fold.find("summary", recursive=False)
        note = soup.new_tag("p", attrs={"class": PAPER_ONLY})
        what = summary.get_text(" ", strip=True) if summary else "Details"
        note.string = f"{what}: see {page or 'the page itself'}"
        fold.insert_after(note)


def _shorten_findings(soup: BeautifulSoup, page: str) -> None:
    """Mark the findings of which paper has only the titles, and say there where the rest is."""
    for block in soup.select(".ka-findings"):
        others = block.find_all("div", class_="ka-finding", recursive=False)[FULL_FINDINGS:]
        if not others:
            continue
        note = soup.new_tag("p", attrs={"class": PAPER_ONLY})
        note.string = (
            f"{counted(len(others), 'more finding')}, by title only. "
            f"What was measured and what to do: {page or 'see the page itself'}"
        )
        others[0].insert_before(note)
        for card in others:
            card["class"] = [*card["class"], "title-only"]


def _drop_title(soup: BeautifulSoup) -> None:
    """Remove the title and, as the header shows it too, the first paragraph below it."""
    title = soup.find("h1")
    if title is None:
        return
    question = title.find_next_sibling()
    if question is not None and question.name == "p":
        question.decompose()
    title.decompose()


def _code_below(soup: BeautifulSoup) -> None:
    """Let the answer of a notebook cell come before the code that gave it."""
    for fold in soup.select("section.code-cell > details.code"):
        fold.parent.append(fold.extract())


def _dress_tables(soup: BeautifulSoup) -> None:
    """Let each table of data scroll in a box of its own, reachable by keyboard."""
    for layout in soup.select("table.ka-tiles, table.ka-halves"):
        layout["role"] = "presentation"
    for table in soup.select("table:not(.ka-tiles, .ka-halves, .ka-facts)"):
        if table.find_parent("table"):
            continue
        caption = table.find("caption")
        label = caption.get_text(" ", strip=True) if caption else "Table"
        attributes = {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": label}
        table.wrap(soup.new_tag("div", attrs=attributes))


def _name_images(soup: BeautifulSoup) -> None:
    """Give every image alternative text: its own, else its caption, else the heading above it."""
    for image in soup.find_all("img"):
        if str(image.get("alt", "")).strip():
            continue
        figure = image.find_parent("figure")
        caption = figure.find("figcaption") if figure else None
        heading = image.find_previous(["h1", "h2", "h3", "h4"])
        said_by = caption or heading
        image["alt"] = said_by.get_text(" ", strip=True) if said_by else "Figure"


def _dress_images(soup: BeautifulSoup) -> None:
    """Let a wide figure scroll in its own box on a phone, where it would be too small to read."""
    images = soup.select("figure > img, .image > img")
    css = "scroll picture many" if len(images) > MANY_FIGURES else "scroll picture"
    for image in images:
        label = {"class": css, "tabindex": "0", "role": "group", "aria-label": "Figure"}
        image.wrap(soup.new_tag("div", attrs=label))


def _take(groups: Iterable[_Group], selector: str) -> list[Tag]:
    """Take the cells that show a block out of their sections, with the text when the section has no more."""
    taken: list[Tag] = []
    for group in groups:
        chosen = [cell for cell in group.cells if cell.select_one(selector)]
        rest = [cell for cell in group.cells if cell not in chosen]
        if chosen and group.heading is not None and not any(cell.select_one(_OUTPUTS) for cell in rest):
            group.heading.extract()
            chosen = [cell for cell in group.cells if cell in chosen or _is_text(cell)]
        group.cells = [cell for cell in group.cells if cell not in chosen]
        taken += chosen
    return taken


def _leave_off_paper(groups: Iterable[_Group]) -> None:
    for group in groups:
        if group.heading is not None and group.heading.get_text(strip=True) == _SAID_ALREADY:
            for cell in group.cells:
                cell["class"] = [*cell.get("class", []), SCREEN_ONLY]


def _groups(cells: Iterable[Tag]) -> list[_Group]:
    groups = [_Group()]
    for cell in cells:
        heading = cell.find("h2") if _is_text(cell) else None
        if heading is not None:
            groups.append(_Group(heading))
        groups[-1].cells.append(cell)
    return groups


def _is_text(cell: Tag) -> bool:
    return "text-cell" in cell.get("class", [])


def _belongs_to_setup(cell: Tag, group: _Group) -> bool:
    """Return whether a cell is of a section of code without any output; text before the first is not."""
    code = [other for other in group.cells if not _is_text(other)]
    if not code or any(other.select_one(_OUTPUTS) for other in code):
        return False
    return group.heading is not None or not _is_text(cell)


def _titled(title: str, cells: list[Tag]) -> list[Tag]:
    if not cells:
        return []
    heading = BeautifulSoup("<h2></h2>", "html.parser").h2
    heading.string = title
    heading["class"] = "hidden"
    return [heading, *cells]


def _append(body: BeautifulSoup, tags: list[Tag], *, css: str = "") -> None:
    holder = body.new_tag("div", attrs={"class": css} if css else {})
    for tag in tags:
        holder.append(tag)
    if tags:
        body.append(holder)


def _append_setup(body: BeautifulSoup, cells: list[Tag]) -> None:
    if all(_is_text(cell) for cell in cells):
        return
    for heading in (heading for cell in cells for heading in cell.find_all("h2")):
        heading.name = "h3"
    frame = BeautifulSoup(_SETUP, "html.parser")
    for cell in cells:
        frame.details.append(cell)
    for fold in frame.select("details.code"):
        fold["open"] = ""
    body.append(frame.section)


def _contents(body: BeautifulSoup) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for heading in body.find_all("h2"):
        if heading.find_parent(class_="output"):
            continue
        text = heading.get_text(" ", strip=True)
        taken = {entry.anchor for entry in entries}
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"
        anchor = next(name for name in (slug, *(f"{slug}-{n}" for n in range(2, 999))) if name not in taken)
        heading["id"] = anchor
        entries.append(Entry(anchor, text))
    return tuple(entries)

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.report.long_tables import (
    FIRST_PRINTED,
    FIRST_ROWS,
    MOST_PRINTED,
    MOST_ROWS,
    fold_long_tables,
)


def table(rows: int, *, css: str = "", cell: str = "") -> str:
    body = "".join(f"<tr><td{cell}>{n}</td></tr>" for n in range(rows))
    head = "<caption>Events</caption><thead><tr><th>Nr</th></tr></thead>"
    return f'<table class="{css}" style="margin:0">{head}<tbody>{body}</tbody></table>'


def folded(html: str) -> BeautifulSoup:
    soup = BeautifulSoup(html, "html.parser")
    fold_long_tables(soup)
    return soup


def test_the_first_rows_are_seen_and_the_rest_is_folded_with_the_same_headings() -> None:
    soup = folded(f"<div>{table(63)}</div>")
    seen, rest = soup.select("table")
    assert [row.get_text() for row in seen.select("tbody tr")] == [str(n) for n in range(FIRST_ROWS)]
    assert [row.get_text() for row in rest.select("tbody tr")] == [str(n) for n in range(FIRST_ROWS, 63)]
    assert rest.find_parent("details").summary.get_text() == "51 more rows"
    assert (rest.th.get_text(), rest.caption.get_text(), rest["style"]) == (
        "Nr",
        "Events, continued",
        "margin:0",
    )
    assert seen.th.get_text() == "Nr"
    assert rest.find_parent("details").find_next_sibling()["class"] == ["paper-only"]
    assert [row.get_text() for row in seen.select("tr.screen-only")] == [
        str(n) for n in range(FIRST_PRINTED, FIRST_ROWS)
    ]


def test_paper_has_the_first_rows_of_a_table_that_a_screen_shows_whole() -> None:
    link = '<p class="table-file"><a href="tables/n/events.csv">events.csv</a></p>'
    soup = folded(f"<div>{table(MOST_PRINTED + 1)}<p>note</p>{link}</div>")
    left_off = [row.get_text() for row in soup.select("tr.screen-only")]
    assert left_off == [str(n) for n in range(FIRST_PRINTED, MOST_PRINTED + 1)]
    assert soup.select_one(".table-file").get_text() == "Printed: the first 8 rows. events.csv"
    assert len(soup.select(".paper-only")) == 1
    assert soup.details is None
    assert (
        folded(table(MOST_ROWS)).select_one(".paper-only").get_text() == "12 more rows: see the page itself"
    )


@pytest.mark.parametrize(
    "html",
    [
        table(MOST_PRINTED),
        table(63, css="ka-facts"),
        table(63, css="ka-tiles"),
        table(63, cell=' rowspan="2"'),
        "<table><tr><td>no body</td></tr></table>",
    ],
)
def test_what_is_short_or_layout_stays(html: str) -> None:
    assert folded(html) == BeautifulSoup(html, "html.parser")


def test_of_tables_within_one_another_only_the_outer_is_cut() -> None:
    soup = folded(f"<table><tbody><tr><td>{table(63)}</td></tr></tbody></table>")
    assert soup.details is None

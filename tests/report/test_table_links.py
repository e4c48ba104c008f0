from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kafka_analysis.model.summary import SummaryTable
from kafka_analysis.report.table_links import link_tables

COLUMNS = ("broker", "topic", "a", "b", "c", "d")
FILES = ("tables/nb/brokers.parquet", "tables/nb/brokers.csv")
BROKERS = SummaryTable(name="brokers", rows=12, columns=COLUMNS, files=FILES)
TOPICS = SummaryTable(name="topics", rows=1, columns=("topic",), files=("tables/nb/topics.csv",))


def linked(source: str, *, shown: int = 1, kept: tuple[SummaryTable, ...] = (BROKERS, TOPICS)) -> list[str]:
    blocks = '<div class="ka-block ka-table"><table></table></div>' * shown
    html = f'<section class="code-cell" data-cell="2">{blocks}</section>'
    soup = BeautifulSoup(html, "html.parser")
    link_tables(soup, new_notebook(cells=[new_markdown_cell("x"), new_code_cell(source)]), kept)
    return [link["href"] for block in soup.select(".ka-table") for link in block.select(".table-file a")]


@pytest.mark.parametrize(
    "source",
    [
        "tables.brokers(inventory.brokers)",
        "tables.ranking(inventory.brokers, top_n=top_n)",
        "tables.brokers(answer.brokers.head(5))",
    ],
)
def test_a_table_links_to_the_frame_its_cell_names(source: str) -> None:
    assert linked(source) == ["tables/nb/brokers.csv"]


@pytest.mark.parametrize(
    "source",
    [
        "tables.clusters(here.scope.clusters)",  # not kept
        "plots.brokers(inventory.brokers)",
        "tables.brokers()",
        "tables.brokers(brokers)",
        "inventory.brokers",
        "%%bash\ntables",
    ],
)
def test_what_names_no_kept_frame_has_no_link(source: str) -> None:
    assert linked(source) == []


def test_several_tables_of_a_cell_are_matched_only_where_that_is_certain() -> None:
    two = "display(tables.brokers(a.brokers)); tables.topics(a.topics)"
    assert linked(two, shown=2) == ["tables/nb/brokers.csv", "tables/nb/topics.csv"]
    assert linked(two, shown=1) == []


def test_only_files_of_the_run_are_linked() -> None:
    odd = BROKERS.model_copy(update={"files": ("javascript:x.csv", "../../etc/passwd.csv")})
    assert linked("tables.brokers(a.brokers)", kept=(odd,)) == []


def test_the_link_takes_the_place_of_the_count_of_rows_left_out() -> None:
    left_out = '<div class="ka-note">How to read it.</div><div class="ka-note ka-left-out">9 more rows</div>'
    table = f'<section class="code-cell" data-cell="1"><div class="ka-table">{left_out}</div></section>'
    for name, texts in (("brokers", ["How to read it."]), ("other", ["How to read it.", "9 more rows"])):
        soup = BeautifulSoup(table, "html.parser")
        link_tables(soup, new_notebook(cells=[new_code_cell(f"tables.b(a.{name})")]), [BROKERS])
        assert [note.get_text() for note in soup.select(".ka-note")] == texts


def test_the_link_says_how_many_rows_of_what() -> None:
    soup = BeautifulSoup(
        '<section class="code-cell" data-cell="1"><div class="ka-table"></div></section>', "html.parser"
    )
    link_tables(soup, new_notebook(cells=[new_code_cell("tables.b(a.brokers)")]), [BROKERS])
    assert soup.p.get_text() == "Full table: brokers.csv, 12 rows (broker, topic, a, b and 2 more)"

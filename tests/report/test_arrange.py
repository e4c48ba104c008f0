from __future__ import annotations

from bs4 import BeautifulSoup

from kafka_analysis.report.arrange import _SAID_ALREADY, Entry, arrange
from kafka_analysis.report.notebooks import find_notebooks

TITLE = "<h1>T</h1><p>Question?</p><p>How to read.</p>"


def text(html: str) -> str:
    return f'<section class="cell text-cell">{html}</section>'


def code(output: str = "") -> str:
    shown = f'<div class="output html">{output}</div>' if output else ""
    return f'<section class="cell code-cell"><details class="code"><pre>x</pre></details>{shown}</section>'


def arranged(*cells: str) -> tuple[BeautifulSoup, list[str]]:
    html, entries = arrange(BeautifulSoup("".join(cells), "html.parser"))
    return BeautifulSoup(html, "html.parser"), [entry.text for entry in entries]


FIRST = code('<div class="ka-first-screen">red</div>')
QUALITY = code('<div class="ka-data-quality">ok</div>')


def test_answer_then_data_quality_then_the_rest_then_set_up() -> None:
    soup, contents = arranged(
        text(TITLE),
        text("<h2>Parameters</h2>"),
        code(),
        text("<h2>Data quality</h2><p>What was seen.</p>"),
        QUALITY,
        text("<h2>Verdict</h2>"),
        FIRST,
        text("<h2>Question one</h2>"),
        code("<p>figure</p>"),
        text("<h2>Method</h2><p>Formula.</p>"),
    )
    assert contents == ["Verdict", "Data quality", "Question one", "Method", "Set-up"]
    words = soup.get_text(" ", strip=True)
    assert words.index("red") < words.index("ok") < words.index("How to read.") < words.index("figure")
    assert "Question?" not in words
    assert "What was seen." in words
    assert soup.select_one("details.setup h3").get_text() == "Parameters"


def test_code_comes_after_its_output() -> None:
    soup, _ = arranged(code("<p>figure</p>"))
    assert [child.name for child in soup.section.find_all(recursive=False)] == ["div", "details"]


def test_an_answer_beside_other_outputs_leaves_them_where_they_are() -> None:
    _, contents = arranged(text("<h2>Answer</h2><p>Words.</p>"), FIRST, code("<p>figure</p>"))
    assert contents == ["Verdict", "Answer"]


def test_images_get_alternative_text() -> None:
    soup, _ = arranged(
        text("<h2>Heading</h2>"),
        code('<img src="data:,"><img alt="own" src="data:,">'),
        code('<figure><img src="data:,"><figcaption>Caption</figcaption></figure>'),
    )
    assert [image["alt"] for image in soup.find_all("img")] == ["Heading", "own", "Caption"]


def test_tables_scroll_in_a_box_that_has_a_name() -> None:
    soup, _ = arranged(code("<table><caption>Brokers</caption><tr><td>1</td></tr></table>"))
    assert (soup.table.parent["class"], soup.table.parent["aria-label"]) == (["scroll"], "Brokers")


def test_anchors_are_unique() -> None:
    _, entries = arrange(BeautifulSoup(text("<h2>A b</h2>") + text("<h2>A b</h2>"), "html.parser"))
    assert entries == (Entry("a-b", "A b"), Entry("a-b-2", "A b"))


def test_what_the_first_screen_says_is_not_printed_again() -> None:
    soup, contents = arranged(
        text("<h2>Question</h2>"), code("<p>x</p>"), text(f"<h2>{_SAID_ALREADY}</h2>"), code("x")
    )
    assert contents == ["Question", _SAID_ALREADY]
    assert ["screen-only" in cell["class"] for cell in soup.select("section.cell")] == [
        False,
        False,
        True,
        True,
    ]


def test_every_notebook_has_the_heading_that_paper_leaves_out() -> None:
    for book in find_notebooks().values():
        assert f"## {_SAID_ALREADY}" in book.path.read_text(encoding="utf-8"), book.path.name


def test_paper_names_what_is_folded_and_where_it_is() -> None:
    gaps = "<details><summary>193 gaps</summary><ul><li>a</li></ul></details>"
    cells = BeautifulSoup(code(gaps) + code("<details>no summary</details>"), "html.parser")
    soup = BeautifulSoup(arrange(cells, page="70_x.html")[0], "html.parser")
    notes = [note.get_text() for note in soup.select("details + .paper-only")]
    assert notes == ["193 gaps: see 70_x.html", "Details: see 70_x.html"]
    assert soup.select_one("details.code + .paper-only") is None
    assert arranged(code(gaps))[0].select_one(".paper-only").get_text() == "193 gaps: see the page itself"


def test_on_paper_the_line_with_the_file_of_a_table_says_how_many_rows_are_printed() -> None:
    rows = "".join(f"<tr><td>{n}</td></tr>" for n in range(15))
    file = '<p class="table-file"><a href="tables/n/t.csv">t.csv</a></p>'
    soup, _ = arranged(code(f'<div class="ka-table"><table><tbody>{rows}</tbody></table>{file}</div>'))
    assert soup.select_one(".table-file").get_text() == "Printed: the first 8 rows. t.csv"
    assert [note.name for note in soup.select(".paper-only")] == ["span"]


def test_paper_says_where_the_findings_are_that_it_has_by_title_only() -> None:
    card = '<div class="ka-finding"><div>act</div><div>title</div><div>What to do: wait</div></div>'

    def findings(count: int) -> BeautifulSoup:
        cells = BeautifulSoup(code(f'<div class="ka-findings">{card * count}</div>'), "html.parser")
        return BeautifulSoup(arrange(cells, page="20_partition_skew.html")[0], "html.parser")

    assert not findings(12).select(".title-only, .paper-only")
    more = findings(14)
    assert len(more.select(".title-only")) == 2
    note = more.select_one(".ka-finding:not(.title-only) + .paper-only").get_text()
    assert note == "2 more findings, by title only. What was measured and what to do: 20_partition_skew.html"


def test_many_figures_are_printed_smaller() -> None:
    for count, smaller in ((8, 0), (9, 9)):
        soup, _ = arranged(code('<figure><img src="a.png"></figure>' * count))
        assert len(soup.select(".picture.many")) == smaller

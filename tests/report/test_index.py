from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.model.findings import Evidence, Finding, Light
from kafka_analysis.report.earlier import earlier_of
from kafka_analysis.report.history import SCHEMA, rows_of
from kafka_analysis.report.index import render_index

HOSTILE = '"><style>*{}</style><script>x</script>'


@pytest.fixture
def index(made):
    """Return a function: the index of a run of notebooks a, b and c over summaries, after one of a."""

    def make(
        *names: str, failed=(), history=None, kept=("earlier",), capture=None, **summaries
    ) -> BeautifulSoup:
        run = made.run("r", 1, *(names or ("a", "b", "c")), failed=failed)
        run = run.model_copy(update={"capture": capture or made.capture})
        rows = SCHEMA.to_frame() if history is None else history
        earlier = {
            name: earlier_of(rows, summary, made_at=run.started_at, kept=kept)
            for name, summary in summaries.items()
        }
        return BeautifulSoup(render_index(run, summaries, earlier), "html.parser")

    return make


@pytest.fixture
def summary(made):
    return lambda name, *answers: made.summary(*answers, notebook=name)


def rows(page: BeautifulSoup) -> list[str]:
    return [
        row.select_one(".sub").get_text() + row.select_one(".ka-chip").get_text()
        for row in page.select("tbody tr")
    ]


def test_the_worst_comes_first(made, index, summary) -> None:
    lights = ["green", "grey", "red", "amber"]
    page = index(
        failed=("b",), a=summary("a", *(made.answer(f"c-{light}", light) for light in lights)), c=summary("c")
    )
    assert rows(page) == ["b! failed", "a✖ act", "a▲ watch", "a? not enough data", "c– no verdict", "a✔ good"]
    assert page.select_one(".sentence").get_text() == "<b>late</b>"
    assert page.h1.get_text() == "1 of 3 questions without an answer"


def test_figures_are_shown_with_what_they_rest_on(made, index, summary) -> None:
    answer = made.answer("one")
    guessed = answer.model_copy(
        update={"figures": (answer.figures[0].model_copy(update={"evidence": Evidence.ESTIMATED}),)}
    )
    page = index("a", a=summary("a", guessed))
    assert "1.50 × mean Skew estimated" in " ".join(page.select_one(".figures").get_text(" ").split())


def test_each_row_has_the_one_line_to_act_on(made, index, summary) -> None:
    findings = (
        Finding(light=Light.AMBER, title="a", action="Do a."),
        Finding(light=Light.RED, title="b"),
        Finding(light=Light.RED, title="c", action="Do <c>."),
        Finding(light=Light.GREEN, title="d", action="Keep d."),
    )
    acted = made.answer("one", "red").model_copy(update={"findings": findings})
    calm = made.answer("two", "green").model_copy(update={"findings": findings[-1:]})
    one, two = index("a", a=summary("a", acted, calm)).select("tbody tr")
    assert one.select_one(".action").get_text() == "Do: Do <c>."
    assert two.select_one(".action") is None


def test_the_change_is_of_the_same_cluster_and_links_to_the_run(made, index, summary) -> None:
    earlier = rows_of(
        made.run("earlier", 0, "a"), {"a": summary("a", made.answer("one", skew=2, findings=("x",)))}
    )
    now = made.answer("one", findings=("y",))
    [row] = index("a", history=earlier, a=summary("a", now)).select("tbody tr")
    assert "2 × mean → 1.50 × mean" in row.select_one(".changes").get_text()
    assert row.select_one(".changes .better") is not None
    assert [item.get_text() for item in row.select(".changes li")][:2] == ["+ new y", "− gone x"]
    assert row.select("a")[-1]["href"] == "../earlier/a.html"
    assert row.select_one("svg.spark")["aria-label"].startswith("Skew over 2 runs; first 2 × mean")
    assert "since 2026-01-02 00:00 UTC (2 runs)" in row.select_one(".head").get_text()


def test_a_run_that_is_gone_is_named_without_a_link(made, index, summary) -> None:
    earlier = rows_of(made.run("earlier", 0, "a"), {"a": summary("a", made.answer("one", skew=2))})
    [row] = index("a", history=earlier, kept=(), a=summary("a", made.answer("one"))).select("tbody tr")
    assert row.select("a.run") == []
    assert "compared with 2026-01-02" in row.select("p.sub")[-1].get_text()


def test_a_first_run_says_so(made, index, summary) -> None:
    page = index("a", a=summary("a", made.answer()))
    assert "first run of this kind" in page.get_text()
    assert page.select_one("svg") is None


def test_rows_can_be_chosen_by_light_cluster_and_notebook_without_a_script(made, index, summary) -> None:
    page = index(
        "a", "b", failed=("b",), a=summary("a", made.answer(HOSTILE, "red"), made.answer("two", "green"))
    )
    assert page.script is None
    style = "".join(tag.get_text() for tag in page.main.select("style"))
    for state in [radio["id"] for radio in page.select("input[id]")]:
        assert f"body:has(#{state}:checked) .answers tbody tr:not(.{state})" in style
        assert page.select(f"tr.{state}")
    for box, kind in (("c", "c"), ("n", "n")):
        options = [option["value"] for option in page.select(f"#{box} option") if option["value"]]
        assert len(options) == 2
        for value in options:
            assert (
                f'body:has(#{box} option[value="{value}"]:checked) .answers tbody tr:not(.{kind}{value})'
                in style
            )
            assert page.select(f"tr.{kind}{value}")
    assert HOSTILE in [option.get_text() for option in page.select("#c option")]
    assert "script" not in style
    assert style.index("@supports selector(:has(a))") < style.index("@media screen") < style.index("body:has")


def test_there_is_nothing_to_choose_from_one(made, index, summary) -> None:
    page = index("a", a=summary("a", made.answer()))
    assert page.select("select") == []


def test_a_synthetic_capture_is_told_before_anything_else(made, index, summary) -> None:
    synthetic = made.capture.model_copy(update={"synthetic": True})
    made_up = index("a", a=summary("a", made.answer()), capture=synthetic)
    assert made_up.select_one(".lead").find(True)["class"] == ["synthetic"]
    assert "(synthetic)" in made_up.select_one(".window").get_text()
    assert index("a", a=summary("a", made.answer())).select_one(".synthetic") is None


def test_later_runs_are_not_before(made, index, summary) -> None:
    later = rows_of(made.run("later", 9, "a"), {"a": summary("a", made.answer("one", skew=2))})
    assert made.began + timedelta(days=9) > made.run("r", 1).started_at
    assert index("a", history=later, a=summary("a", made.answer("one"))).select_one(".changes") is None

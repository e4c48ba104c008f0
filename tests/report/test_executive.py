from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.model.executive import Action, Changed, Executive, KeyFigure, Risk, Unknown
from kafka_analysis.model.findings import Evidence, Figure, Light
from kafka_analysis.report.executive import executive_basis, executive_first_screen
from kafka_analysis.report.summary import SUMMARY_DIR
from tests.jupyterlab_sanitizer import removed

HOSTILE = "<script>alert(1)</script> [x](javascript:y) $z$ {{ 7 * 7 }}"


def key(name: str = "20_partition_skew", cluster: str = "monolith", value: float | None = 3.0) -> KeyFigure:
    figure = Figure(
        name="f", label="Fullest broker", value=value, unit="× mean", evidence=Evidence.ESTIMATED, note="n"
    )
    return KeyFigure(notebook=name, cluster=cluster, light=Light.RED, figure=figure)


def action(what: str = "Move replicas.", **more) -> Action:
    given = {"light": Light.RED, "notebook": "20_partition_skew", "clusters": ("a",), "why": "full"}
    return Action(**(given | {"what": what} | more))


def page(**more) -> Executive:
    given = {"light": Light.RED, "sentence": "Act.", "asked": 2, "answered": 2, "answers": 3, "judged": 2}
    return Executive(**(given | more))


def soup(shown: Executive, **options) -> BeautifulSoup:
    return BeautifulSoup(executive_first_screen(shown, **options)._repr_html_(), "html.parser")


def text(shown: Executive, **options) -> str:
    return " ".join(soup(shown, **options).get_text(" ").split())


def test_it_shows_light_sentence_figures_and_how_much_answered() -> None:
    told = text(page(figures=(key(),)))
    assert told.startswith(
        "✖ act 2 of 2 notebooks answered · 2 of 3 answers judged Act. 3 × mean ✖ Fullest broker"
    )
    assert "monolith · n · estimated" in told


def test_an_action_says_why_how_effect_undo_and_owner() -> None:
    full = action(command="kafka-topics.sh", effect="less", undo="back", owner="shop")
    told = text(page(actions=(full,)))
    assert "✖ Move replicas. Why: full · a · 20_partition_skew How: kafka-topics.sh" in told
    assert "Effect: less · Undo: back · Owner: shop" in told
    assert soup(page(actions=(full,))).select_one("code").get_text() == "kafka-topics.sh"


def test_what_is_not_known_of_an_action_is_said() -> None:
    told = text(page(actions=(action(),)))
    assert "How: see its page Effect: not stated · Undo: not stated · Owner: unknown" in told


def test_what_does_not_fit_is_counted() -> None:
    shown = page(
        actions=tuple(action(f"Do {n}.") for n in range(9)),
        risks_in_short=tuple(
            Risk(light=Light.RED, notebook=f"n{n}", clusters=(), title=f"risk {n}") for n in range(9)
        ),
    )
    assert len(soup(shown).select(".ka-actions > ol > li")) == 5
    assert "4 more actions further down" in text(shown)
    assert "6 more further down" in text(shown)
    assert len(soup(shown, actions=9).select(".ka-actions > ol > li")) == 9


def test_every_empty_list_says_what_that_means() -> None:
    told = text(page())
    for sentence in (
        "No notebook recommends an action.",
        "Every red or amber finding has an action.",
        "Every notebook answered, and no answer lacks data.",
        "There is no earlier run to compare with.",
        "neither 40_cluster_split nor 45_msk_sizing gives it",
    ):
        assert sentence in told
    assert "No light changed" in text(page(compared_with="run-1"))
    assert "Every notebook answered" not in text(page(asked=0, answered=0))


def test_changes_unknown_and_costs_are_shown() -> None:
    shown = page(
        unknown_in_short=(Unknown(notebook="n", clusters=("a",), what="the lag", how="Grant Describe."),),
        changes=(Changed(notebook="n", cluster="a", what="light", before="good", now="act", word="worse"),),
        costs=(key("40_cluster_split"),),
        compared_with="run-1",
    )
    told = text(shown)
    assert "? n · a: the lag. Grant Describe." in told
    assert "Since the last run (run-1) n · a: light good → act ▼ worse" in told
    assert "40_cluster_split · monolith: Fullest broker 3 × mean (n · estimated)" in told


def test_names_lead_to_pages_in_a_report_and_to_notebooks_elsewhere(monkeypatch, tmp_path) -> None:
    shown = page(figures=(key("90 %/../x"),), actions=(action(),))
    monkeypatch.delenv(SUMMARY_DIR, raising=False)
    assert [link["href"] for link in soup(shown).select("a")] == [
        "./90%20%25%2F..%2Fx.ipynb", "./20_partition_skew.ipynb",
    ]  # fmt: skip
    monkeypatch.setenv(SUMMARY_DIR, str(tmp_path))
    assert soup(shown).select("a")[1]["href"] == "./20_partition_skew.html"


def hostile() -> Executive:
    named = {"notebook": HOSTILE, "clusters": (HOSTILE,) * 200}
    acted = action(
        HOSTILE, **named, why=HOSTILE, command=HOSTILE, effect=HOSTILE, undo=HOSTILE, owner=HOSTILE
    )
    changed = Changed(
        notebook=HOSTILE, cluster=HOSTILE, what=HOSTILE, before=HOSTILE, now=HOSTILE, word="new"
    )
    return page(
        sentence=HOSTILE,
        figures=(key(HOSTILE, HOSTILE),),
        actions=(acted,) * 9,
        risks_in_short=(Risk(light=Light.RED, **named, title=HOSTILE, detail=HOSTILE),),
        unknown_in_short=(Unknown(**named, what=HOSTILE, how=HOSTILE),),
        changes=(changed,),
        costs=(key(HOSTILE, HOSTILE),),
        compared_with=HOSTILE,
        notes=(HOSTILE,),
    )


def test_names_are_text_and_a_sanitizer_takes_nothing_away() -> None:
    for block in (executive_first_screen(hostile()), executive_basis(hostile())):
        html = block._repr_html_()
        assert BeautifulSoup(html, "html.parser").find_all(["script", "img"]) == []
        assert removed(html) == []
        assert "mathjax_ignore" in html
    assert all(link["href"].startswith("./%3Cscript%3E") for link in soup(hostile()).select("a"))


def test_texts_of_any_length_leave_one_screen() -> None:
    long = "very long words " * 2000
    acted = action(long, why=long, command=long, effect=long, undo=long, owner=long, clusters=(long,) * 200)
    assert len(text(page(actions=(acted,) * 200, figures=(key(cluster=long),)))) < 6000


@pytest.mark.parametrize(
    ("numbers", "light"),
    [
        ({"answered": 2, "judged": 3}, "green"),
        ({"answered": 1, "judged": 3}, "grey"),
        ({"judged": 2}, "grey"),
    ],
)
def test_the_basis_is_whole_only_where_all_answered_and_were_judged(numbers, light) -> None:
    html = executive_basis(page(**numbers))._repr_html_()
    assert f"ka-{light}" in BeautifulSoup(html, "html.parser").select_one(".ka-box")["class"]


def test_in_plain_text_it_is_the_same() -> None:
    told = repr(executive_first_screen(page(figures=(key(),), actions=(action(),))))
    assert told.splitlines() == [
        "✖ act: Act.", "  Fullest broker: 3 × mean (monolith)", "  1. Move replicas. (full)",
    ]  # fmt: skip

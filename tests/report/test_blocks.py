from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result, Verdict
from kafka_analysis.report.blocks import Block, data_quality, findings, first_screen

FULL = Coverage(expected=40, seen=40)
HOSTILE = "<script>alert(1)</script>"


def result(
    light: Light = Light.RED, *, figures: tuple[Figure, ...] = (), cluster: str = "monolith"
) -> Result:
    verdict = Verdict(light=light, sentence="Broker 1 carries 1.6 × the mean.")
    return Result(cluster=cluster, verdict=verdict, figures=figures, coverage=FULL)


def parsed(block: Block) -> BeautifulSoup:
    return BeautifulSoup(block._repr_html_(), "html.parser")


@pytest.mark.parametrize("light", list(Light))
def test_a_light_is_never_colour_alone(light: Light) -> None:
    chip = parsed(first_screen([result(light)])).select_one(f".ka-verdict.ka-{light} .ka-chip")
    assert chip.get_text() == f"{light.symbol} {light.word}"


def test_a_tile_shows_unit_direction_and_evidence() -> None:
    figures = (
        Figure(
            name="in", label="Bytes in", value=1.5e6, unit="B/s", better="lower", evidence=Evidence.ESTIMATED
        ),
        Figure(
            name="lag", label="Lag", value=None, unit="records", better="lower", evidence=Evidence.ESTIMATED
        ),
    )
    first, second = parsed(first_screen([result(figures=figures)])).select(".ka-tile")
    assert first.select_one(".ka-value").get_text() == "1.50 MB/s"
    assert "↓ lower is better" in first.get_text()
    assert first.select_one(".ka-evidence").get_text() == "(estimated)"
    assert second.select_one(".ka-value").get_text() == "unknown"
    assert second.select_one(".ka-evidence") is None
    assert "better" not in second.get_text()


@pytest.mark.parametrize(
    ("light", "actions", "said"),
    [
        (Light.RED, ("Move a<b.",), "Next: Move a<b. Why: t."),
        (Light.AMBER, ("", "Do x.", "Do y.", "Do x."), "Next: Do x. (1 more below) Why: t."),
        (Light.GREY, ("Record 7 days.",), "Next: Record 7 days. Why: t."),
        (Light.GREEN, ("Nothing.",), None),
        (Light.RED, ("", ""), None),
        (Light.RED, (), None),
    ],
)
def test_the_first_screen_says_what_to_do_next(
    light: Light, actions: tuple[str, ...], said: str | None
) -> None:
    found = tuple(Finding(light=Light.AMBER, title="t", action=action) for action in actions)
    (shown,) = parsed(first_screen([result(light).model_copy(update={"findings": found})])).select(
        ".ka-verdict"
    )
    step = shown.select_one(".ka-next")
    assert (step.get_text() if step else None) == said


def test_no_more_than_five_tiles_and_one_verdict_per_cluster() -> None:
    figures = tuple(Figure(name=str(i), label=str(i), value=i) for i in range(7))
    page = parsed(first_screen([result(figures=figures), result(cluster="cell-1")]))
    assert len(page.select(".ka-verdict")) == 2
    assert len(page.select(".ka-verdict")[0].select(".ka-tile")) == 5


def test_untrusted_names_are_escaped() -> None:
    screen = first_screen(
        [result(cluster=HOSTILE, figures=(Figure(name="x", label=HOSTILE, value=1, note=HOSTILE),))]
    )
    box = data_quality(FULL, gaps=[HOSTILE], notes=[HOSTILE])
    for block in (screen, box):
        assert parsed(block).script is None
        assert HOSTILE in parsed(block).get_text()


def test_the_plain_text_is_that_of_the_results() -> None:
    text = result().text()
    assert repr(first_screen([result(), result()])) == f"{text}\n{text}"
    assert "no cluster" in repr(first_screen([]))


def test_low_coverage_is_said_and_gaps_are_named() -> None:
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    gap = {"cluster": "monolith", "broker": 0, "start": start, "end": start, "reason": "timed out"}
    block = data_quality({"monolith": Coverage(expected=10, seen=5, worst="broker 0")}, gaps=[gap])
    assert "verdicts that depend on it are grey" in repr(block)
    assert "monolith: 50 % of 10 expected scrapes were seen (95 % required) · worst: broker 0" in repr(block)
    assert "monolith broker 0: 03:04:05 to 03:04:05 UTC, timed out" in repr(block)
    assert parsed(block).select_one(".ka-data-quality .ka-grey") is not None


def test_many_gaps_are_folded_but_complete() -> None:
    page = parsed(data_quality(FULL, gaps=[f"gap {i}" for i in range(9)]))
    assert len(page.details.select("li")) == 9
    assert page.summary.get_text() == "9 gaps"


@pytest.mark.parametrize("coverage", [{}, Coverage(expected=0, seen=0), {"a": Coverage(expected=0, seen=0)}])
def test_nothing_expected_is_not_sufficient(coverage) -> None:
    block = data_quality(coverage)
    assert "sufficient" not in repr(block)
    assert "no scrapes were expected, so nothing is known" in repr(block)
    assert parsed(block).select_one(".ka-chip").get_text() == "? unknown; verdicts are grey"


def test_one_cluster_of_which_nothing_is_known_is_enough_for_grey() -> None:
    block = data_quality({"a": FULL, "b": Coverage(expected=0, seen=0)})
    assert parsed(block).select_one(".ka-data-quality .ka-grey") is not None
    assert "sufficient" not in repr(block)


def result_with(cluster: str, *listed: Finding) -> Result:
    verdict = Verdict(light=Light.RED, sentence="Act.")
    return Result(cluster=cluster, verdict=verdict, findings=listed, coverage=Coverage(expected=1, seen=1))


def test_the_worst_come_first_whatever_their_cluster() -> None:
    amber, red = Finding(light=Light.AMBER, title="few copies"), Finding(light=Light.RED, title="no leader")
    soup = BeautifulSoup(findings([result_with("a", amber), result_with("b", red)]).html, "html.parser")
    said = [(card.strong.text, card.select_one(".ka-cluster").text) for card in soup.select(".ka-finding")]
    assert said == [("no leader", "b"), ("few copies", "a")]


def test_names_read_from_clusters_stay_text() -> None:
    block = findings(
        [result_with("<i>c</i>", Finding(light=Light.RED, title="<b>t</b>", detail="<u>", action="<s>"))]
    )
    soup = BeautifulSoup(block.html, "html.parser")
    assert soup.find(["i", "u", "s"]) is None
    assert "<b>t</b>" in soup.get_text()


def test_what_is_not_said_leaves_no_empty_line() -> None:
    block = findings([result_with("c", Finding(light=Light.RED, title="t"))])
    card = BeautifulSoup(block.html, "html.parser").select_one(".ka-finding")
    assert [line.get_text() for line in card.find_all("div", recursive=False)] == ["✖ act c", "t"]
    assert str(block) == "✖ act · c: t."


def test_nothing_found_is_said() -> None:
    assert "No findings" in findings([result_with("c")]).html

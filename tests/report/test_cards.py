from __future__ import annotations

from bs4 import BeautifulSoup

from kafka_analysis.model.findings import Coverage, Finding, Light, Result, Verdict
from kafka_analysis.report.cards import findings


def result(cluster: str, *listed: Finding) -> Result:
    verdict = Verdict(light=Light.RED, sentence="Act.")
    return Result(cluster=cluster, verdict=verdict, findings=listed, coverage=Coverage(expected=1, seen=1))


def test_the_worst_come_first_whatever_their_cluster() -> None:
    amber, red = Finding(light=Light.AMBER, title="few copies"), Finding(light=Light.RED, title="no leader")
    soup = BeautifulSoup(findings([result("a", amber), result("b", red)]).html, "html.parser")
    said = [(card.strong.text, card.select_one(".ka-cluster").text) for card in soup.select(".ka-finding")]
    assert said == [("no leader", "b"), ("few copies", "a")]


def test_names_read_from_clusters_stay_text() -> None:
    block = findings(
        [result("<i>c</i>", Finding(light=Light.RED, title="<b>t</b>", detail="<u>", action="<s>"))]
    )
    soup = BeautifulSoup(block.html, "html.parser")
    assert soup.find(["i", "u", "s"]) is None
    assert "<b>t</b>" in soup.get_text()


def test_what_is_not_said_leaves_no_empty_line() -> None:
    block = findings([result("c", Finding(light=Light.RED, title="t"))])
    card = BeautifulSoup(block.html, "html.parser").select_one(".ka-finding")
    assert [line.get_text() for line in card.find_all("div", recursive=False)] == ["✖ act c", "t"]
    assert str(block) == "✖ act · c: t."


def test_nothing_found_is_said() -> None:
    assert "Nothing was found" in findings([result("c")]).html

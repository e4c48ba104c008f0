from __future__ import annotations

import pytest

from kafka_analysis.stats.summary.page import executive_page
from tests.made_summaries import answer, finding, summary

GREEN = [summary(f"9{n}_own", answer("a", "green")) for n in range(1, 5)]


def test_the_light_is_the_worst_of_all_answers() -> None:
    for light in ("red", "amber", "grey"):
        assert executive_page([*GREEN, summary("20_partition_skew", answer("b", light))]).light == light
    assert executive_page(GREEN).light == "green"


def test_a_notebook_without_an_answer_is_never_good() -> None:
    page = executive_page(GREEN, failed={"10_inventory": "it gave no answer"})
    assert (page.light, page.asked, page.answered) == ("grey", 5, 4)
    assert executive_page(GREEN, failed={"10_inventory": "x"}, required_ratio=0.8).light == "green"
    red = summary("20_partition_skew", answer("b", "red"))
    assert executive_page([red], failed={"10_inventory": "x"}).light == "red"


def test_without_any_summary_nothing_is_known() -> None:
    page = executive_page([])
    assert (page.light, page.asked, page.figures, page.actions) == ("grey", 0, (), ())


def test_answers_and_those_judged_are_counted() -> None:
    made = summary("n", answer("a", "red"), answer("b", "grey"), answer("c", "grey"))
    page = executive_page([made])
    assert (page.answers, page.judged) == (3, 1)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_the_summaries_does_not_matter(order) -> None:
    made = [
        summary("20_partition_skew", answer("a", "red", "x", finding("red", "full", "Move."))),
        summary(
            "10_inventory", answer("a", "amber", "x", finding("amber", "few", "Add."), finding("red", "bare"))
        ),
        summary("75_consumer_lag", answer("a", "grey", "x", finding("grey", "lag", "Grant."))),
    ]
    page = executive_page(made[::order])
    assert [one.what for one in page.actions] == ["Move.", "Add."]
    assert [one.title for one in page.risks] == ["bare"]
    assert [one.notebook for one in page.unknown] == ["75_consumer_lag"]

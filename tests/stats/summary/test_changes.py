from __future__ import annotations

import pytest

from kafka_analysis.stats.summary.changes import changes
from tests.made_summaries import answer, figure, summary

NAME = "20_partition_skew"


def skew(light: str, value: float | None, cluster: str = "a", unit: str = ""):
    return answer(cluster, light, "x", figure("skew", value, better="lower", unit=unit))


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [("green", "red", "worse"), ("red", "amber", "better"), ("red", "grey", ""), ("grey", "green", "")],
)
def test_a_light_that_changed_is_better_or_worse_but_not_to_or_from_grey(before, now, word) -> None:
    (line,) = changes([summary(NAME, answer("a", before))], [summary(NAME, answer("a", now))])
    assert (line.what, line.word) == ("light", word)
    assert line.before != line.now


def test_a_figure_counts_from_5_percent_of_the_larger_on() -> None:
    def word(before: float | None, now: float | None) -> list[str]:
        return [
            one.word
            for one in changes([summary(NAME, skew("red", before))], [summary(NAME, skew("red", now))])
        ]

    assert word(0.0, 0.0) == word(100.0, 95.1) == word(100.0, None) == word(None, 100.0) == []
    assert word(100.0, 95.0) == ["better"]
    assert word(95.0, 100.0) == ["worse"]


def test_answers_that_appear_and_vanish_are_said() -> None:
    lines = changes([summary(NAME, skew("red", 1.0, "old"))], [summary(NAME, skew("red", 1.0, "new"))])
    assert [(one.cluster, one.word) for one in lines] == [("old", "gone"), ("new", "new")]


def test_a_notebook_that_only_one_run_asked_is_no_change() -> None:
    assert changes([summary(NAME, skew("red", 1.0))], [summary("10_inventory", skew("red", 1.0))]) == ()


def test_another_unit_is_not_compared() -> None:
    assert changes([summary(NAME, skew("red", 1.0))], [summary(NAME, skew("red", 9.0, unit="s"))]) == ()


def test_lights_come_before_figures_and_worse_before_better() -> None:
    before = summary(NAME, skew("green", 1.0, "a"), skew("red", 9.0, "b"))
    now = summary(NAME, skew("red", 5.0, "a"), skew("amber", 2.0, "b"))
    assert [(one.what, one.word) for one in changes([before], [now])] == [
        ("light", "worse"), ("light", "better"), ("skew", "worse"), ("skew", "better"),
    ]  # fmt: skip

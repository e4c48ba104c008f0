from __future__ import annotations

import pytest

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.report.compare import Change, compare
from kafka_analysis.report.history import PastAnswer


@pytest.fixture
def change(made):
    """Return a function: the change from one answer to another, each a light, a value and titles of findings."""

    def compared(before: tuple, now: tuple) -> Change:
        earlier = made.answer("a", *before)
        past = PastAnswer("r", made.began, "a", earlier.verdict, earlier.figures, earlier.findings)
        return compare(past, made.answer("a", *now))

    return compared


def test_a_change_says_whether_it_is_better(change) -> None:
    better = change(("red", 1.6), ("green", 1.1))
    assert better.light_changed
    [figure] = better.figures
    assert (figure.before, figure.now, figure.word) == ("1.60 × mean", "1.10 × mean", "better")
    [figure] = change(("red", 1.1), ("red", 1.6)).figures
    assert figure.word == "worse"


def test_what_became_known_is_neither_better_nor_worse(change) -> None:
    [figure] = change(("grey", None), ("red", 1.6)).figures
    assert (figure.before, figure.word) == ("unknown", "")


def test_figures_that_read_the_same_are_unchanged(change) -> None:
    assert change(("red", 1.6001, ("x",)), ("red", 1.6002, ("x",))).unchanged


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [(1.05, 1.06, "about the same"), (1.0, 1.06, "worse"), (1.0, 0.94, "better"), (0.0, 0.1, "worse")],
)
def test_a_small_change_is_neither_better_nor_worse(change, before: float, now: float, word: str) -> None:
    [figure] = change(("green", before), ("green", now)).figures
    assert figure.word == word


def test_a_failure_is_compared_with_nothing(made) -> None:
    assert compare(PastAnswer("r", made.began, None, None), made.answer()) is None


def test_findings_that_appeared_and_vanished(change) -> None:
    found = change(("red", 1, ("a is down", "b is full")), ("red", 1, ("b is full", "c is late")))
    assert (found.appeared, found.vanished, found.unchanged) == (("c is late",), ("a is down",), False)


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ("3 of 115 partitions lag", "12 of 1,150 partitions lag", True),
        ("orders lags by 1.5 MB", "orders lags by 2 GB", True),
        ("broker 3 is down", "broker 5 is down", False),
        ("partition 3 of orders has no leader", "partition 4 of orders has no leader", False),
        ("orders-1 is late", "orders-2 is late", False),
        ("orders.v1 is late", "orders.v2 is late", False),
        ("wave 1 is blocked", "wave 2 is blocked", False),
    ],
)
def test_an_amount_may_change_but_not_what_a_finding_is_about(change, before, now, same) -> None:
    found = change(("red", 1, (before,)), ("red", 1, (now,)))
    assert found.unchanged is same


def test_of_what_was_not_judged_nothing_is_said(change) -> None:
    assert change(("grey", 1), ("red", 1, ("x",))).appeared == ()
    assert change(("red", 1, ("x",)), ("grey", 1)).vanished == ()


def test_what_is_good_is_no_news(made) -> None:
    good = Finding(light=Light.GREEN, title="all is well")
    now = made.answer("a").model_copy(update={"findings": (good,)})
    before = made.answer("a")
    past = PastAnswer("r", made.began, "a", before.verdict, before.figures)
    assert compare(past, now).appeared == ()

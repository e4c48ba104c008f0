from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.findings import Evidence
from kafka_analysis.stats.cutover.results import BEGUN_WAVES
from kafka_analysis.stats.summary.sentence import PROGRESS, THROUGHPUT, names_of, state_sentence
from tests.made_summaries import answer, figure, summary

CUTOVER = "60_cutover_readiness"


def moved(light: str, share: float | None, **more) -> object:
    return summary(THROUGHPUT, answer("all clusters", light, "x", figure(PROGRESS, share, unit="%", **more)))


@pytest.mark.parametrize(
    ("lights", "expected"),
    [
        ({"a": "red", "b": "green"}, "The cut-over is blocked for a, b can cut over."),
        ({"a": "grey", "b": "grey"}, "Whether a and b can cut over is not known yet."),
        ({"a": "green"}, "A can cut over."),
        ({"a": "amber"}, "A can cut over, but only if somebody watches."),
    ],
)
def test_the_cutover_is_said_by_its_lights(lights, expected) -> None:
    readiness = summary(CUTOVER, *(answer(name, light) for name, light in lights.items()))
    assert state_sentence([readiness]) == expected


def test_a_cutover_that_has_begun_is_no_longer_blocked() -> None:
    late = [answer(name, "amber", "x", figure(BEGUN_WAVES, 1.0, unit="%")) for name in ("a", "b")]
    half = answer("c", "red", "x", figure(BEGUN_WAVES, 0.5, unit="%"))
    assert state_sentence([summary(CUTOVER, *late)]) == "The cut-over to a and b has begun for every wave."
    assert state_sentence([summary(CUTOVER, *late, half)]) == (
        "The cut-over to a and b has begun for every wave; the cut-over is blocked for c."
    )


def test_how_far_it_is_comes_first_and_only_where_it_was_judged() -> None:
    assert state_sentence([moved("amber", 0.896)]) == (
        "89.6 % of the business traffic is on the targets; of all 1 answer, 1 needs watching."
    )
    for unknown in (moved("grey", 0.896), moved("green", None)):
        assert "business traffic" not in state_sentence([unknown])
    estimated = moved("green", 0.5, evidence=Evidence.ESTIMATED)
    assert state_sentence([estimated]).startswith(
        "50 % of the business traffic is on the targets (estimated); "
    )


def test_the_rest_is_counted_by_light() -> None:
    lights = {"a": "red", "b": "amber", "c": "amber", "d": "grey"}
    rest = summary("20_partition_skew", *(answer(name, light) for name, light in lights.items()))
    sentence = state_sentence([summary(CUTOVER, answer("a", "green")), rest])
    assert sentence == (
        "A can cut over; of the other 4 answers, 1 needs action, 2 need watching and 1 lacks data."
    )


def test_all_is_good_only_where_all_is_green() -> None:
    assert (
        state_sentence([summary("n", answer("a", "green"), answer("b", "green"))])
        == "All 2 answers are good."
    )
    assert "good" not in state_sentence([summary("n", answer("a", "green"), answer("b", "grey"))])


def test_what_failed_is_said_the_cutover_by_name() -> None:
    told = state_sentence([summary("n", answer("a", "green"))], failed=["10_inventory"])
    assert told == "All 1 answer is good; 1 notebook gave no answer."
    told = state_sentence([summary("n", answer("a", "green"))], failed=[CUTOVER])
    assert (
        "whether anything can cut over is unknown, because 60_cutover_readiness gave no answer"
        in told.lower()
    )


@given(st.lists(st.sampled_from(["red", "amber", "grey", "green"]), min_size=1, max_size=30))
def test_it_never_says_more_than_the_lights_do(lights) -> None:
    readiness = summary(CUTOVER, *(answer(f"c{n}", light) for n, light in enumerate(lights)))
    sentence = state_sentence([readiness])
    assert ("is blocked" in sentence) == ("red" in lights)
    assert ("not known" in sentence) == ("grey" in lights)
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_names_are_few_and_short() -> None:
    names = [f"c{n}" for n in range(200)]
    assert names_of(names) == "c0, c1, c2 and 197 more"
    assert names_of([]) == ""
    assert len(names_of(["x" * 5000])) == 40
    assert (
        len(state_sentence([summary(CUTOVER, *(answer("y" * 900 + str(n), "red") for n in range(200)))]))
        < 300
    )

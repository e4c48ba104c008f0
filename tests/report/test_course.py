from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from bs4 import BeautifulSoup

from kafka_analysis.report import course as module
from kafka_analysis.report.course import Course, course_of
from kafka_analysis.report.history import SCHEMA, past_of, rows_of


@pytest.fixture
def course(made):
    """Return a function: the course of an answer after earlier ones, a day apart; None is a run that failed."""

    def make(now, *earlier) -> Course:
        frames = [
            rows_of(made.run(f"r{day}", day, failed=("nb",)), {})
            if answer is None
            else rows_of(made.run(f"r{day}", day), {"nb": made.summary(answer)})
            for day, answer in enumerate(earlier)
        ]
        past = past_of(pl.concat(frames or [SCHEMA.to_frame()]), "nb")
        return course_of(past, now, made_at=made.began + timedelta(days=len(earlier)))

    return make


def test_the_values_of_a_figure_oldest_first_with_gaps(made, course) -> None:
    earlier = [made.answer(skew=1.6), None, made.answer("two", skew=9), made.answer(skew=None)]
    figure = course(made.answer(skew=1.1), *earlier).figures["skew"]
    assert figure.values == (1.6, None, None, 1.1)  # the run that looked at another cluster is no gap
    words = (
        "Skew over 4 runs; first 1.60 × mean, now 1.10 × mean, lowest 1.10 × mean, highest 1.60 × mean; "
        "unknown in 2"
    )
    assert figure.in_words == words
    assert BeautifulSoup(figure.drawing, "html.parser").svg["aria-label"] == words


def test_a_first_run_has_no_line_and_no_since(made, course) -> None:
    first = course(made.answer())
    assert (first.in_words, str(first.figures["skew"].drawing)) == ("", "")


def test_another_unit_is_another_figure(made, course) -> None:
    now = made.answer(skew=1.1)
    other = now.model_copy(update={"figures": (now.figures[0].model_copy(update={"unit": "%"}),)})
    assert course(now, other).figures["skew"].values == (None, 1.1)


@pytest.mark.parametrize(
    ("lights", "since", "runs", "failed"),
    [
        (["green", "amber", "amber"], 1, 3, 0),
        (["amber", "green"], 2, 1, 0),
        (["amber", "green", "amber", None], 2, 2, 1),
        (["green", None, "amber"], 2, 2, 0),
        ([None, None], 2, 1, 0),
        ([], 0, 1, 0),
    ],
)
def test_since_when_a_light_has_its_colour(made, course, lights, since, runs, failed) -> None:
    earlier = [None if light is None else made.answer(light=light) for light in lights]
    found = course(made.answer(light="amber"), *earlier)
    assert (found.since, found.runs, found.failed) == (made.began + timedelta(days=since), runs, failed)


def test_since_in_words(made, course) -> None:
    amber = made.answer()
    assert (
        course(amber, amber, None).in_words == "since 2026-01-02 00:00 UTC (2 runs, 1 more without an answer)"
    )
    assert course(amber, made.answer(light="green")).in_words == "in this run only"


def test_the_line_is_of_the_last_runs_but_since_goes_further_back(made, course, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_RUNS", 3)
    found = course(made.answer(skew=9), *(made.answer(skew=n) for n in range(6)))
    assert found.figures["skew"].values == (4, 5, 9)
    assert found.runs == 7


def test_later_runs_do_not_count(made) -> None:
    later = past_of(rows_of(made.run("later", 5), {"nb": made.summary(made.answer(skew=7))}), "nb")
    assert course_of(later, made.answer(), made_at=made.began).figures["skew"].values == (1.5,)

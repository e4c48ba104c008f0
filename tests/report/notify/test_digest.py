from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from kafka_analysis.report.history import SCHEMA, rows_of
from kafka_analysis.report.notify.digest import MOST_ANSWERS, MOST_TEXT, Digest, digest_of, digest_schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "notification.schema.json"


@pytest.fixture
def told(made):
    """Return a function: what is told of a run after others; a notebook's answers, or None where it failed."""

    def make(now, *before) -> Digest:
        def run(number, answers):
            made_run = made.run(f"r{number}", number, failed=() if answers is not None else ("nb",))
            return made_run, {} if answers is None else {"nb": made.summary(*answers)}

        frames = [rows_of(*run(number, answers)) for number, answers in enumerate(before)]
        return digest_of(*run(len(before), now), pl.concat(frames or [SCHEMA.to_frame()]))

    return make


def test_every_answer_the_worst_first(made, told) -> None:
    lights = ["green", "grey", "red", "amber"]
    digest = told([made.answer(light, light) for light in lights])
    assert [answer.state for answer in digest.answers] == ["red", "amber", "grey", "green"]
    assert digest.counts == {"green": 1, "grey": 1, "red": 1, "amber": 1}
    first = digest.answers[0]
    assert (first.notebook, first.cluster, first.page, first.since) == (
        "nb",
        "red",
        "nb.html",
        digest.made_at,
    )
    assert [(figure.name, figure.value, figure.unit) for figure in first.figures] == [("skew", 1.5, "× mean")]


def test_a_failed_notebook_is_an_answer_without_a_cluster(told) -> None:
    [answer] = told(None).answers
    assert (answer.state, answer.cluster, answer.sentence) == ("failed", None, "<b>late</b>")


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ([], ("red", 1.5, ()), True),
        ([("red", 1.5, ())], ("red", 1.5, ()), False),
        ([("red", 1.5, ())], ("red", 9.0, ()), False),  # a figure alone is no change
        ([("red", 1.5, ())], ("amber", 1.5, ()), True),
        ([("red", 1.5, ("x",))], ("red", 1.5, ()), True),
        ([("red", 1.5, ())], ("red", 1.5, ("x",)), True),
        ([("red", 1.5, ("3 of 9 are late",))], ("red", 1.5, ("4 of 9 are late",)), False),
        ([("red", 1.5, ())], None, True),
        ([("red", 1.5, ()), None], None, False),
        ([("red", 1.5, ()), None], ("red", 1.5, ()), True),
        ([None], None, False),
    ],
)
def test_a_change_is_of_a_light_a_finding_or_a_failure(made, told, before, now, changed) -> None:
    runs = [None if one is None else [made.answer("one", *one)] for one in (now, *before)]
    assert told(*runs).changed is changed


def test_the_state_before_is_that_of_the_last_run(made, told) -> None:
    red, amber = ([made.answer("one", light)] for light in ("red", "amber"))
    assert told(red, amber).answers[0].state_before == "amber"
    assert told(red, amber, None).answers[0].state_before == "failed"
    assert told(None, amber, red).answers[0].state_before == "red"
    assert told(red).answers[0].state_before is None


def test_it_is_bounded_whatever_the_run_holds(made, told) -> None:
    long, count = "n" * 1000, MOST_ANSWERS + 10
    findings = tuple(f"{long}{k}x" for k in range(20))
    many = [made.answer(f"{long}{n}", "red", findings=findings) for n in range(count)]
    digest = told(many, [made.answer(f"{long}{n}", "red") for n in range(count)])
    assert (len(digest.answers), digest.left_out) == (MOST_ANSWERS, 10)
    assert {len(answer.cluster) for answer in digest.answers} == {MOST_TEXT}
    assert len(digest.model_dump_json()) < 500_000


def test_texts_are_one_line_without_what_moves_a_cursor(made, told) -> None:
    [answer] = told([made.answer("a\nb\x1b[31m\u202ec\u2028d")]).answers
    assert answer.cluster == "a b [31m c d"


def test_the_schema_is_published_and_holds_for_what_is_sent(digest) -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == digest_schema()
    jsonschema.validate(json.loads(digest.model_dump_json()), json.loads(digest_schema()))

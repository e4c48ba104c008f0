from __future__ import annotations

import pytest

from kafka_analysis.model.findings import Coverage, Figure, Finding, Light, Verdict
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.common.results import no_plan, results_of

SEEN, POOR = Coverage(expected=10, seen=10), Coverage(expected=10, seen=1)
FIGURES = (Figure(name="bytes", label="Bytes", value=None, unit="B"),)


def judged(outcome, coverage):
    return no_plan(outcome, coverage) or Verdict(light=Light.GREEN, sentence=f"{outcome.plan}.")


def result(outcome, coverage=SEEN):
    (found,) = results_of(
        [outcome],
        {"c": coverage},
        verdict=judged,
        figures=FIGURES,
        values=lambda one: {"bytes": {"value": one.plan}},
        findings=lambda one, verdict: [Finding(light=verdict.light, title=f"{one.cluster} {one.plan}")],
    )
    return found


def test_a_plan_gives_values_and_findings():
    found = result(Outcome("c", plan=5.0))
    assert (found.cluster, found.verdict.sentence, found.coverage) == ("c", "5.0.", SEEN)
    assert [(figure.value, figure.unit) for figure in found.figures] == [(5.0, "B")]
    assert [(finding.light, finding.title) for finding in found.findings] == [(Light.GREEN, "c 5.0")]


def test_without_a_plan_figures_are_unknown_and_the_reason_is_the_verdict():
    found = result(Outcome("c", unknown="no size"))
    assert (found.verdict.light, found.verdict.sentence) == (Light.GREY, "not planned: no size.")
    assert [figure.value for figure in found.figures] == [None]
    assert found.findings == ()


def test_what_cannot_be_kept_is_red_and_a_finding():
    found = result(Outcome("c", impossible="racks: too few"))
    assert (found.verdict.light, found.verdict.sentence) == (
        Light.RED,
        "no plan is possible: racks: too few.",
    )
    assert [(finding.light, finding.detail) for finding in found.findings] == [(Light.RED, "Racks: too few.")]


@pytest.mark.parametrize(
    "outcome", [Outcome("c", plan=5.0), Outcome("c", impossible="x"), Outcome("d", plan=5.0)]
)
def test_too_little_coverage_is_grey_whatever_was_planned(outcome):
    assert result(outcome, POOR).verdict.light is Light.GREY

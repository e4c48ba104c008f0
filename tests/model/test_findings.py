from __future__ import annotations

import pytest
from pydantic import ValidationError

from kafka_analysis.model.findings import Coverage, Evidence, Figure, Finding, Light, Result, Verdict

FULL = Coverage(expected=4, seen=4)


def test_colour_never_speaks_alone():
    assert len({light.symbol for light in Light}) == len({light.word for light in Light}) == len(Light)


def test_a_finding_shows_text_as_text():
    finding = Finding(light=Light.RED, title="<b>", detail="<script>", action="<img>")
    shown = finding._repr_html_()
    assert "&lt;b&gt;" in shown
    assert not {"<b>", "<script>", "<img>"} & {tag for tag in ("<b>", "<script>", "<img>") if tag in shown}


def test_without_an_action_none_is_shown():
    assert "<em>" not in Finding(light=Light.AMBER, title="t")._repr_html_()


@pytest.mark.parametrize(
    ("expected", "seen", "ratio", "sufficient"),
    [(0, 0, None, False), (100, 95, 0.95, True), (100, 94, 0.94, False)],
)
def test_coverage_of_nothing_is_unknown_and_not_enough(expected, seen, ratio, sufficient):
    coverage = Coverage(expected=expected, seen=seen)
    assert (coverage.ratio, coverage.sufficient) == (ratio, sufficient)


def test_values_do_not_change():
    with pytest.raises(ValidationError):
        FULL.seen = 3
    with pytest.raises(ValidationError):
        Figure(name="n", label="l", value=1, colour="blue")


def test_a_result_in_plain_text():
    result = Result(
        cluster="c",
        verdict=Verdict(light=Light.GREEN, sentence="fine."),
        figures=(
            Figure(name="a", label="A", value=1500, unit="B"),
            Figure(name="b", label="B", value=None, evidence=Evidence.ESTIMATED),
        ),
        coverage=FULL,
    )
    assert result.text().splitlines() == [
        "✔ good · c: fine.",
        "  A: 1.50 kB",
        "  B: unknown (estimated)",
        "  coverage: 100.0% of 4 expected scrapes",
    ]


def test_unknown_coverage_says_so():
    result = Result(
        cluster="c", verdict=Verdict(light=Light.GREY, sentence="no."), coverage=Coverage(expected=0, seen=0)
    )
    assert result.text().splitlines()[-1] == "  coverage: unknown"

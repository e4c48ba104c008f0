from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kafka_analysis.model.findings import Coverage, Light, Result, Verdict
from kafka_analysis.model.summary import Summary, SummaryCapture, SummaryResult
from kafka_analysis.report.outcome import FailOn, NotebookOutcome, exit_code

FAILED = NotebookOutcome(notebook="nb", title="", status="failed", duration_s=0, page="", ipynb="")


def summary(light: Light) -> Summary:
    result = Result(
        cluster="a", verdict=Verdict(light=light, sentence="."), coverage=Coverage(expected=1, seen=1)
    )
    return Summary(
        notebook="nb",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        tool_version="0",
        capture=SummaryCapture(id="c", start=None, end=None, sha256=""),
        results=(SummaryResult.of(result),),
    )


@pytest.mark.parametrize(
    ("fail_on", "reached"),
    [(None, ""), ("red", "red"), ("amber", "red amber"), ("grey", "red amber grey")],
)
@pytest.mark.parametrize("light", list(Light))
def test_what_reaches_fail_on(fail_on: FailOn | None, reached: str, light: Light) -> None:
    assert exit_code([], [summary(light)], fail_on) == (3 if light in reached.split() else 0)


def test_a_failure_beats_a_verdict() -> None:
    assert exit_code([FAILED], [summary(Light.RED)], "red") == 1

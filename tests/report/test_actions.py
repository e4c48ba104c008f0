from __future__ import annotations

import pytest

from kafka_analysis.model.findings import Finding, Light
from kafka_analysis.report.actions import action_of


def finding(light: Light, action: str) -> Finding:
    return Finding(light=light, title="t", action=action)


@pytest.mark.parametrize(
    ("findings", "action"),
    [
        ([], ""),
        ([finding(Light.AMBER, "a"), finding(Light.RED, ""), finding(Light.RED, "b")], "b"),
        ([finding(Light.RED, "first"), finding(Light.RED, "second")], "first"),
        ([finding(Light.GREY, "look"), finding(Light.AMBER, "")], "look"),
        ([finding(Light.GREEN, "keep")], ""),
    ],
)
def test_the_action_is_that_of_the_worst_finding_with_one(made, findings, action) -> None:
    assert action_of(made.answer().model_copy(update={"findings": tuple(findings)})) == action

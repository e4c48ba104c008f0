from __future__ import annotations

import pytest

from kafka_analysis.model.findings import Coverage, Finding, Light
from kafka_analysis.stats.load.inventory_verdict import inventory_verdict

FULL = Coverage(expected=100, seen=100)


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


def finding(light: str) -> Finding:
    return Finding(light=Light(light), title=f"a {light} thing")


@pytest.mark.parametrize(
    ("lights", "expected"),
    [
        (["amber"], ("amber", "a amber thing.")),
        (["amber", "red"], ("red", "a red thing (and 1 more finding).")),
        (["grey", "green", "amber"], ("amber", "a amber thing (and 2 more findings).")),
        (["green", "grey"], ("grey", "a grey thing (and 1 more finding).")),
    ],
)
def test_the_worst_finding_judges_the_inventory(lights, expected):
    assert told(inventory_verdict([finding(n) for n in lights], coverage=FULL, partitions=3)) == expected


def test_an_inventory_without_findings_is_sound():
    assert told(inventory_verdict([], coverage=FULL, partitions=12))[0] == "green"


def test_an_inventory_of_nothing_is_not_judged():
    assert told(inventory_verdict([], coverage=FULL, partitions=0)) == (
        "grey",
        "not judged: it held none of the chosen topics in the window.",
    )

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Finding, Light
from kafka_analysis.stats.traffic.verdict import throughput_verdict

FULL = Coverage(expected=100, seen=100)
CHANGE = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


@pytest.fixture
def judged_change(frame):
    def judge(before, after, coverage=FULL, **options):
        change = None if None in (before, after) else round(after / before - 1, 12)
        rows = [("messages_in_per_s", 1.0, 1.0, 0.0), ("bytes_in_per_s", before, after, change)]
        return told(
            throughput_verdict(frame(rows, schema=CHANGE, orient="row"), coverage=coverage, **options)
        )

    return judge


@pytest.mark.parametrize(
    ("after", "light"), [(120, "green"), (95, "green"), (94, "amber"), (81, "amber"), (79, "red"), (0, "red")]
)
def test_traffic_lost_turns_the_light(judged_change, after, light):
    assert judged_change(100.0, float(after))[0] == light


def test_what_was_lost_is_told_in_numbers(judged_change):
    assert judged_change(10e6, 9e6) == (
        "amber",
        "business bytes in fell: 10 MB/s before, 9 MB/s after (-10.0 %).",
    )


def test_how_much_may_be_lost_is_the_caller_s(judged_change):
    assert judged_change(100.0, 90.0, tolerance=0.11)[0] == "green"
    assert judged_change(100.0, 90.0, red=0.09)[0] == "red"
    assert judged_change(100.0, 0.0, flow="messages_in_per_s")[0] == "green"


@pytest.mark.parametrize(
    ("after", "finding", "light"),
    [
        (100, "amber", "amber"),
        (100, "red", "red"),
        (90, "amber", "amber"),
        (70, "amber", "red"),
        (100, "green", "green"),
    ],
)
def test_a_total_that_held_is_no_better_than_its_topics(judged_change, after, finding, light):
    found = [Finding(light=Light(finding), title="3 topics lost 20 %")]
    assert judged_change(100.0, float(after), findings=found)[0] == light


def test_the_worst_finding_is_named(judged_change):
    found = [Finding(light=Light.AMBER, title="small"), Finding(light=Light.RED, title="large")]
    assert judged_change(10e6, 10e6, findings=found) == (
        "red",
        "large (and 1 more finding); all business bytes in together: 10 MB/s before, 10 MB/s after (+0.0 %).",
    )


@pytest.mark.parametrize(("before", "after"), [(None, 1.0), (1.0, None)])
def test_one_side_unknown_is_not_judged(judged_change, before, after):
    assert judged_change(before, after) == (
        "grey",
        "not judged: no business traffic was measured before, or none after.",
    )


def finding(light: str) -> Finding:
    return Finding(light=Light(light), title=f"a {light} thing")

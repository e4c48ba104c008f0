from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Finding, Light
from kafka_analysis.stats.load.inventory_results import inventory_verdict
from kafka_analysis.stats.scope.verdicts import capture_verdict, not_covered, not_dated
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.skew.results import skew_verdict
from kafka_analysis.stats.traffic.results import throughput_verdict

FULL = Coverage(expected=100, seen=100)
POOR = Coverage(expected=100, seen=94)
NOTHING = Coverage(expected=0, seen=0)
UNCOVERED = "no verdict: only 94 % of the expected scrapes are there; 95 % are required."
SKEW = {"resource": pl.String, "n": pl.Int64, "top": pl.String, "max_over_mean": pl.Float64}
CHANGE = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


@pytest.mark.parametrize(("seen", "grey"), [(94, True), (95, False), (100, False)])
def test_coverage_is_enough_from_the_required_ratio_on(seen, grey):
    assert (not_covered(Coverage(expected=100, seen=seen)) is not None) == grey


def test_without_scrapes_the_reason_is_told():
    assert told(not_covered(NOTHING)) == ("grey", "no verdict: nothing was scraped in the window.")
    why = Coverage(expected=0, seen=0, worst="no broker is known")
    assert told(not_covered(why)) == ("grey", "no verdict: no broker is known.")


@pytest.fixture
def judged_skew(frame):
    def judge(*rows, coverage=FULL, **options):
        return told(skew_verdict(frame(rows, schema=SKEW, orient="row"), coverage=coverage, **options))

    return judge


@pytest.fixture
def judged_change(frame):
    def judge(before, after, coverage=FULL, **options):
        change = None if None in (before, after) else round(after / before - 1, 12)
        rows = [("messages_in_per_s", 1.0, 1.0, 0.0), ("bytes_in_per_s", before, after, change)]
        return told(
            throughput_verdict(frame(rows, schema=CHANGE, orient="row"), coverage=coverage, **options)
        )

    return judge


def finding(light: str) -> Finding:
    return Finding(light=Light(light), title=f"a {light} thing")


IN_PART = "partial: 90 % of the expected scrapes are there, with 3 gaps; a verdict needs 95 % of its window."


@pytest.mark.parametrize(
    ("seen", "gaps", "missing", "expected"),
    [
        (
            100,
            0,
            [],
            ("green", "complete: every expected scrape and every metric that the analyses need is there."),
        ),
        (99, 0, [], ("amber", "usable: 99 % of the expected scrapes are there.")),
        (99, 1, [], ("amber", "usable: 99 % of the expected scrapes are there, with 1 gap.")),
        (
            100,
            2,
            [],
            ("amber", "usable: 100 % of the expected scrapes are there, with 2 gaps."),
        ),
        (
            90,
            3,
            [],
            (
                "amber",
                IN_PART,
            ),
        ),
        (
            94,
            0,
            [],
            ("amber", "partial: 94 % of the expected scrapes are there; a verdict needs 95 % of its window."),
        ),
        (50, 2, ["a_total"], ("red", "1 metric that the analyses need is missing: a_total.")),
        (
            0,
            2,
            ["a_total"],
            ("grey", "no verdict: only 0 % of the expected scrapes are there; 95 % are required."),
        ),
        (100, 2, ["a_total"], ("red", "1 metric that the analyses need is missing: a_total.")),
        (100, 0, ["a", "b"], ("red", "2 metrics that the analyses need are missing: a, b.")),
    ],
)
def test_a_capture_carries_the_analyses_or_not(seen, gaps, missing, expected):
    coverage = Coverage(expected=100, seen=seen)
    assert told(capture_verdict(coverage=coverage, gaps=gaps, missing=missing)) == expected


def test_every_verdict_that_rests_on_scrapes_is_grey_below_coverage(judged_skew, judged_change):
    verdicts = [
        judged_skew(("leaders", 3, "1", 9.0), coverage=POOR),
        judged_change(100.0, 0.0, coverage=POOR),
        told(inventory_verdict([], coverage=POOR, partitions=0)),
    ]
    assert verdicts == [("grey", UNCOVERED)] * 3


def test_what_does_not_rest_on_scrapes_is_judged_without_them():
    assert told(inventory_verdict([finding("red")], coverage=POOR, partitions=3))[0] == "red"
    assert told(inventory_verdict([], coverage=NOTHING, partitions=3))[0] == "green"


def test_windows_are_judged_unless_one_was_guessed():
    t = datetime(2026, 1, 1, tzinfo=UTC)
    known, guessed = Window(t, t), Window(t, t, guessed=True)
    assert not_dated([known, known]) is None
    assert not_dated([]) is None
    assert told(not_dated([known, guessed]))[0] == "grey"

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Finding, Light
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.verdicts import (
    capture_verdict,
    inventory_verdict,
    not_covered,
    not_dated,
    skew_verdict,
    throughput_verdict,
)

FULL = Coverage(expected=100, seen=100)
POOR = Coverage(expected=100, seen=94)
NOTHING = Coverage(expected=0, seen=0)
UNCOVERED = "not judged: 94 % of the expected scrapes are there, 95 % are required."
SKEW = {"resource": pl.String, "n": pl.Int64, "top": pl.String, "max_over_mean": pl.Float64}
CHANGE = {"flow": pl.String, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64}


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


@pytest.mark.parametrize(("seen", "grey"), [(94, True), (95, False), (100, False)])
def test_coverage_is_enough_from_the_required_ratio_on(seen, grey):
    assert (not_covered(Coverage(expected=100, seen=seen)) is not None) == grey


def test_without_scrapes_the_reason_is_told():
    assert told(not_covered(NOTHING)) == ("grey", "not judged: nothing was scraped in the window.")
    why = Coverage(expected=0, seen=0, worst="no broker is known")
    assert told(not_covered(why)) == ("grey", "not judged: no broker is known.")


@pytest.fixture
def judged_skew(frame):
    def judge(*rows, coverage=FULL, **options):
        return told(skew_verdict(frame(rows, schema=SKEW, orient="row"), coverage=coverage, **options))

    return judge


def test_the_most_uneven_resource_decides(judged_skew):
    assert judged_skew(("leaders", 3, "1", 1.3), ("size_bytes", 3, "2", 1.6), ("replicas", 3, "3", 1.0)) == (
        "red",
        "broker 2 carries 1.60 × the mean of bytes stored; 2 of 3 measures reach 1.20 ×.",
    )


def test_between_the_thresholds_it_is_amber(judged_skew):
    assert judged_skew(("leaders", 3, "1", 1.49))[0] == "amber"
    assert judged_skew(("leaders", 3, "1", 1.49), red=1.4)[0] == "red"
    assert judged_skew(("leaders", 3, "1", 1.49), amber=1.495)[0] == "green"


def test_an_even_cluster_is_green(judged_skew):
    assert judged_skew(("leaders", 3, "1", 1.1), ("replicas", 3, "2", 1.0)) == (
        "green",
        "even: no broker carries more than 1.10 × the mean of leaders.",
    )


@pytest.mark.parametrize(
    "row", [("leaders", 1, "1", 1.0), ("leaders", 3, None, None), ("leaders", 0, None, None)]
)
def test_one_broker_or_no_load_cannot_be_uneven(judged_skew, row):
    reason = "not judged: fewer than two brokers carried any load in the window."
    assert judged_skew(row) == ("grey", reason)
    assert judged_skew() == ("grey", reason)


def test_of_equally_uneven_resources_the_first_is_told(judged_skew):
    assert "mean of leaders" in judged_skew(("leaders", 2, "1", 2.0), ("replicas", 2, "1", 2.0))[1]


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


@pytest.mark.parametrize(
    ("seen", "gaps", "missing", "expected"),
    [
        (
            100,
            0,
            [],
            ("green", "complete: every expected scrape is there, and every metric the analyses need."),
        ),
        (99, 0, [], ("amber", "usable: 99 % of the expected scrapes are there.")),
        (99, 1, [], ("amber", "usable: 99 % of the expected scrapes are there, with 1 gap to know about.")),
        (
            100,
            2,
            [],
            ("amber", "usable: 100 % of the expected scrapes are there, with 2 gaps to know about."),
        ),
        (100, 2, ["a_total"], ("red", "1 metric the analyses need is missing: a_total.")),
        (100, 0, ["a", "b"], ("red", "2 metrics the analyses need are missing: a, b.")),
    ],
)
def test_a_capture_carries_the_analyses_or_not(seen, gaps, missing, expected):
    coverage = Coverage(expected=100, seen=seen)
    assert told(capture_verdict(coverage=coverage, gaps=gaps, missing=missing)) == expected


def test_every_verdict_is_grey_below_coverage(judged_skew, judged_change):
    verdicts = [
        judged_skew(("leaders", 3, "1", 9.0), coverage=POOR),
        judged_change(100.0, 0.0, coverage=POOR),
        told(inventory_verdict([finding("red")], coverage=POOR, partitions=3)),
        told(capture_verdict(coverage=POOR, gaps=3, missing=["a"])),
    ]
    assert verdicts == [("grey", UNCOVERED)] * 4


def test_windows_are_judged_unless_one_was_guessed():
    t = datetime(2026, 1, 1, tzinfo=UTC)
    known, guessed = Window(t, t), Window(t, t, guessed=True)
    assert not_dated([known, known]) is None
    assert not_dated([]) is None
    assert told(not_dated([known, guessed]))[0] == "grey"

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.causes import CAUSES
from kafka_analysis.stats.skew.cause_findings import cause_findings, main_cause

COLUMNS = {
    "resource": pl.String,
    "cause": pl.String,
    "excess": pl.Float64,
    "share": pl.Float64,
    "names": pl.String,
    "evidence": pl.String,
}


@pytest.fixture
def findings_of(frame):
    """Return a function of the causes (resource, cause, excess, share, names) and the max ÷ mean of each resource."""

    def find(*causes, ratios, partitions=None, **options):
        rows = [(*cause, "measured") if len(cause) == 5 else cause for cause in causes]
        skew = frame({"resource": list(ratios), "max_over_mean": list(ratios.values())})
        return cause_findings(
            frame(rows, schema=COLUMNS, orient="row"), skew, partitions=partitions, **options
        )

    return find


LEADERS = ("bytes_in_per_s", "leaders", 2e6, 0.6, "broker 1, broker 2")


def test_what_bears_it_how_much_and_what_to_do(findings_of):
    (finding,) = findings_of(LEADERS, ratios={"bytes_in_per_s": 1.9})
    assert finding.light == "red"
    assert finding.title == "unbalanced leaders: 60 % of the excess of bytes in"
    assert finding.detail == "2 MB/s above the mean; affected: broker 1, broker 2."
    assert finding.action.startswith("Let other replicas lead some partitions of broker 1, broker 2")


def test_largest_share_first_and_small_ones_not_at_all(findings_of):
    shares = {"replicas": 0.2, "hot_keys": 0.6, "racks": 0.09, "new_broker": 0.31, "mixture": -0.2}
    rows = [("leaders", cause, 1.0, share, "") for cause, share in shares.items()]
    titles = [finding.title.split(":")[0] for finding in findings_of(*rows, ratios={"leaders": 1.3})]
    assert titles == ["hot keys in a topic", "new or returned broker", "unbalanced replicas"]


def test_a_cause_of_several_resources_is_one_finding_of_the_worst_light(findings_of):
    rows = [LEADERS, ("leaders", "leaders", 4.0, 0.9, "broker 1")]
    (finding,) = findings_of(*rows, ratios={"bytes_in_per_s": 1.9, "leaders": 1.3})
    assert finding.light == "red"
    assert finding.title == "unbalanced leaders: 60 % of the excess of bytes in"
    assert (
        finding.detail
        == "2 MB/s above the mean; affected: broker 1, broker 2. Also 90 % of the excess of leaders."
    )


def test_what_uneven_bytes_come_from_is_told_before_what_uneven_numbers_do(findings_of):
    rows = [("leaders", "replicas", 4.0, 0.9, "broker 1"), LEADERS]
    titles = [finding.title for finding in findings_of(*rows, ratios={"bytes_in_per_s": 1.9, "leaders": 1.3})]
    assert titles == [
        "unbalanced leaders: 60 % of the excess of bytes in", "unbalanced replicas: 90 % of the excess of leaders",
    ]  # fmt: skip


def test_a_resource_that_is_even_enough_or_unknown_is_left_out(findings_of):
    assert findings_of(LEADERS, ratios={"bytes_in_per_s": 1.1}) == []
    assert findings_of(LEADERS, ratios={"bytes_in_per_s": None, "leaders": 1.9}) == []
    assert findings_of(LEADERS, ratios={"bytes_in_per_s": 1.1}, amber=1.05)[0].light == "amber"


def test_a_minor_cause_is_watched_and_not_acted_on(findings_of):
    minor = (*LEADERS[:3], 0.3, "broker 1")
    assert findings_of(minor, ratios={"bytes_in_per_s": 1.9})[0].light == "amber"
    assert findings_of(minor, LEADERS, ratios={"bytes_in_per_s": 1.9})[0].light == "red"


def test_an_estimate_says_so(findings_of):
    row = ("bytes_in_per_s", "hot_keys", 1.0, 1.0, "t-3", "estimated")
    assert findings_of(row, ratios={"bytes_in_per_s": 2.0})[0].title.endswith("bytes in (estimated)")


def test_where_leaders_are_not_the_preferred_ones_an_election_is_advised(findings_of):
    partitions = pl.DataFrame({"leader": [1, 1, 3, 2], "replicas": [[2, 1], [1, 2], [2, 3], [2, 1]]})
    (finding,) = findings_of(LEADERS, ratios={"bytes_in_per_s": 2.0}, partitions=partitions)
    assert finding.action.endswith("of the leaders on broker 1, broker 2, 1 belong elsewhere.")


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_an_action_that_names_what_bears_it(findings_of, cause):
    (finding,) = findings_of(("leaders", cause, 1.0, 1.0, "this one"), ratios={"leaders": 2.0})
    assert "this one" in finding.action
    assert (
        "the fullest brokers"
        in findings_of(("leaders", cause, 1.0, 1.0, ""), ratios={"leaders": 2.0})[0].action
    )


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ((0.5, 0.5), "50 % of the excess: unbalanced replicas"),
        ((0.3, 0.34), "34 % of the excess: unbalanced leaders"),
        ((0.33, 0.33), ""),
        ((1.3, -0.3), "1.30 × the excess, partly offset: unbalanced replicas"),
    ],
)
def test_the_main_cause_has_at_least_a_third(frame, shares, text):
    rows = [
        ("leaders", cause, 1.0, s, "", "measured")
        for cause, s in zip(("replicas", "leaders"), shares, strict=True)
    ]
    assert main_cause(frame(rows, schema=COLUMNS, orient="row"), resource="leaders") == text


def test_more_than_the_excess_is_a_multiple_and_not_a_share(findings_of):
    several = [
        ("bytes_in_per_s", "leaders", 2e6, 1.3, "broker 1"),
        ("bytes_out_per_s", "leaders", 2e6, 1.2, "broker 1"),
    ]
    (finding,) = findings_of(*several, ratios={"bytes_in_per_s": 1.9, "bytes_out_per_s": 1.9})
    assert finding.title == "unbalanced leaders: 1.30 × the excess of bytes in"
    assert "Other causes partly offset it. Also 1.20 × the excess of bytes out." in finding.detail
    assert "%" not in finding.title + finding.detail

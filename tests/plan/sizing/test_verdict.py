from __future__ import annotations

import pytest

from kafka_analysis.model.findings import Coverage, Light
from kafka_analysis.plan import size_cluster
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.sizing.clusters import ClusterSizing
from kafka_analysis.plan.sizing.verdict import binding_words, left_words, models_words, sizing_verdict

FULL, POOR = Coverage(expected=10, seen=10), Coverage(expected=10, seen=5)
WEEK = 7 * 86400.0


def verdict(workload, *, seconds=WEEK, coverage=FULL):
    outcome = Outcome("c", ClusterSizing(workload, size_cluster(workload), seconds=seconds))
    return sizing_verdict(outcome, coverage)


def test_green_with_type_brokers_dollars_and_what_decides(known):
    found = verdict(known("A"))
    assert found.light is Light.GREEN
    assert found.sentence == (
        "54 × kafka.m7g.xlarge would suffice, 30,196 USD a month; bytes in decide, limited by the brokers' disk "
        "throughput."
    )


def test_a_short_capture_is_grey_and_says_what_it_saw(known):
    found = verdict(known("A"), seconds=WEEK - 1)
    assert found.light is Light.GREY
    assert found.sentence.startswith(
        "no verdict yet: only 167 h 59 min recorded; 7 days or declared peaks are needed; so far,"
    )
    assert "54 × kafka.m7g.xlarge would suffice" in found.sentence


def test_a_declared_peak_needs_neither_a_week_nor_scrapes(known):
    assert verdict(known("A", basis="declared"), seconds=60, coverage=POOR).light is Light.GREEN
    assert verdict(known("A"), coverage=POOR).light is Light.GREY


def test_nothing_fits_is_red_with_the_smallest_change(known):
    found = verdict(known("C", growth=2.0))
    assert found.light is Light.RED
    assert "raise the quota to 108" in found.sentence
    assert verdict(known("C", growth=2.0), seconds=60).light is Light.GREY


def test_amber_when_the_high_end_does_not_fit_or_the_price_is_unverified(known):
    assert verdict(known("A", traffic_high=1.5)).light is Light.AMBER
    tiny = known("B", partitions=3, bytes_in_per_s_avg=1, bytes_out_per_s_avg=1)
    options = size_cluster(tiny).filter(family="serverless")
    found = sizing_verdict(Outcome("c", ClusterSizing(tiny, options, seconds=WEEK)), FULL)
    assert found.light is Light.AMBER
    assert found.sentence.startswith("MSK Serverless would suffice")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"binding_constraint": "minimum", "brokers": 3},
            "the minimum of one broker per AZ decides",
        ),
        ({"binding_constraint": "storage", "brokers": 3}, "storage decides"),
        (
            {"binding_constraint": "partitions", "brokers": None, "throughput_limit": "quota"},
            "the number of partitions decides, limited by the service's quotas",
        ),
    ],
)
def test_what_decides_in_words(row, words):
    assert binding_words(row) == words


def test_both_models_in_words():
    assert models_words({"brokers": 1, "s1_brokers": None}) == "S2 asks for 1 broker; S1 was not computed"
    assert models_words({"brokers": None, "s1_brokers": None}).startswith("both models")


def test_the_tightest_limit_comes_first():
    assert (
        left_words({"headroom_storage": 0.5, "headroom_egress": 0.25, "usd": 3})
        == "bytes out 25 %, storage 50 %"
    )

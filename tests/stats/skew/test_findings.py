from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.resources import RESOURCES
from kafka_analysis.stats.load.brokers import REPLICATION, SKEW_RESOURCES
from kafka_analysis.stats.skew.findings import broker_skew_findings, skew_light

SKEW = {
    "resource": pl.String,
    "top": pl.String,
    "max": pl.Float64,
    "mean": pl.Float64,
    "max_over_mean": pl.Float64,
}
PARTS = {"resource": pl.String, "broker": pl.Int32, "topic": pl.String, "value": pl.Float64}


@pytest.mark.parametrize(
    ("ratio", "light"),
    [
        (1.0, "green"),
        (1.19, "green"),
        (1.2, "amber"),
        (1.49, "amber"),
        (1.5, "red"),
        (9.0, "red"),
        (None, "grey"),
    ],
)
def test_a_ratio_s_light_changes_at_the_thresholds(ratio, light):
    assert skew_light(ratio, amber=1.2, red=1.5) == light


def test_every_resource_measured_has_words():
    assert {*SKEW_RESOURCES, *(f"{name}_per_s" for name in REPLICATION)} <= set(RESOURCES)


@pytest.fixture
def uneven(frame):
    """Return a function of (resource, top, max, mean) and of (resource, broker, topic, value)."""

    def find(*measured, parts=(), **options):
        rows = [(r, top, m, mean, None if mean is None else m / mean) for r, top, m, mean in measured]
        skew = frame(rows, schema=SKEW, orient="row")
        return broker_skew_findings(skew, frame(parts, schema=PARTS, orient="row"), **options)

    return find


def test_what_is_uneven_is_named_worst_first(uneven):
    found = uneven(("leaders", "2", 6.0, 5.0), ("size_bytes", "1", 3e9, 1e9), ("replicas", "3", 1.0, 1.0))
    assert [(f.light, f.title) for f in found] == [
        ("red", "broker 1 carries 3 × the mean of bytes stored"),
        ("amber", "broker 2 carries 1.20 × the mean of leaders"),
    ]
    assert found[0].detail == "3 GB against a mean of 1 GB."


def test_what_is_unknown_is_no_finding(uneven):
    assert uneven(("bytes_in_per_s", None, None, None)) == []


def test_thresholds_are_the_caller_s(uneven):
    assert uneven(("leaders", "2", 6.0, 5.0), amber=1.3) == []
    assert uneven(("leaders", "2", 6.0, 5.0), red=1.2)[0].light == "red"


@pytest.mark.parametrize("resource", ["leaders", "bytes_in_per_s", "bytes_out_per_s"])
def test_what_leaders_carry_is_mended_by_moving_leaders(uneven, resource):
    assert "moves leaders first" in uneven((resource, "2", 6.0, 3.0))[0].action


@pytest.mark.parametrize("resource", ["size_bytes", "replicas", "messages_in_per_s"])
def test_what_replicas_carry_is_mended_by_moving_replicas(uneven, resource):
    assert "moves replicas" in uneven((resource, "2", 6.0, 3.0))[0].action


def test_the_topics_of_the_fullest_broker_are_named(uneven):
    parts = [
        *(
            ("leaders", 2, "d", 1.0),
            ("leaders", 2, "b", 2.0),
            ("leaders", 2, "a", 2.0),
            ("leaders", 2, "c", 5.0),
        ),
        *(
            ("leaders", 1, "other broker", 9.0),
            ("size_bytes", 2, "other resource", 9.0),
            ("leaders", 2, "x", None),
        ),
    ]
    detail = uneven(("leaders", "2", 10.0, 5.0), parts=parts)[0].detail
    assert detail == "10 leaders against a mean of 5 leaders. Largest topics there: c 50%, a 20%, b 20%."


def test_topics_that_put_nothing_there_are_not_named(uneven):
    assert uneven(("leaders", "2", 6.0, 3.0), parts=[("leaders", 2, "t", 0.0)])[0].detail.endswith(
        "mean of 3 leaders."
    )


def test_where_causes_are_known_they_are_named_and_have_the_actions(uneven, frame):
    causes = frame(
        {
            "resource": ["leaders", "leaders", "leaders", "size_bytes"],
            "cause": ["racks", "replicas", "mixture", "hot_keys"],
            "share": [0.3, 0.65, 0.05, 1.0],
        }
    )
    (finding,) = uneven(("leaders", "2", 6.0, 3.0), causes=causes)
    assert finding.detail.endswith(
        "The excess of all brokers comes from unbalanced replicas 65%, uneven racks 30%."
    )
    assert finding.action == ""
    (finding,) = uneven(("replicas", "2", 6.0, 3.0), causes=causes)
    assert "moves replicas" in finding.action

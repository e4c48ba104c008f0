from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage
from kafka_analysis.stats.skew.verdict import skew_verdict

FULL = Coverage(expected=100, seen=100)
SKEW = {"resource": pl.String, "n": pl.Int64, "top": pl.String, "max_over_mean": pl.Float64}


def told(verdict) -> tuple[str, str]:
    return verdict.light.value, verdict.sentence


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

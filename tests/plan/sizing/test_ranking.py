from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import cheapest, rank_options, size_cluster
from kafka_analysis.plan.sizing.ranking import NothingFitsError, smallest_change


def test_ranked_by_what_is_paid_with_both_models(known):
    ranked = rank_options(size_cluster(known("A")))
    assert ranked["total_usd"].is_sorted()
    assert ranked["feasible"].all()
    first = cheapest(size_cluster(known("A")))
    assert (first["broker_type"], first["brokers"], first["s1_brokers"]) == ("kafka.m7g.xlarge", 54, 12)
    second = ranked.row(1, named=True)  # as dear without its provisioned throughput
    assert second["broker_type"] == "kafka.m7g.2xlarge"
    assert second["total_usd"] == pytest.approx(second["monthly_usd"] + 27 * 312.5 * 0.08)


def test_nothing_fits_says_the_smallest_change(known):
    options = size_cluster(known("C", growth=2.0))
    with pytest.raises(NothingFitsError) as caught:
        cheapest(options)
    assert str(caught.value) == (
        "no broker type carries the load within the quotas; the nearest is express.m7g.16xlarge: 108 "
        "brokers, the quota of a "
        "cluster is 60: 48 too many; 108 brokers, the quota of an account is 90: 18 too many; raise the quota to "
        "108, reduce the load by 44.4 %, or split it over 2 clusters"
    )
    assert isinstance(caught.value, InputError)


def test_that_change_is_enough(known):
    factor = 2.0 * (1 - 0.444)
    assert cheapest(size_cluster(known("C", growth=factor * 0.99)))["broker_type"] == "express.m7g.16xlarge"


def test_a_quota_of_brokers_is_nearer_than_what_express_cannot_do(known):
    options = size_cluster(known("A", replication_factor=2), metadata="zookeeper").filter(
        pl.col("broker_type").is_in(["kafka.m5.large", "express.m7g.8xlarge"])
    )
    assert "nearest is kafka.m5.large" in smallest_change(options)


def test_without_a_quota_to_raise_the_reason_is_told(known):
    options = size_cluster(known("A", replication_factor=2)).filter(family="express")
    assert "Express brokers keep 3 replicas, not 2; change that" in smallest_change(options)

from __future__ import annotations

from itertools import combinations

import pytest

from kafka_analysis.model.metrics import METRICS, metric
from kafka_analysis.sources.amazon.cloudwatch_names import LEVELS, names, recognise

LABELS = {
    "Broker ID": "broker",
    "Topic": "topic",
    "Partition": "partition",
    "Consumer Group": "group",
    "Client Authentication": "entity",
    "ReplicatorName": "entity",
}


def listed(name: str, **dimensions: str) -> dict:
    spelled = {"Cluster_Name": "c"} | dimensions
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key.replace("_", " "), "Value": value} for key, value in spelled.items()],
    }


def only(name: str, **dimensions: str):
    (series,) = recognise([listed(name, **dimensions)]).series
    return series


def test_every_canonical_metric_has_the_labels_its_dimensions_give():
    for family in names().families:
        for canonical in family.metrics.values():
            known = METRICS[canonical]
            for dimensions in family.dimensions:
                given = {LABELS[name] for name in dimensions if name != "Cluster Name"} - {"broker", "entity"}
                assert given <= set(known.labels), canonical
            assert not family.entity or known.entity, canonical
            assert bool(family.stat) == (known.kind == "quantile"), canonical


def test_a_replicator_s_metrics_are_its_own():
    listing = recognise([
        {"MetricName": "MessageLag", "Dimensions": [{"Name": "ReplicatorName", "Value": "r"}]},
        {"MetricName": "ReplicatorThroughput", "Dimensions": [
            {"Name": "Topic", "Value": "t"}, {"Name": "ReplicatorName", "Value": "r"},
        ]},
    ])  # fmt: skip
    assert [(s.metric, s.entity, s.topic, s.broker, s.statistic) for s in listing.series] == [
        ("replicator_message_lag", "r", None, None, "Maximum"),
        ("replicator_bytes_per_s", "r", "t", None, "Average"),
    ]


def test_no_two_metrics_become_the_same_series():
    rows = [
        (name, frozenset(dimensions), (canonical, frozenset(dimensions), family.entity, family.stat))
        for family in names().families
        for dimensions in family.dimensions
        for name, canonical in family.metrics.items()
    ]
    assert [(a[0], b[0]) for a, b in combinations(rows, 2) if a[2] == b[2] or a[:2] == b[:2]] == []


def test_what_is_per_second_is_a_rate_and_never_a_counter():
    kinds = {
        metric(canonical).kind
        for family in names().families
        for name, canonical in family.metrics.items()
        if name.endswith("PerSec")
    }
    assert kinds == {"rate"}


def test_percent_becomes_a_ratio_only_where_it_is_percent():
    assert (only("KafkaDataLogsDiskUsed", Broker_ID="1").metric, only("CpuUser", Broker_ID="1").scale) == (
        "disk_used_ratio",
        0.01,
    )
    assert only("RequestHandlerAvgIdlePercent", Broker_ID="1").scale == 1.0  # a ratio in spite of its name


def test_a_broker_s_own_total_is_a_series_without_topic():
    total, topic = only("BytesInPerSec", Broker_ID="2"), only("BytesInPerSec", Broker_ID="2", Topic="a.b")
    assert (total.broker, total.topic) == (2, None)
    assert (topic.broker, topic.topic, topic.metric) == (2, "a.b", "bytes_in_per_s")


def test_serverless_has_topics_without_brokers():
    series = only("BytesInPerSec", Topic="t")
    assert (series.broker, series.topic) == (None, "t")


def test_lag_is_of_a_group_and_the_worst_of_a_period():
    series = only("EstimatedMaxTimeLag", Consumer_Group="g", Topic="t")
    assert (series.metric, series.group, series.topic, series.statistic) == (
        "group_lag_max_seconds",
        "g",
        "t",
        "Maximum",
    )
    partition = only("OffsetLag", Consumer_Group="g", Topic="t", Partition="7")
    assert (partition.metric, partition.partition) == ("group_lag_records", 7)


def test_mean_times_have_request_and_stat():
    series = only("FetchFollowerLocalTimeMsMean", Broker_ID="1")
    assert (series.metric, series.entity, series.stat) == ("request_local_ms", "FetchFollower", "mean")


@pytest.mark.parametrize(
    "metric",
    [
        listed("BytesInPerSec"),  # of the whole cluster: not documented
        listed("BytesInPerSec", Broker_ID="one"),
        listed("OffsetLag", Consumer_Group="g", Topic="t", Partition="-1"),
        listed("SwapUsed", Broker_ID="1"),
    ],
)
def test_what_is_not_understood_is_named(metric):
    found = recognise([metric])
    assert (found.series, found.not_catalogued) == ((), (metric["MetricName"],))


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ((), "DEFAULT"),
        ((listed("NetworkProcessorAvgIdlePercent", Broker_ID="1"),), "PER_BROKER"),
        ((listed("MessagesInPerSec", Broker_ID="1", Topic="t"),), "PER_TOPIC_PER_BROKER"),
        ((listed("OffsetLag", Consumer_Group="g", Topic="t", Partition="0"),), "PER_TOPIC_PER_PARTITION"),
    ],
)
def test_the_monitoring_level_is_the_highest_that_shows(more, level):
    default = [listed("BytesInPerSec", Broker_ID="1", Topic="t"), listed("CpuUser", Broker_ID="1")]
    assert recognise([*default, *more]).level == level
    assert level in LEVELS


def test_express_brokers_are_told_by_what_they_have_and_lack():
    express = recognise([listed("StorageUsed"), listed("BytesInPerSec", Broker_ID="1")])
    assert express.flavour == "msk-express"
    assert {"under_replicated_partitions", "offline_partitions", "disk_used_ratio"} <= set(
        express.unpublished
    )
    standard = recognise([listed("KafkaDataLogsDiskUsed", Broker_ID="1")])
    assert (standard.flavour, standard.unpublished) == ("msk-standard", ())
    assert recognise([listed("CpuUser", Broker_ID="1")]).flavour is None


def test_a_metric_listed_twice_is_asked_for_once():
    assert len(recognise([listed("CpuUser", Broker_ID="1")] * 3).series) == 1

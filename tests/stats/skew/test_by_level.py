from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.skew.by_level import LEVELS, log_dir_load, skew_by_level, topic_sizes_and_traffic


def test_each_level_is_measured_by_its_own_resources(frame, rows):
    brokers = frame(
        {
            "cluster": "c",
            "broker": [1, 2],
            "rack": ["a", "a"],
            "leaders": [3, 1],
            "requests_per_s": [2.0, 2.0],
        }
    )
    racks = frame({"cluster": "c", "rack": ["a"], "leaders": [4]})
    topics = frame({"cluster": "c", "topic": ["t", "u"], "size_bytes": [30.0, 10.0]})
    found = rows(skew_by_level({"broker": brokers, "rack": racks, "topic": topics}),
                 "level", "resource", "n", "max_over_mean", "top", "net_imbalance")  # fmt: skip
    assert found == [
        ("broker", "leaders", 2, 1.5, "1", 1.0), ("broker", "requests_per_s", 2, 1.0, "1", 0.0),
        ("rack", "leaders", 1, 1.0, "a", 0.0), ("topic", "size_bytes", 2, 1.5, "t", 10.0),
    ]  # fmt: skip


@pytest.mark.parametrize(("second", "flow"), [("measured", "measured"), ("estimated", "estimated")])
def test_partitions_carry_their_evidence(frame, rows, second, flow):
    partitions = frame(
        {
            "cluster": "c", "topic": ["t", "t"], "partition": [0, 1], "records_per_s": [1.0, 3.0],
            "bytes_in_per_s": [1.0, 3.0], "evidence": ["measured", second],
        }
    )  # fmt: skip
    found = rows(skew_by_level({"partition": partitions}), "resource", "top", "evidence")
    assert found == [("records_per_s", "t-1", "measured"), ("bytes_in_per_s", "t-1", flow)]


def test_an_estimate_in_one_cluster_is_none_in_another(frame, rows):
    partitions = frame({"cluster": ["a", "b"], "topic": "t", "partition": 0, "bytes_in_per_s": 1.0,
                        "evidence": ["measured", "estimated"]})  # fmt: skip
    found = rows(skew_by_level({"partition": partitions}), "cluster", "evidence")
    assert found == [("a", "measured"), ("b", "estimated")]


def test_log_directories_are_numbered_and_summed(frame, rows):
    table = frame(
        {
            "cluster": "c", "broker": [1, 1, 1, 2], "path": ["/z", "/a", "/a", "/z"], "topic": ["t", "t", "t", "t"],
            "partition": [0, 1, 2, 0], "size_bytes": [5, 1, 2, 7], "is_future": [False, False, True, None],
        }
    )  # fmt: skip
    assert rows(log_dir_load(table), "log_dir", "path", "size_bytes", "replicas") == [
        ("1 of broker 1", "/a", 3.0, 1), ("2 of broker 1", "/z", 5.0, 1), ("1 of broker 2", "/z", 7.0, 1),
    ]  # fmt: skip


def test_no_log_directories_are_no_rows(frame, rows):
    schema = {"cluster": pl.String, "broker": pl.Int32, "path": pl.String, "topic": pl.String,
              "partition": pl.Int32, "size_bytes": pl.Int64, "is_future": pl.Boolean}  # fmt: skip
    assert rows(skew_by_level({"log_dir": log_dir_load(frame({}, schema=schema))}), "level") == []


def test_a_topic_without_sizes_is_unknown(frame, rows):
    traffic = frame({"cluster": "c", "topic": ["t", "u"], "bytes_in_per_s": [1.0, 2.0]})
    sizes = frame({"cluster": "c", "topic": ["t", "t"], "last": [5.0, 6.0]})
    assert rows(topic_sizes_and_traffic(traffic, sizes=sizes), "topic", "size_bytes") == [
        ("t", 11.0),
        ("u", None),
    ]


def test_every_level_has_resources():
    assert list(LEVELS) == ["broker", "rack", "log_dir", "topic", "partition"]

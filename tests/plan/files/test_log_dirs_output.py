from __future__ import annotations

import json

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.log_dirs_output import read_log_dirs


def shown(*brokers):
    return (
        "Querying brokers for log directories information\nReceived log directory information from brokers 1,2\n"
        + json.dumps({"version": 1, "brokers": brokers})
    )


def broker(number, *directories):
    return {"broker": number, "logDirs": list(directories)}


def directory(*replicas, path="/data", error=None):
    keys = ("partition", "size", "offsetLag", "isFuture")
    rows = [dict(zip(keys, (name, size, 0, future), strict=True)) for name, size, future in replicas]
    return {"partitions": rows, "error": error, "logDir": path, "isCordoned": False}


def test_the_largest_replica_counts_and_future_ones_do_not():
    one = broker(
        1, directory(("a-b-0", 5, False), ("t-1", 9, False)), directory(("t-1", 99, True), path="/more")
    )
    two = broker(2, directory(("a-b-0", 7, False)))
    assert read_log_dirs(shown(one, two)).sizes.rows() == [("a-b", 0, 7.0), ("t", 1, 9.0)]


def test_runs_for_single_brokers_may_follow_one_another():
    text = (
        shown(broker(1, directory(("t-0", 5, False)))) + "\n" + shown(broker(2, directory(("t-1", 7, False))))
    )
    assert read_log_dirs(text).sizes.rows() == [("t", 0, 5.0), ("t", 1, 7.0)]


def test_directories_that_were_not_read_are_named():
    failed = directory(path="/bad", error="org.apache.kafka.common.errors.KafkaStorageException")
    assert "/bad of broker 2: KafkaStorageException" in read_log_dirs(shown(broker(2, failed))).unread


@pytest.mark.parametrize("name", ["t", "t-", "-0", "t-x"])
def test_names_that_are_no_partitions_are_refused(name):
    with pytest.raises(InputError, match=r"loads: not what kafka-log-dirs prints: .*partition"):
        read_log_dirs(shown(broker(1, directory((name, 5, False)))))

from __future__ import annotations

import json

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.plain_files import read_cluster, read_log_dirs

NOW = """{"version": 1, "partitions": [
  {"topic": "a,b", "partition": 1, "replicas": [3, 1]}, {"topic": "t", "partition": 0, "replicas": [1, 2]}]}"""
LOADS = 'topic,partition,size_bytes,bytes_in_per_s\n"a,b",1,7,2.5\nt,0,5e9,\n'


def test_a_cluster_is_read():
    partitions, brokers = read_cluster(
        NOW, loads=LOADS, brokers=b"broker,rack,disk_bytes\n1,a,10\n2,b,20\n3,,30\n"
    )
    assert partitions.rows() == [("a,b", 1, [3, 1], 7.0, 2.5, None), ("t", 0, [1, 2], 5e9, None, None)]
    assert brokers.rows() == [(1, "a", 10), (2, "b", 20), (3, None, 30)]


def test_without_brokers_those_that_hold_replicas_are_taken():
    assert read_cluster(NOW, loads=LOADS)[1].rows() == [(1, None), (2, None), (3, None)]


@pytest.mark.parametrize(
    ("loads", "brokers", "message"),
    [
        ("topic,partition\nt,0\n", None, "loads: the column 'size_bytes' is missing"),
        ("topic,partition,size_bytes\nt,0,5\n", None, "loads: partition a,b-1 is missing"),
        (LOADS + "t,0,5,1\n", None, "loads: partition t-0 is listed twice"),
        ("topic,partition,size_bytes\nt,none,5\n", None, "loads: could not parse"),
        (LOADS, "rack\na\n", "brokers: the column 'broker' is missing"),
        ("", None, "loads: empty"),
    ],
)
def test_wrong_files_are_named(loads, brokers, message):
    with pytest.raises(InputError, match=message):
        read_cluster(NOW, loads=loads, brokers=brokers)


def test_sizes_are_read_from_what_kafka_log_dirs_prints():
    rows = '{"partition": "a,b-1", "size": 7}, {"partition": "t-0", "size": 5000000000}'
    shown = f'Querying brokers\n{{"version": 1, "brokers": [{{"broker": 1, "logDirs": [{{"partitions": [{rows}]}}]}}]}}'
    partitions, _ = read_cluster(NOW, loads=shown)
    assert partitions["size_bytes"].to_list() == [7.0, 5e9]


def test_a_directory_that_was_not_read_is_named_with_what_is_missing():
    broken = '{"logDir": "/d", "error": "x.KafkaStorageException", "partitions": []}'
    shown = f'{{"version": 1, "brokers": [{{"broker": 1, "logDirs": [{broken}]}}]}}'
    with pytest.raises(InputError, match=r"a,b-1, t-0 are missing .*/d of broker 1: KafkaStorageException"):
        read_cluster(NOW, loads=shown)


def test_what_is_on_no_broker_needs_no_size():
    partitions, _ = read_cluster(NOW, loads='topic,partition,size_bytes\n"a,b",1,7\n', brokers="broker\n3\n")
    assert partitions["size_bytes"].to_list() == [7.0, None]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"loads": NOW},
            "loads: this is an assignment of partitions; .* or what kafka-log-dirs --describe prints",
        ),
        ({"brokers": NOW}, "brokers: this is an assignment of partitions; it must be CSV with broker"),
        ({"brokers": b"\x1f\x8b"}, "brokers: is a compressed file"),
    ],
)
def test_files_in_each_others_place_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        read_cluster(NOW, **{"loads": LOADS} | wrong)


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
    with pytest.raises(InputError, match=r"loads: not the output of kafka-log-dirs: .*partition"):
        read_log_dirs(shown(broker(1, directory((name, 5, False)))))

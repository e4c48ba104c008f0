from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.plain_files import read_cluster

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
        ("topic,partition,size_bytes\nt,0,5\n", None, "loads: partitions a,b-1 are missing"),
        (LOADS + "t,0,5,1\n", None, "loads: partitions t-0 come twice"),
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
        ({"brokers": b"\x1f\x8b"}, "brokers: a compressed file"),
    ],
)
def test_files_in_each_others_place_are_named(wrong, message):
    with pytest.raises(InputError, match=message):
        read_cluster(NOW, **{"loads": LOADS} | wrong)

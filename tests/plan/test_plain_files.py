from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.plain_files import read_cluster

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

from __future__ import annotations

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.unknown import spelled_otherwise, unknown_names

PAGE = b"""up 1
go_threads 1
go_threads{x="1"} 1
go_threads{x="2"} 1
acme_kafka_in{topic="a"} 1
acme_kafka_in{topic="b"} 1
other_kafka 1
kafka_server_ReplicaManager_Value{name="LeaderCount"} 5
kafka_server_ReplicaManager_Value{name="PartitionCount"} 5
kafka_server_ReplicaManager_Value{name="Other"} 5
"""


def test_lines_that_are_not_read_are_counted_kafka_s_first():
    page = parse_exposition(PAGE)
    assert list(unknown_names(page, detect(page)).items()) == [
        ("acme_kafka_in", 2), ('kafka_server_ReplicaManager_Value{name="Other"}', 1), ("other_kafka", 1),
        ("go_threads", 3), ("up", 1),
    ]  # fmt: skip


def test_without_a_dialect_all_names_are_unknown():
    page = parse_exposition(PAGE)
    assert sum(unknown_names(page, ()).values()) == len(page.samples)


def test_of_many_names_five_are_shown_and_long_ones_are_cut():
    names = [f"kafka_{n}{'x' * 500}" for n in range(9)]
    shown = spelled_otherwise(names)
    assert shown.count("kafka_") == 5
    assert len(shown) < 600
    assert ", …; write a dialect: docs/dialects.md" in shown


def test_names_that_hold_control_characters_stay_on_one_line():
    page = parse_exposition(b'{"kafka\\nx\x1b[31m"} 1\n')
    (name,) = unknown_names(page, ())
    assert name == r"kafka\nx\x1b[31m"

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect, explained
from kafka_analysis.sources.spelling.dialects import dialects, find_dialect

SHARED = [
    'kafka_log_log_size{topic="a",partition="0"} 1', 'kafka_log_log_size{topic="a",partition="1"} 1',
    "kafka_server_replicamanager_leadercount 5", 'kafka_cluster_partition_replicascount{topic="a",partition="0"} 3',
]  # fmt: skip
STOCK = ["kafka_server_brokertopicmetrics_bytesin_total 9"]
CONFLUENT = ["kafka_server_brokertopicmetrics_bytesinpersec 9"]
NODE = ["node_memory_MemTotal_bytes 8", "node_memory_MemAvailable_bytes 7"]


def names(lines: list[str], **options) -> list[str]:
    return [
        d.name for d in detect(parse_exposition("".join(f"{line}\n" for line in lines).encode()), **options)
    ]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (SHARED + STOCK, ["stock"]),
        (SHARED + CONFLUENT, ["confluent"]),
        (SHARED + NODE, ["confluent", "node_exporter"]),  # of equals the first by name: both say the same
        (NODE + STOCK, ["node_exporter", "stock"]),
        (["process_cpu_seconds_total 1", *NODE], ["node_exporter"]),
        (["strimzi_resources 3", "process_cpu_seconds_total 1", "jvm_info 1"], []),
        ([], []),
    ],
)
def test_a_page_is_known_by_the_lines_it_is_explained_by(lines, found):
    assert names(lines) == found


def test_lines_many_exporters_have_tell_nothing():
    page = parse_exposition(b"process_cpu_seconds_total 1\njava_lang_Memory_HeapMemoryUsage_used 2\n")
    assert {explained(page, dialect) for dialect in dialects()} == {0}


def test_the_choice_may_be_narrowed():
    assert names(SHARED + CONFLUENT, known=[find_dialect("stock")]) == ["stock"]
    assert names(SHARED, known=[]) == []


@given(st.permutations(SHARED + STOCK + NODE))
def test_the_order_of_lines_does_not_matter(lines):
    assert names(lines) == ["stock", "node_exporter"]


@given(st.lists(st.sampled_from(SHARED + STOCK + CONFLUENT + NODE), max_size=12))
def test_each_dialect_chosen_explains_lines_the_ones_before_it_do_not(lines):
    page = parse_exposition("".join(f"{line}\n" for line in lines).encode())
    chosen = detect(page)
    assert len({d.name for d in chosen}) == len(chosen)
    if chosen:
        assert explained(page, chosen[0]) == max(explained(page, d) for d in dialects())

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect, explained, label, page_of
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


BITNAMI = [
    "kafka_server_brokertopicmetrics_total_bytesinpersec_count 9",
    'kafka_server_brokertopicmetrics_bytesinpersec_count{topic="a"} 9',
    "kafka_server_replicamanager_total_leadercount_value 5",
]


@given(st.permutations(BITNAMI + SHARED[:2] + STOCK))
def test_of_two_rule_sets_on_one_page_the_better_one_comes_first_and_the_other_reads_the_rest(lines):
    assert names(lines) == ["bitnami", "stock"]


def test_a_request_that_a_greedy_rule_tore_is_put_together_again():
    lines = [
        'r{request="Fetch, version=16"} 1',
        'r{request="Fetch, error=NONE",version="3"} 2',
        'r{request="Fetch"} 3',
    ]
    found = page_of(parse_exposition("".join(f"{line}\n" for line in lines).encode())).lines
    columns = ("label_request", "label_version", "label_error")
    assert found.select(columns).rows() == [
        ("Fetch", "16", None),
        ("Fetch", "3", "NONE"),
        ("Fetch", None, None),
    ]


@pytest.mark.parametrize("spelled", ["client_id", "clientId", "clientid", "client-id"])
def test_a_label_is_found_however_its_words_are_parted(spelled):
    page = page_of(parse_exposition(f'm{{"{spelled}"="a"}} 1\n'.encode()))
    assert page.lines.select(label(page.lines, "clientId")).item() == "a"


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

"""Pages with the series of several brokers: split where names tell which, else refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.exposition.instances import LABELS, broker_of, by_instance, instances_of
from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.translate import translate

TS = datetime(2026, 1, 1, tzinfo=UTC)


def page(label: str, values, *, more: str = ""):
    lines = []
    for n, value in enumerate(values, start=1):
        own = f'{label}="{value}",job="kafka"'
        lines += [
            f"kafka_server_brokertopicmetrics_bytesin_total{{{own}}} {n * 1000}",
            f'kafka_server_brokertopicmetrics_bytesin_total{{{own},topic="orders"}} {n * 1000}',
            f'kafka_log_log_size{{{own},topic="orders",partition="{n}"}} {n}',
        ]
    return parse_exposition("".join(f"{line}\n" for line in [*lines, *more.splitlines()]).encode())


def split(exposition, **options):
    parts = by_instance(exposition, detect(exposition), **options)
    return {part.broker: len(part.page.samples) for part in parts}


@pytest.mark.parametrize("label", LABELS)
def test_any_label_that_collectors_use_splits_where_its_values_name_brokers(label):
    values = ["kafka-1.example.org:7071", "kafka-2.example.org:7071", "kafka-3.example.org:7071"]
    assert split(page(label, values)) == {1: 3, 2: 3, 3: 3}


@pytest.mark.parametrize("label", ["a_label_nobody_knows", "Host", "INSTANCE"])
def test_so_does_a_label_of_no_known_name_or_another_case(label):
    assert split(page(label, ["b-1.x", "b-2.x"])) == {1: 3, 2: 3}


def test_a_number_is_a_broker_where_the_label_is_named_after_brokers():
    assert split(page("broker_id", ["0", "1", "7"])) == {0: 3, 1: 3, 7: 3}
    assert broker_of("host", "7") is None
    assert broker_of("broker", "x7", re.compile(r"x(\d)")) == 7


@pytest.mark.parametrize(
    "values", [["10.0.0.1:7071", "10.0.0.2:7071"], ["kafka-1", "other"], ["kafka-1:1", "kafka-1:2"]]
)
def test_names_that_are_no_brokers_are_refused_in_one_line(values):
    with pytest.raises(
        SourceError, match=r"^series of 2 instances on one page \(instance: .*\); save or scrape"
    ):
        split(page("instance", values))


def test_a_pattern_finds_them():
    values = ["10.0.0.1:7071", "10.0.0.2:7071"]
    assert split(page("instance", values), pattern=re.compile(r"10\.0\.0\.(\d+)")) == {1: 3, 2: 3}


def test_a_broker_given_for_a_page_of_several_is_refused():
    found = page("instance", ["kafka-1:7071", "kafka-2:7071", "kafka-3:7071", "kafka-4:7071"])
    with pytest.raises(SourceError, match=r"series of 4 instances.* and 1 more.*leave out the broker"):
        split(found, broker=1, is_given=True)
    assert split(found, broker=9) == {1: 3, 2: 3, 3: 3, 4: 3}  # a file's name is weaker than what is in it


def test_a_page_of_one_instance_is_left_whole():
    one = page("instance", ["kafka-2:7071"])
    assert split(one, broker=1, is_given=True) == {1: 3}
    assert split(one, broker=1) == {1: 3}
    assert split(one) == {2: 3}


def test_a_coarser_label_that_names_brokers_is_not_believed():
    lines = [
        f'kafka_server_replicamanager_leadercount{{instance="10.0.0.{n}",node="kafka-{n % 2}"}} {n}\n'
        for n in range(4)
    ]
    with pytest.raises(SourceError, match="series of 4 instances"):
        split(parse_exposition("".join(lines).encode()))


def test_hosts_go_with_their_brokers_and_exporters_and_the_rest_stand_alone():
    more = (
        'node_memory_MemTotal_bytes{instance="kafka-1:9100"} 8\n'
        'node_memory_MemTotal_bytes{instance="kafka-2:9100"} 9\n'
        'kafka_consumergroup_lag{instance="exporter:9308",consumergroup="g",topic="t",partition="0"} 4\n'
        "up 1"
    )
    found = page("instance", ["kafka-1:7071", "kafka-2:7071"], more=more)
    assert split(found) == {1: 4, 2: 4, None: 2}


def test_lines_of_a_broker_s_own_page_are_never_taken_for_instances():
    labels = 'name="ConsumerLag",clientId="ReplicaFetcherThread-0-%d",topic="t",partition="0",'
    lines = f"kafka_server_FetcherLagMetrics_Value{{{labels}}} 4\n"
    found = parse_exposition("".join(lines % n for n in (2, 3)).encode())
    assert instances_of(found, detect(found)) == {}
    assert split(found, broker=1, is_given=True) == {1: 2}


def test_each_broker_has_its_own_counters_and_no_line_is_lost():
    found = page("pod", ["my-kafka-0", "my-kafka-1"], more="not a line")
    parts = by_instance(found, detect(found))
    done = [translate(p.page, detect(found), ts=TS, cluster="c", broker=p.broker, source="s") for p in parts]
    rows = [
        d.samples.filter(metric="bytes_in_total", topic="orders").select("broker", "value").rows()
        for d in done
    ]
    assert rows == [[(0, 1000.0)], [(1, 2000.0)]]
    assert (sum(d.lines.read for d in done), sum(d.lines.rejected for d in done)) == (7, 1)

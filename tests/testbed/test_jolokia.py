"""One real broker with both agents: what Jolokia says becomes the same samples as what the JMX exporter says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest
from confluent_kafka import Producer

from kafka_analysis.model.samples import SERIES
from kafka_analysis.sources.exposition.page import Exposition, parse_exposition
from kafka_analysis.sources.jolokia.answers import read_jolokia
from kafka_analysis.sources.jolokia.reads import bulk_read
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.translate import translate
from testbed import brokers, processes, running
from testbed.clusters import State, lay_out, ports_needed
from testbed.errors import TestbedError
from testbed.jars import CACHE, ensure_jars
from testbed.ports import HOST, free_ports
from testbed.scenario import load_scenario
from testbed.waiting import wait_for

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(600)]
REQUIRE_ALL = "KAFKA_ANALYSIS_REQUIRE_ALL"
POM = Path(__file__).parents[2] / "testbed" / "jolokia.xml"
SCENARIO = """
name: one
seed: 1
scrape_interval_s: 5
phases: {warm_up_s: 1, baseline_s: 1, after_s: 1}
clusters:
  - {name: one, role: source, flavour: self-managed, brokers: 1, controllers: 1, settings: {min.insync.replicas: "1"}}
topics:
  - {name: orders.created, team: a, shape: plain, partitions: 300, bytes_per_s: 1, record_bytes: 100, placement: [[1]]}
groups: []
"""
NOT_AN_MBEAN = "process_cpu_seconds_total"  # the exporter's own
RECORDS = 500


@dataclass(frozen=True)
class Broker:
    exporter: str
    jolokia: str
    bootstrap: str


@pytest.fixture(scope="module")
def broker(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("one") / "run"
    run_dir.mkdir()
    scenario_file = run_dir / "one.yaml"
    scenario_file.write_text(SCENARIO)
    scenario = load_scenario(str(scenario_file))
    *ports, own = free_ports(ports_needed(scenario) + 1)
    state = lay_out(scenario, ports, run_dir=run_dir, lib=ensure_jars())
    (agent,) = jolokia_jars().glob("jolokia-agent-jvm-*.jar")
    with running.taken_down_on_failure(run_dir):
        state.save()
        brokers.prepare(state)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(
                "JAVA_TOOL_OPTIONS", f"-javaagent:{agent}=host={HOST},port={own},maxCollectionSize=100"
            )
            brokers.start_all(state)
        running.create_topics(state)
        settle(state)
        (node,) = state.source.nodes
        found = Broker(node.agent_url, f"http://{HOST}:{own}/jolokia/", state.source.bootstrap)
        produce(found.bootstrap)
    yield found
    processes.stop(processes.running(run_dir))


def jolokia_jars() -> Path:
    try:
        return ensure_jars(cache=CACHE.with_name("jolokia"), pom=POM)
    except TestbedError as error:
        if os.environ.get(REQUIRE_ALL) == "1":
            raise
        pytest.skip(str(error))


def settle(state: State) -> None:
    """Wait until the broker has opened every log: topics are created before that."""
    (topic,) = state.scenario.topics
    (node,) = state.source.nodes
    line = f'kafka_log_Log_Value{{name="Size",topic="{topic.name}",'.encode()

    def opened() -> bool:
        return httpx.get(node.agent_url, timeout=60).content.count(line) == topic.partitions

    wait_for(opened, "all logs", within_s=120, every_s=1, where=state.run_dir)


def produce(bootstrap: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for number in range(RECORDS):
        producer.produce("orders.created", value=b"x" * 100, partition=number % 3)
    assert producer.flush(60) == 0


def ask(broker: Broker, body: bytes | None = None) -> bytes:
    if body is None:
        return httpx.get(broker.exporter, timeout=60, trust_env=False).raise_for_status().content
    return httpx.post(broker.jolokia, content=body, timeout=60, trust_env=False).raise_for_status().content


def series(page: Exposition) -> pl.DataFrame:
    bare = replace(page, samples=page.samples.with_columns(pl.lit(None, pl.Int64).alias("timestamp_ms")))
    done = translate(
        bare, detect(bare), ts=datetime(2026, 1, 1, tzinfo=UTC), cluster="one", broker=1, source="s"
    )
    assert done.lines.rejected == 0
    return done.samples.filter(pl.col("metric") != NOT_AN_MBEAN).drop("ts")


@pytest.fixture(scope="module")
def told(broker: Broker) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return Jolokia's samples, and the exporter's from just before and just after them."""
    before = series(parse_exposition(ask(broker)))
    said = series(read_jolokia(ask(broker, bulk_read())))
    after = series(parse_exposition(ask(broker)))
    return said, before.join(after, on=SERIES, nulls_equal=True, suffix="_after")


def test_the_same_series(told: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    said, exported = told
    assert len(said) > 1200  # 300 partitions, four figures of the log each
    assert "client_software_connections" in said["metric"]
    keys = [said.select(SERIES).sort(SERIES), exported.select(SERIES).sort(SERIES)]
    assert keys[0].equals(keys[1])


def test_what_rests_is_the_same_and_what_moves_lies_between(told: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    said, exported = told
    both = said.join(exported, on=SERIES, nulls_equal=True, suffix="_before")
    rests = both.filter(pl.col("value_before") == pl.col("value_after"))
    assert rests.filter(pl.col("value") != pl.col("value_before")).is_empty()
    assert len(rests) > 0.9 * len(both)
    counters = both.filter(pl.col("metric").str.ends_with("_total"))
    assert counters.filter(~pl.col("value").is_between("value_before", "value_after")).is_empty()


def test_what_was_sent_is_counted(told: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    said, _ = told
    sent = said.filter((pl.col("metric") == "messages_in_total") & (pl.col("topic") == "orders.created"))
    assert sent["value"].to_list() == [RECORDS]


def test_more_than_a_thousand_mbeans_come_whole(broker: Broker) -> None:
    question = json.loads(bulk_read())[0] | {"mbean": "kafka.log:type=Log,*", "attribute": "Value"}
    page = read_jolokia(ask(broker, json.dumps(question).encode()))
    assert len(page.samples) >= 1200
    assert page.rejected.is_empty()


def test_reads_of_every_shape(broker: Broker) -> None:
    memory, gone = "java.lang:type=Memory", "kafka.consumer.group:type=ConsumerLagMetrics,*"
    questions = [
        {"type": "read", "mbean": memory, "attribute": "HeapMemoryUsage", "path": "max"},
        {"type": "read", "mbean": memory, "attribute": "HeapMemoryUsage"},
        {"type": "read", "mbean": memory},
        {"type": "read", "mbean": gone, "attribute": "Value"},
        {"type": "read", "mbean": memory, "attribute": "NoSuch"},
        {"type": "version"},
        {"type": "read", "mbean": memory, "path": "HeapMemoryUsage/max"},
        {"type": "read", "mbean": memory, "attribute": ["HeapMemoryUsage"]},
    ]
    page = read_jolokia(ask(broker, json.dumps(questions).encode()))
    largest = page.samples.filter(pl.col("metric") == "java_lang_Memory_HeapMemoryUsage_max")
    assert largest["line"].to_list() == [1, 2, 3, 7, 8]
    assert largest["value"].n_unique() == 1
    assert page.missing == (gone, memory)
    assert page.rejected["line"].to_list() == [6]
    single = json.dumps(questions[1]).encode()
    assert "java_lang_Memory_HeapMemoryUsage_used" in read_jolokia(ask(broker, single)).samples["metric"]

"""A page of each dialect, from a real run or from documentation, and what it must say."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from prometheus_client.parser import text_string_to_metric_families

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect, page_of, recognised
from kafka_analysis.sources.spelling.dialects import dialects
from kafka_analysis.sources.spelling.translate import translate

PAGES = Path(__file__).with_name("pages")
TS = datetime(2026, 1, 1, tzinfo=UTC)
RUN = {
    "msk": "msk",
    "lowercase": "msk_lowercase",
    "stock": "stock",
    "confluent": "confluent",
}  # page of agent: dialect
# Brokers of the same load whose rules say less, or whose agent of version 1.0.1 has rules without types.
LESS = {
    "real_bitnami": "bitnami",
    "real_aiven": "aiven",
    "real_koperator": "koperator",
    "real_stock_agent_1": "stock_without_total",
    "real_confluent_agent_1": "confluent",
}
MIRRORS = {"mirror_msk": "mirror_maker", "mirror_lowercase": "mirror_maker_lowercase"}
# The same name, two meanings: a ratio by Confluent's rules, nanoseconds by Strimzi's Metrics Reporter.
TWO_MEANINGS = "kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent_total"


def read(name: str):
    exposition = parse_exposition((PAGES / f"{name}.prom").read_bytes())
    assert exposition.rejected.is_empty()
    chosen = detect(exposition)
    return chosen, translate(exposition, chosen, ts=TS, cluster="c", broker=None, source="s")


def rows(samples: pl.DataFrame, metric: str) -> list[dict]:
    found = samples.filter(metric=metric).drop("metric", "cluster", "ts").to_dicts()
    known = [{k: v for k, v in row.items() if v is not None} for row in found]
    return in_order({**row, "value": round(row["value"], 9)} for row in known)


def in_order(found) -> list[dict]:
    return sorted(found, key=lambda row: str(sorted(row.items())))


PLACE = {"topic": "orders.eu", "partition": 0}
LAG = {"group": "billing", **PLACE}
MIRROR = {**PLACE, "entity": "old->new"}
METERS = {"bytes_in_total": [{"value": 300.0}, {"topic": "orders.eu", "value": 300.0}]}
BROKER = {**METERS, "leader_count": [{"value": 5.0}], "log_size_bytes": [{**PLACE, "value": 1000.0}]}
SAID = {
    "bitnami": {
        **BROKER,
        "bytes_in_per_s": [],  # the page has the counter
        "bytes_out_total": [{"value": 500.0}],
        "replication_bytes_in_total": [{"value": 70.0}],
        "isr_shrinks_total": [{"value": 1.0}],
        "active_controller": [{"value": 1.0}],
        "offline_partitions": [{"value": 0.0}],
        "requests_total": [{"entity": "Fetch", "value": 11.0}],
        "request_errors_total": [{"entity": "Fetch", "value": 2.0}],
        "network_idle_ratio": [{"value": 0.99}],
        "request_handler_idle_seconds_total": [{"value": 60.0}],
        "request_handler_idle_ratio": [{"value": 0.98}],
    },
    "aiven": {
        **BROKER,
        "request_handler_idle_ratio": [{"value": 0.98}],
        "request_total_ms": [
            {"entity": "Produce", "stat": "mean", "value": 2.0}, {"entity": "Produce", "stat": "p99", "value": 4.0},
        ],
        "requests_total": [{"entity": "Fetch", "value": 11.0}],
    },
    "confluent_helm": {
        "bytes_in_per_s": [{"value": 2.5}],
        "bytes_out_per_s": [{"value": 5.0}],
        "messages_in_per_s": [{"value": 0.5}],
        "leader_count": [{"value": 5.0}],
        "under_replicated_partitions": [{"value": 0.0}],
        "isr_shrinks_total": [],  # a rate is no counter
        "active_controller": [{"value": 1.0}],
        "network_idle_ratio": [{"value": 0.99}],
        "request_handler_idle_ratio": [{"value": 0.98}],
    },
    "koperator": {
        **BROKER,
        "isr_shrinks_total": [{"value": 1.0}],
        "unclean_leader_elections_total": [{"value": 0.0}],
        "requests_total": [{"entity": "Fetch", "value": 11.0}],
        "request_total_ms": [],  # the name holds a count
        "request_handler_idle_seconds_total": [{"value": 60.0}],
        "partition_replicas": [{**PLACE, "value": 3.0}],
        "log_end_offset": [{**PLACE, "value": 100.0}],
    },
    "stock_without_total": {
        **BROKER,
        "messages_in_total": [{"value": 30.0}],
        "isr_shrinks_total": [{"value": 1.0}],
        "requests_total": [{"entity": "Fetch", "value": 11.0}],
        "request_total_ms": [{"entity": "Produce", "stat": "p99", "value": 4.0}],
    },
    "rules_cased": {**BROKER, "offline_partitions": [{"value": 0.0}]},
    "otel_jmx": {
        "messages_in_total": [{"value": 30.0}],
        "bytes_in_total": [{"value": 300.0}],
        "bytes_out_total": [{"value": 500.0}],
        "produce_requests_total": [{"value": 7.0}],
        "fetch_requests_total": [{"value": 11.0}],
        "failed_produce_requests_total": [{"value": 1.0}],
        "request_total_ms": [{"entity": "Produce", "stat": "p99", "value": 4.0}],
        "purgatory_size": [{"entity": "Fetch", "value": 2.0}],
        "partition_count": [{"value": 12.0}],
        "under_replicated_partitions": [{"value": 0.0}],
        "isr_shrinks_total": [{"value": 1.0}],
        "active_controller": [{"value": 1.0}],
    },
    "otel_kafka_receiver": {
        "group_lag_records": [{**LAG, "value": 10.0}],
        "group_lag_sum_records": [{"group": "billing", "topic": "orders.eu", "value": 10.0}],
        "group_committed_offset": [{**LAG, "value": 90.0}],
        "log_end_offset": [{**PLACE, "value": 100.0}],
        "partition_isr_count": [{**PLACE, "value": 3.0}],
    },
    "kafka_exporter": {
        "group_lag_records": [{**LAG, "value": 10.0}, {**LAG, "partition": 1, "value": 0.0}],
        "group_committed_offset": [{**LAG, "value": 90.0}],
        "group_lag_sum_records": [{"group": "billing", "topic": "orders.eu", "value": 10.0}],
        "log_end_offset": [{**PLACE, "value": 100.0}],
        "log_start_offset": [{**PLACE, "value": 5.0}],
        "partition_isr_count": [{**PLACE, "value": 3.0}],
    },
    "kminion": {
        "group_lag_records": [{**LAG, "value": 10.0}],
        "log_end_offset": [{**PLACE, "value": 100.0}],
        "log_size_bytes": [
            {"topic": "orders.eu", "value": 4000.0}, {"broker": 1, "value": 3000.0}, {"broker": 2, "value": 1000.0},
        ],
        "canary_consumed_records_total": [{"partition": 0, "value": 49.0}],
        "canary_produce_ms_total": [{"partition": 0, "value": 250.0}],
    },
    "kafka_lag_exporter": {
        "group_lag_records": [{**LAG, "value": 10.0}],
        "group_lag_seconds": [{"group": "billing", "stat": "max", "value": 1.5}, {**LAG, "value": 1.5}],
        "group_lag_sum_records": [
            {"group": "billing", "topic": "orders.eu", "value": 10.0}, {"group": "billing", "value": 10.0},
        ],
        "log_end_offset": [{**PLACE, "value": 100.0}],
    },
    "redpanda": {
        "bytes_in_total": [{"topic": "orders.eu", "value": 4000.0}],
        "bytes_out_total": [{"topic": "orders.eu", "value": 3000.0}],
        "group_committed_offset": [{**LAG, "value": 90.0}],
        "connection_count": [{"entity": "kafka", "value": 7.0}],
        "offline_partitions": [{"value": 0.0}],
    },
    "strimzi_reporter": {
        "bytes_in_total": [{"value": 300.0}, {"topic": "orders.eu", "value": 300.0}],
        "request_total_ms": [
            {"entity": "Produce", "stat": "p50", "value": 2.0}, {"entity": "Produce", "stat": "p99", "value": 4.0},
        ],
        "requests_total": [{"entity": "Fetch", "value": 11.0}],
        "request_handler_idle_seconds_total": [{"value": 60.0}],
        "network_idle_ratio": [{"value": 0.99}],
        "connection_count": [{"entity": "PLAINTEXT/0", "value": 3.0}],
    },
    "mirror_maker": {
        "mirror_records_total": [{**MIRROR, "value": 9.0}],
        "mirror_replication_latency_ms": [
            {**MIRROR, "stat": "mean", "value": 12.0}, {**MIRROR, "stat": "max", "value": 40.0},
        ],
        "mirror_checkpoint_latency_ms": [{**MIRROR, "group": "billing", "stat": "mean", "value": 2.0}],
    },
    "mirror_maker_lowercase": {
        "mirror_bytes_total": [{**PLACE, "entity": "->new", "value": 900.0}],
        "mirror_checkpoint_latency_ms": [{**MIRROR, "group": "billing", "stat": "mean", "value": 2.0}],
    },
    "mirror_maker_words": {
        "mirror_bytes_total": [{**MIRROR, "value": 900.0}],
        "mirror_checkpoint_latency_ms": [{**MIRROR, "group": "billing", "stat": "mean", "value": 2.0}],
    },
    "cluster_linking": {
        "link_mirror_lag_records": [
            {"topic": "orders.eu", "entity": "old-to-new", "value": 7.0},
            {"entity": "old-to-new", "stat": "max", "value": 12.0},
        ],
        "link_mirror_topics": [
            {"entity": "old-to-new", "stat": "Mirror", "value": 3.0},
            {"entity": "old-to-new", "stat": "FailedMirror", "value": 1.0},
        ],
        "link_state": [{"entity": "old-to-new", "stat": "active", "value": 1.0}],
    },
    "confluent_cloud": {
        "bytes_in_per_s": [{"topic": "orders.eu", "value": 100.0}],
        "bytes_out_per_s": [{"topic": "orders.eu", "value": 10.0}],
        "messages_in_per_s": [{"topic": "orders.eu", "value": 1.0}],
        "group_lag_records": [{**LAG, "value": 10.0}],
        "link_mirror_bytes_per_s": [{"topic": "orders.eu", "entity": "old-to-new", "value": 20.0}],
    },
    "flink": {
        "flink_current_offset": [{**PLACE, "entity": "copy/Source: kafka", "value": 99.0}],
        "flink_committed_offset": [{**PLACE, "entity": "copy/Source: kafka", "value": 100.0}],
        "flink_pending_records": [{"entity": "copy/Source: kafka", "value": 7.0}],
        "flink_emit_lag_ms": [{"entity": "copy/Source: kafka", "value": 250.0}],
    },
    "strimzi_canary": {
        "canary_produced_records_total": [{"partition": 0, "value": 50.0}],
        "canary_failed_records_total": [{"partition": 0, "value": 1.0}],
        "canary_end_to_end_ms_total": [{"partition": 0, "value": 500.0}],
    },
    "node_exporter": {
        "cpu_seconds_total": [{"entity": "idle", "value": 11.0}],
        "filesystem_size_bytes": [{"entity": "/data", "value": 2000.0}],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_a_page_is_told_by_its_dialect_and_says_this(name):
    chosen, done = read(name)
    assert [dialect.name for dialect in chosen] == [name]
    said = {metric: in_order(expected) for metric, expected in SAID[name].items()}
    assert {metric: rows(done.samples, metric) for metric in said} == said


def test_every_dialect_has_a_page():
    assert {*SAID, *RUN.values()} == {dialect.name for dialect in dialects()}


def test_an_operator_s_page_says_nothing_about_brokers():
    chosen, done = read("strimzi_operator")
    assert chosen == ()
    assert done.samples.is_empty()
    assert done.lines.not_catalogued == done.lines.read == 5


@pytest.mark.parametrize("agent", RUN)
def test_a_real_page_is_told_by_its_dialect(agent):
    chosen, done = read(agent)
    assert [dialect.name for dialect in chosen] == [RUN[agent]]
    assert done.lines.duplicates == 0


@pytest.mark.parametrize("agent", RUN)
def test_what_a_real_page_says_is_what_another_parser_reads(agent):
    text = (PAGES / f"{agent}.prom").read_text(encoding="utf-8")
    theirs = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    sizes = sorted(
        (s.labels["topic"], int(s.labels["partition"]), s.value)
        for s in theirs
        if s.labels.get("topic")
        and (s.name.lower(), s.labels.get("name", "Size"))
        in {("kafka_log_log_value", "Size"), ("kafka_log_log_size", "Size")}
    )
    _, done = read(agent)
    own = (
        done.samples.filter(metric="log_size_bytes")
        .select("topic", "partition", "value")
        .sort("topic", "partition")
    )
    assert own.rows() == sizes
    assert len(sizes) == 8 + 1  # two topics of four partitions, and KRaft's own log


def series_of(agent: str) -> dict[str, int]:
    """Count the series of each metric; only agents without rules tell means and maxima of quantiles, and the load.

    Which clients are connected differs from broker to broker.
    """
    samples = read(agent)[1].samples.filter(~pl.col("stat").fill_null("").is_in(["mean", "max"]))
    differ = ["process_cpu_load_ratio", "client_software_connections"]
    return dict(samples.filter(~pl.col("metric").is_in(differ)).group_by("metric").len().rows())


@pytest.mark.parametrize("agent", RUN)
def test_real_pages_of_four_dialects_count_connections_by_client_library(agent):
    text = (PAGES / f"{agent}.prom").read_text(encoding="utf-8")
    counted: dict[str, float] = {}
    for sample in (sample for family in text_string_to_metric_families(text) for sample in family.samples):
        labels = {name.lower().replace("_", ""): value for name, value in sample.labels.items()}
        if "clientsoftwarename" in labels:  # summed over network processors
            entity = "/".join(
                labels[name] for name in ("clientsoftwarename", "clientsoftwareversion", "listener")
            )
            counted[entity] = counted.get(entity, 0.0) + sample.value
    found = read(agent)[1].samples.filter(metric="client_software_connections")
    assert dict(found.select("entity", "value").rows()) == counted
    assert {"apache-kafka-java/4.3.0/CONTROLLER", "unknown/unknown/PLAINTEXT"} <= counted.keys()


@pytest.mark.parametrize("agent", ["msk", "lowercase"])
def test_connections_by_cipher_are_not_taken_for_client_libraries(agent):
    name = "kafka_server_socket_server_metrics_connections"
    cipher = f'{name}{{cipher="TLS_AES_256_GCM_SHA384",protocol="TLSv1.3",listener="SSL",networkProcessor="1",}} 5.0'
    page = parse_exposition((PAGES / f"{agent}.prom").read_bytes() + f"{cipher}\n".encode())
    done = translate(page, detect(page), ts=TS, cluster="c", broker=None, source="s")
    before = read(agent)[1]
    assert done.samples.equals(before.samples)
    assert done.lines.not_catalogued == before.lines.not_catalogued + 1


@pytest.mark.parametrize("agent", RUN)
def test_real_pages_of_four_dialects_say_as_much(agent):
    assert series_of(agent) == series_of("msk")
    assert len(series_of("msk")) > 50


def of_all_brokers(done) -> pl.DataFrame:
    """Return what every broker of the run must say: all had the same load, and replicas of everything."""
    same = (
        "bytes_in_total", "messages_in_total", "log_size_bytes", "log_end_offset", "leader_count", "partition_count",
    )  # fmt: skip
    of_topics = ~pl.col("topic").fill_null("").str.starts_with("__")
    rows = done.samples.filter(pl.col("metric").is_in(same), of_topics)
    return rows.sort("metric", "topic", "partition").select("metric", "topic", "partition", "value")


def test_real_pages_of_four_dialects_agree_on_what_all_brokers_must_say():
    found = [of_all_brokers(read(agent)[1]) for agent in RUN]
    assert all(frame.equals(found[0]) for frame in found)
    assert len(found[0]) == 2 * 3 + 2 * 8 + 2


@pytest.mark.parametrize("page", LESS)
def test_real_pages_of_other_rules_say_the_same_of_traffic_sizes_and_leaders(page):
    chosen, done = read(page)
    assert [dialect.name for dialect in chosen] == [LESS[page]]
    assert (done.lines.duplicates, done.lines.conflicting, done.lines.rejected) == (0, 0, 0)
    assert of_all_brokers(done).equals(of_all_brokers(read("msk")[1]))
    requests = done.samples.filter(metric="requests_total")
    assert set(requests["entity"]) <= {"Produce", "Fetch", "FetchFollower", "Metadata"}
    assert len(requests) == requests["entity"].n_unique()


def test_a_name_that_agent_1_gives_two_attributes_is_told_by_its_label():
    idle = read("real_confluent_agent_1")[1].samples.filter(pl.col("metric").str.contains("handler_idle"))
    assert idle["metric"].to_list() == ["request_handler_idle_seconds_total"]
    assert 1 < idle["value"].item() < 100  # a few seconds after the start


def test_a_real_mirror_maker_before_4_0_names_its_source_in_checkpoints_only():
    (chosen, *_), done = read("mirror_3_9")
    assert chosen.name == "mirror_maker"
    assert set(done.samples.filter(metric="mirror_records_total")["entity"]) == {"->backup"}
    assert set(done.samples.filter(metric="mirror_checkpoint_latency_ms")["entity"]) == {"primary->backup"}


@pytest.mark.parametrize("page", MIRRORS)
def test_a_real_mirror_maker_tells_what_it_mirrored_and_where_to(page):
    chosen, done = read(page)
    assert [dialect.name for dialect in chosen] == [MIRRORS[page]]
    business = done.samples.filter(topic="orders.eu")
    assert set(business["entity"]) == {"old->new"}
    records = business.filter(metric="mirror_records_total").sort("partition")
    assert records["partition"].to_list() == [0, 1]
    assert records["value"].min() >= 1
    assert set(business.filter(metric="mirror_replication_latency_ms")["stat"]) == {"mean", "max"}
    assert set(business.filter(metric="mirror_checkpoint_latency_ms")["group"]) == {"billing"}
    assert "mirror_bytes_per_s" not in done.samples["metric"]  # the page has the counter


def meaning(page, dialect) -> dict[int, tuple[str, str | None]]:
    lines = [recognised(page, family, but=set()) for family in dialect.families]
    known = pl.concat(rows.select("_row", "metric", "to", "stat") for rows in lines)
    return {row: (to, stat) for row, name, to, stat in known.rows() if name != TWO_MEANINGS}


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.prom")), ids=lambda path: path.stem)
def test_where_two_dialects_know_a_line_they_say_the_same(path):
    page = page_of(parse_exposition(path.read_bytes()))
    said = {dialect.name: meaning(page, dialect) for dialect in dialects()}
    for one, other in itertools.combinations(said.values(), 2):
        both = one.keys() & other.keys()
        assert {row: one[row] for row in both} == {row: other[row] for row in both}

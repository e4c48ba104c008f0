"""Real brokers whose agents name their metrics in four ways, under the same load: all four must say the same."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis.sources.exposition.page import parse_exposition
from kafka_analysis.sources.spelling.detect import detect
from kafka_analysis.sources.spelling.translate import Translation, translate
from testbed import processes
from testbed.pages import AGENTS, RECORD_BYTES, RECORDS, Pages, record_pages, scenario, trimmed

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(600)]
DIALECTS = {"msk": "msk", "lowercase": "msk_lowercase", "stock": "stock", "confluent": "confluent"}
BATCH_OVERHEAD = 100  # bytes at most: a batch's header of 61 and a record's of a few
TOPICS = {topic.name: topic for topic in scenario().topics}


@pytest.fixture(scope="module")
def recorded(tool, tmp_path_factory) -> Pages:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("dialects") / "run"
    found = record_pages(run_dir, say=lambda _: None)
    assert processes.running(run_dir) == []
    return found


@pytest.fixture(scope="module")
def translated(recorded) -> dict[str, Translation]:
    done = {}
    for broker, agent in enumerate(AGENTS, start=1):
        page = parse_exposition(recorded.pages[agent])
        assert page.rejected.is_empty()
        chosen = detect(page)
        assert [dialect.name for dialect in chosen] == [DIALECTS[agent]]
        done[agent] = translate(
            page, chosen, ts=datetime(2026, 1, 1, tzinfo=UTC), cluster="c", broker=broker, source=agent
        )
    return done


@pytest.fixture(scope="module")
def samples(translated) -> pl.DataFrame:
    return pl.concat(done.samples for done in translated.values())


def by_broker(samples: pl.DataFrame, name: str, **only) -> list[float]:
    return samples.filter(metric=name, **only).sort("broker")["value"].to_list()


@pytest.mark.parametrize("topic", TOPICS)
def test_bytes_in_are_what_was_sent_whatever_the_agent(samples, recorded, topic):
    found = by_broker(samples, "bytes_in_total", topic=topic)
    sent = recorded.sent_bytes[topic, 0]  # each broker leads one partition, and all were sent the same
    assert len(set(found)) == 1
    assert len(found) == len(AGENTS)
    assert sent <= found[0] <= sent + RECORDS * BATCH_OVERHEAD
    assert by_broker(samples, "messages_in_total", topic=topic) == [RECORDS] * 4


def test_totals_of_brokers_are_the_sums_of_their_topics(samples):
    rows = samples.filter(metric="bytes_in_total")
    topics = rows.filter(pl.col("topic").is_not_null()).group_by("broker").agg(pl.col("value").sum())
    totals = rows.filter(pl.col("topic").is_null()).select("broker", "value")
    assert topics.sort("broker").equals(totals.sort("broker"))


@pytest.mark.parametrize("topic", TOPICS)
def test_all_replicas_are_of_one_size(samples, topic):
    sizes = samples.filter(metric="log_size_bytes", topic=topic)
    assert len(sizes) == 4 * TOPICS[topic].partitions
    assert sizes["value"].n_unique() == 1
    assert sizes["value"].item(0) >= RECORDS * RECORD_BYTES
    assert set(samples.filter(metric="log_end_offset", topic=topic)["value"]) == {RECORDS}


def test_each_broker_leads_what_it_was_given(samples):
    assert by_broker(samples, "leader_count") == [len(TOPICS)] * 4
    assert by_broker(samples, "partition_count") == [sum(t.partitions for t in TOPICS.values())] * 4
    assert by_broker(samples, "under_replicated_partitions") == [0.0] * 4


def test_one_controller_is_active_and_all_tell_of_the_cluster(samples):
    assert sum(by_broker(samples, "active_controller")) == 1
    assert len(by_broker(samples, "active_controller")) == 4
    partitions = by_broker(samples, "global_partition_count")
    assert max(partitions) == sum(t.partitions for t in TOPICS.values())
    assert by_broker(samples, "offline_partitions") == [0.0] * 4


def test_a_follower_s_row_says_nothing_of_the_isr(samples):
    counts = samples.filter(metric="partition_isr_count", topic="payments")
    assert sorted(counts["value"].to_list()) == [0.0] * 12 + [4.0] * 4  # its leader's alone says 4


def test_idle_is_a_ratio_in_every_dialect(samples):
    ratios = samples.filter(pl.col("metric").str.ends_with("_idle_ratio"))
    assert len(ratios) == 2 * 4
    assert ratios["value"].is_between(0.0, 1.2).all()
    assert ratios["value"].median() > 0.05  # of a broker that is busy with its start, one may be 0
    started = samples.filter(metric="request_handler_idle_seconds_total")["value"]
    assert started.is_between(1, 600).all()  # seconds since the start of a broker, not nanoseconds


def test_quantiles_of_producing_are_there_in_every_dialect(samples):
    p99 = samples.filter(metric="request_total_ms", entity="Produce", stat="p99")
    assert p99["broker"].sort().to_list() == [1, 2, 3, 4]


def test_every_line_is_accounted_for(translated):
    for agent, done in translated.items():
        counts = done.lines
        assert (counts.rejected, counts.duplicates) == (0, 0), agent
        assert counts.read == counts.stored + counts.not_catalogued + counts.not_a_number, agent
        assert counts.stored > 150, agent


def test_what_is_kept_for_other_tests_says_the_same_as_the_whole_page(recorded, translated):
    for agent, page in recorded.pages.items():
        kept = parse_exposition(trimmed(page, agent=agent).encode())
        done = translate(
            kept, detect(kept), ts=datetime(2026, 1, 1, tzinfo=UTC), cluster="c", broker=1, source=agent
        )
        whole = set(translated[agent].samples["metric"])
        assert whole - set(done.samples["metric"]) <= {"request_errors_total"}, agent

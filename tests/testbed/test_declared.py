"""The files beside the sample: in step with the scenario, and flows against what really was consumed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kafka_analysis import stats
from kafka_analysis.capture.ownership import flows_of, ownership_of
from kafka_analysis.capture.read import Capture, read_capture
from testbed.declared import declared_files
from testbed.scenario import load_scenario

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
# All but one agree to the record; a slow group reads partition after partition, and commits as it goes.
TOLERANCE, SLOW_TOLERANCE = 0.02, 0.3
SLOW = "data-lake"


@pytest.fixture(scope="module")
def sample() -> Capture:
    return read_capture(SAMPLE)


@pytest.fixture(scope="module")
def windows(sample: Capture) -> dict[str, stats.Window]:
    chosen = stats.choose_windows(
        sample.table("events"), clusters=sample.cluster_table, start=None, end=None,
        capture_start=sample.start, capture_end=sample.end,
    )  # fmt: skip
    return {"monolith": chosen["monolith"]}


@pytest.fixture(scope="module")
def traffic(sample: Capture, windows: dict[str, stats.Window]) -> pl.DataFrame:
    samples = sample.samples(*stats.TRAFFIC_METRICS).collect()
    return stats.topic_load(stats.in_windows(stats.increase, samples, windows))


@pytest.fixture(scope="module")
def flows(sample: Capture, windows: dict[str, stats.Window], traffic: pl.DataFrame) -> pl.DataFrame:
    return stats.client_flows(
        stats.in_windows(
            stats.group_progress, sample.table("group_offsets"), windows, offsets=sample.table("offsets")
        ),
        traffic=traffic,
        records=stats.in_windows(stats.records_appended, sample.table("offsets"), windows),
        topics=stats.select_topics(stats.select_cluster(sample.known_topics(), "monolith")),
        declared=flows_of(SAMPLE),
    )


def test_the_files_are_what_the_scenario_says() -> None:
    made = declared_files(load_scenario("full"), SAMPLE)
    assert {path: path.read_text(encoding="utf-8") for path in made} == made


def test_every_topic_and_client_has_an_owner(sample: Capture, flows: pl.DataFrame) -> None:
    ownership = ownership_of(SAMPLE)
    topics = stats.select_topics(sample.known_topics())
    assert stats.with_owners(topics, ownership, name="topic", kind="topic")["team"].null_count() == 0
    clients = stats.with_owners(flows, ownership, name="client", kind="client")
    assert clients["team"].null_count() == clients["criticality"].null_count() == 0


def test_groups_read_the_bytes_their_topics_sent(flows: pl.DataFrame, traffic: pl.DataFrame) -> None:
    read = flows.filter(pl.col("kind") == "group").group_by("topic").agg(read=pl.col("bytes_per_s").sum())
    both = read.join(traffic, on="topic").with_columns(
        off=(pl.col("read") / pl.col("bytes_out_per_s") - 1).abs()
    )
    is_slow = pl.col("topic").is_in(_topics(flows, SLOW))
    assert len(both) == 24
    assert (
        both.filter(~is_slow)["off"].max() < 0.01
    )  # offsets are told once a minute, and not at the window's edges
    assert both.filter(is_slow)["off"].max() < 0.08


def test_each_group_read_what_the_record_of_truth_says(
    sample: Capture, windows: dict[str, stats.Window], flows: pl.DataFrame, traffic: pl.DataFrame
) -> None:
    window = windows["monolith"]
    consumed = sample.table("truth").filter(
        pl.col("cluster") == "monolith",
        pl.col("kind") == "consumed",
        pl.col("ts").is_between(window.start, window.end, closed="left"),
    )
    records = consumed.group_by(client="group", topic="topic").agg(records=pl.col("records").sum())
    weight = pl.col("bytes_in_per_s") / pl.col("messages_in_per_s")  # as sent, in batches
    weights = traffic.select("topic", weight=weight)
    groups = (
        flows.filter(pl.col("kind") == "group")
        .join(records, on=["client", "topic"])
        .join(weights, on="topic")
    )
    really = pl.col("records") / window.seconds * pl.col("weight")
    compared = groups.with_columns(off=(pl.col("bytes_per_s") / really - 1).abs())
    # readers of a transactional topic are sent aborted records too, which they do not count
    transactional = [t.name for t in load_scenario("full").topics if t.shape == "transactional"]
    plain = compared.filter(~pl.col("topic").is_in(transactional))
    assert len(plain) == 31
    assert plain.filter(pl.col("client") != SLOW)["off"].max() < TOLERANCE
    assert plain.filter(pl.col("client") == SLOW)["off"].max() < SLOW_TOLERANCE
    assert plain["off"].median() < 0.005


def test_a_group_that_stopped_reads_nothing_and_that_is_known(flows: pl.DataFrame) -> None:
    stopped = flows.filter(pl.col("client") == "old-report")
    assert stopped.select("topic", "evidence").rows() == [
        ("orders.changed", "measured"),
        ("payments", "measured"),
    ]
    # offsets are told once a minute: a little of what it read until half a minute before the window falls into it
    assert stopped["bytes_per_s"].max() < 10


def test_every_topic_has_its_declared_producer(flows: pl.DataFrame, traffic: pl.DataFrame) -> None:
    producers = flows.filter(pl.col("kind") == "producer")
    assert producers["evidence"].unique().to_list() == ["declared"]
    business = traffic.filter(~pl.col("topic").str.starts_with("__"))
    assert stats.unknown_producers(flows, traffic=business).is_empty()


def _topics(flows: pl.DataFrame, client: str) -> list[str]:
    return flows.filter(pl.col("client") == client)["topic"].to_list()

"""What users would declare of a simulated cluster, and that the analysis finds what was planted in it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from kafka_analysis import stats
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.ownership import flows_of, ownership_of
from kafka_analysis.simulate import planted_file, simulate_capture

TEAMS = {"teams": 4, "neighbourhoods": 2, "wide_groups": 1, "groups": 9, "topics": 20, "duration": "2h"}


@pytest.fixture(scope="module")
def made(simulated) -> tuple[Capture, dict[str, Any]]:
    return simulated(**TEAMS, interval="5m", retentions=["2h", "1d"], with_phases=False, with_truth=False)


@pytest.fixture(scope="module")
def flows(made) -> pl.DataFrame:
    capture, _ = made
    window = {"start": capture.start, "end": capture.end}
    rates = stats.increase(capture.samples(*stats.TRAFFIC_METRICS).collect(), **window)
    return stats.client_flows(
        stats.group_progress(capture.table("group_offsets"), **window),
        traffic=stats.topic_load(rates),
        records=stats.records_appended(capture.table("offsets"), **window),
        topics=stats.select_topics(capture.table("topics")),
        declared=flows_of(capture.path),
    )


def test_groups_flows_are_those_planted(made, flows):
    capture, planted = made
    schema = ["cluster", "client", "topic", "bytes"]
    reads = pl.DataFrame(planted["reads"], schema=schema, orient="row")
    seconds = (capture.end - capture.start).total_seconds()
    both = flows.filter(pl.col("kind") == "group").join(reads, on=schema[:3], how="full", coalesce=True)
    assert len(both) == len(reads) > 30
    assert both.select("bytes_per_s", "bytes").null_count().row(0) == (0, 0)
    off = (both["bytes_per_s"] * seconds - both["bytes"]).abs() / both["bytes"].clip(lower_bound=1)
    assert off.max() < 1e-9


def test_producers_flows_are_those_planted_to_three_digits(made, flows):
    _, planted = made
    writes = pl.DataFrame(planted["writes"], schema=["client", "topic", "share"], orient="row")
    both = flows.filter(pl.col("kind") == "producer").join(
        writes, on=["client", "topic"], how="full", coalesce=True
    )
    assert len(both) == len(writes)
    assert both["evidence"].unique().to_list() == ["declared"]
    whole = pl.col("bytes_per_s") / pl.col("bytes_per_s").sum().over("topic")
    assert both.select((whole - pl.col("share")).abs().max()).item() < 0.01


def test_everything_has_the_owner_its_name_says(made, flows):
    capture, _ = made
    ownership = ownership_of(capture.path)
    topics = stats.with_owners(
        stats.select_topics(capture.table("topics")), ownership, name="topic", kind="topic"
    )
    clients = stats.with_owners(
        flows.drop("team", "criticality", "application"), ownership, name="client", kind="client"
    )
    for frame, name in ((topics, "topic"), (clients, "client")):
        assert (frame["team"] == frame[name].str.split(".").list.first()).all()
        assert frame["criticality"].null_count() == 0
    assert (clients["application"] == clients["client"]).all()


def test_each_topic_keeps_its_records_as_long_as_its_configs_say(made):
    capture, _ = made
    configs = capture.table("topic_configs").filter(pl.col("name") == "retention.ms").unique(["topic"])
    kept = dict(configs.select("topic", pl.col("value").cast(pl.Int64)).rows())
    business = {topic: ms for topic, ms in kept.items() if topic != "__consumer_offsets"}
    assert set(business.values()) == {2 * 3600_000, 86400_000}
    offsets = capture.table("offsets").filter(pl.col("ts") == capture.end)
    held = offsets.group_by("topic").agg(
        records=(pl.col("log_end_offset") - pl.col("log_start_offset")).sum()
    )
    records = stats.records_appended(capture.table("offsets"), start=capture.start, end=capture.end)
    rate = records.group_by("topic").agg(per_s=pl.col("records_per_s").sum())
    age = held.join(rate, on="topic").with_columns(age_s=pl.col("records") / pl.col("per_s"))
    for topic, seconds in age.select("topic", "age_s").rows():
        if topic in business:
            assert seconds * 1000 <= business[topic] * 1.1


def test_no_phase_and_no_truth_where_none_are_wanted(made):
    capture, planted = made
    assert not capture.has_table("truth")
    assert capture.table("events").is_empty()
    assert planted["wide_groups"] == [name for name in planted["wide_groups"] if name.endswith("group-9")]
    assert set(planted["neighbourhoods"].values()) == {1, 2}


def test_without_teams_nothing_is_declared(tmp_path):
    path = simulate_capture(tmp_path / "c", brokers=3, partitions=6, topics=2, duration="10m")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["c", "c.planted.json"]
    assert "writes" not in json.loads(planted_file(path).read_text(encoding="utf-8"))

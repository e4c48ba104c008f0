"""What was planted is what the analysis finds; it knows nothing of the file that says so."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from kafka_analysis import analyses, stats
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.ownership import flows_of, ownership_of
from kafka_analysis.model.findings import Light
from kafka_analysis.simulate import planted_file, simulate_capture
from kafka_analysis.stats.skew.results import skew_verdict

INTERNAL = "__consumer_offsets"


def business(capture: Capture) -> pl.DataFrame:
    return stats.select_topics(capture.table("topics"))


def skew(capture: Capture, start: datetime, end: datetime) -> pl.DataFrame:
    topics = business(capture)
    rates = stats.traffic_rates(capture.samples(*stats.TRAFFIC_METRICS).collect(), start=start, end=end)
    load = stats.broker_load(
        rates,
        sizes=stats.gauge(capture.samples("log_size_bytes").collect(), start=start, end=end),
        partitions=stats.keep_topics(stats.snapshot_at(capture.table("partitions"), end), topics),
        brokers=stats.snapshot_at(capture.table("brokers"), end),
        topics=topics,
    )
    return stats.measure_skew(load, resources=stats.SKEW_RESOURCES)


def traffic_change(capture: Capture) -> float:
    before, after = stats.before_and_after(
        capture.table("events"),
        before=(None, None),
        after=(None, None),
        capture_start=capture.start,
        capture_end=capture.end,
    )
    counters = capture.samples(*stats.TRAFFIC_METRICS, "mirror_records_total").collect()
    topics = capture.table("topics").select("cluster", "topic").unique()
    sums = [stats.sum_by_kind(stats.traffic_in(counters, w, topics=topics)) for w in (before, after)]
    compared = stats.compare_windows(*sums)
    return compared.filter(pl.col("flow") == "bytes_in_per_s")["change"].item()


@pytest.mark.parametrize(("hot", "seed"), [({3: 1.8}, 1), ({2: 1.5, 5: 2.2}, 2), ({}, 3)])
def test_the_hot_brokers_and_their_factors_are_found(simulated, hot, seed):
    capture, planted = simulated(hot_brokers=[f"{b}:{f}" for b, f in hot.items()], seed=seed)
    assert {one["broker"]: one["factor"] for one in planted["hot_brokers"]} == hot
    measured = skew(capture, capture.start, capture.end).filter(pl.col("resource") == "bytes_in_per_s")
    row = measured.row(0, named=True)
    assert row["max_over_mean"] == pytest.approx(max(hot.values(), default=1.0), rel=0.01)
    if hot:
        assert row["top"] == str(max(hot, key=hot.get))


def test_the_skewed_topic_and_its_share_are_found(simulated):
    capture, _ = simulated(skewed_topics=["topic-03:0.55"])
    records = stats.records_appended(capture.table("offsets"), start=capture.start, end=capture.end)
    rows = records.filter(pl.col("topic") == "topic-03").sort("records", descending=True)
    assert rows["partition"][0] == 0
    assert rows["records"][0] / rows["records"].sum() == pytest.approx(0.55, rel=0.01)


@pytest.mark.parametrize(("cells", "change"), [(0, 0.1), (2, -0.25)])
def test_a_planted_effect_is_found_within_one_percent(simulated, cells, change):
    capture, planted = simulated(effects=[f"after:bytes_in={change * 100:+g}%"], cells=cells)
    assert planted["effects"][0]["change"] == change
    assert traffic_change(capture) == pytest.approx(change, abs=0.01)


def test_without_an_effect_nothing_changed(simulated):
    capture, _ = simulated(cells=2)
    assert traffic_change(capture) == pytest.approx(0, abs=0.01)


def test_an_effect_of_one_topic_leaves_the_others_alone(simulated):
    capture, planted = simulated(effects=[{"phase": "after", "topic": "topic-02", "change": 1.0}])
    start, end = (datetime.fromisoformat(planted["effects"][0][n]) for n in ("start", "end"))
    half = (end - start) / 2
    sent = [
        stats.records_appended(capture.table("offsets"), start=a, end=a + half)
        .group_by("topic")
        .agg(pl.col("records").sum())
        for a in (start - half, start)
    ]
    grown = dict(
        sent[0].join(sent[1], on="topic").select("topic", pl.col("records_right") / pl.col("records")).rows()
    )
    assert grown.pop("topic-02") == pytest.approx(2, rel=0.02)
    assert list(grown.values()) == pytest.approx([1] * len(grown), rel=0.03)


def test_restarts_are_found_and_no_rate_is_negative(simulated):
    capture, planted = simulated(resets=4, brokers=4)
    increases = stats.increase(capture.samples("bytes_in_total").collect())
    whole = increases.filter(pl.col("topic").is_null())
    expected = dict.fromkeys(range(1, 5), 0)
    for one in planted["resets"]:
        expected[one["broker"]] += 1
    assert dict(whole.select("broker", "resets").rows()) == expected
    assert (increases["rate_per_s"] >= 0).all()
    sent = capture.table("truth").filter(pl.col("kind") == "batches")["bytes"].sum()
    found = increases.filter(pl.col("topic").is_not_null() & (pl.col("topic") != INTERNAL))["increase"].sum()
    assert (
        0.95 * sent < found < sent
    )  # what a broker counted before it restarted is lost, and nothing is invented


def test_leadership_comes_back_where_it_was(simulated):
    capture, planted = simulated(resets=1)
    (reset,) = planted["resets"]
    when = [
        datetime.fromisoformat(reset[n])
        for n in ("last_scrape_before", "first_scrape_after", "leads_again_by")
    ]
    led = [
        int((stats.snapshot_at(capture.table("partitions"), moment)["leader"] == reset["broker"]).sum())
        for moment in when
    ]
    assert led[0] == led[2] > 0
    assert led[1] == 0
    rows = capture.samples("bytes_in_total").filter(pl.col("broker") == reset["broker"]).collect()
    away = rows.filter((pl.col("ts") >= when[1]) & (pl.col("ts") < when[2]))
    assert away["topic"].drop_nulls().is_empty()
    assert away["value"].unique().to_list() == [0]


def test_the_planted_lag_is_what_offsets_less_commits_give(simulated):
    capture, planted = simulated(lagging_groups=2, cells=2)
    assert len({one["group"] for one in planted["lagging_groups"]}) == 2
    groups = analyses.consumer_lag(capture).groups
    found = dict(zip(groups.select("cluster", "group").rows(), groups["lag_records"], strict=True))
    slow = {(one["cluster"], one["group"]): one["lag_records_at_end"] for one in planted["lagging_groups"]}
    assert {key: found[key] for key in slow} == slow
    names = {group for _, group in slow}
    quick = [value for (_, group), value in found.items() if group not in names]
    assert min(slow.values()) > 10 * max(quick)
    late = groups.filter(pl.col("condition").is_in(["slow", "stuck"]))
    assert set(late.select("cluster", "group").rows()) == set(slow)


def test_a_lagging_group_reads_its_share_of_the_growth(simulated):
    capture, planted = simulated(lagging_groups=1, lagging_share=0.5)
    (one,) = planted["lagging_groups"]
    grown = stats.records_appended(capture.table("offsets"), start=capture.start, end=capture.end)
    read = (
        capture.table("group_offsets")
        .filter(pl.col("group") == one["group"])
        .select("topic", "partition")
        .unique()
    )
    growth = grown.join(read, on=["topic", "partition"])["records"].sum()
    assert one["lag_records_at_end"] == pytest.approx(0.5 * growth, rel=0.02)


def test_gaps_lower_the_coverage_and_turn_verdicts_grey(simulated):
    capture, planted = simulated(gaps=4, gap_scrapes=20)
    coverage = stats.coverage_by_cluster(
        capture.scrapes(),
        capture.expected_brokers,
        windows={"monolith": stats.Window(capture.start, capture.end)},
        interval_s=capture.interval_s,
    )["monolith"]
    missed = sum(one["scrapes"] for one in planted["gaps"])
    assert (coverage.expected, coverage.seen) == (6 * 60, 6 * 60 - missed)
    assert len(capture.gaps) == 4
    assert skew_verdict(skew(capture, capture.start, capture.end), coverage=coverage).light is Light.GREY
    whole, _ = simulated()
    full = stats.coverage_by_cluster(
        whole.scrapes(),
        whole.expected_brokers,
        windows={"monolith": stats.Window(whole.start, whole.end)},
        interval_s=whole.interval_s,
    )["monolith"]
    assert full.ratio == 1


def test_the_mirror_is_told_from_business_traffic(simulated):
    capture, _ = simulated(cells=2)
    events = capture.table("events")
    mirror = events.filter(pl.col("kind") == "replication")["ts"].item()
    first_cut = events.filter(pl.col("kind") == "cutover")["ts"].min()
    window = stats.Window(mirror, first_cut)
    counters = capture.samples(*stats.TRAFFIC_METRICS, "mirror_records_total").collect()
    topics = capture.table("topics").select("cluster", "topic").unique()
    kinds = stats.sum_by_kind(stats.traffic_in(counters, window, topics=topics))
    moved = dict(kinds.filter(pl.col("kind") == "migration").select("cluster", "bytes_in_per_s").rows())
    business_in = dict(kinds.filter(pl.col("kind") == "business").select("cluster", "bytes_in_per_s").rows())
    assert moved["cell-1"] + moved["cell-2"] == pytest.approx(business_in["monolith"], rel=1e-6)
    assert business_in["cell-1"] == pytest.approx(0, abs=1e-6)


def test_the_file_lies_beside_the_capture():
    assert planted_file("a/b").as_posix() == "a/b.planted.json"
    assert planted_file(".").name.endswith(".planted.json")


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

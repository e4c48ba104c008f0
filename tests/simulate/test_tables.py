"""How often a table comes is the contract's rhythm: offsets always, commits every minute, the rest at both ends."""

from __future__ import annotations

import polars as pl

from kafka_analysis import stats
from testbed import truth


def moments(capture, name, cluster="monolith"):
    return capture.table(name).filter(pl.col("cluster") == cluster)["ts"].unique().sort().to_list()


def test_rhythms(simulated):
    capture, planted = simulated(interval="20s", duration="20m", resets=1)
    ends = [capture.manifest.window.start, capture.manifest.window.end]
    assert len(moments(capture, "offsets")) == 61
    assert len(moments(capture, "group_offsets")) == 21
    for name in ("brokers", "topics", "topic_configs", "groups", "log_dirs"):
        assert moments(capture, name) == ends
    (reset,) = planted["resets"]
    changes = [reset["first_scrape_after"], reset["leads_again_by"]]
    assert [t.isoformat() for t in moments(capture, "partitions")[1:-1]] == changes


def test_topics_of_a_cell_come_with_the_mirror(simulated):
    capture, _ = simulated(cells=1)
    topics = capture.table("topics").filter(pl.col("cluster") == "cell-1").sort("ts")
    first, last = (
        topics.filter(pl.col("ts") == t)["topic"].to_list() for t in moments(capture, "topics", "cell-1")
    )
    assert first == ["__consumer_offsets"]
    assert len(last) == 11


def test_a_group_s_coordinator_leads_where_its_commits_go(simulated):
    capture, _ = simulated()
    groups = capture.table("groups").filter(pl.col("ts") == capture.manifest.window.end).sort("group")
    leaders = capture.table("partitions").filter(
        (pl.col("ts") == capture.manifest.window.end) & (pl.col("topic") == "__consumer_offsets")
    )
    assert groups["coordinator"].to_list() == leaders.sort("partition")["leader"].head(5).to_list()


def test_the_testbed_s_judge_finds_no_difference(simulated):
    capture, _ = simulated(cells=2, lagging_groups=1)
    window = {"start": capture.start, "end": capture.end}
    rows = truth.within(capture.table("truth"), **window).with_columns(pl.col("markers").fill_null(0))
    increases = stats.increase(capture.samples("bytes_in_total").collect(), **window)
    source = pl.col("cluster") == "monolith"
    appended = stats.records_appended(capture.table("offsets"), **window)
    compared = pl.concat(
        [
            truth.compare_records(appended.filter(source), rows.filter(source)),
            truth.compare_bytes(increases, rows),
            truth.compare_aggregates(stats.aggregate_agreement(increases)),
        ]
    )
    assert set(compared["figure"]) == {
        "records per partition",
        "bytes in per topic",
        "bytes in of all topics",
    }
    assert len(compared) > 120
    assert truth.differences(compared).filter(pl.col("relative") != 0).is_empty()


def test_what_groups_read_is_how_far_their_commits_came(simulated):
    capture, _ = simulated(lagging_groups=1)
    read = (
        capture.table("truth")
        .filter(pl.col("kind") == "consumed")
        .group_by("group")
        .agg(pl.col("records").sum())
    )
    commits = (
        capture.table("group_offsets")
        .group_by("group", "topic", "partition")
        .agg(came=pl.col("committed_offset").max() - pl.col("committed_offset").min())
    )
    came = commits.group_by("group").agg(pl.col("came").sum())
    assert dict(read.rows()) == dict(came.rows())

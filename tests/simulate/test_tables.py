"""How often a table comes is the contract's rhythm: offsets always, commits every minute, the rest at both ends."""

from __future__ import annotations

import polars as pl


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

from __future__ import annotations

import polars as pl

PLACE = ["topic", "partition"]


def test_logs_grow_until_retention_and_stay_there(simulated):
    capture, _ = simulated(retention="30m", noise=0.0)
    sizes = capture.samples("log_size_bytes").collect().unique(["ts", *PLACE]).sort("ts")
    business = sizes.filter(pl.col("topic") != "__consumer_offsets")
    first, last = (
        business.filter(pl.col("ts") == business["ts"].to_list()[n]).select(*PLACE, "value") for n in (0, -1)
    )
    both = first.join(last, on=PLACE)
    assert (both["value"] <= both["value_right"]).all()
    assert (both["value"] < both["value_right"]).any()
    late = business.filter(pl.col("ts") >= business["ts"].max() - pl.duration(minutes=10))
    assert late.group_by(PLACE).agg(pl.col("value").n_unique())["value"].max() == 1
    offsets = capture.table("offsets").filter(pl.col("topic") != "__consumer_offsets")
    starts = offsets.sort("ts").group_by(PLACE).agg(pl.col("log_start_offset").last())
    assert (starts["log_start_offset"] > 0).all()


def test_groups_move_to_the_cells_with_their_topics(simulated):
    capture, _ = simulated(cells=2, lagging_groups=1)
    cutovers = capture.table("events").filter(pl.col("kind") == "cutover").sort("ts")["ts"].to_list()
    commits = capture.table("group_offsets")
    for cell, cutover in zip(("cell-1", "cell-2"), cutovers, strict=True):
        assert commits.filter(pl.col("cluster") == cell)["ts"].min() > cutover
    source = capture.table("truth").filter(
        (pl.col("cluster") == "monolith") & (pl.col("kind") == "acknowledged")
    )
    assert source["ts"].max() < cutovers[-1]


def test_commits_are_records_of_the_internal_topic(simulated):
    capture, _ = simulated(groups=2)
    rows = capture.samples("messages_in_total").filter(pl.col("topic") == "__consumer_offsets").collect()
    grown = rows.group_by("broker").agg(pl.col("value").max() - pl.col("value").min())["value"].sum()
    pairs = capture.table("group_offsets").select("group", *PLACE).n_unique()
    assert grown == pairs * 12 * 60  # a commit each 5 s, for an hour


def test_a_lagging_group_is_as_far_behind_on_its_cell_as_it_was(simulated):
    capture, planted = simulated(cells=1, lagging_groups=1, noise=0.0)
    group = planted["lagging_groups"][0]["group"]
    cutover = capture.table("events").filter(pl.col("kind") == "cutover")["ts"].item()
    lag = (
        capture.table("group_offsets")
        .filter(pl.col("group") == group)
        .join(capture.table("offsets"), on=["ts", "cluster", *PLACE])
        .group_by("cluster", "ts")
        .agg(lag=(pl.col("log_end_offset") - pl.col("committed_offset")).sum())
        .sort("ts")
    )
    was = lag.filter((pl.col("cluster") == "monolith") & (pl.col("ts") == cutover))["lag"].item()
    became = lag.filter(pl.col("cluster") == "cell-1")["lag"].to_list()
    assert was < became[0] < 1.1 * was
    assert became == sorted(became)

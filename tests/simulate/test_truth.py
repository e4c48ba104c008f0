"""The testbed's comparisons, written for real clusters, judge a simulated one."""

from __future__ import annotations

import polars as pl

from kafka_analysis import stats
from testbed import truth


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

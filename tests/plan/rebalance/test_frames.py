"""Plans as frames: rows that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.rebalance.clusters import ClusterPlan, plan_clusters
from kafka_analysis.plan.rebalance.frames import (
    broker_changes,
    flows_between,
    plan_files,
    plan_frames,
    plan_notes,
)

NAMES = ["goals", "brokers", "movements", "flows", "batches", "steps", "trade_off"]
NOTHING = Outcome("silent", unknown="no partitions")


@pytest.fixture(scope="module")
def plans() -> list[Outcome[ClusterPlan]]:
    """Return plans of a cluster with one replica to move, one in order, and one that nobody knows."""
    keys = {"topic": "t", "partition": [0, 1, 2, 3]}
    uneven = {"cluster": "c", **keys, "replicas": [[1], [1], [1], [2]]}
    even = {"cluster": "d", **keys, "replicas": [[1], [2], [1], [2]]}
    rows = pl.concat(
        pl.DataFrame(one, schema_overrides={"partition": pl.Int32, "replicas": pl.List(pl.Int32)})
        for one in (uneven, even)
    )
    load = rows.select("cluster", "topic", "partition", leader=pl.col("replicas").list.first()).with_columns(
        size_bytes=pl.lit(4e6),
        bytes_in_per_s=pl.lit(10.0),
        bytes_out_per_s=pl.lit(0.0),
        evidence=pl.lit("measured"),
    )
    names = pl.Series(["c", "c", "d", "d"])
    brokers = pl.DataFrame(
        {"cluster": names, "broker": [1, 2, 1, 2], "rack": "a"}, schema_overrides={"broker": pl.Int32}
    )
    found = plan_clusters(
        load, placed=rows.with_columns(isr="replicas"), brokers=brokers, topics=rows.select("cluster", "topic"),
        clusters=pl.DataFrame({"cluster": ["c", "d"], "flavour": None}),
    )  # fmt: skip
    return [*found, NOTHING]


def test_every_frame_names_the_cluster_first(plans):
    frames = plan_frames(plans)
    assert list(frames) == NAMES
    assert {frame.columns[0] for frame in frames.values()} == {"cluster"}
    assert frames["goals"]["cluster"].unique(maintain_order=True).to_list() == ["c", "d"]
    assert frames["movements"].filter(kind="replica").select("cluster", "from", "to", "bytes").rows() == [
        ("c", 1, 2, 4e6)
    ]
    assert frames["batches"]["cluster"].to_list() == ["c"]


def test_without_a_plan_the_columns_are_the_same(plans):
    full, empty = plan_frames(plans), plan_frames([NOTHING])
    for name in NAMES:
        assert empty[name].height == 0
        assert set(empty[name].columns) <= set(full[name].columns)
        assert {c: full[name].schema[c] for c in empty[name].columns} == dict(empty[name].schema)


def test_what_brokers_carry_and_may_carry(plans):
    found = broker_changes(plans[0].plan)
    stored = found.filter(resource="size_bytes")
    assert stored.select("broker", "before", "after").rows() == [(1, 12e6, 8e6), (2, 4e6, 8e6)]
    assert stored["low"].to_list() == pytest.approx([7.2e6, 7.2e6])
    assert stored["high"].to_list() == pytest.approx([8.8e6, 8.8e6])
    assert stored.select("before_over_share", "after_over_share").rows() == [(1.5, 1.0), (0.5, 1.0)]
    nothing = found.filter(resource="bytes_out_per_s")  # single copies that nobody reads: nothing is sent
    assert nothing["before_over_share"].to_list() == [None, None]


def test_counts_are_not_asked_to_be_closer_than_whole_numbers(plans, made_up):
    even = broker_changes(plans[0].plan).filter(resource="leaders")
    assert even.select("low", "high").unique().rows() == [(pytest.approx(1.8), pytest.approx(2.2))]
    planned = made_up(("leaders", 1.4, 1.2, 0.6, 0.8, "FIXED"))
    summary = planned.rebalance.summary
    counts = summary.brokers.with_columns(leaders_before=pl.Series([4, 1]), leaders_after=pl.Series([3, 2]))
    planned = replace(planned, rebalance=replace(planned.rebalance, summary=replace(summary, brokers=counts)))
    limits = broker_changes(planned).select("low", "high").rows()
    assert limits == [(2.0, pytest.approx(3.0))] * 2  # of a mean of 2.5


def test_flows_are_added_up_and_keep_ends_that_are_nowhere():
    rows = pl.DataFrame(
        {
            "kind": ["replica", "replica", "leader", "replica"],
            "from": [1, 1, 1, None],
            "to": [2, 2, 2, 3],
            "bytes": [5.0, 7.0, 0.0, 2.0],
        }
    )
    assert flows_between(rows).rows() == [
        ("leader", 1, 2, 1, 0.0), ("replica", None, 3, 1, 2.0), ("replica", 1, 2, 2, 12.0),
    ]  # fmt: skip


def test_every_cluster_with_a_plan_has_files_and_batches_where_there_is_something_to_do(plans):
    files = plan_files(plans)
    assert list(files) == ["c", "d"]
    batches = {"reassignment-01.json", "rollback-01.json"}
    assert {"plan.md", "plan.json", "reassignment.json", "rollback.json"} | batches <= set(files["c"])
    assert not batches & set(files["d"])


def test_notes_say_what_is_not_known_once_for_all_clusters(plans):
    notes = plan_notes(plans)
    assert (
        "c, d: All brokers are in one rack, or their racks are unknown: the rack rule does not apply."
        in notes
    )
    assert any(note.startswith("c: The disk size of brokers 1, 2 is unknown") for note in notes)
    assert not any("sends every copy" in note for note in notes)

from __future__ import annotations

from dataclasses import replace

from kafka_analysis.plan import option_items, size_cluster, sizing_frames
from kafka_analysis.plan.common.outcome import Outcome
from kafka_analysis.plan.sizing.clusters import ClusterSizing
from kafka_analysis.plan.sizing.frames import workload_rows
from kafka_analysis.plan.sizing.measured import workload_evidence


def sizing(workload, name="c"):
    options = size_cluster(workload)
    return Outcome(name, ClusterSizing(workload, options, option_items(options, workload)))


def test_clusters_one_below_the_other(known):
    frames = sizing_frames([sizing(known("A"), "a"), sizing(known("B"), "b"), Outcome("u", unknown="x")])
    assert all(frame.columns[0] == "cluster" for frame in frames.values())
    assert frames["ranking"]["cluster"].unique(maintain_order=True).to_list() == ["a", "b"]
    assert frames["ranking"]["feasible"].all()
    assert set(frames["shortfalls"]["model"]) == {"S2"}
    assert not frames["shortfalls"]["feasible"].fill_null(value=False).any()
    assert len(frames["ranking"]) + len(frames["shortfalls"]) == 2 * 24
    assert len(frames["options"]) == 2 * 48


def test_nothing_known_has_the_same_columns(known):
    full, empty = (sizing_frames([one]) for one in (sizing(known("A")), Outcome("u", unknown="x")))
    for name in ("input", "ranking", "shortfalls", "options", "costs"):
        assert set(empty[name].columns) == set(full[name].columns), name
        assert empty[name].is_empty()


def test_input_in_words_without_what_is_neutral(known):
    plain = {
        row["quantity"]: row["value"] for row in workload_rows(sizing(known("A")).plan).iter_rows(named=True)
    }
    assert plain["bytes in, peak"] == "524 MB/s"
    assert (plain["retention"], plain["retention on the brokers"]) == ("720 h", "24 h")
    assert plain["open connections"] is None
    assert not {"growth", "low end of the traffic", "catch-up reads from disk"} & set(plain)
    more = {
        row["quantity"]: row
        for row in workload_rows(sizing(known("A", growth=2.0)).plan).iter_rows(named=True)
    }
    assert (more["growth"]["value"], more["growth"]["evidence"]) == ("2 ×", "declared")


def test_evidence_follows_who_said_it_and_what_is_unknown_rests_on_nothing(known):
    def of(workload, **more):
        rows = workload_rows(replace(sizing(workload).plan, **more)).iter_rows(named=True)
        return {row["quantity"]: row["evidence"] for row in rows}

    plain = of(known("A"))
    assert (plain["open connections"], plain["bytes in, busiest partition"]) == (None, None)
    assert {rests_on for rests_on in plain.values() if rests_on} == {"declared"}
    seen = workload_evidence({"connections": 5}, retention="estimated", busiest="measured")
    found = of(known("A", partition_bytes_in_per_s=5.0, connections=5), evidence=seen)
    assert (found["bytes in, peak"], found["partitions, replicas included"]) == ("measured", "estimated")
    assert (found["open connections"], found["replication factor"], found["retention"]) == (
        "declared",
        "declared",
        "estimated",
    )
    assert found["bytes in, busiest partition"] == "measured"

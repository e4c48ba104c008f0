from __future__ import annotations

from kafka_analysis.plan import option_items, size_cluster, sizing_frames
from kafka_analysis.plan.sizing.clusters import ClusterSizing
from kafka_analysis.plan.sizing.frames import workload_rows


def sizing(workload, name="c"):
    options = size_cluster(workload)
    return ClusterSizing(name, 60.0, workload, options=options, costs=option_items(options, workload))


def test_clusters_one_below_the_other(known):
    frames = sizing_frames(
        [sizing(known("A"), "a"), sizing(known("B"), "b"), ClusterSizing("u", 60.0, unknown="x")]
    )
    assert all(frame.columns[0] == "cluster" for frame in frames.values())
    assert frames["ranking"]["cluster"].unique(maintain_order=True).to_list() == ["a", "b"]
    assert frames["ranking"]["feasible"].all()
    assert set(frames["shortfalls"]["model"]) == {"S2"}
    assert not frames["shortfalls"]["feasible"].fill_null(value=False).any()
    assert len(frames["ranking"]) + len(frames["shortfalls"]) == 2 * 24
    assert len(frames["options"]) == 2 * 48


def test_nothing_known_has_the_same_columns(known):
    full, empty = (
        sizing_frames([one]) for one in (sizing(known("A")), ClusterSizing("u", 60.0, unknown="x"))
    )
    for name in ("input", "ranking", "shortfalls", "options", "costs"):
        assert set(empty[name].columns) == set(full[name].columns), name
        assert empty[name].is_empty()


def test_input_in_words_without_what_is_neutral(known):
    plain = {row["quantity"]: row["value"] for row in workload_rows(sizing(known("A"))).iter_rows(named=True)}
    assert plain["bytes in, peak"] == "524 MB/s"
    assert (plain["kept"], plain["of that on the brokers"]) == ("720 h", "24 h")
    assert plain["open connections"] is None
    assert not {"growth", "low end of the traffic", "read again from disk"} & set(plain)
    more = {
        row["quantity"]: row for row in workload_rows(sizing(known("A", growth=2.0))).iter_rows(named=True)
    }
    assert (more["growth"]["value"], more["growth"]["evidence"]) == ("2 ×", "declared")


def test_evidence_follows_who_said_it(known):
    def of(workload):
        rows = workload_rows(sizing(workload)).iter_rows(named=True)
        return {row["quantity"]: row["evidence"] for row in rows}

    assert of(known("A"))["bytes in, peak"] == "measured"
    assert of(known("A", basis="declared"))["bytes in, peak"] == "declared"
    assert of(known("A", partition_bytes_in_per_s=5.0))["into the busiest partition"] == "estimated"

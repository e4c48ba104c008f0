from __future__ import annotations

import polars as pl

from kafka_analysis.plan.waves.clusters import (
    SourceWaves,
    one_wave_families,
    plan_source_waves,
    source_wave_files,
    sources_of,
    wave_frames,
    wave_notes,
)

TOPICS = pl.DataFrame({"cluster": ["m", "m", "n"], "topic": ["a", "b", "a"], "bytes_in_per_s": [1.0, 1.0, None],
                       "bytes_out_per_s": 1.0, "size_bytes": 3.0})  # fmt: skip
FLOWS = pl.DataFrame({"cluster": ["m", "n"], "client": ["x", "y"], "kind": "group", "topic": ["a", "a"]})
CELLS = pl.DataFrame({"topic": ["a", "b", "gone"], "cell": "cell-1"})


def planned(cells=CELLS, **options):
    return plan_source_waves(
        cells, FLOWS, TOPICS, start="2026-01-05", **{"max_share_per_wave": 0.5} | options
    )


def test_each_source_has_its_own_plan_or_says_why_not():
    first, second = planned()
    assert first.plan.topic_waves["topic"].to_list() == ["a", "b"]
    assert second == SourceWaves("n", unknown="what topic a takes in was not measured")
    assert planned(CELLS.tail(1))[0].unknown == "no topic of it has a cell; plan a split first, or give cells"
    assert planned(max_share_per_wave=0.1)[0].impossible.endswith("give max_share_per_wave = 0.5 or more")


def test_families_that_work_in_one_cluster_only_stay_together():
    kinds = ["streams", "streams", "acl", "acl"]
    families = pl.DataFrame(
        {"cluster": "m", "family": ["f", "f", "g", "g"], "kind": kinds, "topic": ["a", "hidden", "a", "b"]}
    )
    assert one_wave_families(families, TOPICS) == []
    tied = families.with_columns(kind=pl.lit("transaction"))
    assert len(planned(families=tied, max_share_per_wave=1.0, wave_weight=0.0)[0].plan.waves) == 1
    assert "what moves together (topics a, b)" in planned(families=tied)[0].impossible


def test_frames_and_files_name_the_source():
    both = planned()
    frames = wave_frames(both)
    assert frames["topic_waves"].columns == ["cluster", "topic", "cell", "wave"]
    assert frames["waves"]["cluster"].unique().to_list() == ["m"]
    assert list(source_wave_files(both)) == ["m"]
    assert wave_notes(both)[0].startswith("Every topic of which no replication factor is told")


def test_without_roles_every_cluster_is_a_source():
    clusters = pl.DataFrame({"cluster": ["a", "b"], "role": [None, "target"]})
    assert sources_of(clusters)["cluster"].to_list() == ["a", "b"]

from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.split.clusters import plan_source_splits
from kafka_analysis.plan.split.frames import split_files, split_frames, split_notes

TOPICS = pl.DataFrame({
    "cluster": ["c", "c", "c", "c", "d"], "topic": ["a", "b", "x", "y", "t"],
    "bytes_in_per_s": [1e6, 1e6, 1e6, 1e6, None], "bytes_out_per_s": 1e6, "size_bytes": 9e9, "partitions": 9,
    "team": ["one", "one", "two", "two", None],
})  # fmt: skip
FLOWS = pl.DataFrame({
    "cluster": "c", "client": ["p", "p", "q", "q"], "kind": "group", "topic": ["a", "b", "x", "y"], "bytes_per_s": 1e6,
    "evidence": "measured",
})  # fmt: skip
FAMILIES = pl.DataFrame({"cluster": "c", "family": "f", "kind": "streams", "topic": ["a", "x"], "why": ""})


def test_each_source_has_a_plan_or_a_reason():
    first, second = plan_source_splits(TOPICS, FLOWS, cells=2, curve=(1, 2))
    assert first.plan.summary.clients_in_extra_cells == 0
    assert first.curve.select("cells", "worst_client_share").rows() == [(1, 1.0), (2, 0.5)]
    assert second.plan is None
    assert "not captured" in second.unknown
    assert second.left_out == ("t",)


def test_families_stay_whole():
    (found, _) = plan_source_splits(TOPICS, FLOWS, families=FAMILIES, cells=2)
    where = dict(found.plan.cells.iter_rows())
    assert where["a"] == where["x"]
    apart = FAMILIES.with_columns(kind=pl.lit("unheard-of"))
    (found, _) = plan_source_splits(TOPICS, FLOWS, families=apart, cells=2)
    assert found.plan.summary.clients_in_extra_cells == 0


def test_what_cannot_be_is_said_and_what_is_wrong_is_raised():
    (found, _) = plan_source_splits(TOPICS, FLOWS, cells=2, limits={"bytes_in_per_s": 0.5e6})
    assert "more than the 500 kB/s" in found.impossible
    with pytest.raises(InputError, match="cells"):
        plan_source_splits(TOPICS, FLOWS, cells=-2)
    (found, _) = plan_source_splits(TOPICS, FLOWS.clear(), cells=2)
    assert "no client of it is known" in found.unknown


def test_peaks_reach_the_sizes():
    (flat, _) = plan_source_splits(TOPICS, FLOWS, cells=2)
    (peaked, _) = plan_source_splits(TOPICS, FLOWS, cells=2, peak_ratios={"c": 500.0})
    assert peaked.plan.summary.brokers > flat.plan.summary.brokers


def test_frames_and_files_hold_all_of_it():
    splits = plan_source_splits(TOPICS, FLOWS, cells=2, curve=(2,))
    frames = split_frames(splits)
    assert frames["cells"].select("cluster", "topics", "clients", "client_share", "brokers").rows() == [
        ("c", 2, 1, 0.5, 3), ("c", 2, 1, 0.5, 3),
    ]  # fmt: skip
    assert frames["flows"].filter(pl.col("cell") != pl.col("home_cell")).is_empty()
    assert frames["loads"]["used"].max() == pytest.approx(1 / 1.15)
    assert any(note.startswith("d: load or size of 1 topics") for note in split_notes(splits))
    files = split_files(splits)
    assert list(files) == ["c"]
    assert files["c"]["cells.csv"].startswith("topic,cell\na,")
    told = json.loads(files["c"]["split.json"])
    assert (told["number_of_cells"], told["brokers"], len(told["cells"])) == (2, 6, 2)

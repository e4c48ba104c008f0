from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.capture.merge import merge_captures
from kafka_analysis.capture.read import read_capture
from kafka_analysis.capture.write import CaptureWriter
from kafka_analysis.model.errors import CaptureConflictError, CaptureExistsError, InputError
from kafka_analysis.model.manifest import ClusterInfo
from kafka_analysis.model.samples import SERIES
from kafka_analysis.model.tables import TABLES
from tests.examples import examples

few = examples(4)  # an example writes six captures


@pytest.fixture
def written(small, tmp_path):
    """Return a function that writes a capture of some samples, of the window and cluster given."""

    def write(name, samples=None, *, window=(0, 120), cluster="old", id_="one", tables=None, **more):
        with CaptureWriter(tmp_path / name, **more) as writer:
            writer.add_samples(
                (small.counters() if samples is None else samples).with_columns(cluster=pl.lit(cluster))
            )
            for table, rows in (tables or {}).items():
                writer.add_table(table, rows)
            clusters = [ClusterInfo(cluster=cluster, role="source", kafka_cluster_id=id_)]
            sources = [s.model_copy(update={"cluster": cluster}) for s in small.sources()]
            writer.finish(window=tuple(map(small.at, window)), clusters=clusters, sources=sources)
        return tmp_path / name

    return write


def content(capture):
    tables = {name: capture.table(name) for name in TABLES if capture.has_table(name)}
    frames = {"samples": capture.samples().collect(), "rejected": capture.rejected(), **tables}
    return {name: sorted(map(repr, rows.rows())) for name, rows in frames.items()}


def part_of(small, folder, choose):
    """Write the part of the small capture whose rows a function of their number and the row chooses."""
    with CaptureWriter(folder) as writer:
        for name, rows in {"samples": small.counters(), **small.tables()}.items():
            chosen = rows.filter(pl.Series([choose(n) for n in range(len(rows))], dtype=pl.Boolean))
            writer.add_samples(chosen) if name == "samples" else writer.add_table(name, chosen)
        clusters = [ClusterInfo(cluster="old", role="source"), ClusterInfo(cluster="new", role="target")]
        writer.finish(window=(small.at(0), small.at(120)), clusters=clusters, sources=small.sources())
    return folder


@few
@given(st.lists(st.sets(st.sampled_from("abc"), min_size=1), min_size=1, max_size=20))
def test_the_parts_of_a_capture_make_the_whole_again(small, places):
    """Each row goes to one part or to several: what is in several is kept once."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        whole = read_capture(part_of(small, root / "whole", lambda _: True))
        parts = [part_of(small, root / p, lambda n, p=p: p in places[n % len(places)]) for p in "abc"]
        merged = merge_captures(parts, root / "merged")
        assert content(merged) == content(whole)
        assert (merged.start, merged.end) == (whole.start, whole.end)
        assert merged.clusters == whole.clusters
        assert [s.gaps for s in merged.manifest.sources] != []


@few
@given(st.lists(st.sets(st.sampled_from("abc")), min_size=1, max_size=7))
def test_it_does_not_matter_which_are_merged_first(small, places):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        a, b, c = [part_of(small, root / p, lambda n, p=p: p in places[n % len(places)]) for p in "abc"]
        merge_captures([a, b], root / "ab")
        merge_captures([b, c], root / "bc")
        left, right = (
            merge_captures([root / "ab", c], root / "left"),
            merge_captures([a, root / "bc"], root / "right"),
        )
        assert content(left) == content(right) == content(merge_captures([c, a, b], root / "all"))
        assert left.manifest.sources == right.manifest.sources
        assert left.clusters == right.clusters


def test_samples_stay_sorted_and_each_is_there_once(written, small, tmp_path):
    capture = merge_captures([written("a"), written("b", window=(0, 300))], tmp_path / "out")
    rows = pl.read_parquet(tmp_path / "out" / "samples" / "old-1.parquet")
    assert rows.equals(small.counters().sort(*SERIES, "ts"))
    assert capture.end == small.at(300)


def test_intervals_notes_and_the_synthetic_mark_are_kept(written, small, tmp_path):
    a = written("a", notes=["A.", "Both."], synthetic=True)
    later = small.counters().with_columns(pl.col("ts") + pl.duration(hours=1))
    b = written("b", later, window=(3600, 3720), notes=["B.", "Both."])
    capture = merge_captures([b, a], tmp_path / "out")
    assert capture.manifest.synthetic
    assert capture.manifest.notes[:3] == ("A.", "Both.", "B.")
    assert all(read_capture(path).id in capture.manifest.notes[3] for path in (a, b))
    assert capture.interval_s == small.INTERVAL_S
    assert capture.gaps.filter(pl.col("reason").str.contains("between")).height == len(small.sources())
    assert capture.manifest.sources[0].attempts == 2 * small.SCRAPES


def test_two_values_of_one_sample_are_an_error_and_nothing_is_written(written, small, tmp_path):
    other = written("b", small.counters().with_columns(pl.col("value") + 1), window=(0, 300))
    with pytest.raises(CaptureConflictError, match="disagree"):
        merge_captures([written("a"), other], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_clusters_of_one_name_are_told_apart(written, small, tmp_path):
    flow = small.samples(
        [
            {
                "ts": small.T0,
                "metric": "mirror_records_total",
                "cluster": "old",
                "entity": "old->x",
                "value": 1.0,
            }
        ]
    )
    a, b = written("a"), written("b", pl.concat([small.counters(), flow]), id_="two", window=(0, 300))
    with pytest.raises(
        CaptureConflictError, match=r"two clusters are named 'old' \(one and two\).*--rename old=NEW"
    ):
        merge_captures([a, b], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    capture = merge_captures([a, b], tmp_path / "out", rename={"old": "other"})
    assert {c.cluster: c.kafka_cluster_id for c in capture.clusters} == {"old": "one", "other": "two"}
    counts = dict(capture.samples().collect()["cluster"].value_counts().iter_rows())
    assert counts == {"old": len(small.counters()), "other": len(small.counters()) + 1}
    assert capture.samples("mirror_records_total").collect()["entity"].to_list() == ["other->x"]
    assert {s.cluster for s in capture.manifest.sources} == {"old", "other"}


def test_a_rename_holds_for_all_where_there_is_but_one_cluster(written, tmp_path):
    capture = merge_captures(
        [written("a"), written("b", window=(0, 300))], tmp_path / "out", rename={"old": "x"}
    )
    assert [c.cluster for c in capture.clusters] == ["x"]
    assert capture.samples().collect()["cluster"].unique().to_list() == ["x"]


def test_wrong_use(written, small_capture, tmp_path):
    a = written("a")
    with pytest.raises(InputError, match="only 1 capture"):
        merge_captures([a], tmp_path / "out")
    with pytest.raises(InputError, match="given twice"):
        merge_captures([a, a], tmp_path / "out")
    with pytest.raises(InputError, match="unknown cluster 'odl'; did you mean 'old'"):
        merge_captures([a, small_capture], tmp_path / "out", rename={"odl": "x"})
    with pytest.raises(CaptureExistsError):
        merge_captures([a, small_capture], a)
    assert not (tmp_path / "out").exists()

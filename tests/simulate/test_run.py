"""Whatever is asked for: what is made up agrees with itself to the byte, as a real cluster does."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from kafka_analysis.model.errors import CaptureExistsError, InputError
from kafka_analysis.simulate import Simulated, plan_of, run, simulate_capture, simulate_plan
from tests.examples import examples

PLACE = ["cluster", "topic", "partition"]
INTERNAL = "__consumer_offsets"
FIRST = datetime(2026, 1, 5, tzinfo=UTC)


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    brokers, topics = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    groups, cells = draw(st.integers(0, 4)), draw(st.integers(0, min(topics, 2)))
    steps, interval = draw(st.integers(30, 45)), draw(st.sampled_from([10, 60, 90]))
    return {
        "brokers": brokers,
        "topics": topics,
        "partitions": max(brokers, topics) + draw(st.integers(0, 8)),
        "groups": groups,
        "cells": cells,
        "cell_brokers": draw(st.integers(1, 3)) if cells == 0 else 3,
        "replication_factor": draw(st.integers(1, min(brokers, 3))),
        "racks": draw(st.integers(1, 3)),
        "interval": interval,
        "duration": steps * interval,
        "retention": draw(st.sampled_from([20, 1000])) * interval,
        "bytes_per_s": draw(st.sampled_from([50, 1e5, 1e8])),
        "noise": draw(st.sampled_from([0.0, 0.05, 1.0])),
        "daily": draw(st.sampled_from([0.0, 0.5])),
        "resets": draw(st.integers(0, 2)),
        "gaps": draw(st.integers(0, 1)),
        "lagging_groups": draw(st.integers(0, groups)),
        "lagging_share": 0.9,
        "effects": draw(st.sampled_from([[], ["after:bytes_in=-50%"]])),
        "seed": draw(st.integers(0, 1000)),
    }


def counter(capture: Capture, metric: str) -> pl.DataFrame:
    return capture.samples(metric).collect()


def aggregates(capture: Capture, metric: str) -> pl.DataFrame:
    return counter(capture, metric).filter(pl.col("topic").is_null())


def growth(rows: pl.DataFrame, keys: list[str]) -> dict[Any, float]:
    """Return what counters grew by from the first scrape to the last, where they were there at both or began at 0."""
    if rows.is_empty():
        return {}
    last = rows["ts"].max()
    ends = rows.filter(pl.col("ts") == last).group_by(keys).agg(end=pl.col("value").sum())
    starts = rows.filter(pl.col("ts") == FIRST).group_by(keys).agg(start=pl.col("value").sum())
    both = ends.join(starts, on=keys, how="left").with_columns(pl.col("start").fill_null(0))
    return {row[:-2]: row[-2] - row[-1] for row in both.select(*keys, "end", "start").iter_rows()}


def sums(truth: pl.DataFrame, kinds: list[str], value: str, keys: list[str]) -> dict[Any, float]:
    rows = truth.filter(pl.col("kind").is_in(kinds)).group_by(keys).agg(pl.col(value).sum())
    return {row[:-1]: float(row[-1]) for row in rows.select(*keys, value).iter_rows()}


def record_bytes(capture: Capture) -> pl.DataFrame:
    sent = capture.table("truth").filter(pl.col("kind") == "acknowledged")
    sizes = sent.select("topic", size=pl.col("bytes") // pl.col("records")).unique()
    internal = pl.DataFrame({"topic": [INTERNAL], "size": [100]}, schema=sizes.schema)
    return pl.concat([sizes, internal])


def check_bytes_are_records_times_their_size(capture: Capture) -> None:
    keys = ["ts", "cluster", "broker", "topic"]
    both = counter(capture, "bytes_in_total").join(counter(capture, "messages_in_total"), on=keys)
    sized = both.join(record_bytes(capture), on="topic")
    assert len(sized) > 0
    assert sized.filter(pl.col("value") != pl.col("value_right") * pl.col("size")).is_empty()


def check_topics_sum_to_the_aggregate(capture: Capture, planted: dict[str, Any]) -> None:
    """Between two scrapes both grow alike, but for a broker that restarted or led less of a topic than before."""
    moved = {m for one in planted["resets"] for m in (one["first_scrape_after"], one["leads_again_by"])}
    for metric in ("bytes_in_total", "bytes_out_total", "messages_in_total"):
        whole, part = pl.col("topic").is_null(), pl.col("topic").is_not_null()
        value = pl.col("value")
        apart = (
            counter(capture, metric)
            .group_by("cluster", "broker", "ts")
            .agg(apart=value.filter(whole).sum() - value.filter(part).sum())
            .sort("cluster", "broker", "ts")
            .with_columns(changed=pl.col("apart").diff().over("cluster", "broker"))
        )
        changed = apart.filter(pl.col("changed") != 0)["ts"].to_list()
        answered_late = bool(planted["gaps"])  # what moved in a gap shows after it
        assert answered_late or {ts.isoformat() for ts in changed} <= moved
        if not moved:
            assert apart["apart"].abs().max() == 0


def check_logs_grow_by_what_was_written(capture: Capture) -> None:
    truth, offsets = capture.table("truth"), capture.table("offsets").sort(*PLACE, "ts")
    before = pl.col("log_end_offset").shift(1).over(PLACE)
    fresh = pl.when(pl.col("cluster") == "monolith").then(None).otherwise(0)
    begun = pl.col("ts").shift(1).over(PLACE)
    grown = offsets.with_columns(grown=pl.col("log_end_offset") - pl.coalesce(before, fresh), begun=begun)
    written = (
        truth.filter(pl.col("kind").is_in(["acknowledged", "mirrored"]))
        .group_by("ts", *PLACE)
        .agg(pl.col("records").sum(), pl.col("first_offset").min(), pl.col("last_offset").max())
    )
    known = grown.filter(pl.col("topic") != INTERNAL).drop_nulls("begun")
    both = known.join(written, left_on=["begun", *PLACE], right_on=["ts", *PLACE], how="left")
    assert both.filter(pl.col("grown") != pl.col("records").fill_null(0)).is_empty()
    assert both.filter(pl.col("last_offset") != pl.col("log_end_offset") - 1).is_empty()
    assert offsets.filter(pl.col("log_start_offset") > pl.col("log_end_offset")).is_empty()


def check_replicas_hold_the_same(capture: Capture, plan: dict[str, Any]) -> None:
    sizes = counter(capture, "log_size_bytes").join(record_bytes(capture), on="topic")
    both = sizes.join(capture.table("offsets"), on=["ts", *PLACE])
    held = (pl.col("log_end_offset") - pl.col("log_start_offset")) * pl.col("size")
    assert len(both) == len(sizes)
    assert both.filter(pl.col("value") != held).is_empty()
    last = sizes.filter(pl.col("ts") == sizes["ts"].max())
    assert last.group_by(PLACE).len()["len"].unique().to_list() == [plan["replication_factor"]]
    dirs = last.join(capture.table("log_dirs"), on=["ts", "broker", *PLACE])
    assert len(dirs) == len(last)
    assert dirs.filter(pl.col("value") != pl.col("size_bytes")).is_empty()


def check_flows_agree_from_end_to_end(capture: Capture, plan: dict[str, Any]) -> None:
    truth = capture.table("truth")
    sent = growth(aggregates(capture, "bytes_in_total"), ["cluster"])
    copies = plan["replication_factor"] - 1
    for metric in ("replication_bytes_in_total", "replication_bytes_out_total"):
        assert growth(aggregates(capture, metric), ["cluster"]) == {k: copies * v for k, v in sent.items()}
    topics = {"cluster", "topic"}
    business = pl.col("topic").is_not_null() & (pl.col("topic") != INTERNAL)
    counted = growth(counter(capture, "bytes_in_total").filter(business), sorted(topics))
    assert {k: v for k, v in counted.items() if v} == sums(truth, ["batches"], "bytes", sorted(topics))
    read = sums(truth, ["consumed"], "bytes", ["topic"])
    mirrored = sums(truth, ["mirrored"], "bytes", ["topic"])
    out = growth(counter(capture, "bytes_out_total").filter(business), ["topic"])
    assert {k: v for k, v in out.items() if v} == {
        key: read.get(key, 0) + mirrored.get(key, 0) for key in read.keys() | mirrored.keys()
    }


def check_the_mirror_counts_what_it_copies(capture: Capture) -> None:
    counted = growth(counter(capture, "mirror_records_total"), ["cluster", "topic"])
    copied = sums(capture.table("truth"), ["mirrored"], "records", ["cluster", "topic"])
    assert {k: v for k, v in counted.items() if v} == copied


def check_commits_lie_within_their_logs(capture: Capture) -> None:
    commits = capture.table("group_offsets")
    both = commits.join(capture.table("offsets"), on=["ts", *PLACE])
    assert len(both) == len(commits)
    committed = pl.col("committed_offset")
    assert both.filter(
        (committed > pl.col("log_end_offset")) | (committed < pl.col("log_start_offset"))
    ).is_empty()
    steps = both.sort("ts").select(step=committed.diff().over("group", *PLACE)).drop_nulls()
    assert steps.filter(pl.col("step") < 0).is_empty()


def check_leaders_count_their_topics(capture: Capture) -> None:
    partitions, rows = capture.table("partitions"), counter(capture, "bytes_in_total")
    last = capture.manifest.window.end
    led = partitions.filter(pl.col("ts") == last)
    series = rows.filter((pl.col("ts") == last) & pl.col("topic").is_not_null())
    keys = ["cluster", "broker", "topic"]
    expected = led.select("cluster", pl.col("leader").alias("broker"), "topic").unique()
    assert sorted(series.select(keys).rows()) == sorted(expected.rows())
    assert led.filter(~pl.col("replicas").list.contains(pl.col("leader"))).is_empty()
    assert led.filter(pl.col("replicas").list.n_unique() != pl.col("replicas").list.len()).is_empty()
    counts = counter(capture, "leader_count").filter(pl.col("ts") == last)
    assert counts["value"].sum() == len(led)


def check_gaps_leave_no_samples(capture: Capture, planted: dict[str, Any]) -> None:
    scrapes = set(capture.scrapes().select("broker", "ts", "cluster").rows())
    for gap, told in zip(capture.gaps.iter_rows(named=True), planted["gaps"], strict=True):
        inside = [
            ts for _, ts, cluster in scrapes if cluster == "monolith" and gap["start"] <= ts < gap["end"]
        ]
        broker = told["broker"]
        assert not any((broker, ts, "monolith") in scrapes for ts in inside)
        assert (broker, gap["end"], "monolith") in scrapes
    expected = sum(s.ok for s in capture.manifest.sources if s.kind == "jmx")
    assert len(scrapes) == expected


@given(plan=plans())
@examples(6)
def test_a_capture_agrees_with_itself(plan: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = simulate_capture(f"{folder}/c", **plan)
        capture = read_capture(path)
        planted = json.loads(Path(f"{folder}/c.planted.json").read_text())
        check_bytes_are_records_times_their_size(capture)
        check_topics_sum_to_the_aggregate(capture, planted)
        check_logs_grow_by_what_was_written(capture)
        check_replicas_hold_the_same(capture, plan)
        check_commits_lie_within_their_logs(capture)
        check_leaders_count_their_topics(capture)
        check_the_mirror_counts_what_it_copies(capture)
        check_gaps_leave_no_samples(capture, planted)
        if not plan["resets"]:
            check_flows_agree_from_end_to_end(capture, plan)


def files(path: Path) -> dict[str, str]:
    return {file.path: file.sha256 for file in read_capture(path).manifest.files}


FULL = {
    "brokers": 4, "partitions": 24, "topics": 5, "groups": 3, "cells": 2, "duration": "40m", "resets": 2, "gaps": 1,
    "lagging_groups": 1, "hot_brokers": ["2:1.5"], "skewed_topics": ["topic-1:0.5"], "effects": ["after:bytes_in=+10%"],
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> list[Simulated]:
    """Return what was said while the capture was made."""
    return []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, told: list[Simulated]) -> Path:
    return simulate_plan(tmp_path_factory.mktemp("made") / "a", plan_of(FULL), on_progress=told.append)


@pytest.fixture(scope="module")
def made_with_seed_3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_capture(tmp_path_factory.mktemp("made") / "c", **FULL, seed=3)


def test_the_same_arguments_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    one, two = made, simulate_capture(tmp_path / "b", **FULL)
    assert files(one) == files(two)
    first, second = (read_capture(path).manifest.model_dump() for path in (one, two))
    assert {k for k in first if first[k] != second[k]} <= {"created_at"}
    assert made.with_name("a.planted.json").read_text() == (tmp_path / "b.planted.json").read_text()


def test_another_seed_gives_another_capture(made: Path, made_with_seed_3: Path) -> None:
    one, two = made, made_with_seed_3
    assert read_capture(one).id != read_capture(two).id
    drawn = [name for name in files(one) if name.startswith("samples/") or name == "tables/offsets.parquet"]
    assert len(drawn) == 4
    assert all(files(one)[name] != files(two)[name] for name in drawn)


def test_how_many_scrapes_are_made_at_once_changes_nothing(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 1)
    single = simulate_capture(tmp_path / "single", **FULL)
    assert files(made) == files(single)


def test_it_says_that_it_was_made_up(made_with_seed_3: Path) -> None:
    capture = read_capture(made_with_seed_3)
    assert capture.manifest.synthetic
    assert capture.manifest.notes == ("Simulated: made up with seed 3, not recorded.",)
    assert "(synthetic)" in repr(capture).splitlines()[0]


def test_progress_ends_with_every_sample(made: Path, told: list[Simulated]) -> None:
    assert (told[-1].step, told[-1].steps) == (40, 40)
    assert told[-1].samples == len(read_capture(made).samples().collect())


@pytest.mark.parametrize(
    "wrong",
    [
        {"skewed_topics": ["topic-9:0.5"]},
        {"resets": 500},
        {"gaps": 1, "gap_scrapes": 39},
        {"hot_brokers": ["2:0.01"], "partitions": 5, "skewed_topics": ["topic-1:0.999"], "topics": 1},
    ],
)
def test_what_cannot_be_had_writes_nothing(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        simulate_capture(tmp_path / "c", **{**FULL, "skewed_topics": [], **wrong})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(CaptureExistsError):
        simulate_capture(tmp_path, **FULL)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.ends import cluster_checks, way_back_checks
from tests.cutover_frames import moved, seen, states

THERE, BACK = ("a", "b"), ("b", "a")


def flows(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"source": pl.String, "target": pl.String}, orient="row")


def ids(**of: str | None) -> pl.DataFrame:
    return pl.DataFrame({"cluster": list(of), "kafka_cluster_id": list(of.values())}, schema_overrides={
        "cluster": pl.String, "kafka_cluster_id": pl.String})  # fmt: skip


def heard(*names: str) -> pl.DataFrame:
    return pl.DataFrame({"cluster": names}, schema={"cluster": pl.String})


@pytest.mark.parametrize(
    ("clusters", "copied", "answered", "state", "finding"),
    [
        (ids(a="x", b="y"), [THERE], "ab", "ok", None),
        (ids(a=None, b=None), [THERE], "ab", "ok", None),  # no id is no sign of one cluster
        (ids(a="x", b="x"), [THERE], "ab", "blocks", "source and target are one cluster"),
        (ids(a="x", b="y"), [BACK], "ab", "blocks", "source and target are swapped"),
        (ids(a="x", b="y"), [THERE, BACK], "ab", "ok", None),
        (ids(a="x", b="y"), [], "ab", "ok", None),
        (ids(a="x", b="y"), [THERE], "a", "unknown", "a cluster did not answer"),
        (ids(a="x", b="y"), [THERE], "b", "unknown", "a cluster did not answer"),
        (ids(a="x", b="x"), [THERE], "", "blocks", "source and target are one cluster"),
        (ids(), [THERE], "ab", "ok", None),
    ],
)
def test_the_ends_are_two_and_answered(given, clusters, copied, answered, state, finding) -> None:
    turned = flows(*copied)
    frames = (given(clusters) if len(clusters) else clusters, given(turned) if copied else turned)
    found = cluster_checks(moved(), frames[0], flows=frames[1], answered=heard(*answered, *answered))
    assert seen(found) == [(state, finding)]


def test_each_pair_has_a_row_and_a_topic_without_a_source_its_own() -> None:
    moving = moved(("t", None, "b"), ("u", None, "c"), ("v", None, "c", None))
    found = cluster_checks(moving, ids(a="x", b="y", c="z"), flows=flows(), answered=heard("a", "b"))
    assert seen(found, "source", "target", "topic", "state") == [
        ("a", "b", None, "ok"), ("a", "c", None, "unknown"), (None, "c", "v", "unknown"),
    ]  # fmt: skip
    assert found["detail"][1] == "c did not answer about its logs"


@pytest.mark.parametrize(
    ("copied", "is_needed", "state"),
    [([THERE], False, "note"), ([THERE], True, "blocks"), ([THERE, BACK], True, "ok"), ([], True, "blocks")],
)
def test_a_way_back_is_a_flow_the_other_way(copied, is_needed, state) -> None:
    moving = moved(groups=[("g", "t", 0, 5), ("h", "t", 0, 5)])
    found = way_back_checks(moving, flows(*copied), is_needed=is_needed)
    assert seen(found, "state", "value") == [(state, 2.0)]


def test_a_way_back_of_another_cell_is_none() -> None:
    moving = moved(("t", None, "b"), ("u", None, "c"))
    assert states(way_back_checks(moving, flows(("c", "a")), is_needed=True)) == ["blocks", "ok"]

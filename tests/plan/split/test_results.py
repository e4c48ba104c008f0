from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Evidence, Light
from kafka_analysis.plan import plan_source_splits, split_frames, split_notes, split_results

FULL = {"c": Coverage(expected=10, seen=10)}
WEEK = {"c": 7 * 86400.0}
TOPICS = pl.DataFrame({
    "cluster": "c", "topic": ["a", "b", "x", "y"], "bytes_in_per_s": 1e6, "bytes_out_per_s": 1e6, "size_bytes": 9e9,
    "partitions": 9,
})  # fmt: skip
PAIRS = [("p", "a"), ("p", "b"), ("q", "x"), ("q", "y")]


def flows(pairs, evidence="measured"):
    rows = pl.DataFrame(pairs, schema={"client": pl.String, "topic": pl.String}, orient="row")
    told = {"cluster": "c", "kind": "group", "bytes_per_s": 1e6, "evidence": evidence}
    return rows.with_columns(pl.lit(value).alias(name) for name, value in told.items())


def answer(pairs=PAIRS, *, coverage=FULL, seconds=WEEK, evidence="measured", topics=TOPICS, **options):
    splits = plan_source_splits(topics, flows(pairs, evidence), **{"cells": 2, **options})
    (found,) = split_results(splits, coverage=coverage, seconds=seconds)
    return found


def titles(found):
    return {finding.title: finding for finding in found.findings}


def test_green_when_no_client_touches_two_cells():
    found = answer()
    assert found.verdict.light is Light.GREEN
    assert found.verdict.sentence == (
        "2 cells: the loss of one affects at most 50 % of the clients instead of all; no client uses more than one "
        "cell; 6 brokers in 1 account, 1,031 USD a month."
    )
    assert [figure.value for figure in found.figures[:4]] == [0.5, 0, 0.0, 6]
    assert found.figures[4].value == pytest.approx(1031, abs=0.5)
    assert found.figures[3].note == "in 1 account by quota"


def test_amber_when_many_touch_two_cells_and_the_findings_name_them_and_why():
    found = answer([*PAIRS, ("r", "a"), ("r", "x")], pinned={"a": "cell-1", "x": "cell-2"})
    assert found.verdict.light is Light.AMBER
    assert (
        "1 of 3 clients uses more than one cell, and 16.7 % of all bytes cross cells"
        in found.verdict.sentence
    )
    spread = titles(found)["1 client uses more than one cell"]
    assert spread.light is Light.AMBER
    assert spread.detail.startswith("r (2 cells).")
    assert "Topics they use outside their home cell: x (1 client)." in spread.detail


def test_a_cell_that_all_clients_touch_still_reaches_all():
    everywhere = answer(
        [("p", "a"), ("p", "x"), ("q", "a"), ("q", "x")], pinned={"a": "cell-1", "x": "cell-2"}
    )
    assert everywhere.verdict.sentence.startswith(
        "2 cells: the loss of one still affects all clients; 2 of 2 clients"
    )


def reach(found):
    return next(one for one in found.findings if "of the clients, the most of any cell" in one.title)


def test_one_cell_is_no_split():
    found = answer(cells=1)
    assert found.verdict.sentence.startswith(
        "1 cell: its loss affects all clients, as it does now; 3 brokers"
    )
    assert found.verdict.light is Light.AMBER


def test_more_cells_are_advised_where_they_would_do():
    pairs = [("p", "a"), ("q", "b"), ("r", "x"), ("s", "y"), ("t", "a")]
    pins = {"a": "cell-1", "b": "cell-1"}
    worst = reach(answer(pairs, curve=(2, 4), pinned=pins))
    assert (worst.light, worst.title) == (
        Light.AMBER,
        "the loss of cell-1 affects 60.0 % of the clients, the most of any cell",
    )
    assert worst.action.startswith("Plan with 4 cells: then it is 40 % at most, for ")
    assert (
        reach(answer(pairs, pinned=pins)).action
        == "Plan with more cells, or split topics that most clients share."
    )


def test_red_when_limits_cannot_be_kept():
    found = answer(limits={"bytes_in_per_s": 0.5e6})
    assert found.verdict.light is Light.RED
    assert found.verdict.sentence.startswith("no split keeps all limits: bytes_in_per_s: topic 'a' takes")
    assert [figure.value for figure in found.figures] == [None] * 5
    assert list(titles(found)) == ["no split keeps all limits"]


def test_a_full_limit_that_was_asked_for_is_amber_one_for_evenness_is_not():
    found = answer(limits={"partitions": 18})
    assert found.verdict.light is Light.AMBER
    full = titles(found)["2 cells have no room to grow"]
    assert full.detail == "cell-1: partitions, 100 % of the limit, cell-2: partitions, 100 % of the limit."
    uneven = TOPICS.with_columns(bytes_in_per_s=pl.Series([1.15e6, 1.15e6, 0.85e6, 0.85e6]))
    found = answer(topics=uneven)
    assert found.verdict.light is Light.GREEN
    assert not [title for title in titles(found) if "no room to grow" in title]


def test_brokers_that_a_quota_forbids_are_amber():
    found = answer(topics=TOPICS.with_columns(partitions=pl.lit(4_000_000)))
    assert found.verdict.light is Light.AMBER
    assert "more than a quota allows in 2 cells" in found.verdict.sentence
    assert [title for title in titles(found) if title.startswith("a quota does not allow")] == [
        "a quota does not allow the brokers of cell-1",
        "a quota does not allow the brokers of cell-2",
    ]


def test_the_accounts_that_a_quota_asks_for_are_said():
    found = answer(topics=TOPICS.with_columns(partitions=pl.lit(400_000)))
    assert "102 brokers in 2 accounts" in found.verdict.sentence
    assert "is exceeded: the cells need 2 accounts." in found.findings[-1].detail
    assert found.figures[3].note == "in 2 accounts by quota"


def test_a_short_capture_leaves_the_split_judged_and_the_brokers_grey():
    found = answer(seconds={"c": 273.0})
    assert found.verdict.light is Light.GREEN
    assert found.verdict.sentence.endswith(", based on only 4 min 33 s of traffic.")
    sized = titles(found)["6 brokers for 2 cells: 6 × kafka.m7g.large"]
    assert sized.light is Light.GREY
    assert sized.action.startswith(
        "Only 4 min 33 s of traffic were recorded: size the cells again with 7 days"
    )
    assert titles(answer())["6 brokers for 2 cells: 6 × kafka.m7g.large"].light is Light.GREEN


def test_grey_without_coverage_or_plan():
    assert (
        answer(coverage={}).verdict.sentence
        == "no verdict: broker numbers unknown; add endpoints to the profile, or ingest again with --broker N."
    )
    found = answer([])
    assert found.verdict.light is Light.GREY
    assert found.verdict.sentence.startswith("not planned: none of its clients is known")


def test_a_source_without_traffic_is_unknown_not_an_error():
    still = TOPICS.with_columns(bytes_in_per_s=pl.lit(0.0), bytes_out_per_s=pl.lit(0.0))
    quiet = flows(PAIRS).with_columns(bytes_per_s=pl.lit(0.0))
    (found,) = split_results(plan_source_splits(still, quiet, cells=2), coverage=FULL)
    assert found.verdict.sentence.startswith("not planned: no topic has traffic in the window")


def test_outages_on_record_are_findings_of_every_source():
    outages = pl.DataFrame({
        "outage": 1, "cluster": "cell-b", "name": "cell stopped", "effect": "loses_service",
        "what": ["partitions", "producers"], "predicted": 0.5, "measured": [0.5, 0.45],
    })  # fmt: skip
    splits = plan_source_splits(TOPICS, flows(PAIRS), cells=2)
    (found,) = split_results(splits, coverage=FULL, outages=outages)
    assert titles(found)["cell stopped (cell-b): 45 % of producers lost service"].light is Light.GREEN
    assert len(found.findings) == len(split_results(splits, coverage=FULL)[0].findings) + 1


def test_the_loss_of_each_cell_is_a_frame_to_draw():
    blast = split_frames(plan_source_splits(TOPICS, flows(PAIRS), cells=2))["blast"]
    assert sorted(blast.rows()) == [
        ("c", "cell-1", "bytes", 0.5), ("c", "cell-1", "clients", 0.5),
        ("c", "cell-2", "bytes", 0.5), ("c", "cell-2", "clients", 0.5),
    ]  # fmt: skip


def test_figures_rest_on_the_weakest_flow():
    told = {
        evidence: answer(evidence=evidence).figures[0].evidence
        for evidence in ("measured", "estimated", "declared")
    }
    assert told == {
        "measured": Evidence.MEASURED,
        "estimated": Evidence.ESTIMATED,
        "declared": Evidence.DECLARED,
    }
    assert {figure.evidence for figure in answer().figures[3:]} == {Evidence.ESTIMATED}


def test_topics_without_a_client_and_in_no_cell_are_named():
    unknown = TOPICS.with_columns(
        size_bytes=pl.when(pl.col("topic") == "y").then(None).otherwise("size_bytes")
    )
    found = answer(PAIRS[:2], topics=unknown, limits={"partitions": 99})
    assert titles(found)["1 topic without a known client"].detail.startswith("x: placed where there is room")
    assert titles(found)["1 topic in no cell"].detail == "y: load or size is unknown."


def test_moves_since_the_plan_before_are_counted():
    found = answer(previous={"a": "cell-1", "b": "cell-1", "x": "cell-2", "y": "cell-2"})
    assert "0 topics of the previous plan are in a different cell now" in titles(found)


def test_the_curve_holds_the_plan_and_no_more_cells_than_topics():
    splits = plan_source_splits(TOPICS, flows(PAIRS), cells=2, curve=(1, 4, 9))
    curve = split_frames(splits)["curve"]
    assert curve.select("cells", "chosen").rows() == [(1, False), (2, True), (4, False)]
    splits = plan_source_splits(TOPICS, flows(PAIRS), cells=2, curve=(2, 4))
    assert split_frames(splits)["curve"]["cells"].to_list() == [2, 4]
    assert split_frames(plan_source_splits(TOPICS, flows(PAIRS), cells=2))["curve"].is_empty()


def test_notes_say_what_brokers_are_sized_for():
    splits = plan_source_splits(TOPICS, flows(PAIRS), cells=2, peak_ratios={"c": 1.5})
    assert "c: brokers are sized for 1.50 × the mean traffic." in split_notes(splits)

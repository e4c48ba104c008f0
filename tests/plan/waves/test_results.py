from __future__ import annotations

import pytest

from kafka_analysis.model.findings import Coverage
from kafka_analysis.plan import wave_results
from kafka_analysis.plan.common.outcome import Outcome

FULL = Coverage(expected=10, seen=10)
PAIRS = [("x", "a"), ("y", "b")]
COPY = {"replication_bytes_per_s": 50e6, "max_topics_per_wave": 1}


def answer(plan, coverage=FULL):
    (found,) = wave_results([Outcome("monolith", plan)], coverage={"monolith": coverage})
    return found


def test_green_when_nobody_is_at_both_ends(planned):
    found = answer(planned({"a": 1e6, "b": 1e6}, PAIRS, columns={"retention_ms": -1.0}, **COPY))
    assert found.verdict.light == "green"
    assert found.verdict.sentence == (
        "2 waves move 2 topics and 2 clients by 2026-01-07 04:01:00 UTC; the largest affects 50 % of clients or "
        "bytes at once; no client needs source and target at once."
    )
    values = {figure.name: figure.value for figure in found.figures}
    assert values["waves"] == 2
    assert values["clients_bridged"] == 0
    assert values["largest_risk_share"] == 0.5
    assert values["backfill_hours"] == pytest.approx(2 * 1e9 / 49e6 / 3600)
    assert [finding.title for finding in found.findings] == [
        "the first wave cuts over at 2026-01-05 00:01:00 UTC"
    ]


def test_amber_when_somebody_is(planned):
    plan = planned({"a": 1e6, "b": 1e6}, [("x", "a"), ("x", "b")], criticality={"x": "critical"}, **COPY)
    found = answer(plan)
    assert found.verdict.light == "amber"
    assert "1 client needs source and target at once, for up to 1 wave" in found.verdict.sentence
    assert found.findings[0].title == "1 critical client on source and target at once for a while"


def test_red_when_records_are_deleted_too_early(planned):
    found = answer(planned({"a": 1e6, "b": 1e6}, PAIRS, columns={"retention_ms": [1000.0, -1.0]}, **COPY))
    assert found.verdict.light == "red"
    assert found.verdict.sentence.endswith("1 topic must keep records longer first.")
    assert (
        found.findings[0].action
        == "Raise retention.ms at the source to more than 26 h 0 min before their copies begin."
    )


def test_grey_without_coverage_or_plan(planned):
    plan = planned({"a": 1e6}, [])
    assert answer(plan, Coverage(expected=10, seen=1)).verdict.light == "grey"
    (found,) = wave_results([Outcome("c", unknown="no cells are given")], coverage={"c": FULL})
    assert found.verdict.sentence == "not planned: no cells are given."
    assert {figure.value for figure in found.figures} == {None}
    (found,) = wave_results([Outcome("c", plan)], coverage={})
    assert (
        found.verdict.sentence
        == "no verdict: broker numbers unknown; add endpoints to the profile, or ingest again with --broker N."
    )


def test_red_when_no_plan_keeps_to_the_limits():
    (found,) = wave_results([Outcome("c", impossible="max_x: too low; give 5")], coverage={"c": FULL})
    assert (found.verdict.light, found.verdict.sentence) == (
        "red",
        "no plan is possible: max_x: too low; give 5.",
    )


def test_a_figure_rests_on_the_weakest_flow(planned):
    found = answer(planned({"a": 1e6}, [("x", "a")]))
    assert {f.name: f.evidence.value for f in found.figures}["clients_bridged"] == "declared"

"""Every table: from a Polars and from a pandas frame the same cells; what is told beside the plain columns."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl
import pytest

from kafka_analysis import tables

T0 = datetime(2026, 1, 1, tzinfo=UTC)
FRAMES = {
    "aggregate_agreement": {
        "cluster": "c", "broker": [1], "aggregate": [100.0], "topics": [98.0], "uncovered_share": [0.02],
    },
    "blast_radius": {
        "outage": [1, 1], "cluster": "c", "name": "broker killed", "effect": ["loses_service", "unavailable"],
        "what": "starved_groups", "predicted": [0.5, 0.25], "measured": [None, 0.25], "unknown": [2, 0],
        "evidence": ["measured", "estimated"],
    },
    "brokers": {"cluster": "c", "broker": [1, 2], "rack": ["a", None], "bytes_in_per_s": [5.0, None]},
    "cluster_effects": {
        "flow": "bytes_in_per_s", "cluster": ["old", "new", "old"], "kind": ["business", "business", "migration"],
        "before": [100.0, None, 5.0], "after": [40.0, 70.0, 5.0], "verdict": ["fell", "only after", "cannot tell"],
        "is_share": [True, None, True], "effect": [-0.6, None, 0.0], "low": [-0.7, None, -0.5],
        "high": [-0.5, None, 1.0], "level": [0.975, None, 0.95], "least": [0.1, None, 0.75],
        "reason": ["r", "not seen in the window before", "w"],
    },
    "clusters": {"cluster": ["old"], "role": ["source"], "flavour": [None], "kafka_version": ["4.0.0"]},
    "comparison": {"flow": ["messages_in_per_s"], "before": [1000.0], "after": [500.0], "change": [-0.5]},
    "confounders": {
        "comparison": ["as measured", "beside topics that did not move"], "what": "Bytes in", "unit": "B/s",
        "verdict": ["same", "cannot tell"], "is_share": [True, None], "effect": [0.01, None], "low": [-0.02, None],
        "high": [0.04, None], "least": [0.03, None], "placebo_low": [-0.01, None], "placebo_high": [0.01, None],
        "noise": ["n", "unknown"], "reason": ["", "no control: all topics moved (2 topics)"],
    },
    "cutover_blocking": {
        "wave": 1, "check": "replica", "source": "a", "target": "b", "topic": ["t", None], "partition": [0, None],
        "group": [None, "g"], "name": None, "state": ["unknown", "blocks"], "finding": "f", "detail": "d",
        "mend": ["m", None], "undo": None,
    },
    "cutover_checklist": {
        "wave": [1, None], "target": "b", "check": "replica", "state": ["ok", "blocks"], "looked_at": [4, 0],
        "blocks": [0, 1], "unknown": 0, "notes": 0, "finding": [None, "f"], "detail": ["d", None],
    },
    "cutover_verdicts": {
        "wave": [1, None], "target": "b", "verdict": ["go", "no-go"], "blocking": [["x"], ["x", "y"]],
        "missing": [["counts"], ["counts", "parity"]],
    },
    "effects": {
        "flow": ["bytes_in_per_s", "bytes_out_per_s"], "verdict": ["same", "cannot tell"], "is_share": [True, False],
        "effect": [0.01, 2e6], "low": [-0.02, -1e6], "high": [0.04, 5e6], "least": [0.03, None],
        "placebo": [0.0, None], "placebo_low": [-0.01, None], "placebo_high": [0.01, None],
        "noise": ["n", "unknown"], "reason": ["", "r"],
    },
    "end_differences": {
        "source": "a", "target": "b", "what": "user", "topic": [None, "t"], "name": ["n", None],
        "at_source": ["1", None], "at_target": [None, "2"], "kind": "must fix", "why": "w",
    },
    "events": {"ts": [T0, T0], "cluster": "c", "kind": "fault", "name": ["b", "a"], "wave": [None, 1]},
    "execution_batches": {
        "batch": [1, 2], "kind": ["leader", "copy"], "partitions": 3, "bytes_to_copy": [0.0, None],
        "throttle_bytes_per_s": [None, 5e7], "starts_after_s": [0.0, 60.0], "seconds_low": [0.0, None],
        "seconds": [0.0, None], "seconds_high": [0.0, None], "slowest_broker": [None, 4],
    },
    "executive_actions": {
        "light": ["red", "amber"], "notebook": "n", "clusters": [["a", "b"], ["c"]], "what": "w", "why": "y",
        "command": ["c", ""], "effect": ["", "e"], "undo": ["u", ""], "owner": ["", "o"],
    },
    "executive_answers": {"notebook": "n", "cluster": "c", "light": ["red", "grey"], "sentence": "s"},
    "executive_changes": {
        "notebook": "n", "cluster": "c", "what": ["light", "Skew"], "before": "b", "now": "n", "word": ["worse", "new"],
    },
    "executive_risks": {
        "light": ["red", "amber"], "notebook": "n", "clusters": [["a"], ["b", "c"]], "title": "t", "detail": ["", "d"],
    },
    "executive_unknown": {"notebook": "n", "clusters": [[], ["a", "b"]], "what": "w", "how": "h"},
    "groups": {"cluster": ["d", "c"], "group": ["g", "h"], "state": "STABLE", "protocol": [None, "range"]},
    "group_lag": {
        "cluster": "c", "group": ["g", "h"], "kind": ["classic", None], "state": "STABLE",
        "condition": ["slow", "unknown"], "lag_records": [5, None], "lag_seconds": [2.0, None],
        "is_at_least": [True, None], "consumed_per_s": [1.0, None], "produced_per_s": [2.0, None],
        "seconds_to_close": [None, 3.0], "seconds_to_close_low": [None, 2.0], "seconds_to_close_high": [None, 4.0],
        "retention_used": [0.5, None], "seconds_to_loss": [90.0, None], "lost_records": [0, None],
        "partitions_unknown": [0, 1],
    },
    "hardware_limits": {
        "cluster": "c", "profile": ["i3en.2xlarge", "kafka.m5.large", "kafka.m7g.large", "express.m7g.large"],
        "resource": "disk", "used": [0.2, 1.5, 1.25, 0.5], "first": True,
        "evidence": ["unverified", "estimated", "estimated", "measured"],
    },
    "lag_phases": {
        "cluster": "c", "group": "g", "phase": ["before", "after"], "lag_records_median": [1, None],
        "lag_records_max": [2, None], "lag_seconds_median": [1.5, None], "lag_seconds_max": [3.0, None],
        "is_at_least": [False, None],
    },
    "metrics_seen": {"metric": ["bytes_in_total"], "kind": ["counter"], "series": [2], "samples": [12345]},
    "mirror_settings": {
        "source": "a", "target": "b", "connector": ["c", "d"], "setting": "x", "value": ["60", None],
        "is_default": [True, None], "recommended": "20 or less", "cost": "more is read again",
    },
    "mirrored_partitions": {
        "flow": "a → b", "topic": "t", "partition": [0, 1], "condition": ["slow", "unknown"],
        "lag_records": [9, None], "lag_seconds": [70.0, None], "is_at_least": [True, None], "is_at_most": [False, True],
        "known_by": ["committed position", "offset sync"], "position_age_s": [4.0, None],
    },
    "movements": {
        "cluster": ["d", "d", "d", "c"], "topic": "t", "partition": [0, 1, 2, 0], "from": [1, 2, 1, None],
        "to": [2, 1, 3, 4], "kind": ["leader", "replica", "replica", "replica"], "bytes": [0.0, 5e6, 7e6, 1e6],
    },
    "moves": {
        "event": ["wave-1", None, "wave-2"], "at": [T0, None, T0], "found": [T0, T0, None], "low": [T0, T0, None],
        "high": [T0, T0, None], "before": [0.0, 0.9, None], "after": [0.45, 0.6, None],
        "verdict": ["within interval", "not stated", "none found"], "beside": [[], ["cell stopped"], []],
    },
    "not_replicated": {
        "source": "a", "target": "b", "what": ["topic", "topic", "group"], "name": ["t", "u", "g"],
        "reason": ["not among topics", "not among topics", "not among groups"],
    },
    "partition_lag": {
        "cluster": "c", "group": "g", "topic": "t", "partition": [0, 1], "condition": ["slow", "unknown"],
        "lag_records": [5, None], "lag_seconds": [2.0, None], "is_at_least": [True, None],
        "consumed_per_s": [1.0, None], "produced_per_s": [2.0, None], "seconds_to_close": [None, 3.0],
        "retention_used": [0.5, None], "seconds_to_loss": [90.0, None], "lost_records": [0, None],
    },
    "partitions": {"cluster": "c", "topic": "t", "partition": [0, 1], "records_per_s": [1.0, 2.0]},
    "rebalance_goals": {
        "cluster": "c", "goal": ["brokers that are there", "as many copies", "leaders", "size_bytes", "bytes_in_per_s"],
        "before": [1.0, 0.0, 1.5, 1.05, None], "after": [0.0, 1234.0, 1.0, 1.05, None],
        "least_before": [None, None, 0.5, 0.9, None], "least_after": [None, None, 0.95, 0.9, None],
        "status": ["FIXED", "VIOLATED", "FIXED", "NO-ACTION", None],
    },
    "question_verdicts": {
        "what": ["CPU busy", "Consumers behind in time, mean of groups"], "unit": ["% busy", "s"],
        "verdict": ["cannot tell", "worse"], "is_share": [None, False], "effect": [None, 30.0], "low": [None, 20.0],
        "high": [None, 40.0], "least": [None, 10.0], "placebo_low": [None, -1.0], "placebo_high": [None, 1.0],
        "noise": ["unknown", "n"], "reason": ["no cpu_ratio after", "it rose by 20 to 40"],
    },
    "reading_costs": {
        "cluster": ["a"], "partitions": 3, "stretches": 9, "records": 45, "bytes": 4500, "unfinished": 1,
    },
    "records_read_twice": {
        "source": "a", "target": "b", "group": ["g", "h"], "partitions": 3, "unknown": [0, 1],
        "is_active": [True, False], "twice_low": [0, None], "twice_high": [120, None], "skipped": [0, None],
    },
    "replication_failures": {
        "failure": ["topic_recreated", "task_stopped", "group_active_on_target", "loop"],
        "source": ["a", "a", "a", None], "target": "b", "connector": "m", "task": [None, 2, None, None],
        "topic": ["t", None, None, None],
        "partition": [0, None, None, None], "group": [None, None, "g", None], "records": [8000, None, 5, None],
        "seconds": None, "detail": [None, "FAILED", None, "round"],
    },
    "replication_flows": {
        "flow": ["a → b", "a → c"], "tool": "MirrorMaker 2", "pattern": "fan-out", "topics": [2, None],
        "partitions": [6, None], "condition": ["catching up", "unknown"], "lag_records": [9, None],
        "lag_seconds": [70.0, None], "is_at_least": [True, None], "is_at_most": [False, None],
        "consumed_per_s": [2.0, None], "produced_per_s": [1.0, None], "seconds_to_close": [90.0, None],
        "known_by": ["committed position", None], "position_age_s": [4.0, None],
    },
    "replication_advice": {
        "tool": ["a", "b"], "pattern": ["fan-out", None], "verdict": ["unknown", "fits"],
        "reasons": [["x", "y"], ["z"]],
    },
    "scrape_targets": {"cluster": ["c"], "target": ["jmx of broker 1"], "dialect": [None], "attempts": [4], "ok": [3]},
    "sizing_costs": {
        "cluster": "c", "broker_type": ["t", "t", "serverless"], "brokers": [3, 3, None],
        "item": ["brokers", "provisioned throughput", "cluster"], "quantity": [2190.0, 750.0, 730.0],
        "unit": ["broker-hours", "MiB/s", "hours"], "usd_per_unit": [0.204, 0.08, 0.75],
        "monthly_usd": [446.76, 60.0, 547.5], "billed": [True, False, True],
    },
    "sizing_input": {
        "cluster": "c", "quantity": ["kept", "open connections"], "value": ["24 h", None],
        "evidence": ["declared", "measured"],
    },
    "sizing_ranking": {
        "cluster": "c", "broker_type": ["t", "serverless"], "brokers": [9, None], "brokers_low": [6, None],
        "brokers_high": [9, None], "s1_brokers": [3, None], "binding_constraint": ["ingress", "partitions"],
        "total_usd": [1234.4, 2000.0], "total_usd_low": [1000.0, 2000.0], "total_usd_high": [1234.4, 2000.0],
        "s1_monthly_usd": [500.4, 2000.0], "evidence": ["published", "unverified"],
    },
    "sizing_shortfalls": {
        "cluster": "c", "broker_type": ["t", "u"], "shortfall": ["63 brokers, the quota of a cluster is 60", "unknown"],
        "clusters_by_quota": [2, None], "accounts_by_quota": [1, None], "monthly_usd": [5000.6, None],
    },
    "flow_evidence": {
        "cluster": "c", "kind": ["producer", "group"], "evidence": ["declared", "measured"], "flows": [1, 2],
        "clients": [1, 1], "bytes_per_s": [None, 5e3],
    },
    "split_alternatives": {
        "cluster": "c", "alternative": ["this plan", "by team"], "clients_in_extra_cells": [1, 7],
        "cross_cell_share": [0.05, None], "worst_client_share": [0.4, 0.5], "worst_byte_share": [0.4, 0.6],
        "fullest": [0.99, 1.2], "keeps_limits": [True, False],
    },
    "split_cells": {
        "cluster": "c", "cell": ["cell-2", "cell-1"], "topics": [5, 6], "clients": [9, 8], "client_share": [0.45, 0.4],
        "byte_share": [None, 0.6], "broker_type": ["kafka.m7g.large", None], "brokers": [63, None],
        "feasible": [False, None], "binding_constraint": ["minimum", None], "monthly_usd": [464.4, None],
        "shortfall": ["63 brokers, the quota of a cluster is 60", None],
    },
    "spread_clients": {
        "cluster": "c", "client": ["x", "y", "z"], "kind": "group", "cells": [["a", "b"], ["a"], ["a", "b", "d"]],
        "home_cell": ["b", "a", "a"], "extra_cells": [1, 0, 2], "bytes_per_s": [5e3, 1.0, None],
        "cross_cell_bytes_per_s": [2e3, 0.0, None],
    },
    "topic_effects": {
        "flow": "bytes_in_per_s", "topic": ["held", "lost", "gone", "unsure", "odd", "tiny"],
        "before": [1e6, 9e4, 100.0, 5e5, 10.0, 1.0], "after": [1e6, 3e4, None, 6e5, 500.0, 1.0],
        "share": [0.5, 0.2, 0.1, 0.15, 0.048, 0.002],
        "evidence": ["measured", "estimated", "measured", "measured", "measured", "measured"],
        "verdict": ["same", "fell", "only before", "cannot tell", "rose", "not compared"],
        "is_share": [True, True, None, True, False, None], "effect": [0.0, -0.667, None, 0.2, 490.0, None],
        "low": [-0.02, -0.8, None, -0.2, 300.0, None], "high": [0.02, -0.5, None, 0.8, 700.0, None],
        "level": [0.95, 0.975, None, 0.95, 0.975, None], "least": [0.02, 0.3, None, 0.5, 150.0, None],
        "reason": ["s", "it fell", "nothing was carried in the window after", "c", "it rose", "smaller"],
    },
    "topic_reasons": {
        "cluster": "c", "topic": ["s", "t"], "cell": "a",
        "why": ["it is pinned here", "this is the home of its only client"],
        "next_best_cell": [None, "b"], "next_best_costs": [None, 1.25], "bytes_in_per_s": [1e3, 2e3],
        "bytes_out_per_s": [0.0, 4e3],
    },
    "storage_growth": {
        "cluster": "c", "broker_type": "t", "volume_gib": [50.0], "step_gib": [10.0], "fill_hours": [None],
        "wait_hours": [6.0], "keeps_up": [True], "steps_to_largest": [63], "hours_to_largest": [378.0],
    },
    "skew_measures": {"cluster": "c", "resource": ["leaders", "replicas"], "max_over_mean": [1.5, None]},
    "skew_causes": {
        "cluster": "c", "resource": ["leaders", "size_bytes", "leaders"], "cause": ["hot_keys", "racks", "mixture"],
        "share": [0.96, -0.2, 0.04], "excess": [3.0, -5e6, 0.1], "names": ["t-3", "", ""],
        "evidence": ["estimated", "measured", "measured"],
    },
    "skew_levels": {
        "cluster": "c", "level": ["partition", "broker", "rack"], "n": [9, 3, 0], "resource": "size_bytes",
        "max_over_mean": [4.5, 1.5, None], "gini": [0.5, 0.1, None], "net_imbalance": [5e6, None, None],
        "evidence": ["estimated", "measured", "measured"],
    },
    "skew_trends": {
        "cluster": "c", "resource": ["leaders", "replicas"], "judgement": ["growing", "unknown"],
        "reason": ["by 0.5", "too short"], "slope_per_day": [0.05, None], "slope_low": [-0.01, None],
        "slope_high": [0.1, None],
    },
    "tool_limits": {"tool": ["Flink"], "statement": "No offsets.", "source": "docs"},
    "topic_division": {
        "flow": "a → b", "connector": [2, 1, 1], "tasks_max": [1, 2, 2], "topic": ["t", "hot", "u"],
        "partitions": [1, 4, 2], "load_records_per_s": [40.0, 90.0, None],
    },
    "topics": {"cluster": "c", "topic": ["a", "b"], "bytes_in_per_s": [1.0, 2.0], "size_bytes": [None, 5.0]},
    "bridged_clients": {
        "cluster": "c", "client": ["a", "b"], "kind": "group", "waves": [[1, 2], [1, 3]], "bridged_waves": [1, 2],
        "team": [None, "t"],
    },
    "short_retention": {
        "cluster": "c", "topic": ["a", "b"], "wave": [1, 2], "reason": ["mirror", "rollback"],
        "retention_s": [60.0, 120.0], "needed_s": [90.0, 180.0],
    },
    "waves": {
        "cluster": "c", "wave": [1, 2], "topics": [2, 3], "clients": [4, 5], "risk_share": [0.25, None],
        "backfill_s": [70.0, None], "backfill_s_low": [60.0, None], "backfill_s_high": [90.0, None],
    },
}  # fmt: skip


def cells(name, **options):
    return getattr(tables, name)(pl.DataFrame(FRAMES[name]), **options).cells


def test_an_effect_is_shown_with_its_interval_and_in_its_unit_where_it_is_no_share():
    share, amount = cells("effects").rows()
    assert share[2:6] == ("+1.0 %", "-2.0 % to +4.0 %", "3.0 %", "-1.0 % to +1.0 %")
    assert amount[2:6] == ("+2 MB/s", "-1 MB/s to +5 MB/s", "unknown", "unknown")


def test_a_question_without_its_metrics_is_there_and_says_what_is_missing():
    untold, worse = cells("question_verdicts").rows()
    assert untold == (
        "CPU busy", "cannot tell", "unknown", "unknown", "unknown", "unknown", "unknown", "no cpu_ratio after",
    )  # fmt: skip
    assert worse[:6] == (
        "Consumers behind in time, mean of groups", "worse", "+30 s", "+20 s to +40 s", "10 s", "-1 s to +1 s",
    )  # fmt: skip


def test_no_control_is_said():
    measured, controlled = cells("confounders").rows()
    assert measured[:5] == ("as measured", "Bytes in", "same", "+1.0 %", "-2.0 % to +4.0 %")
    assert controlled[-1] == "no control: all topics moved (2 topics)"


def test_a_change_that_nobody_stated_says_what_else_happened():
    stated, unstated, missing = cells("moves").rows()
    assert (stated[0], stated[4], stated[5]) == ("wave-1", "0 % to 45 %", "within interval")
    assert (unstated[0], unstated[5], unstated[6]) == ("no cut-over", "not stated", "cell stopped")
    assert (missing[2], missing[5]) == ("unknown", "none found")


def test_topics_that_changed_come_first_and_what_was_compared_is_counted():
    shown = cells("topic_effects")
    assert shown["Topic"].to_list() == ["lost", "odd", "gone", "unsure", "held"]
    columns = ("Verdict", "Before", "After", "Change", "Interval")
    assert shown.select(columns).rows()[:3] == [
        ("fell", "90 kB/s", "30 kB/s", "-66.7 %", "-80.0 % to -50.0 %"),
        ("rose", "10 B/s", "500 B/s", "+490 B/s", "+300 B/s to +700 B/s"),
        ("only before", "100 B/s", "not seen", "no comparison", "–"),
    ]
    note = tables.topic_effects(pl.DataFrame(FRAMES["topic_effects"]), top_n=2).note
    for said in (
        "4 topics compared: 1 rose, 1 fell, 1 the same, 1 cannot tell.", "at most 5 % did not",
        "of those that rose or fell 97.5 %", "Only before: 1 topic.",
        "1 smaller topic, 0.2 % of the traffic, not compared", "3 more are in the table file",
    ):  # fmt: skip
        assert said in note


def test_a_cluster_of_one_window_has_its_level_and_no_comparison():
    fell, new, copied = cells("cluster_effects").rows()
    assert fell[:7] == ("old", "business", "fell", "100 B/s", "40 B/s", "-60.0 %", "-70.0 % to -50.0 %")
    assert new == ("new", "business", "only after", "not seen", "70 B/s", "no comparison", "–", "–", "")
    assert (copied[:3], copied[-1]) == (("old", "migration", "cannot tell"), "w")


def test_every_table_is_tried():
    shown = {name for name, value in vars(tables).items() if callable(value) and not name.startswith("_")}
    assert set(FRAMES) | {"Table"} == shown


@pytest.mark.parametrize("name", FRAMES)
def test_polars_and_pandas_give_the_same_cells(name):
    frame = pl.DataFrame(FRAMES[name])
    show = getattr(tables, name)
    assert show(frame.to_pandas()).cells.equals(show(frame).cells)


@pytest.mark.parametrize("name", FRAMES)
def test_it_names_its_function_and_says_when_it_is_empty(name):
    empty = getattr(tables, name)(pl.DataFrame(FRAMES[name]).clear())
    assert f"kafka_analysis.tables.{name}" in repr(empty)
    assert "nothing to show" in empty.html()


def test_partitions_are_ranked_by_records():
    assert cells("partitions", top_n=1)["Partition"].to_list() == ["t-1"]


def test_topics_are_ranked_and_the_rest_is_counted():
    assert cells("topics")["Topic"].to_list() == ["b", "a"]
    assert tables.topics(pl.DataFrame(FRAMES["topics"]), top_n=1).left_out == 1


def test_events_are_in_order_of_time():
    later = pl.DataFrame({"ts": [T0.replace(hour=2), T0], "kind": "note", "name": ["late", "early"]})
    assert tables.events(later).cells["What"].to_list() == ["early", "late"]


def test_batches_say_what_is_not_known():
    rows = (
        cells("execution_batches").select("Changes", "To copy", "Throttle", "Takes", "Slowest broker").rows()
    )
    assert rows == [
        ("leaders", "0 B", "none", "moments", ""),
        ("replicas", "unknown", "50 MB/s", "unknown", "4"),
    ]


def test_what_nobody_carries_has_no_skew():
    assert cells("skew_measures")["What"].to_list() == ["leaders"]


def test_causes_have_names_and_the_unit_of_their_resource():
    assert cells("skew_causes").rows() == [
        ("c", "leaders", "hot keys in a topic (estimated)", "96 %", "3 leaders", "t-3"),
        ("c", "bytes stored", "uneven racks", "-20 %", "-5 MB", ""),
    ]
    assert len(cells("skew_causes", least_share=0.01)) == 3
    shown = tables.skew_causes(pl.DataFrame(FRAMES["skew_causes"])).html()
    assert "Shares below 10 % are only in the table file" in shown


def test_levels_go_from_brokers_down_to_partitions():
    shown = cells("skew_levels")
    assert shown["Level"].to_list() == ["3 brokers", "9 partitions"]
    assert shown["Above the mean"].to_list() == ["unknown", "5 MB"]
    assert cells("skew_levels", levels=("partition",))["What"].to_list() == ["bytes stored (estimated)"]


def test_an_unknown_trend_is_grey_in_words():
    assert cells("skew_trends").rows() == [
        ("c", "leaders", "growing", "+0.050 (-0.010 to +0.100)", "by 0.5"),
        ("c", "replicas", "? unknown", "unknown", "too short"),
    ]


def test_the_least_to_move_is_in_the_resource_s_unit():
    rows = {"cluster": "c", "resource": ["size_bytes"], "max_over_mean": [1.5], "net_imbalance": [2e9],
            "net_imbalance_share": [0.25]}  # fmt: skip
    shown = tables.skew_measures(pl.DataFrame(rows)).cells
    assert shown.select("Above the mean", "Share of total").rows() == [("2 GB", "25 %")]


def test_changes_have_a_sign():
    assert cells("comparison").rows() == [("messages in", "1 k records/s", "500 records/s", "-50.0 %")]


def test_an_unknown_change_is_unknown():
    row = {"flow": ["bytes_in_per_s"], "before": [None], "after": [5.0], "change": [None]}
    shown = tables.comparison(
        pl.DataFrame(row, schema_overrides={"before": pl.Float64, "change": pl.Float64})
    )
    assert shown.cells.rows() == [("bytes in", "unknown", "5 B/s", "unknown")]


def test_what_does_not_apply_is_not_unknown():
    assert cells("clusters")["Flavour"].to_list() == ["not declared"]
    assert cells("scrape_targets")["Dialect"].to_list() == [""]
    assert cells("brokers")["Rack"].to_list() == ["a", "none"]
    assert cells("brokers")["Bytes in"].to_list() == ["5 B/s", "unknown"]


def test_goals_are_in_words_with_a_symbol_and_a_word_for_their_status():
    assert cells("rebalance_goals").rows() == [
        ("c", "Replicas only on brokers that stay", "1 partition", "kept", "✔ FIXED"),
        ("c", "Requested replication factor", "kept", "1,234 partitions", "✖ VIOLATED"),
        ("c", "Leaders balanced", "0.50 to 1.50 ×", "0.95 to 1.00 ×", "✔ FIXED"),
        ("c", "Bytes stored balanced", "0.90 to 1.05 ×", "0.90 to 1.05 ×", "– NO-ACTION"),
        ("c", "Bytes in with replication balanced", "unknown", "unknown", "? unknown"),
    ]


def test_the_first_limit_of_each_type_but_the_older_generation():
    recovery = pl.DataFrame(
        {
            "cluster": "c", "profile": ["i3en.2xlarge", "kafka.m7g.large", "express.m7g.large"],
            "replace_bytes": [1e12, 0.0, None], "replace_s": [0.4, 0.0, None],
            "add_bytes": [75e10, 75e10, 5.0], "add_s": [1500.0, float("inf"), None],
        }
    )  # fmt: skip
    assert cells("hardware_limits", recovery=recovery).rows() == [
        ("c", "i3en.2xlarge (unverified)", "disk", "20 %", "1 TB, moments", "750 GB, 25 min 0 s"),
        ("c", "kafka.m7g.large", "disk", "125 %", "nothing", "750 GB, no capacity left at peak"),
        ("c", "express.m7g.large", "bytes in", "50 %", "unknown", "5 B, time unknown"),
    ]
    assert len(cells("hardware_limits", leave_out=())) == 4


def test_options_have_both_models_and_their_interval():
    assert cells("sizing_ranking").rows() == [
        ("c", "t", "9", "6 to 9", "3", "ingress", "1,234", "1,000 to 1,234", "500"),
        (
            "c",
            "serverless (price unverified)",
            "not applicable",
            "–",
            "not applicable",
            "partitions",
            "2,000",
            "–",
            "2,000",
        ),
    ]
    assert len(cells("sizing_ranking", top_n=1)) == 1


def test_costs_are_of_the_cheapest_and_say_what_is_not_in_the_sum():
    assert cells("sizing_costs").select("Option", "Item", "Per month", "In AWS's script").rows() == [
        ("3 × t", "brokers", "446.76 USD", "yes"),
        ("3 × t", "provisioned throughput", "60.00 USD", "no"),
    ]
    assert cells("sizing_costs", options=2)["Option"].to_list()[-1] == "serverless"


def test_what_is_not_known_of_a_sizing_is_unknown():
    assert cells("sizing_input")["Value"].to_list() == ["24 h", "unknown"]
    assert cells("sizing_shortfalls").rows()[1] == ("c", "u", "unknown", "–", "–", "unknown")
    assert cells("storage_growth")["Full at peak after"].to_list() == ["never"]


def test_movements_are_ranked_by_bytes_within_each_cluster_in_their_order():
    rows = cells("movements", top_n=2).rows()
    assert rows == [
        ("d", "t-2", "replica", "1", "3", "7 MB"),
        ("d", "t-1", "replica", "2", "1", "5 MB"),
        ("c", "t-0", "replica", "none: new replica", "4", "1 MB"),
    ]
    assert tables.movements(pl.DataFrame(FRAMES["movements"]), top_n=2).left_out == 1


def test_batches_of_several_clusters_stay_in_their_order():
    rows = pl.DataFrame(FRAMES["execution_batches"])
    both = pl.concat([rows.with_columns(cluster=pl.lit(name)) for name in ("d", "c")])
    shown = tables.execution_batches(both).cells
    assert shown.select("Cluster", "Batch").rows() == [("d", "1"), ("d", "2"), ("c", "1"), ("c", "2")]


def test_outages_are_told_by_the_effects_asked_for():
    what = "groups without new records"
    assert cells("blast_radius").rows() == [
        ("1", "c", "broker killed", "loses service", what, "50 %", "unknown", "measured", "2")
    ]
    assert cells("blast_radius", effects=("unavailable",))["Effect"].to_list() == ["no leader"]


def test_cells_of_a_split_say_before_and_after_and_what_is_not_possible():
    assert cells("split_cells").rows() == [
        ("c", "cell-1", "6", "8", "100 % → 40 %", "100 % → 60 %", "unknown", "unknown", "unknown", ""),
        ("c", "cell-2", "5", "9", "100 % → 45 %", "unknown", "63 × kafka.m7g.large", "464", "the minimum",
         "63 brokers, the quota of a cluster is 60"),
    ]  # fmt: skip
    allowed = pl.DataFrame(FRAMES["split_cells"]).with_columns(shortfall=pl.lit(""))
    assert "Not possible because" not in tables.split_cells(allowed).cells.columns


def test_names_are_broken_over_lines_only_where_they_are_long():
    def whole(table):
        return re.findall(r'<td style="[^"]*white-space:nowrap[^>]*>([^<]*)', table.html())

    assert whole(tables.split_cells(pl.DataFrame(FRAMES["split_cells"])))[:4] == [
        "cell-1", "100 % → 40 %", "100 % → 60 %", "unknown",
    ]  # fmt: skip
    topics = pl.DataFrame(FRAMES["topics"])
    short, long = ("t" * length for length in (14, 15))
    assert short in whole(tables.topics(topics.with_columns(topic=pl.lit(short))))
    assert long not in whole(tables.topics(topics.with_columns(topic=pl.lit(long))))


def test_clients_of_most_cells_come_first_and_the_rest_is_counted():
    assert cells("spread_clients").select("Client", "Also uses", "Bytes in other cells").rows() == [
        ("z", "b, d", "unknown"),
        ("x", "a", "2 kB/s"),
    ]
    table = tables.spread_clients(pl.DataFrame(FRAMES["spread_clients"]), top_n=1)
    assert table.cells["Client"].to_list() == ["z"]
    assert table.left_out == 1


def test_topics_with_most_bytes_say_first_why_they_are_where_they_are():
    assert cells("topic_reasons").select("Topic", "Bytes in and out", "Next best", "Extra cost").rows() == [
        ("t", "6 kB/s", "b", "1.25"),
        ("s", "1 kB/s", "none has room", "–"),
    ]
    assert tables.topic_reasons(pl.DataFrame(FRAMES["topic_reasons"]), top_n=1).left_out == 1


def test_alternatives_say_whether_limits_are_kept():
    assert cells("split_alternatives").select("Split", "Bytes that cross cells", "Keeps limits").rows() == [
        ("this plan", "5 %", "yes"),
        ("by team", "unknown", "no"),
    ]


def test_evidence_says_how_flows_are_known():
    assert cells("flow_evidence").select("Who", "Known from", "Bytes").rows() == [
        ("consumer groups", "committed offsets", "5 kB/s"),
        ("producers", "declarations", "unknown"),
    ]


def test_flows_most_behind_come_first_and_what_is_unknown_is_unknown():
    shown = cells("replication_flows")
    assert shown.select("Flow", "Topics (partitions)", "Lag (records)", "Behind", "Caught up in").rows() == [
        ("a → b", "2 (6)", "9", "at least 1 min 10 s", "90 s"),
        ("a → c", "unknown (unknown)", "unknown", "unknown", "unknown"),
    ]
    later = pl.DataFrame(FRAMES["replication_flows"]).reverse()
    assert tables.replication_flows(later, top_n=1).cells["Flow"].to_list() == ["a → b"]


def test_a_bound_of_a_lag_is_said_to_be_one_where_there_is_a_lag():
    rows = pl.DataFrame(FRAMES["mirrored_partitions"]).with_columns(
        lag_records=pl.Series([9, 0]), lag_seconds=pl.Series([70.0, 0.0]), is_at_most=True, is_at_least=False
    )
    shown = tables.mirrored_partitions(rows).cells
    assert shown.select("Partition", "Lag (records)", "Behind", "Known from").rows() == [
        ("t-0", "at most 9", "at most 1 min 10 s", "committed position, 4 s old"),
        ("t-1", "0", "0 s", "offset sync"),
    ]


def test_failures_say_where():
    assert cells("replication_failures").rows() == [
        ("topic recreated", "a → b", "t-0", "8,000", ""),
        ("task stopped", "a → b", "m-2", "", "FAILED"),
        ("group active on target", "a → b", "g", "5", ""),
        ("loop", "unknown → b", "m", "", "round"),
    ]


def test_what_is_not_replicated_is_listed_by_its_reason():
    assert cells("not_replicated", top_n=1).rows() == [
        ("a → b", "1 group", "not among groups", "g"),
        ("a → b", "2 topics", "not among topics", "t and 1 more"),
    ]


def test_settings_say_which_value_is_a_default():
    assert cells("mirror_settings").select("Connector", "Value").rows() == [
        ("c", "60 (default)"),
        ("d", "unknown"),
    ]


def test_connectors_of_a_division_are_in_their_order_and_sum_up_their_topics():
    assert cells("topic_division").rows() == [
        ("a → b", "1", "2", "hot, u", "6", "90 records/s"),
        ("a → b", "2", "1", "t", "1", "40 records/s"),
    ]


def test_a_column_of_sentences_keeps_some_width():
    told = pl.DataFrame(FRAMES["topic_reasons"]).with_columns(
        why=pl.lit("a reason that is told in so many words " * 2)
    )
    assert "min-width:14em" in tables.topic_reasons(told).html()
    assert "min-width:14em" not in tables.topic_reasons(pl.DataFrame(FRAMES["topic_reasons"])).html()


def test_an_executive_table_names_five_clusters_and_counts_the_rows_it_leaves_out():
    rows = pl.DataFrame(
        {"notebook": "n", "clusters": [[f"c{n}" for n in range(9)]] * 3, "what": "w", "how": "h"}
    )
    table = tables.executive_unknown(rows, top_n=2)
    assert table.cells["Clusters"].to_list() == ["c0, c1, c2, c3, c4 and 4 more"] * 2
    assert table.left_out == 1

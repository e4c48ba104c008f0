from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.plots import broker_changes
from kafka_analysis.plots.rebalance.broker_changes import MOST_BROKERS

CHANGES = {
    "broker": [2, 1, 1, 2],
    "resource": ["leaders", "leaders", "size_bytes", "size_bytes"],
    "before": [2.0, 6.0, 5e9, 3e9],
    "after": [4.0, 4.0, 4e9, 4e9],
    "low": [3.6, 3.6, 3.6e9, 3.6e9],
    "high": [4.4, 4.4, 4.4e9, 4.4e9],
    "before_over_share": [0.5, 1.5, 1.25, 0.75],
    "after_over_share": [1.0, 1.0, 1.0, 1.0],
}


def many(count, change=lambda n: 0.001 * n):
    rows = {"broker": range(1, count + 1), "resource": "size_bytes", "after": 1e9, "low": 9e8, "high": 1.1e9}
    ratios = [1.0 + change(n) for n in range(1, count + 1)]
    return pl.DataFrame(
        rows | {"before": [r * 1e9 for r in ratios], "before_over_share": ratios, "after_over_share": 1.0}
    )


def test_each_resource_has_a_panel_with_rings_dots_and_what_may_be_carried(frame):
    stored, leaders = broker_changes(frame(CHANGES)).axes
    assert stored.get_title(loc="left") == "Bytes stored\n1.25 → 1.00 ×"
    assert leaders.get_title(loc="left") == "Leaders\n1.50 → 1.00 ×"
    assert [line.get_xdata()[0] for line in leaders.lines[1::3]] == [6.0, 2.0]
    assert [line.get_xdata()[0] for line in leaders.lines[2::3]] == [4.0, 4.0]
    assert [(bar.get_x(), round(bar.get_width(), 6)) for bar in leaders.patches] == [(3.6, 0.8), (3.6, 0.8)]
    assert [label.get_text() for label in stored.get_yticklabels()] == ["broker 1", "broker 2"]
    assert stored.get_ylim()[0] > stored.get_ylim()[1]


def test_an_unknown_load_is_a_word_and_not_a_dot(frame):
    unknown = dict.fromkeys(("before", "after", "before_over_share", "after_over_share"), [None] * 4)
    drawing = broker_changes(frame(CHANGES | unknown, schema_overrides=dict.fromkeys(unknown, pl.Float64)))
    assert [len(axes.lines) for axes in drawing.axes] == [0, 0]
    assert [text.get_text() for text in drawing.axes[0].texts] == [" unknown"] * 2
    assert "leaders nothing" in drawing.caption


def test_of_many_brokers_those_that_change_most_are_drawn():
    drawing = broker_changes(many(MOST_BROKERS + 3))
    shown = [label.get_text() for label in drawing.axes[0].get_yticklabels()]
    assert shown == [f"broker {number}" for number in range(4, MOST_BROKERS + 4)]
    assert f"Of {MOST_BROKERS + 3} brokers, the {MOST_BROKERS} that change most are drawn." in drawing.caption


def test_without_a_plan_it_says_so():
    assert broker_changes(many(1).clear()).caption == "Nothing to show: no plan."


@pytest.mark.parametrize("count", [1, 6, 13, MOST_BROKERS])
def test_it_is_shown_whole(assert_whole, count):
    names = ("size_bytes", "bytes_in_per_s", "bytes_out_per_s", "replicas", "leaders")
    rows = many(count).with_columns(pl.col("broker") + 10_000)
    assert_whole(broker_changes(pl.concat([rows.with_columns(resource=pl.lit(name)) for name in names])))

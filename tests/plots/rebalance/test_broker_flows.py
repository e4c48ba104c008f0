from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from kafka_analysis.plots import broker_flows
from kafka_analysis.plots.rebalance.broker_flows import MOST_WRITTEN

FLOWS = {
    "kind": ["replica", "replica", "replica", "leader"],
    "from": [1, 1, 3, 3],
    "to": [2, 4, 2, 1],
    "changes": [3, 1, 2, 9],
    "bytes": [6e9, 1e9, 2e9, 0.0],
}


def square(count):
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
    ends = {"from": [a for a, _ in pairs], "to": [b for _, b in pairs]}
    return pl.DataFrame(
        {"kind": "replica", **ends, "changes": 1, "bytes": [1.5e9 * (a + 1) for a, _ in pairs]}
    )


def test_a_row_gives_and_a_column_takes(frame):
    drawing = broker_flows(frame(FLOWS))
    axes = drawing.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["broker 1", "broker 3"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["broker 2", "broker 4"]
    amounts = np.ma.filled(axes.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(amounts, [[6e9, 1e9], [2e9, np.nan]])
    assert [text.get_text() for text in axes.texts] == ["6 GB", "1 GB", "2 GB"]
    assert "6 replicas, 9 GB; most from broker 1 to broker 2: 6 GB." in drawing.caption


def test_dark_fields_have_white_letters_and_light_ones_dark():
    colours = [text.get_color() for text in broker_flows(pl.DataFrame(FLOWS)).axes[0].texts]
    assert colours == ["white", "#1f2933", "#1f2933"]


def test_without_copies_leaderships_are_counted(frame):
    leaders = {name: values[3:] for name, values in FLOWS.items()}
    drawing = broker_flows(frame(leaders))
    assert [text.get_text() for text in drawing.axes[0].texts] == ["9"]
    assert "9 leaderships; most from broker 3 to broker 1: 9." in drawing.caption


def test_a_copy_that_is_new_or_only_goes_has_an_end_in_nothing():
    rows = pl.DataFrame(
        {"kind": "replica", "from": [None, 1], "to": [2, None], "changes": 1, "bytes": [5e9, 0.0]}
    )
    axes = broker_flows(rows).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["broker 1", "broker none"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["broker 2", "broker none"]


def test_many_brokers_have_a_scale_instead_of_numbers():
    drawing = broker_flows(square(MOST_WRITTEN + 1))
    assert len(drawing.axes[0].texts) == 0
    assert len(drawing.axes) == 2


def test_when_nothing_moves_it_says_so():
    assert broker_flows(pl.DataFrame(FLOWS).clear()).caption == "Nothing to show: nothing moves."


@pytest.mark.parametrize("count", [2, 6, MOST_WRITTEN, 40])
def test_it_is_shown_whole(assert_whole, count):
    assert_whole(broker_flows(square(count)))


def test_a_single_field_is_shown_whole(assert_whole):
    assert_whole(broker_flows(pl.DataFrame(FLOWS).head(1)))

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from matplotlib.colors import to_rgb
from matplotlib.dates import date2num

from kafka_analysis.plots.drawing import styled
from kafka_analysis.plots.event_marks import mark_events, number_events, shade_windows
from kafka_analysis.plots.palette import AFTER, BEFORE, INK

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(minutes):
    return T0 + timedelta(minutes=minutes)


@pytest.fixture
def panels():
    with styled(3, 3) as figure:
        return list(figure.subplots(2, 1))


def test_events_are_numbered_in_order_of_time(frame):
    rows = frame(
        {
            "ts": [at(30), at(10), at(20), at(99)],
            "kind": ["fault", "plan", "load", "fault"],
            "name": list("bacd"),
        }
    )
    assert [(number, names) for _, number, names in number_events(rows, at(0), at(60))] == [
        (1, "a"),
        (2, "b"),
    ]


def test_events_that_happen_together_share_a_number_and_a_name_is_said_once(frame):
    rows = frame({"ts": [at(10), at(10.5), at(11)], "kind": ["cutover"] * 3, "name": ["a", "b", "a"]})
    ((moment, number, names),) = number_events(rows, at(0), at(60))
    assert (moment, number, names) == (at(10), 1, "a, b")


def test_without_events_there_is_no_mark():
    assert number_events(None, at(0), at(60)) == []


def test_each_panel_has_the_line_and_the_first_the_number(panels):
    mark_events(panels, [(at(10), 1, "a"), (at(20), 2, "b")])
    assert [line.get_xdata()[0] for line in panels[1].lines] == [at(10), at(20)]
    assert [[text.get_text() for text in axes.texts] for axes in panels] == [["1", "2"], []]


def test_windows_are_shaded_in_each_panel_and_have_keys(panels):
    keys = shade_windows(
        panels, [("before", at(0), at(5)), ("during", at(5), at(9)), ("after", at(9), at(12))]
    )
    assert [key.get_label() for key in keys] == ["window before", "window during", "window after"]
    for axes in panels:
        assert [span.get_facecolor()[:3] for span in axes.patches] == [
            to_rgb(c) for c in (BEFORE, INK, AFTER)
        ]
        assert axes.patches[1].get_x() == pytest.approx(date2num(at(5)))

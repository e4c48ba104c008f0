from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.model.errors import WindowError
from kafka_analysis.stats.scope.windows import Window, before_and_after, check_window, choose_window, phases

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = {"ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "name": pl.String, "kind": pl.String}


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


BOUNDS = {"capture_start": at(0), "capture_end": at(100)}


@pytest.fixture
def events(frame):
    """Return a constructor of the events table: (minute, name) is a load event, (minute, name, kind) any other."""

    def make(*marks):
        rows = [(at(mark[0]), "source", mark[1], mark[2] if len(mark) > 2 else "load") for mark in marks]
        return frame(rows, schema=SCHEMA, orient="row")

    return make


def chosen(events, start=None, end=None):
    return choose_window(events, start=start, end=end, **BOUNDS)


def test_phases_are_pairs_in_order_of_time(events, rows):
    table = events((50, "after:start"), (10, "baseline:start"), (60, "after:end"), (20, "baseline:end"))
    assert rows(phases(table)) == [("baseline", at(10), at(20)), ("after", at(50), at(60))]


def test_a_phase_without_an_end_is_none(events, rows):
    table = events((1, "baseline:start"), (5, "baseline:start"), (9, "baseline:end"), (10, "after:start"))
    assert rows(phases(table)) == [("baseline", at(5), at(9))]


def test_a_phase_without_length_or_beginning_is_none(events, rows):
    assert rows(phases(events((3, "x:end"), (5, "x:start"), (5, "x:end")))) == []


def test_a_phase_may_come_twice(events, rows):
    table = events((1, "x:start"), (2, "x:end"), (3, "x:start"), (4, "x:end"))
    assert rows(phases(table)) == [("x", at(1), at(2)), ("x", at(3), at(4))]


def test_other_events_are_no_phases(events, rows):
    table = events(
        (1, "x:start", "note"), (2, "x:end", "note"), (3, "started"), (4, "x:begin"), (5, "x:ending")
    )
    assert rows(phases(table)) == []


def test_phases_of_no_events(events, rows):
    assert rows(phases(events())) == []


def test_the_first_steady_phase_is_chosen(events):
    table = events((10, "baseline:start"), (20, "baseline:end"), (50, "after:start"), (60, "after:end"))
    assert chosen(table) == Window(at(10), at(20), "steady phase 'baseline'")


def test_without_phases_it_is_the_whole_capture(events):
    assert chosen(events((5, "wave-1", "cutover"))) == Window(at(0), at(100), "whole capture")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(at(5), at(6), (5, 6)), (at(5), None, (5, 100)), (None, at(6), (0, 6)), (at(-10), at(6), (-10, 6))],
)
def test_what_is_asked_for_goes_before_events(events, start, end, expected):
    table = events((10, "baseline:start"), (20, "baseline:end"))
    assert chosen(table, start, end) == Window(at(expected[0]), at(expected[1]), "as requested")


@pytest.mark.parametrize(("start", "end"), [(6, 6), (7, 6)])
def test_an_empty_window_is_refused(events, start, end):
    with pytest.raises(
        WindowError, match=r"^start 2026-01-01 00:0\d:00 UTC is not before end 2026-01-01 00:06:00 UTC"
    ):
        chosen(events(), at(start), at(end))


@pytest.mark.parametrize(("start", "end"), [(-9, 0), (100, 101), (200, 201)])
def test_a_window_outside_the_capture_is_refused(start, end):
    with pytest.raises(WindowError, match="lies outside the capture, which holds 2026-01-01 00:00:00 UTC to"):
        check_window(Window(at(start), at(end)), at(0), at(100))


def test_a_window_that_overlaps_is_taken_as_it_is():
    assert check_window(Window(at(-9), at(1)), at(0), at(100)) == Window(at(-9), at(1))


def test_before_is_baseline_and_after_is_after(events):
    table = events(
        *((1, "warm-up:start"), (2, "warm-up:end"), (10, "baseline:start"), (20, "baseline:end")),
        *((50, "after:start"), (60, "after:end"), (70, "after:start"), (75, "after:end")),
        *((80, "extra:start"), (90, "extra:end")),
    )
    before, after = before_and_after(table, **BOUNDS)
    assert (before.start, after.end) == (at(10), at(75))


def test_else_the_first_and_the_last_phase(events):
    table = events((1, "x:start"), (2, "x:end"), (3, "x:start"), (4, "x:end"), (5, "y:start"), (6, "y:end"))
    before, after = before_and_after(table, **BOUNDS)
    assert (str(before), str(after)) == (
        "steady phase 'x': 2026-01-01 00:01:00 UTC to 2026-01-01 00:02:00 UTC",
        "steady phase 'y': 2026-01-01 00:05:00 UTC to 2026-01-01 00:06:00 UTC",
    )


def test_else_the_cutovers(events):
    table = events((1, "x:start"), (2, "x:end"), (30, "wave-1", "cutover"), (40, "wave-2", "cutover"))
    before, after = before_and_after(table, **BOUNDS)
    assert before == Window(at(0), at(30), "up to the first cutover")
    assert after == Window(at(40), at(100), "from the last cutover")


def test_phases_named_the_wrong_way_round_leave_it_to_the_cutovers(events):
    table = events(
        *(
            (1, "after:start"),
            (2, "after:end"),
            (3, "baseline:start"),
            (4, "baseline:end"),
            (9, "w", "cutover"),
        )
    )
    assert before_and_after(table, **BOUNDS)[0].name == "up to the first cutover"


@pytest.mark.parametrize("minute", [0, 100])
def test_a_cutover_at_an_edge_leaves_halves_that_are_not_judged(events, minute):
    before, after = before_and_after(events((minute, "wave-1", "cutover")), **BOUNDS)
    assert (before.start, before.end, after.start, after.end) == (at(0), at(50), at(50), at(100))
    assert before.guessed
    assert after.guessed


def test_times_given_go_first_and_need_no_events(events):
    before, after = before_and_after(events(), before=(None, at(9)), after=(at(90), None), **BOUNDS)
    assert before == Window(at(0), at(9), "as requested")
    assert after == Window(at(90), at(100), "as requested")


def test_one_window_given_the_other_must_come_from_events(events):
    table = events((30, "wave-1", "cutover"))
    before, after = before_and_after(table, before=(at(5), at(9)), **BOUNDS)
    assert (before.end, after.start) == (at(9), at(30))
    with pytest.raises(WindowError, match="'after'"):
        before_and_after(events(), before=(at(5), at(9)), **BOUNDS)


def test_times_given_are_checked(events):
    with pytest.raises(WindowError, match="outside the capture"):
        before_and_after(events(), before=(at(-9), at(-1)), after=(at(90), None), **BOUNDS)


def test_a_window_knows_its_length_and_how_to_be_read():
    window = Window(at(0), at(1.5))
    assert (window.seconds, str(window)) == (90, "2026-01-01 00:00:00 UTC to 2026-01-01 00:01:30 UTC")

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.traffic.window_events import WindowEvents, window_events

T0 = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = {"ts": pl.Datetime("ms", "UTC"), **dict.fromkeys(("cluster", "name", "kind", "detail"), pl.String)}


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


BEFORE, AFTER = Window(at(0), at(10)), Window(at(20), at(30))


@pytest.fixture
def happened(frame):
    def collect(*events, **options):
        table = frame([(at(m), "c", *rest) for m, *rest in events], schema=EVENTS, orient="row")
        return window_events(table, before=BEFORE, after=AFTER, **options)

    return collect


def test_nothing_happened(happened):
    assert happened() == WindowEvents()


def test_two_load_phases_are_named(happened):
    marks = [(0, "quiet:start"), (10, "quiet:end"), (20, "busy:start"), (30, "busy:end")]
    found = happened(*[(m, name, "load", None) for m, name in marks])
    assert found.sentences == (
        "The windows are two load phases, 'quiet' and 'busy', which may send different loads.",
    )


def test_one_phase_around_both_says_nothing(happened):
    assert happened((0, "steady:start", "load", None), (30, "steady:end", "load", None)).sentences == ()


def test_events_within_the_windows_are_named_and_others_not(happened):
    found = happened(
        (9, "killed", "fault", None),
        (15, "killed", "fault", None),
        (20, "note", "note", None),
        (30, "late", "fault", None),
    )
    assert found.sentences == ("In the window before: fault 'killed' of c at 2026-01-01 00:09:00 UTC.",)


def test_many_events_are_counted(happened):
    (sentence,) = happened(*[(20 + i, f"f{i}", "fault", None) for i in range(6)]).sentences
    assert sentence.endswith("fault 'f3' of c at 2026-01-01 00:23:00 UTC and 2 more.")


def test_brokers_that_restarted_are_named(frame):
    row = dict.fromkeys(SAMPLES) | {"metric": "bytes_in_total", "cluster": "c"}
    values = {1: (10.0, 20.0, 30.0), 2: (10.0, 20.0, 1.0)}
    rows = [
        row | {"broker": b, "ts": at(18 + 4 * i), "value": v}
        for b, vs in values.items()
        for i, v in enumerate(vs)
    ]
    found = window_events(
        frame([], schema=EVENTS, orient="row"),
        before=BEFORE,
        after=AFTER,
        counters=frame(rows, schema=SAMPLES),
    )
    assert found.sentences == ("Restarted in the window after: broker 2 of c.",)


def test_cut_overs_name_their_topics(happened):
    found = happened(
        (15, "wave-2", "cutover", "cut-over of payments, payments.ledger begins"),
        (16, "wave-3", "cutover", "cut-over of pay begins"),
    )
    assert found.beside(["payments.ledger", "payments", "other"]) == [
        "Cut over in between: payments.ledger, payments (wave-2 at 2026-01-01 00:15:00 UTC)."
    ]
    assert found.beside(["ledger", "payment", "cut", "payments.l"]) == []


@pytest.mark.parametrize("topic", ["a.b", "a+b", "(a", "[ab]"])
def test_a_topic_s_name_is_no_pattern(happened, topic):
    texts = (f"cut-over of {topic} begins", "cut-over of aab begins")
    found = happened(*[(15 + i, "wv"[i], "cutover", text) for i, text in enumerate(texts)])
    assert found.beside([topic]) == [f"Cut over in between: {topic} (w at 2026-01-01 00:15:00 UTC)."]


def test_cut_overs_of_earlier_and_later_are_left_out():
    events = pl.DataFrame(
        [(at(m), "c", f"w{m}", "cutover", "cut-over of t begins") for m in (-1, 5, 31)],
        schema=EVENTS,
        orient="row",
    )
    assert [name for name, _ in window_events(events, before=BEFORE, after=AFTER).cutovers] == [
        "w5 at 2026-01-01 00:05:00 UTC"
    ]

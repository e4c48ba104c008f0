from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.capture.join_sources import NOT_RECORDED, join_sources
from kafka_analysis.model.manifest import Gap, LineCounts, SourceInfo, Span

T0 = datetime(2026, 1, 1, tzinfo=UTC)
RECORDED = LineCounts(read=3, stored=2, not_catalogued=1)


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def span(start, end):
    return Span(start=at(start), end=at(end))


def source(broker=1, *, ok=4, interval_s=10.0, gaps=(), **more):
    return SourceInfo(
        kind="jmx", cluster="c", broker=broker, address="a", interval_s=interval_s, attempts=ok + 1, ok=ok, failed=1,
        gaps=tuple(Gap(start=at(s), end=at(e), reason=r) for s, e, r in gaps), **more,
    )  # fmt: skip


def between(joined):
    return [
        ((g.start - T0).total_seconds() / 60, (g.end - T0).total_seconds() / 60)
        for s in joined
        for g in s.gaps
        if g.reason == NOT_RECORDED
    ]


def test_attempts_lines_and_gaps_of_a_target_are_joined():
    first = source(gaps=[(1, 2, "down")], lines=RECORDED)
    second = source(ok=6, gaps=[(21, 22, "down")], lines=RECORDED, dialect="msk")
    (joined,) = join_sources([(span(0, 10), [first]), (span(20, 30), [second])])
    assert (joined.attempts, joined.ok, joined.failed) == (12, 10, 2)
    assert joined.lines == RECORDED + RECORDED
    assert joined.dialect == "msk"
    assert [g.reason for g in joined.gaps] == ["down", NOT_RECORDED, "down"]
    assert between([joined]) == [(10, 20)]


def test_intervals_are_kept_apart_and_the_time_between_is_told_once():
    recordings = [(span(0, 10), [source(interval_s=10)]), (span(20, 30), [source(interval_s=60)])]
    joined = join_sources(recordings)
    assert [s.interval_s for s in joined] == [10, 60]
    assert between(joined) == [(10, 20)]


def test_a_target_of_one_recording_has_a_gap_in_the_other():
    recordings = [(span(0, 10), [source(1), source(2)]), (span(10, 30), [source(1)])]
    one, two = join_sources(recordings)
    assert (between([one]), between([two])) == ([], [(10, 30)])


def test_no_gap_where_no_question_was_due():
    recordings = [
        (Span(start=T0, end=at(10)), [source()]),
        (Span(start=at(10) + timedelta(seconds=9), end=at(20)), [source()]),
    ]
    assert between(join_sources(recordings)) == []


def test_a_recording_that_comes_later_fills_the_gap():
    first = join_sources([(span(0, 10), [source()]), (span(20, 30), [source()])])
    joined = join_sources([(span(0, 30), first), (span(10, 20), [source()])])
    assert between(joined) == []


windows = st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda w: span(w[0], w[0] + w[1]))
recordings = st.tuples(windows, st.lists(st.sampled_from([1, 2, 3]), min_size=1, unique=True)).map(
    lambda r: (r[0], [source(broker) for broker in r[1]])
)


def told(joined):
    return [(s.broker, s.attempts, s.gaps) for s in joined]


@given(recordings, recordings, recordings)
def test_the_order_of_joining_does_not_matter(a, b, c):
    def hull(*parts):
        return Span(start=min(p[0].start for p in parts), end=max(p[0].end for p in parts))

    at_once = join_sources([a, b, c])
    left = join_sources([(hull(a, b), join_sources([a, b])), c])
    right = join_sources([a, (hull(b, c), join_sources([b, c]))])
    assert told(left) == told(right) == told(at_once)

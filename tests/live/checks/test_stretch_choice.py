from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.live.checks.stretch_choice import (
    BACK,
    MORE_RECORDS,
    Partition,
    Times,
    committed_stretches,
    sample_stretches,
    samples_of,
    some_of,
    target_stretch,
    times_of,
)
from kafka_analysis.sources.kafka.stretches import HashedRecord, Stretch, StretchRead

PART = Partition("orders", "old.orders", 3)
offsets = st.integers(0, 200)


def read(*times, first=100):
    records = [HashedRecord(first + n, ms, "CreateTime", None, "h") for n, ms in enumerate(times)]
    return StretchRead(Stretch("orders", 3, first, 9), records=records, bytes=500)


@given(st.none() | offsets, offsets, offsets, st.integers(0, 6), st.integers(1, 9))
def test_samples_lie_in_the_log_side_by_side_and_the_newest_is_among_them(
    first, end, start, positions, records
):
    found = sample_stretches(first, end, start=start, positions=positions, records=records)
    low = max(start, first or 0)
    assert all(low <= begin < stop <= end for begin, stop in found)
    assert len(found) <= positions
    assert all(one[1] <= other[0] for one, other in zip(sorted(found), sorted(found)[1:], strict=False))
    if found:
        assert found[0][1] == end
        if first is not None and positions > 1:
            assert min(found)[0] == low
    else:
        assert positions == 0 or end <= low


def test_the_newest_stretch_has_twice_as_many_offsets():
    found = samples_of(PART, 0, 100, start=0, positions=2, records=5)
    assert [(w.stretch.first_offset, w.stretch.most_records, w.stretch.end_offset) for w in found] == [
        (90, 10, 100),
        (0, 5, 90),
    ]
    assert {(w.stretch.place, w.purpose, w.groups, w.committed) for w in found} == {
        (("orders", 3), "sample", (), None)
    }


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_stretch_around_a_committed_offset_lies_in_the_log(offset, start, length):
    found = committed_stretches(PART, {offset: ["g"]}, start=start, end=start + length, records=4)
    if length == 0:
        assert found == []
        return
    (wanted,) = found
    assert start <= wanted.stretch.first_offset < start + length
    assert (wanted.purpose, wanted.committed, wanted.stretch.most_records) == (
        "committed offset",
        offset,
        BACK + 4,
    )
    if start + BACK <= offset <= start + length:
        assert wanted.stretch.first_offset == offset - BACK


def test_the_choice_is_that_of_the_seed_and_mixes_topics():
    parts = [Partition(topic, topic, number) for topic in "abc" for number in range(50)]
    chosen = some_of(parts, 30, 7)
    assert chosen == some_of(reversed(parts), 30, 7)
    assert chosen != some_of(parts, 30, 8)
    assert len(set(chosen)) == 30
    assert {part.topic for part in chosen} == set("abc")


def test_times_are_known_where_every_record_has_one():
    assert times_of(read(5, 3, 4)) == Times(3, 5)
    assert [times_of(read(*times)) for times in ((), (3, None), (3, -7))] == [None, None, None]


def test_the_target_is_read_past_the_latest_time_and_past_what_the_source_has_before():
    stretch = target_stretch(PART, read(5, 3, 4), begin=40, since=98)
    assert stretch.place == ("old.orders", 3)
    assert (stretch.first_offset, stretch.later_than_ms) == (40, 5)
    assert (
        stretch.least_records == 2 + 2 * 3
    )  # two records lie before these at the source, of the same time or later
    assert stretch.most_bytes > 2 * 500
    assert target_stretch(PART, read(5), begin=40, since=None).least_records == 2


def test_what_lies_too_far_is_not_said_to_be_absent():
    far = target_stretch(PART, read(5, 3), begin=0, since=100 - 10 * MORE_RECORDS)
    assert far.least_records > far.most_records


def test_a_stretch_without_times_is_not_looked_for():
    with pytest.raises(ValueError, match="times"):
        target_stretch(PART, read(None), begin=0, since=0)

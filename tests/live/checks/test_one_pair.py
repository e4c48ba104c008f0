"""One replication between ends made here; the testbed's tests read real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import polars as pl
import pytest

from kafka_analysis.live.checks import one_pair
from kafka_analysis.live.checks.both_ends import empty_committed
from kafka_analysis.live.checks.end_of_pair import Seen
from kafka_analysis.live.checks.one_pair import read_pair, rows_of_checks, rows_of_reads
from kafka_analysis.model.errors import SourceError
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.model.tables import empty_table
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.metadata import table
from kafka_analysis.sources.kafka.stretches import HashedRecord, Reading, StretchRead

T0_MS = 1_767_225_600_000
SEALED = datetime(2026, 1, 2, tzinfo=UTC)


class FakeEnd:
    """An end whose topic t has one partition, with a record a second: their hashes by offset."""

    def __init__(self, name, hashes, *, kind="CreateTime", ended=None, look=None):
        self.name, self.hashes, self.kind, self.ended, self.look_error = name, hashes, kind, ended, look
        self.cluster, self.admin = (
            ClusterProfile(name=name, bootstrap_servers="b:1"),
            SimpleNamespace(of=self),
        )
        self.limits = []

    def look(self, topics, deadline):
        if self.look_error:
            raise self.look_error
        place = ("t", 0)
        return Seen({"t": [0]}, {place: 0}, {place: len(self.hashes)}, may_read=True)

    def offset_at(self, ms):
        offset = max(-(-(ms - T0_MS) // 1000), 0)
        return offset if offset < len(self.hashes) else None

    def offsets_since(self, asked, deadline):
        return [self.offset_at(ms) for _, ms in asked]

    def read(self, stretches, *, isolation, most_bytes, deadline, batch_bytes=0):
        self.limits.append((most_bytes, deadline.seconds))
        return Reading(tuple(map(self.read_one, stretches)), 1_000_000, 0.1)

    def read_one(self, stretch):
        if self.ended:
            return StretchRead(stretch, ended=self.ended)
        stop = min(stretch.end_offset or 10**9, stretch.first_offset + stretch.most_records, len(self.hashes))
        records = [
            HashedRecord(n, T0_MS + n * 1000, self.kind, None, self.hashes[n])
            for n in range(stretch.first_offset, stop)
        ]
        return StretchRead(stretch, records, next_offset=stop, bytes=10, ended="enough")


@pytest.fixture(autouse=True)
def by_time(monkeypatch):
    """Answer offsets by time from the ends made here."""

    def read(admin, places, times, *, cluster, deadline):
        rows = [
            {
                "topic": topic,
                "partition": number,
                "at": at,
                "offset": admin.of.offset_at(at.timestamp() * 1000),
            }
            for topic, number in places
            for at in times
        ]
        return table("offsets_at", cluster, rows), None

    monkeypatch.setattr(one_pair, "read_offsets_at", read)


def read(source, target, committed=None, seconds=10.0, stands=None, **options):
    return read_pair(
        source,
        target,
        [("t", "t")],
        empty_committed() if committed is None else committed,
        options=CutoverReads(**options),
        sealed_until=SEALED,
        deadline=Deadline.after(seconds),
        most_bytes=1000,
        positions=stands,
    )


def frames(reading):
    reads = table("record_reads", "", rows_of_reads(reading.stretches))
    return reads, table("record_checks", "", rows_of_checks(reading.stretches))


HASHES = [f"h{number}" for number in range(100)]


def test_the_same_stretches_are_read_at_both_ends():
    reads, checks = frames(read(FakeEnd("old", HASHES), FakeEnd("new", HASHES)))
    assert reads.group_by("cluster").len().sort("cluster").rows() == [("new", 3), ("old", 3)]
    assert checks.filter(cluster="old")["offset"].sort().to_list() == [
        *range(5),
        *range(45, 50),
        *range(90, 100),
    ]
    here, there = checks.filter(cluster="old"), checks.filter(cluster="new")
    assert here.join(there, on=["stretch", "record_hash"], how="anti").is_empty()


def test_a_target_that_began_later_is_compared_from_its_oldest_record_on():
    later = FakeEnd("new", HASHES)
    later.look = lambda *_: Seen({"t": [0]}, {("t", 0): 40}, {("t", 0): 100}, may_read=True)
    _, checks = frames(read(FakeEnd("old", HASHES), later))
    assert checks.filter(cluster="old")["offset"].min() == 40


def test_bytes_and_time_are_divided():
    source, target = FakeEnd("old", HASHES), FakeEnd("new", HASHES)
    read(source, target)
    ((at_source, source_s),), ((oldest, _), (at_target, target_s)) = source.limits, target.limits
    assert oldest + at_source + at_target == 1000
    assert source_s <= target_s <= 10


def test_groups_at_the_same_offset_share_a_stretch_and_each_has_a_row():
    rows = [
        {"source": "old", "group": g, "source_topic": "t", "partition": 0, "committed_offset": 50}
        for g in "ba"
    ]
    committed = pl.DataFrame(rows, schema=empty_committed().schema)
    reads, _ = frames(read(FakeEnd("old", HASHES), FakeEnd("new", HASHES), committed, positions=0))
    assert reads.select("cluster", "group", "wanted_offset", "stretch").sort(pl.all()).rows() == [
        ("new", "a", 50, 0),
        ("new", "b", 50, 0),
        ("old", "a", 50, 0),
        ("old", "b", 50, 0),
    ]


@pytest.mark.parametrize(
    ("position", "read_from"), [(60, [57]), (2, [0]), (99, [96]), (100, []), (101, []), (None, [])]
)
def test_what_lies_behind_a_replicator_is_read_at_the_source(position, read_from):
    stands = None if position is None else {("t", 0): position}
    reads, _ = frames(read(FakeEnd("old", HASHES), FakeEnd("new", HASHES), stands=stands, positions=0))
    assert reads.filter(cluster="old")["first_offset"].to_list() == read_from


def test_committed_offsets_leave_room_for_samples():
    row = {"source": "old", "source_topic": "t", "partition": 0}
    rows = [{**row, "group": f"g{number}", "committed_offset": 10 * number} for number in range(5)]
    committed = pl.DataFrame(rows, schema=empty_committed().schema)
    reads, _ = frames(read(FakeEnd("old", HASHES), FakeEnd("new", HASHES), committed))
    purposes = reads.filter(cluster="old").sort("stretch")["purpose"].to_list()
    assert purposes == ["committed offset", "sample"] * 3 + ["committed offset"] * 2


def test_records_that_are_newer_than_all_of_the_target_s_are_not_there_yet():
    reads, _ = frames(read(FakeEnd("old", HASHES), FakeEnd("new", HASHES[:10]), positions=1))
    assert reads.select("cluster", "records", "ended", "next_offset").rows() == [
        ("old", 10, "enough", 100),
        ("new", 0, "end of log", 10),
    ]


def test_what_the_source_does_not_give_is_not_looked_for():
    reads, checks = frames(read(FakeEnd("old", HASHES, ended="refused"), FakeEnd("new", HASHES)))
    assert set(reads.select("cluster", "ended").rows()) == {("old", "refused")}
    assert checks.is_empty()


def test_a_target_with_times_of_its_own_is_found_by_its_records():
    reading = read(FakeEnd("old", HASHES), FakeEnd("new", HASHES, kind="LogAppendTime"))
    assert reading.stretches == []
    assert [rows["cluster"].unique().to_list() for rows in reading.tables["offsets_at"]] == [["old"], []]
    assert any("LogAppendTime" in note for note in reading.notes)


def test_an_end_that_does_not_answer_is_a_note():
    reading = read(FakeEnd("old", HASHES), FakeEnd("new", HASHES, look=SourceError("no answer")))
    assert reading.notes == ["new: no answer; nothing of it is compared"]
    assert list(reading.stretches) == []


def test_times_no_calendar_has_are_unknown():
    one = FakeEnd("old", HASHES).read_one(SimpleNamespace(first_offset=0, most_records=1, end_offset=None))
    one.records[0] = one.records[0]._replace(written_ms=2**62)
    of = one_pair.StretchOf("c", 0, SimpleNamespace(), one)
    one.stretch.topic, one.stretch.partition = "t", 0
    (row,) = rows_of_checks([of])
    assert row["written_at"] is None
    assert set(row) <= set(empty_table("record_checks").columns)

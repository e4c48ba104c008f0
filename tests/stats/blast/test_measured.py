from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.model.errors import WindowError
from kafka_analysis.stats.blast.measured import measured_blast, measured_effects

T0 = datetime(2026, 1, 1, tzinfo=UTC)
# Looks every 10 s: the fault at 30 s, the return at 70 s, the last look at 80 s.
START, END = T0 + timedelta(seconds=30), T0 + timedelta(seconds=70)
STEADY = [0, 100, 200, 300, 400, 500, 600, 700, 800]
FLAGS = ("unavailable", "not_writable", "interrupted", "reading_waits")


def offsets(**ends):
    """Return an offsets table of topics with one partition, in cluster c unless the name says another."""
    rows = [
        (T0 + timedelta(seconds=10 * number), name[:1] if "_" in name else "c", name, 0, end)
        for name, values in ends.items()
        for number, end in enumerate(values)
        if end != "no answer"
    ]
    columns = {
        "ts": pl.Datetime("ms", "UTC"), "cluster": pl.String, "topic": pl.String, "partition": pl.Int32,
        "log_end_offset": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture
def told(frame, rows):
    """Return a function of one topic's log ends, beside one that goes on: what it met."""

    def compute(ends, **options):
        table = frame(offsets(t=ends, steady=STEADY).to_dict(as_series=False))
        found = measured_effects(table, start=START, end=END, baseline_s=30, **options)
        return next(row[1:] for row in rows(found, "topic", *FLAGS, "evidence") if row[0] == "t")

    return compute


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        (STEADY, (False, False, False, False)),
        ([0, 100, 200, 300, None, None, None, None, 310], (True, False, False, False)),
        (
            [0, 100, 200, 300, None, -1001, -1001, None, 310],
            (True, False, False, False),
        ),  # a client's "no offset"
        ([0, 100, 200, 300, 320, 320, 320, 320, 800], (False, True, False, False)),
        ([0, 100, 200, 300, None, 320, 320, 320, 800], (False, True, False, True)),
        ([0, 100, 200, 300, 310, 320, 600, 700, 800], (False, False, True, True)),
        ([0, 100, 200, 300, None, 500, 600, 700, 800], (False, False, True, True)),
        ([0, 0, 300, 300, 300, 600, 600, 700, 800], (False, False, None, None)),  # comes in bursts
        (
            [0, 150, 150, 300, 450, 450, 450, 450, 450],
            (False, False, None, None),
        ),  # a rest between bursts is nothing
        ([0, 0, 300, 300, 310, 310, 310, 310, 800], (False, None, None, None)),
        ([0, 1, 2, 3, 3, 3, 3, 3, 4], (False, None, None, None)),  # too few records to tell
        ([0, 1, 2, 3, 4, 4, 5, 5, 5], (False, False, None, None)),  # but it went on
        ([5, 5, 5, 5, 5, 5, 5, 5, 5], (False, None, None, None)),
    ],
)
def test_progress_before_and_in_the_outage_tells_what_happened(told, ends, found):
    assert told(ends) == (*found, "measured")


@pytest.mark.parametrize(
    ("bursts", "rests", "expected"),
    [
        (True, False, None),  # steady in the baseline, by chance: it comes in bursts
        (False, False, True),
        (False, True, True),  # the load of all the cluster rested: that is no burst
        (True, True, None),
    ],
)
def test_how_steadily_records_come_is_judged_over_more_than_the_baseline(
    frame, rows, bursts, rests, expected
):
    before, in_outage = 20, [5, 0, 0, 0]
    still = range(8, 12) if rests else []
    steps = {
        "steady": [0 if look in still else 100 for look in range(before)] + [100] * 4,
        "t": [0 if look in still or (bursts and look in (3, 4, 5)) else 100 for look in range(before)]
        + in_outage,
    }
    others = {f"steady{number}": steps["steady"] for number in range(5)}
    ends = {
        name: [sum(of[: look + 1]) for look in range(len(of))] for name, of in {**steps, **others}.items()
    }
    start = T0 + timedelta(seconds=10 * (before - 1))
    table = frame(offsets(**ends).to_dict(as_series=False))
    found = measured_effects(table, start=start, end=start + timedelta(seconds=40), baseline_s=30)
    assert dict(rows(found, "topic", "not_writable"))["t"] is expected


def test_it_says_how_much_was_due_what_came_and_how_long_nothing_did(frame, rows):
    ends = [0, 100, 200, 300, 310, 320, 600, 700, 800]
    found = measured_effects(offsets(t=ends), start=START, end=END, baseline_s=30)
    assert found.select("expected", "records", "still_s").row(0) == (400.0, 400.0, 20.0)


def silent(after):
    return [0, 100, 200, 300, *["no answer"] * 4, after]


@pytest.mark.parametrize(
    ("after", "restarted", "found"),
    [
        (320, [], (True, "measured")),  # of 500 records due until the first answer, 20 came
        (800, ["x"], (True, "estimated")),  # all came, perhaps afterwards; but every broker was restarted
        (800, [], (None, "measured")),  # perhaps only the recorder was cut off
        (None, ["x"], (True, "estimated")),
    ],
)
def test_of_a_cluster_that_is_silent_only_what_can_be_known_is_told(after, restarted, found):
    table = offsets(x_t=silent(after), c_t=STEADY)
    told = measured_effects(table, start=START, end=END, baseline_s=30, restarted=restarted)
    assert told.filter(cluster="x").select("unavailable", "evidence").row(0) == found
    assert told.filter(cluster="c")["unavailable"].to_list() == [False]


def test_an_outage_shorter_than_two_intervals_is_not_told_by_silence():
    end = START + timedelta(seconds=15)
    told = measured_effects(offsets(x_t=silent(320)), start=START, end=end, baseline_s=30, restarted=["x"])
    assert told["unavailable"].to_list() == [None]


def test_shares_are_counted_with_their_evidence(frame, rows):
    table = offsets(t=[0, 100, 200, 300, None, None, None, None, 310], s=STEADY, u=[5] * 9)
    partitions = frame(
        {"cluster": "c", "topic": ["s", "t", "u"], "partition": 0, "bytes_in_per_s": [30.0, 10.0, 5.0]}
    )
    flows = frame(
        {"client": ["p", "q", "g"], "kind": ["producer", "producer", "group"], "topic": ["t", "s", "t"]}
    )
    told = measured_blast(
        partitions, flows, offsets=frame(table.to_dict(as_series=False)), start=START, end=END, baseline_s=30
    )
    lost = [
        row[1:]
        for row in rows(told, "effect", "what", "share", "unknown", "evidence")
        if row[0] == "loses_service"
    ]
    assert lost[:5] == [
        ("partitions", 0.5, 1, "measured"),
        ("producers", 0.5, 0, "measured"),
        ("groups", 1.0, 0, "estimated"),
        ("starved_groups", 1.0, 0, "estimated"),
        ("bytes_in_per_s", 0.25, 1, "estimated"),
    ]


def test_a_partition_without_offsets_is_unknown():
    partitions = pl.DataFrame(
        {"cluster": "c", "topic": ["t", "new"], "partition": 0}, schema_overrides={"partition": pl.Int32}
    )
    flows = pl.DataFrame({"client": ["p"], "kind": ["producer"], "topic": ["new"]})
    told = measured_blast(partitions, flows, offsets=offsets(t=STEADY), start=START, end=END, baseline_s=30)
    assert told.select("what", "share", "unknown").rows()[:2] == [
        ("partitions", 0.0, 1),
        ("producers", None, 1),
    ]


def test_start_comes_before_end():
    with pytest.raises(WindowError, match="give start < end"):
        measured_effects(offsets(t=STEADY), start=END, end=START)

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from kafka_analysis.stats.cutover.records import compared_records, record_checks
from tests.cutover_frames import ODD, at, ends, frame, moved, seen, states

CHECKS = ("cluster", "topic", "partition", "stretch", "offset", "written_at", "key_hash", "record_hash")
READS = ("cluster", "topic", "partition", "purpose", "stretch", "records", "ended")
LOGS = ends(("a", "t", 0, 0, 50), ("b", "t", 0, 0, 50))
EVEN = pl.DataFrame(schema={"source": pl.String, "topic": pl.String, "why": pl.String})
COMPACTED = pl.DataFrame({"source": ["a"], "topic": "t", "why": "compaction removes records"})
MARKED = pl.DataFrame({"source": ["a"], "topic": "t", "why": "transactions leave markers"})
Record = tuple[int, str | None, str]  # seconds, key, hash
FIVE: list[Record] = [(10, "k", "v"), (11, "k", "w"), (12, "m", "x"), (13, None, "y"), (14, "k", "z")]


def hashes(
    cluster: str, records: list[Record], *, topic="t", stretch=0, first=0, partition=0
) -> pl.DataFrame:
    rows = [
        (cluster, topic, partition, stretch, first + n, None if s is None else at(s), key, value)
        for n, (s, key, value) in enumerate(records)
    ]
    return frame("record_checks", rows, *CHECKS)


def reads(*rows: tuple) -> pl.DataFrame:
    """Return stretches read: (cluster, records, ended), then topic, stretch, partition, purpose where they differ."""
    whole = [(*row, *("t", 0, 0, "sample")[len(row) - 3 :]) for row in rows]
    return frame("record_reads", [(c, t, p, of, s, n, e) for c, n, e, t, s, p, of in whole], *READS)


def judged(
    source: list[Record],
    target: list[Record],
    *,
    ended: tuple[str, str] = ("enough", "enough"),
    uneven: pl.DataFrame = EVEN,
    logs: pl.DataFrame = LOGS,
    kind: Any = lambda rows: rows,
) -> pl.DataFrame:
    moving = moved()
    asked = reads(("a", len(source), ended[0]), ("b", len(target), ended[1]))
    held = pl.concat([hashes("a", source), hashes("b", target, first=100)])
    compared = compared_records(moving, kind(asked), kind(held))
    return record_checks(moving, kind(compared), uneven=uneven, offsets=kind(logs))


CHANGED = [*FIVE[:2], (12, "m", "X"), *FIVE[3:]]
LATER = [*FIVE[:2], (99, "m", "x"), *FIVE[3:]]
SWAPPED = [FIVE[1], FIVE[0], *FIVE[2:]]
OTHERS_SWAPPED = [FIVE[0], FIVE[2], FIVE[1], *FIVE[3:]]
FOREIGN = [*FIVE[:2], (12, "q", "Q"), *FIVE[2:]]


@pytest.mark.parametrize(
    ("target", "state", "finding", "value"),
    [
        (FIVE, "ok", None, 0),
        ([(9, "b", "b"), *FIVE, (15, "a", "a")], "ok", None, 0),  # more was read around
        (FIVE[:-1], "blocks", "records missing at the target", 1),
        ([], "blocks", "records missing at the target", 5),
        (CHANGED, "blocks", "records missing at the target", 2),
        (LATER, "blocks", "records missing at the target", 2),
        (FOREIGN, "blocks", "records only at the target", 1),
        (SWAPPED, "blocks", "order per key differs", 1),
        (OTHERS_SWAPPED, "ok", None, 0),  # of two keys
        ([*FIVE[:3], FIVE[4], FIVE[3]], "ok", None, 0),  # a record without a key has no order to keep
        ([*FIVE, *FIVE], "ok", None, 0),  # written twice: counts tell
    ],
)
def test_records_are_the_same_in_the_same_order(given, target, state, finding, value) -> None:
    found = judged(FIVE, target, kind=given if target else lambda rows: rows)
    assert seen(found, "state", "finding", "value") == [(state, finding, value)]


@pytest.mark.parametrize("ended", ["out of time", "too many bytes", "gone", "refused", "failed"])
def test_what_was_not_found_is_unknown_where_the_target_was_not_read_to_the_end(ended) -> None:
    assert seen(judged(FIVE, FIVE[:-1], ended=("enough", ended))) == [("unknown", "records not compared")]
    assert states(judged(FIVE, FIVE, ended=("enough", ended))) == ["ok"]
    assert states(judged(FIVE, SWAPPED, ended=("enough", ended))) == ["blocks"]


def test_what_was_not_read_at_the_source_is_unknown() -> None:
    assert states(judged([], [], ended=("out of time", "enough"))) == ["unknown"]
    assert "out of time" in judged([], [], ended=("out of time", "enough"))["detail"][0]


def test_hashes_that_are_lost_are_unknown_not_none() -> None:
    moving = moved()
    asked = reads(("a", 5, "enough"), ("b", 5, "enough"))
    for held in (hashes("a", []), hashes("b", FIVE), hashes("a", FIVE[:2])):
        rows = pl.concat([held, hashes("b", FIVE[:2])])
        compared = compared_records(moving, asked, rows)
        assert states(record_checks(moving, compared, uneven=EVEN, offsets=LOGS)) == ["unknown"]


@pytest.mark.parametrize(
    ("logs", "state"),
    [
        (ends(("a", "t", 0, 9, 9)), "ok"),
        (ends(("a", "t", 0, 0, 9)), "unknown"),
        (ends(("a", "t", 0, None, 9)), "unknown"),
        (ends(), "unknown"),
    ],
)
def test_a_log_without_a_record_is_ready_though_nothing_was_read(logs, state) -> None:
    moving = moved()
    compared = compared_records(moving, reads(), hashes("a", []))
    assert states(record_checks(moving, compared, uneven=EVEN, offsets=logs)) == [state]


@pytest.mark.parametrize("target", [FIVE[1:], CHANGED, FOREIGN])
def test_compaction_of_either_end_is_a_note_and_another_order_is_not(target) -> None:
    assert states(judged(FIVE, target, uneven=COMPACTED)) == ["note"]
    assert states(judged(FIVE, target, uneven=MARKED)) == ["blocks"]
    assert states(judged(FIVE, SWAPPED, uneven=COMPACTED)) == ["blocks"]


SAME = (10, "k", "v")


def test_equal_records_are_counted_and_say_nothing_of_the_order() -> None:
    between = [SAME, (10, "k", "w"), SAME]
    assert states(judged(between, between)) == ["ok"]
    assert seen(judged(between, [SAME, (10, "k", "w")]), "state", "value") == [("blocks", 1)]
    assert states(judged([SAME, (10, "k", "w")], between)) == ["ok"]


def test_times_out_of_order_and_records_around_a_stretch_are_not_foreign() -> None:
    late = [(20, "k", "a"), (15, "k", "b"), (18, "m", "c")]
    around = [(16, "k", "before"), *late, (17, "m", "after")]
    assert states(judged(late, around)) == ["ok"]


def test_records_without_a_time_or_key_are_compared() -> None:
    bare = [(None, None, "a"), (None, None, "b")]
    assert states(judged(bare, bare)) == ["ok"]
    assert states(judged(bare, bare[:1])) == ["blocks"]


def test_a_topic_that_moves_to_two_cells_is_compared_with_each() -> None:
    moving = moved(("t", None, "b"), ("t", None, "c"))
    asked = reads(
        ("a", 5, "enough"), ("b", 5, "enough"), ("a", 5, "enough", "t", 1), ("c", 4, "enough", "t", 1)
    )
    held = pl.concat(
        [
            hashes("a", FIVE),
            hashes("b", FIVE),
            hashes("a", FIVE, stretch=1),
            hashes("c", FIVE[:-1], stretch=1),
        ]
    )
    found = record_checks(moving, compared_records(moving, asked, held), uneven=EVEN, offsets=LOGS)
    assert seen(found, "target", "state") == [("b", "ok"), ("c", "blocks")]


def test_stretches_partitions_and_remote_names_are_told_apart() -> None:
    moving = moved((ODD, f"a.{ODD}"), partitions=2)
    names = (("a", ODD), ("b", f"a.{ODD}"))
    asked = reads(*((c, 2, "enough", t, s, s) for c, t in names for s in (0, 1)))
    held = pl.concat(
        hashes(c, FIVE[2 * s : 2 * s + 2], topic=t, stretch=s, partition=s, first=7 * (c == "b"))
        for c, t in names
        for s in (0, 1)
    )
    found = record_checks(moving, compared_records(moving, asked, held), uneven=EVEN, offsets=LOGS)
    assert seen(found, "partition", "state", "detail") == [
        (0, "ok", "2 records, in 1 stretch: the same at both ends"),
        (1, "ok", "2 records, in 1 stretch: the same at both ends"),
    ]


def test_stretches_around_committed_offsets_are_not_samples() -> None:
    moving = moved()
    rows = reads(("a", 5, "enough", "t", 0, 0, "committed offset"))
    assert compared_records(moving, rows, hashes("a", FIVE)).is_empty()


RECORDS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["k", "l", None]), st.sampled_from("xyz")),
    min_size=1,
    max_size=12,
)


@examples(RECORDS, st.data())
def test_any_log_equals_itself_and_no_other(records, data) -> None:
    """Times may be out of order, and records may be equal."""
    assert states(judged(records, records)) == ["ok"]
    spot = data.draw(st.integers(0, len(records) - 1))
    seconds, key, _ = records[spot]
    changed = [*records[:spot], (seconds, key, "changed"), *records[spot + 1 :]]
    assert states(judged(records, changed)) == ["blocks"]
    assert states(judged(records, records[:spot] + records[spot + 1 :])) == ["blocks"]


@examples(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("kl")), min_size=2, max_size=12), st.data())
def test_records_of_a_key_that_change_places_block(records, data) -> None:
    numbered = [(seconds, key, f"r{n}") for n, (seconds, key) in enumerate(records)]
    one, other = sorted(
        data.draw(st.lists(st.integers(0, len(records) - 1), min_size=2, max_size=2, unique=True))
    )
    turned = list(numbered)
    turned[one], turned[other] = turned[other], turned[one]
    keys = [key for _, key, _ in numbered]
    is_other_order = any(
        [r for r in numbered if r[1] == key] != [r for r in turned if r[1] == key] for key in set(keys)
    )
    assert states(judged(numbered, turned)) == ["blocks" if is_other_order else "ok"]


@pytest.mark.parametrize(
    ("held", "position", "state", "detail"),
    [
        (FIVE[:3], 3, "ok", "3 records, in 1 stretch: the same at both ends"),
        (FIVE, 3, "ok", "3 records, in 1 stretch: the same at both ends"),  # a position may be stored late
        (FIVE[:3], 4, "blocks", None),
        ([], 0, "unknown", "none of the records that were read is known to be copied"),
    ],
)
def test_records_that_are_not_known_to_be_copied_yet_are_not_compared(held, position, state, detail) -> None:
    where = {"source": "a", "target": "b", "topic": "t", "partition": 0, "committed_offset": position}
    copied = pl.DataFrame([where], schema_overrides={"partition": pl.Int32})
    asked = reads(("a", len(FIVE), "enough"), ("b", len(held), "enough"))
    both = pl.concat([hashes("a", FIVE), hashes("b", held, first=100)])
    compared = compared_records(moved(), asked, both, copied=copied)
    found = record_checks(moved(), compared, uneven=EVEN, offsets=LOGS)
    assert states(found) == [state]
    assert detail is None or found["detail"].to_list() == [detail]

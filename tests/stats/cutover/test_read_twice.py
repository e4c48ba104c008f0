from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import assume
from hypothesis import given as examples
from hypothesis import strategies as st

from kafka_analysis.stats.cutover.read_twice import (
    by_group,
    matched_offsets,
    offsets_by_ends,
    read_twice,
    read_twice_checks,
    synced_offsets,
)
from kafka_analysis.stats.cutover.starts import group_starts
from tests.cutover_frames import at, ends, frame, moved, seen

PLACE = {"source": "a", "target": "b", "topic": "t", "partition": 0}
TYPES = {"partition": pl.Int32}
CHECKS = ("cluster", "topic", "partition", "stretch", "offset", "written_at", "key_hash", "record_hash")
READS = ("cluster", "topic", "partition", "purpose", "stretch", "wanted_offset", "next_offset", "ended")
IDLE = pl.DataFrame(schema={"cluster": pl.String, "group": pl.String})
PACE = {
    "cluster": pl.String,
    "group": pl.String,
    "topic": pl.String,
    "partition": pl.Int32,
    "consumed_per_s": pl.Float64,
}


def starts(
    committed: int | None = 12,
    start: int | None = 2,
    *,
    log: tuple[int | None, int | None] = (0, 9),
    **more: Any,
) -> pl.DataFrame:
    row = {
        **PLACE, "group": "g", "remote_topic": "t", "committed_offset": committed, "start_offset": start,
        "log_start_offset": log[0], "log_end_offset": log[1],
    }  # fmt: skip
    offsets = [name for name in row if name.endswith("_offset")]
    return pl.DataFrame([row | more], schema_overrides=TYPES | dict.fromkeys(offsets, pl.Int64))


def stand(offset: int | None, committed: int = 12) -> pl.DataFrame:
    row = PLACE | {"committed_offset": committed, "target_offset": offset}
    return pl.DataFrame(
        [row], schema_overrides=TYPES | {"committed_offset": pl.Int64, "target_offset": pl.Int64}
    )


def predicted(
    rows: pl.DataFrame, *stands: tuple[str, pl.DataFrame], per_s: float | None = None, active=IDLE
) -> Any:
    pace = pl.DataFrame([("a", "g", "t", 0, per_s)], schema=PACE, orient="row")
    return read_twice(rows, list(stands), active=active, pace=pace, horizon_s=60, drift_records=100)


NUMBERS = ("stand_offset", "twice_low", "twice_high", "skipped")
ACTIVE = pl.DataFrame({"cluster": ["a", "a", "b"], "group": ["g", "g", "h"]})


@pytest.mark.parametrize(
    ("start", "stands", "expected"),
    [
        (2, 5, (5, 3, 3, 0)),
        (5, 5, (5, 0, 0, 0)),
        (7, 5, (5, 0, 0, 2)),
        (None, 5, (5, None, None, None)),
        (2, None, (None, None, None, None)),
    ],
)
def test_a_stopped_group_reads_twice_from_where_it_starts_to_where_it_stands(
    given, start, stands, expected
) -> None:
    rows, known = starts(start=start), stand(stands)
    if start is not None and stands is not None:  # in pandas, numbers with a gap are no integers
        rows = given(rows)
    found = read_twice(rows, [("x", known)], active=IDLE, pace=pl.DataFrame(schema=PACE), horizon_s=60)
    assert seen(found, *NUMBERS) == [expected]


def test_an_active_group_reads_on_until_a_checkpoint_has_it() -> None:
    found = predicted(starts(), ("x", stand(5)), per_s=0.51, active=ACTIVE)
    assert seen(found, "is_active", *NUMBERS[1:]) == [(True, 0, 3 + 31 + 100, 0)]


def test_the_end_of_a_range_is_unknown_without_a_pace() -> None:
    found = predicted(starts(), ("x", stand(5)), active=ACTIVE)
    assert seen(found, *NUMBERS[1:]) == [(0, None, 0)]
    assert seen(read_twice_checks(found, most=None)) == [("unknown", "read twice unknown")]


def test_the_first_that_knows_where_a_group_stands_is_believed() -> None:
    found = predicted(starts(), ("x", stand(None)), ("y", stand(6)), ("z", stand(5)))
    assert seen(found, "stand_offset", "known_by") == [(6, "y")]
    found = predicted(starts(), ("x", stand(4, committed=11)))  # of another committed offset
    assert seen(found, "stand_offset", "known_by") == [(None, None)]
    assert seen(predicted(starts()), "stand_offset", "twice_high") == [(None, None)]


def test_where_the_target_holds_no_record_there_is_nothing_to_read_twice() -> None:
    empty = starts(start=None, log=(4, 4))
    assert seen(predicted(empty), *NUMBERS[1:]) == [(0, 0, 0)]
    assert seen(read_twice_checks(predicted(empty), most=0)) == [("ok", None)]
    assert read_twice_checks(predicted(empty), most=0)["detail"].null_count() == 0
    assert seen(predicted(starts(start=None, log=(None, 4))), *NUMBERS[1:]) == [(None, None, None)]


@pytest.mark.parametrize(
    ("upstream", "downstream", "expected"),
    [(10, 3, [5]), (14, 9, [7]), (12, 0, [0]), (-1, 3, []), (10, -1, [])],
)
def test_a_sync_shifts_offsets(given, upstream, downstream, expected) -> None:
    pair = pl.DataFrame(
        [PLACE | {"upstream_offset": upstream, "downstream_offset": downstream}], schema_overrides=TYPES
    )
    assert synced_offsets(given(starts()), given(pair))["target_offset"].to_list() == expected


@pytest.mark.parametrize(
    ("lag", "is_at_most", "expected"), [(0, False, [5]), (0, True, []), (3, False, []), (None, False, [])]
)
def test_ends_tell_of_replicas_that_hold_every_record(lag, is_at_most, expected) -> None:
    row = PLACE | {"lag_records": lag, "is_at_most": is_at_most, "log_end_offset": 16}
    measured = pl.DataFrame([row, row], schema_overrides=TYPES)
    assert offsets_by_ends(starts(), measured)["target_offset"].to_list() == expected


def test_groups_add_up_and_are_unknown_where_a_partition_is() -> None:
    rows = [
        ("g", 0, False, 1, 1, 0), ("g", 1, True, 0, 5, 2),
        ("h", 0, False, 3, 3, 0), ("h", 1, False, None, None, None),
    ]  # fmt: skip
    names = ("group", "partition", "is_active", "twice_low", "twice_high", "skipped")
    twice = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        source=pl.lit("a"), target=pl.lit("b")
    )
    assert by_group(twice).rows() == [
        ("a", "b", "g", 2, 0, True, 1, 6, 2), ("a", "b", "h", 2, 1, False, None, None, None),
    ]  # fmt: skip
    assert by_group(twice.clear()).is_empty()


def twice(*rows: tuple, group: str = "g") -> pl.DataFrame:
    names = ("partition", "twice_low", "twice_high", "skipped")
    made = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")
    return made.with_columns(
        source=pl.lit("a"), target=pl.lit("b"), group=pl.lit(group), topic=pl.lit("t"), known_by=pl.lit("x"),
        is_active=pl.lit(value=False),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "most", "state", "finding"),
    [
        ((0, 0, 0, 0), None, "ok", None),
        ((0, 3, 3, 0), None, "note", None),
        ((0, 3, 3, 0), 3, "note", None),
        ((0, 3, 3, 0), 2, "blocks", "too many read twice"),
        ((0, 0, 3, 0), 2, "blocks", "too many read twice"),
        ((0, 0, 0, 0), 0, "ok", None),
        ((0, 0, 0, 2), None, "blocks", "records skipped"),
        ((0, None, None, None), None, "unknown", "read twice unknown"),
        ((0, None, None, None), 5, "unknown", "read twice unknown"),
        ((0, 0, None, 2), 5, "blocks", "records skipped"),
    ],
)
def test_what_is_skipped_blocks_and_what_is_read_twice_may_be_limited(
    given, row, most, state, finding
) -> None:
    assert seen(read_twice_checks(given(twice(row, (1, 0, 0, 0))), most=most))[0] == (state, finding)


def test_the_limit_is_of_a_group_and_not_of_a_partition() -> None:
    rows = pl.concat([twice((0, 3, 3, 0), (1, 3, 3, 0), (2, 0, 0, 0)), twice((0, 5, 5, 0), group="h")])
    found = read_twice_checks(rows, most=5)
    assert seen(found, "group", "partition", "state") == [
        ("g", 0, "blocks"), ("g", 1, "blocks"), ("g", 2, "ok"), ("h", 0, "note"),
    ]  # fmt: skip


def hashes(cluster: str, rows: list[tuple[int, str]], stretch: int = 0) -> pl.DataFrame:
    return frame("record_checks", [(cluster, "t", 0, stretch, o, at(0), None, r) for o, r in rows], *CHECKS)


def read(*rows: tuple) -> pl.DataFrame:
    """Return stretches around committed offset 12 at the source: (stretch, next offset, ended)."""
    return frame("record_reads", [("a", "t", 0, "committed offset", s, 12, n, e) for s, n, e in rows], *READS)


SOURCE = [(o, f"r{o}") for o in range(9, 17)]


@pytest.mark.parametrize(
    ("at_target", "expected"),
    [
        ([(n, f"r{o}") for n, o in enumerate(range(9, 17))], [3]),
        ([(n, f"r{o}") for n, o in enumerate(range(9, 12))], [3]),  # the unread ones are not there yet
        ([(7, "r12")], [7]),
        ([(6, "r11")], [7]),
        ([(5, "r10")], [7]),
        ([(9, "r14")], [7]),
        ([(3, "r12"), (9, "r12"), (4, "r13")], [3]),  # written twice: no evidence, the one after it is
        ([(3, "x")], []),
        ([], []),
    ],
)
def test_a_group_stands_before_the_first_record_that_it_has_not_read(at_target, expected) -> None:
    held = pl.concat([hashes("a", SOURCE), hashes("b", at_target)])
    assert matched_offsets(starts(), read((0, 17, "enough")), held)["target_offset"].to_list() == expected


def test_records_read_before_a_committed_offset_that_was_not_reached_tell_nothing() -> None:
    held = pl.concat([hashes("a", SOURCE[:1]), hashes("b", [(3, "r9")])])
    assert matched_offsets(starts(), read((0, 10, "out of time")), held).is_empty()
    assert matched_offsets(starts(), read((0, None, "failed")), held).is_empty()
    # At the end of a log nothing lies between.
    assert matched_offsets(starts(), read((0, 10, "end of log")), held)["target_offset"].to_list() == [4]


def test_records_that_occur_twice_at_the_source_are_no_evidence() -> None:
    held = pl.concat([hashes("a", [(10, "x"), (11, "x"), (12, "x"), (13, "y")]), hashes("b", [(6, "x")])])
    assert matched_offsets(starts(), read((0, 14, "enough")), held).is_empty()


def test_two_stretches_of_one_offset_count_their_records_once() -> None:
    """One source to two cells: the stretch was read for each of them."""
    held = pl.concat([hashes("a", SOURCE), hashes("a", SOURCE, stretch=1), hashes("b", [(9, "r14")])])
    found = matched_offsets(starts(), read((0, 17, "enough"), (1, 17, "enough")), held)
    assert found["target_offset"].to_list() == [7]


@st.composite
def mirrors(draw: st.DrawFn) -> tuple[list[int], int, int, tuple[int, int]]:
    """Return a log's offsets (some are no records), how the target is shifted, what a group committed, and a sync."""
    kept = draw(st.lists(st.booleans(), min_size=4, max_size=30))
    offsets = [offset for offset, is_record in enumerate(kept) if is_record]
    assume(offsets)
    shift = draw(st.integers(0, 9))
    committed = draw(st.integers(0, offsets[-1] + 1))
    number = draw(st.integers(0, len(offsets) - 1))
    return offsets, shift, committed, (offsets[number], shift + number)


@examples(mirrors(), st.integers(0, 5))
def test_twice_are_the_records_between_start_and_stand(mirror, back) -> None:
    """A target holds the records one after the other; the source has gaps, as markers and compaction leave them."""
    offsets, shift, committed, _ = mirror
    true_stand = shift + sum(offset < committed for offset in offsets)
    near = [o for o in offsets if committed - 3 <= o < committed + 5]
    everything = [(shift + n, f"r{o}") for n, o in enumerate(offsets)]
    held = pl.concat([hashes("a", [(o, f"r{o}") for o in near]), hashes("b", everything)])
    start = max(true_stand - back, shift)
    rows = starts(committed, start, log=(shift, shift + len(offsets)))
    asked = read((0, max(committed, offsets[-1] + 1), "end of log")).with_columns(
        wanted_offset=pl.lit(committed, pl.Int64)
    )
    matched = matched_offsets(rows, asked, held)
    assert matched["target_offset"].to_list() == ([true_stand] if near else [])
    if near:
        between = sum(start <= offset < true_stand for offset, _ in everything)
        assert seen(predicted(rows, ("x", matched)), *NUMBERS) == [(true_stand, between, between, 0)]


@examples(mirrors())
def test_a_sync_is_exact_where_every_offset_is_a_record(mirror) -> None:
    offsets, _, committed, (upstream, downstream) = mirror
    assume(offsets == list(range(offsets[0], offsets[0] + len(offsets))))
    assume(committed >= offsets[0])
    pair = pl.DataFrame(
        [PLACE | {"upstream_offset": upstream, "downstream_offset": downstream}], schema_overrides=TYPES
    )
    first = downstream - (upstream - offsets[0])
    expected = first + sum(offset < committed for offset in offsets)
    assert synced_offsets(starts(committed), pair)["target_offset"].to_list() == [expected]


def test_several_groups_and_cells_are_told_apart() -> None:
    moving = moved(("t", None, "b"), ("t", "a.t", "c"), groups=[("g", "t", 0, 12), ("h", "t", 0, 8)])
    marks = [("b", "t", "g", 5), ("b", "t", "h", 4), ("c", "a.t", "g", 6)]
    commits = frame(
        "group_offsets",
        [(c, g, t, 0, o) for c, t, g, o in marks],
        "cluster",
        "group",
        "topic",
        "partition",
        "committed_offset",
    )
    none = frame(
        "checkpoints", [], "source", "group", "topic", "partition", "upstream_offset", "downstream_offset"
    )
    rows = group_starts(
        moving, checkpoints=none.with_columns(target=pl.lit(None, pl.String)), commits=commits,
        logs=ends(("b", "t", 0, 0, 20), ("c", "a.t", 0, 0, 20)).with_columns(log_grown=pl.lit(0)),
    )  # fmt: skip
    known = pl.concat([stand(7).with_columns(target=pl.lit(c)) for c in "bc"] + [stand(4, committed=8)])
    found = predicted(rows, ("x", known))
    assert seen(found, "target", "group", "twice_high") == [
        ("b", "g", 2),
        ("b", "h", 0),
        ("c", "g", 1),
        ("c", "h", None),
    ]

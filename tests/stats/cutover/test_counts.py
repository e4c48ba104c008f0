from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from kafka_analysis.stats.cutover.counts import count_checks, sealed_counts, uneven_topics
from tests.cutover_frames import NONE, ODD, at, ends, frame, moved, seen, states

ASKED = ("ts", "cluster", "topic", "partition", "at", "offset")
WHOLE = ends(("a", "t", 0, 0, 50), ("b", "t", 0, 0, 50))
EVEN = pl.DataFrame(schema={"source": pl.String, "topic": pl.String, "why": pl.String})
UNEVEN = pl.DataFrame({"source": ["a"], "topic": "t", "why": "compaction removes records"})


def asked(*rows: tuple) -> pl.DataFrame:
    """Return answers: (cluster, offset at 1 s, at 2 s, …), of topic t."""
    each = [(at(90), c, "t", 0, at(n), o) for c, *offsets in rows for n, o in enumerate(offsets, 1)]
    return frame("offsets_at", each, *ASKED)


def judged(answers: pl.DataFrame, logs: pl.DataFrame = WHOLE, *, moving=None, uneven=EVEN) -> pl.DataFrame:
    moving = moving or moved()
    return count_checks(moving, sealed_counts(moving, answers, logs), logs, uneven=uneven)


@pytest.mark.parametrize(
    ("source", "target", "state", "finding", "value"),
    [
        ([0, 10, 30], [0, 10, 30], "ok", None, 0),
        ([0, 10, 30], [0, 10, 29], "blocks", "records missing at the target", -1),
        ([0, 10, 30], [0, 9, 30], "blocks", "records missing at the target", -1),  # one fewer, then one more
        ([0, 10, 30], [0, 10, 31], "blocks", "more records at the target", 1),
        ([0, 10, None], [0, 10, None], "ok", None, 0),
        ([0, 10, 30], [0, 10], "unknown", "counts unknown", None),
        ([0, 10], [0], "unknown", "counts unknown", None),
        ([0], [0], "unknown", "counts unknown", None),
        ([], [0, 10], "unknown", "counts unknown", None),
        ([0, 10], [], "unknown", "counts unknown", None),
        ([20, 20], [20, 20], "unknown", "counts unknown", 0),  # nothing of 50 records was counted
    ],
)
def test_both_ends_hold_as_many_records_of_the_same_times(
    given, source, target, state, finding, value
) -> None:
    moving, rows = moved(), given(asked(("a", *source), ("b", *target)))
    found = count_checks(moving, given(sealed_counts(moving, rows, given(WHOLE))), given(WHOLE), uneven=EVEN)
    assert seen(found) == [(state, finding)]
    if value is not None:
        assert found["value"].to_list() == [value]


@pytest.mark.parametrize(
    ("target", "position", "state", "detail"),
    [
        (
            [0, 10, 25],
            25,
            "ok",
            "25 records at both ends, in 2 ranges of time",
        ),  # the last five are on their way
        ([0, 10, 25], 26, "blocks", "1 fewer and 0 more at the target than at the source"),
        ([0, 9, 24], 25, "blocks", "1 fewer and 0 more at the target than at the source"),
        (
            [0, 10, 30],
            12,
            "ok",
            "12 records at both ends, in 2 ranges of time",
        ),  # a position may be stored late
        ([0, 0, 0], 0, "unknown", "none of its records is known to have been copied"),
    ],
)
def test_what_is_not_known_to_be_copied_yet_is_neither_missing_nor_counted(
    target, position, state, detail
) -> None:
    where = {"source": "a", "target": "b", "topic": "t", "partition": 0, "committed_offset": position}
    copied = pl.DataFrame([where], schema_overrides={"partition": pl.Int32})
    counts = sealed_counts(moved(), asked(("a", 0, 10, 30), ("b", *target)), WHOLE, copied=copied)
    found = count_checks(moved(), counts, WHOLE, uneven=EVEN)
    assert (states(found), found["detail"].to_list()) == ([state], [detail])


def test_a_difference_of_a_compacted_topic_is_a_note_and_equal_counts_are_ready() -> None:
    assert states(judged(asked(("a", 0, 10), ("b", 0, 7)), uneven=UNEVEN)) == ["note"]
    assert states(judged(asked(("a", 0, 10), ("b", 0, 10)), uneven=UNEVEN)) == ["ok"]
    assert states(judged(asked(("a", 0, 10)), uneven=UNEVEN)) == ["unknown"]


def test_an_empty_partition_is_ready_where_its_log_was_seen() -> None:
    nothing = asked(("a", None, None), ("b", None, None))
    assert states(judged(nothing, ends(("a", "t", 0, 0, 0), ("b", "t", 0, 0, 0)))) == ["ok"]
    assert states(judged(nothing, ends(("a", "t", 0, 0, 0)))) == ["unknown"]
    assert states(judged(nothing, ends())) == ["unknown"]


@pytest.mark.parametrize("logs", [ends(), ends(("b", "t", 0, 0, 50)), ends(("a", "t", 0, None, 50))])
def test_no_records_between_two_times_are_no_proof_where_the_log_was_not_seen(logs) -> None:
    assert states(judged(asked(("a", 20, 20), ("b", 20, 20)), logs)) == ["unknown"]


def test_a_range_begins_behind_the_start_of_both_logs() -> None:
    logs = ends(("a", "t", 0, 10, 50), ("b", "t", 0, 0, 40))
    rows = asked(("a", 10, 20, 45), ("b", 0, 10, 35))  # the first time lies before the source's first record
    counts = sealed_counts(moved(), rows, logs)
    assert seen(counts, "range_start", "source_records", "target_records") == [(at(2), 25, 25)]


def test_of_several_answers_the_last_counts_and_rows_may_stand_twice() -> None:
    now = asked(("a", 0, 10), ("b", 0, 10))
    before = asked(("a", 0, 10), ("b", 0, 4)).with_columns(pl.col("ts") - pl.duration(seconds=60))
    for order in ([now, before], [before, now], [now, now, before]):
        assert states(judged(pl.concat(order))) == ["ok"]


def test_remote_names_partitions_and_cells_are_told_apart() -> None:
    moving = moved((ODD, f"a.{ODD}", "b"), (ODD, f"a.{ODD}", "c"), partitions=2)
    places = [("a", ODD), ("b", f"a.{ODD}"), ("c", f"a.{ODD}")]
    rows = [
        (at(90), c, t, n, at(s), 10 * s - (c == "c" and n == 1 and s == 2))
        for c, t in places
        for n in (0, 1)
        for s in (1, 2)
    ]
    logs = ends(*((c, t, n, 0, 50) for c, t in places for n in (0, 1)))
    found = judged(frame("offsets_at", rows, *ASKED), logs, moving=moving)
    assert sorted(seen(found, "target", "partition", "state")) == [
        ("b", 0, "ok"), ("b", 1, "ok"), ("c", 0, "ok"), ("c", 1, "blocks"),
    ]  # fmt: skip


OFFSETS = st.lists(st.integers(0, 50), min_size=2, max_size=6).map(sorted)


@examples(OFFSETS, st.integers(0, 9), st.data())
def test_equal_logs_are_ready_and_one_record_less_never_is(offsets, shift, data) -> None:
    """The target's log holds the same records, from other offsets on; then one of them is taken away."""
    logs = ends(("a", "t", 0, 0, 50), ("b", "t", 0, 0, 50 + shift))
    counted = offsets[-1] > offsets[0]
    same = asked(("a", *offsets), ("b", *(o + shift for o in offsets)))
    assert states(judged(same, logs)) == ["ok" if counted else "unknown"]
    if counted:
        gone = data.draw(st.sampled_from([n for n in range(1, len(offsets)) if offsets[n] > offsets[n - 1]]))
        less = [o + shift - (n >= gone) for n, o in enumerate(offsets)]
        assert states(judged(asked(("a", *offsets), ("b", *less)), logs)) == ["blocks"]


def test_topics_are_uneven_by_compaction_open_transactions_and_transactional_producers() -> None:
    moving = moved(("t",), ("u",), ("v",), ("w",))
    configs = frame(
        "topic_configs",
        [
            ("a", "t", "cleanup.policy", "delete,compact"),
            ("a", "u", "cleanup.policy", "delete"),
            ("a", "u", "x", "compact"),
            ("a", "z", "cleanup.policy", "compact"),
            ("b", "w", "cleanup.policy", None),
        ],
        "cluster", "topic", "name", "value",
    )  # fmt: skip
    open_ones = frame("transactions", [("a", "t"), ("a", "u"), ("a", None)], "cluster", "topic")
    producers = frame("active_producers", [("a", "v"), ("a", "v")], "cluster", "topic")
    found = uneven_topics(moving, topic_configs=configs, transactions=open_ones, producers=producers)
    assert found.rows() == [
        ("a", "t", "compaction removes records"),
        ("a", "u", "transactions leave markers"),
        ("a", "v", "transactions leave markers"),
    ]
    none = NONE.with_columns(topic=pl.lit(None, pl.String))
    assert uneven_topics(moving, topic_configs=configs.clear(), transactions=none, producers=none).is_empty()

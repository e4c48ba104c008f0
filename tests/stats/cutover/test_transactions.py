from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.tables import empty_table
from kafka_analysis.stats.cutover.transactions import transaction_checks
from tests.cutover_frames import ODD, at, frame, moved, seen, states

SPLIT, OPEN = "a transaction would be split", "a transaction is open"
IDS = ("ts", "cluster", "transactional_id", "state", "producer_id", "topic", "partition")
WROTE = ("cluster", "topic", "partition", "producer_id", "open_since_offset")


def ids(*rows: tuple, seconds: int = 0) -> pl.DataFrame:
    """Return transactions of source a: (id, producer, topic)."""
    whole = [
        (at(seconds), "a", name, "Ongoing" if t else "Empty", of, t, 0 if t else None) for name, of, t in rows
    ]
    return frame("transactions", whole, *IDS)


def wrote(*rows: tuple, cluster: str = "a") -> pl.DataFrame:
    """Return who wrote to partition 0 of topics: (topic, producer, begin of an open transaction)."""
    return frame("active_producers", [(cluster, t, 0, of, since) for t, of, since in rows], *WROTE)


def judged(moving, listed=None, written=None, *, declared=(), known=("a",), is_quiet=False) -> pl.DataFrame:
    return transaction_checks(
        moving,
        empty_table("transactions") if listed is None else listed,
        empty_table("active_producers") if written is None else written,
        declared=declared,
        known=known,
        is_quiet=is_quiet,
    )


def test_without_transactions_there_is_nothing_to_look_at_and_unread_ones_are_unknown() -> None:
    assert judged(moved()).is_empty()
    assert seen(judged(moved(), known=()), "source", "target", "state") == [("a", "b", "unknown")]
    assert states(judged(moved(), known=("b",))) == ["unknown"]


def test_what_is_known_is_said_beside_why_the_rest_is_not() -> None:
    why = "no right to Describe all transactional ids"
    found = transaction_checks(
        moved(),
        ids(("tx", 7, "t"), ("tx", 7, "z")),
        wrote(),
        declared=(),
        known=(),
        is_quiet=False,
        lacking={"a": why},
    )
    assert seen(found) == [("blocks", SPLIT), ("unknown", "transactions unknown")]
    assert found["detail"][1] == f"a: {why}"


@pytest.mark.parametrize(
    ("listed", "written", "state", "detail"),
    [
        ([("tx", 7, "t")], [], "ok", "all topics it is seen to write to move together"),
        ([("tx", 7, "t"), ("tx", 7, "u")], [], "ok", "all topics it is seen to write to move together"),
        ([("tx", 7, "t"), ("tx", 7, "z")], [], "blocks", "it writes also to z, which does not move to b"),
        (
            [("tx", 7, None)],
            [("t", 7, None), ("z", 7, None)],
            "blocks",
            "it writes also to z, which does not move to b",
        ),
        (
            [("tx", 7, None)],
            [("t", 7, None), ("z", 8, None)],
            "ok",
            "all topics it is seen to write to move together",
        ),
        (
            [("tx", 7, "t"), ("tx", 7, "__consumer_offsets")],
            [],
            "ok",
            "all topics it is seen to write to move together",
        ),
    ],
)
def test_all_topics_of_a_transaction_move_together(given, listed, written, state, detail) -> None:
    rows = ids(*listed)
    found = judged(
        moved(("t",), ("u",)), given(rows) if rows["topic"].null_count() == 0 else rows, wrote(*written)
    )
    assert seen(found, "name", "state", "detail") == [("tx", state, detail)]


def test_a_transaction_of_topics_that_stay_is_not_looked_at() -> None:
    assert judged(moved(), ids(("tx", 7, "z"), ("ty", 8, None)), wrote(("z", 8, None))).is_empty()


def test_many_topics_that_stay_are_counted() -> None:
    found = judged(moved(), ids(*(("tx", 7, name) for name in ("t", "z1", "z2", "z3", "z4", "z5"))))
    assert found["detail"].to_list() == ["it writes also to z1, z2, z3 and 2 more, which does not move to b"]


def test_topics_of_two_waves_split_a_transaction_though_the_cell_is_one() -> None:
    moving = moved(("t", None, "b", "a", 1), ("u", None, "b", "a", 2))
    found = judged(moving, ids(("tx", 7, "t"), ("tx", 7, "u")))
    assert seen(found, "target", "state", "detail") == [("b", "blocks", "its topics move in waves 1 and 2")]


def test_topics_of_two_cells_split_a_transaction_in_both() -> None:
    moving = moved(("t", None, "b"), ("u", None, "c"))
    found = judged(moving, ids(("tx", 7, "t"), ("tx", 7, "u")))
    assert seen(found, "target", "state", "finding") == [("b", "blocks", SPLIT), ("c", "blocks", SPLIT)]


def test_a_topic_that_is_copied_to_two_cells_as_a_whole_splits_nothing() -> None:
    moving = moved(("t", None, "b"), ("t", None, "c"))
    assert states(judged(moving, ids(("tx", 7, "t")))) == ["ok", "ok"]


def test_what_owners_declare_counts_as_what_was_seen() -> None:
    moving = moved((ODD,), ("u",))
    assert states(judged(moving, declared=[[ODD, "u"]])) == ["ok"]
    found = judged(moving, declared=[["u", "z"], ["x", "y"]])
    assert seen(found, "name", "state") == [("declared: u, z", "blocks")]


def test_an_open_transaction_blocks_once_producers_are_stopped() -> None:
    listed, written = ids(("tx", 7, "t"), ("ty", 8, "t")), wrote(("t", 7, 12), ("t", 9, None), ("z", 5, 1))
    assert states(judged(moved(), listed, written)) == ["ok", "ok"]
    found = judged(moved(), listed, written, is_quiet=True).filter(finding=OPEN)
    assert seen(found, "topic", "partition", "state", "detail") == [
        ("t", 0, "blocks", "producer 7 began one at offset 12 and has not ended it"),
        ("t", 0, "blocks", "ty has begun one and has not ended it (Ongoing)"),
    ]


@pytest.mark.parametrize("since", [None, -1])
def test_a_producer_without_an_open_transaction_does_not_block(since) -> None:
    assert judged(moved(), written=wrote(("t", 7, since)), is_quiet=True).is_empty()


def test_a_transaction_that_was_open_before_still_ties_topics_but_is_not_open() -> None:
    earlier = ids(("tx", 7, "t"), ("tx", 7, "z"), seconds=-60)
    found = judged(moved(), pl.concat([earlier, ids(("tx", 7, None))]), is_quiet=True)
    assert seen(found) == [("blocks", SPLIT)]


def test_an_open_transaction_blocks_each_cell_of_its_topic() -> None:
    moving = moved(("t", None, "b"), ("t", None, "c"))
    found = judged(moving, written=wrote(("t", 7, 3)), is_quiet=True)
    assert seen(found, "target", "state") == [("b", "blocks"), ("c", "blocks")]

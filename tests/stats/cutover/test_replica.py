from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.replica import replica_checks
from tests.cutover_frames import ODD, moved, seen, states

SCHEMA = {
    "source": pl.String, "target": pl.String, "topic": pl.String, "partition": pl.Int32, "condition": pl.String,
    "lag_records": pl.Int64, "lag_seconds": pl.Float64, "seconds_to_close": pl.Float64, "is_at_most": pl.Boolean,
    "known_by": pl.String,
}  # fmt: skip


def measured(*rows: tuple, target: str = "b", topic: str = "t") -> pl.DataFrame:
    """Return positions: (condition, records behind, whether at most), by partition."""
    whole = [("a", target, topic, 0, c, lag, 5.0, None, at_most, "offset sync") for c, lag, at_most in rows]
    return pl.DataFrame(whole, schema=SCHEMA, orient="row")


@pytest.mark.parametrize(
    ("row", "prepared", "quiet"),
    [
        (("keeps up", 0, False), "ok", "ok"),
        (("keeps up", 3, False), "ok", "blocks"),
        (("keeps up", 3, True), "ok", "ok"),  # passed over: markers, or removed records
        (("stuck", 3, False), "blocks", "blocks"),
        (("slow", 3, False), "blocks", "blocks"),
        (("catching up", 3, False), "blocks", "blocks"),
        (("stuck", None, False), "blocks", "blocks"),
        (("unknown", 3, True), "unknown", "unknown"),
        (("unknown", 0, False), "unknown", "unknown"),
        (("unknown", None, None), "unknown", "unknown"),
        ((None, None, None), "unknown", "unknown"),
    ],
)
def test_a_replica_is_in_time_before_producers_stop_and_complete_after(given, row, prepared, quiet) -> None:
    rows = given(pl.concat([measured(row), measured(("stuck", 9, False), topic="u")]))
    for is_quiet, state in ((False, prepared), (True, quiet)):
        found = replica_checks(moved(), rows, is_quiet=is_quiet, tolerance_s=60)
        assert states(found) == [state]
        assert found["detail"].null_count() == 0


def test_the_best_of_several_replicators_counts() -> None:
    rows = measured(("stuck", 9, False), ("keeps up", 0, False), ("unknown", 0, True))
    assert states(replica_checks(moved(), rows, is_quiet=True, tolerance_s=0)) == ["ok"]


def test_partitions_and_topics_of_which_nothing_was_seen_are_unknown() -> None:
    moving = moved(("t",), (ODD,))
    moving = moving._replace(partitions=moving.partitions.filter(topic="t"))
    found = replica_checks(moving, measured(), is_quiet=True, tolerance_s=0)
    assert seen(found, "topic", "state", "finding") == [
        ("t", "unknown", "replica unknown"), (ODD, "unknown", "replica unknown"),
    ]  # fmt: skip


def test_each_cell_has_its_own_replica() -> None:
    moving = moved(("t", None, "b"), ("t", "a.t", "c"))
    rows = pl.concat([measured(("keeps up", 0, False)), measured(("stuck", 4, False), target="c")])
    found = replica_checks(moving, rows, is_quiet=True, tolerance_s=0)
    assert seen(found, "target", "state", "value", "limit") == [("b", "ok", 0, 0), ("c", "blocks", 4, 0)]


def test_what_is_late_says_how_late_and_when_it_has_caught_up() -> None:
    rows = measured(("slow", 4, False)).with_columns(lag_seconds=pl.lit(90.0), seconds_to_close=pl.lit(30.0))
    found = replica_checks(moved(), rows, is_quiet=False, tolerance_s=60)
    assert found["detail"].to_list() == [
        "4 records behind, 1 min 30 s old; caught up in 30 s (1 min 0 s allowed)"
    ]

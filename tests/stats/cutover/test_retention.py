from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.stats.cutover.retention import retention_checks
from tests.cutover_frames import ODD, moved, seen

SCHEMA = {
    "cluster": pl.String, "group": pl.String, "topic": pl.String, "partition": pl.Int32, "lag_records": pl.Int64,
    "lag_seconds": pl.Float64, "retention_s": pl.Float64, "retention_used": pl.Float64, "lost_records": pl.Int64,
}  # fmt: skip
UNREAD, SOON, LOST = "retention unknown", "unread records are deleted too soon", "records were deleted unread"


def unread(*rows: tuple, group: str = "g") -> pl.DataFrame:
    whole = [("a", group, "t", n, *row) for n, row in enumerate(rows)]
    return pl.DataFrame(whole, schema=SCHEMA, orient="row")


@pytest.mark.parametrize(
    ("row", "state", "finding"),
    [
        ((9, 50.0, 100.0, 0.5, 0), "ok", None),
        ((9, 51.0, 100.0, 0.51, 0), "blocks", SOON),
        ((9, 150.0, 100.0, 1.5, 0), "blocks", SOON),
        ((0, 0.0, 10.0, 0.0, 0), "ok", None),  # nothing unread
        ((9, 1e9, None, 0.0, 0), "ok", None),  # no records are deleted by age
        ((9, None, 100.0, None, 0), "unknown", UNREAD),
        ((9, 50.0, None, None, 0), "unknown", UNREAD),
        ((None, None, 100.0, None, None), "unknown", UNREAD),
        ((9, 1.0, 100.0, 0.01, 3), "blocks", LOST),
        ((0, 0.0, 100.0, 0.0, 3), "blocks", LOST),
        ((None, None, None, None, 3), "blocks", LOST),
    ],
)
def test_unread_records_outlive_the_move(given, row, state, finding) -> None:
    rows = unread(row)
    if None not in row:
        rows = given(rows)
    found = retention_checks(moved(groups=[("g", "t", 0, 5)]), rows, needed_s=50)
    assert seen(found) == [(state, finding)]
    assert found["detail"].null_count() == 0


def test_a_group_of_which_nothing_is_known_is_unknown_and_others_are_not_looked_at() -> None:
    moving = moved(groups=[("g", "t", 0, 5), ("g", "t", 1, 5), (ODD, "t", 0, 5)], partitions=2)
    rows = pl.concat([unread((0, 0.0, 9.0, 0.0, 0)), unread((9, 9.0, 9.0, 1.0, 0), group="z")])
    found = retention_checks(moving, rows, needed_s=50)
    assert seen(found, "group", "partition", "state") == [
        (ODD, 0, "unknown"), ("g", 0, "ok"), ("g", 1, "unknown"),
    ]  # fmt: skip
    assert retention_checks(moved(), rows, needed_s=50).is_empty()

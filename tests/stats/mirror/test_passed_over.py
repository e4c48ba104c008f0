from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats.mirror.measure import measure_mirrors
from kafka_analysis.stats.mirror.places import SCHEMA

START = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = range(0, 122, 2)
NO_CONFIGS = pl.DataFrame(
    schema={"cluster": pl.String, "topic": pl.String, "name": pl.String, "value": pl.String}
)
ABORTED, LIVE = 0, 1  # partitions


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def places(partition: int, positions: list[int], stored_s: list[float]) -> pl.DataFrame:
    rows = [
        (at(s), "MirrorMaker 2", "a", "b", "m", "t", partition, position, s - stored, "committed position")
        for s, position, stored in zip(SECONDS, positions, stored_s, strict=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def log(partition: int, ends: list[int]) -> pl.DataFrame:
    rows = [(at(s), "a", "t", partition, 0, end) for s, end in zip(SECONDS, ends, strict=True)]
    names = ("ts", "cluster", "topic", "partition", "log_start_offset", "log_end_offset")
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.col("ts").cast(pl.Datetime("ms", "UTC")), pl.col("partition").cast(pl.Int32)
    )


def resting(*, since_s: int = 0, left: int = 7) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Positions and log of a partition that grew and was read until a moment, when so many records were aborted."""
    read = [100 + min(s, since_s) for s in SECONDS]
    return places(ABORTED, read, [min(s, since_s) for s in SECONDS]), log(
        ABORTED, [end + left * (s >= since_s) for s, end in zip(SECONDS, read, strict=True)]
    )


def moving(*, behind: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    ends = [500 + 10 * s for s in SECONDS]
    return places(LIVE, [end - behind for end in ends], [float(s) for s in SECONDS]), log(LIVE, ends)


def judged(*parts: tuple[pl.DataFrame, pl.DataFrame]) -> dict[str, object]:
    rows, logs = (pl.concat(frames) for frames in zip(*parts, strict=True))
    return measure_mirrors(rows, logs, topic_configs=NO_CONFIGS, tolerance_s=5).flows.row(0, named=True)


@pytest.mark.parametrize("since_s", [0, 20])
@pytest.mark.parametrize("left", [2, 60])
def test_records_at_rest_are_no_delay_where_the_mirror_stores_other_positions(
    since_s: int, left: int
) -> None:
    flow = judged(resting(since_s=since_s, left=left), moving())
    assert (flow["condition"], flow["is_at_most"], flow["lag_records"]) == ("keeps up", True, left)


def test_the_marker_of_the_last_transaction_is_no_delay_although_the_log_grew() -> None:
    assert judged(resting(since_s=20, left=1), moving())["condition"] == "keeps up"


def test_a_mirror_that_stores_nothing_stands_still() -> None:
    assert judged(resting())["condition"] == "stuck"


def test_a_log_that_grows_and_is_not_read_is_no_rest() -> None:
    where, _ = resting()
    growing = (where, log(ABORTED, [107 + s for s in SECONDS]))
    assert judged(growing, moving())["condition"] == "stuck"


def test_a_mirror_that_is_behind_elsewhere_may_not_have_come_to_them() -> None:
    flow = judged(resting(), moving(behind=300))
    assert (flow["condition"], flow["is_at_most"]) == ("stuck", False)


def test_records_written_after_the_last_position_was_stored_are_not_passed_over() -> None:
    where, logs = resting()
    late = logs.with_columns(
        log_end_offset=pl.when(pl.col("ts") >= at(22)).then(107).otherwise(100).cast(pl.Int64)
    )
    died = [min(s, 20) for s in SECONDS]
    dead = places(LIVE, [500 + 10 * s for s in died], [float(s) for s in died])
    flow = judged((where, late), (dead, log(LIVE, [500 + 10 * s for s in died])))
    assert (flow["condition"], flow["is_at_most"]) == ("stuck", False)

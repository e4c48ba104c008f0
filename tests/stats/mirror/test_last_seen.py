from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats.mirror.last_seen import LAST_SEEN, last_seen_places
from kafka_analysis.stats.mirror.measure import measure_mirrors
from kafka_analysis.stats.mirror.places import SCHEMA

START = datetime(2026, 1, 1, tzinfo=UTC)
NO_CONFIGS = pl.DataFrame(
    schema={"cluster": pl.String, "topic": pl.String, "name": pl.String, "value": pl.String}
)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def places(
    *positions: tuple[float, int], known_by: str = "checkpoint", connector: str = "job"
) -> pl.DataFrame:
    rows = [
        (at(s), "Flink", "a", "b", connector, "t", 0, position, None, known_by) for s, position in positions
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def log(*ends: tuple[float, int]) -> pl.DataFrame:
    rows = [(at(s), "a", "t", 0, 0, end) for s, end in ends]
    names = ("ts", "cluster", "topic", "partition", "log_start_offset", "log_end_offset")
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.col("ts").cast(pl.Datetime("ms", "UTC")), pl.col("partition").cast(pl.Int32)
    )


GROWING = log(*((s, 10 if s < 6 else 25) for s in range(0, 21, 2)))


def flow(where: pl.DataFrame, logs: pl.DataFrame) -> dict[str, object]:
    return measure_mirrors(where, logs, topic_configs=NO_CONFIGS).flows.row(0, named=True)


def test_a_flow_that_answers_to_the_end_is_left_alone() -> None:
    assert last_seen_places(places(*((s, 25) for s in range(0, 21, 2))), GROWING).is_empty()


def test_two_missing_answers_are_no_silence() -> None:
    assert last_seen_places(places(*((s, 25) for s in range(0, 17, 2))), GROWING).is_empty()
    assert len(last_seen_places(places(*((s, 25) for s in range(0, 13, 2))), GROWING)) == 1


def test_a_flow_that_answers_seldom_is_silent_later() -> None:
    assert last_seen_places(places((0, 10), (6, 25)), GROWING).is_empty()


def test_only_the_silent_flow_is_carried_on() -> None:
    both = pl.concat(
        [places((0, 10), (2, 10)), places(*((s, 10) for s in range(0, 21, 2)), connector="other")]
    )
    carried = last_seen_places(both, GROWING)
    assert carried.select("connector", "position", "age_s", "known_by").rows() == [
        ("job", 10, 18.0, LAST_SEEN)
    ]
    assert carried["ts"].to_list() == [at(20)]


def test_the_lag_of_a_silent_flow_is_at_most_what_the_log_grew_beyond_it() -> None:
    found = flow(places((0, 10), (2, 10), (4, 10)), GROWING)
    assert (found["condition"], found["lag_records"], found["is_at_most"]) == ("unknown", 15, True)


def test_a_silent_flow_that_had_everything_still_has_it() -> None:
    found = flow(places((0, 10), (2, 10), (4, 10)), log(*((s, 10) for s in range(0, 21, 2))))
    assert (found["condition"], found["lag_records"], found["is_at_most"]) == ("keeps up", 0, False)


def test_silence_is_no_answer() -> None:
    mirrors = measure_mirrors(places((0, 10), (2, 10), (4, 10)), GROWING, topic_configs=NO_CONFIGS)
    assert mirrors.answers["ts"].to_list() == [at(0), at(2), at(4)]


@pytest.mark.parametrize("until", [5, 21])
def test_what_was_read_is_not_said_to_have_arrived(until: int) -> None:
    read = places(*((s, 25) for s in range(0, until, 2)), known_by="record read last")
    found = flow(read, GROWING)
    assert (found["condition"], found["lag_records"], found["known_by"]) == ("unknown", 0, "record read last")

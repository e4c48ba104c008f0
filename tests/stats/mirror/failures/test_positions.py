from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats import position_failures
from kafka_analysis.stats.mirror.places import SCHEMA

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NEVER = pl.DataFrame(schema={"source": pl.String, "target": pl.String, "ts": pl.Datetime("ms", "UTC")})
HOSTILE = ("a.b-c_d", "[x](y)", "größe", "x" * 249, "")


def at(minute: float) -> datetime:
    return T0 + timedelta(minutes=minute)


def places(
    positions: list[int | None], *, connector: str = "m", tool: str = "MirrorMaker 2", target: str = "b",
    known_by: str = "committed position", age_s: float | None = 0.0, topic: str = "t", every: float = 1.0,
) -> pl.DataFrame:  # fmt: skip
    """Return the positions of partition 0, one a minute."""
    rows = [
        (at(n * every), tool, "a", target, connector, topic, 0, position, age_s, known_by)
        for n, position in enumerate(positions)
        if position is not None
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def logs(
    ends: list[int], starts: list[int] | int = 0, *, topic: str = "t", every: float = 1.0
) -> pl.DataFrame:
    schema = {"ts": pl.Datetime("ms", "UTC"), "partition": pl.Int32, "log_start_offset": pl.Int64}
    columns = {
        "cluster": "a",
        "topic": topic,
        "partition": 0,
        "log_start_offset": starts,
        "log_end_offset": ends,
    }
    times = [at(n * every) for n in range(len(ends))]
    return pl.DataFrame({"ts": times, **columns}, schema_overrides=schema)


def ids(*values: str, topic: str = "t") -> pl.DataFrame:
    columns = {"cluster": "a", "topic": topic, "topic_id": list(values)}
    return pl.DataFrame({"ts": [at(10 * n) for n in range(len(values))], **columns})


def found(
    positions, offsets, topics=None, *, halted=NEVER, former=None, interval_s=60.0
) -> list[tuple[str, int | None]]:
    frame = position_failures(
        positions, offsets, ids("x") if topics is None else topics, halted=halted, former=former,
        interval_s=interval_s,
    )  # fmt: skip
    return frame.select("failure", "records").rows()


ENDS = [100 * n for n in range(1, 12)]


def test_a_mirror_that_keeps_up_has_no_failure() -> None:
    assert found(places(ENDS), logs(ENDS)) == []


def test_records_that_waited_long_and_are_gone_were_lost() -> None:
    starts = [0] * 6 + [400] * 5
    assert found(places([100] * 11), logs([600] * 11, starts)) == [("retention_overtook", 300)]
    assert found(places([100] * 8 + [600] * 3), logs([600] * 11, starts)) == [("retention_overtook", 300)]


def test_a_slow_mirror_loses_although_it_moves_on() -> None:
    slow = [100 + n for n in range(6)] + [900, 901, 902, 903, 1800]
    starts = [0] * 5 + [800] * 4 + [1500] * 2
    # at minute 5 it is at 105, at minute 9 at 903
    assert found(places(slow), logs([2000] * 11, starts)) == [("retention_overtook", 800 - 105 + 1500 - 903)]


def test_what_was_deleted_between_two_commits_may_have_been_read() -> None:
    """Kafka Streams deletes what it has read of its own topics each 30 s; positions are committed each minute."""
    ends = [100 * n for n in range(21)]
    starts = [max(end - 20, 0) for end in ends]
    committed = [ends[n - n % 2] for n in range(21)]
    assert found(places(committed, every=0.5), logs(ends, starts, every=0.5)) == []


def test_records_after_a_long_rest_are_not_late() -> None:
    ends = [100] * 10 + [200]
    assert found(places([100] * 11, age_s=6e5), logs(ends, [0] * 10 + [200])) == []


def test_records_deleted_that_were_read_are_no_loss() -> None:
    starts = [0, 0, 50, 90, 190, 290, 390, 490, 590, 690, 790]
    assert found(places(ENDS), logs(ENDS, starts)) == []


def test_a_log_that_is_empty_but_for_its_marker_lost_nothing() -> None:
    starts = [0] * 6 + [100] * 5
    assert found(places([99] * 11), logs([100] * 11, starts)) == []
    assert found(places([98] * 11), logs([100] * 11, starts)) == [("retention_overtook", 2)]


def test_what_was_deleted_while_the_mirror_was_halted_was_lost() -> None:
    halted = pl.DataFrame({"source": ["a"], "target": ["b"], "ts": [at(0.1)]})
    positions = places([None, 100], age_s=60.0)
    assert found(positions, logs([100, 500], [0, 300]), halted=halted) == [("retention_overtook", 200)]
    for other in (halted.with_columns(target=pl.lit("c")), halted.with_columns(ts=pl.lit(at(-1))), NEVER):
        assert found(positions, logs([100, 500], [0, 300]), halted=other) == []


def test_a_shorter_interval_between_commits_shows_a_loss_sooner() -> None:
    positions, offsets = places([100] * 3), logs([300] * 3, [0, 0, 200])
    assert found(positions, offsets) == []
    assert found(positions, offsets, interval_s=10.0) == [("retention_overtook", 100)]


@pytest.mark.parametrize("known_by", ["offset sync", "record counts", "no position"])
def test_bounds_of_a_position_tell_nothing(known_by: str) -> None:
    fallen, overtaken = [500, 100, 500], [0] * 8
    assert found(places(fallen, known_by=known_by), logs([500] * 3)) == []
    assert found(places(overtaken, known_by=known_by), logs([500] * 8, [0] * 4 + [400] * 4)) == []


def test_another_topic_of_the_same_name() -> None:
    fell = logs([1000, 1000, 10, 20])
    assert found(places([1000, 1000, 10, 20]), fell) == [("topic_recreated", 0)]
    assert found(places([1000] * 4), fell) == [("topic_recreated", 990)]
    assert found(places(ENDS), logs(ENDS), ids("x", "y")) == [("topic_recreated", 0)]


def test_another_topic_before_the_mirror_began_is_none() -> None:
    assert found(places([None, None, 10, 20]), logs([1000, 1000, 10, 20])) == []
    assert found(places([None] * 10 + [1100]), logs(ENDS), ids("x", "y")) == []


def test_the_high_watermark_of_a_new_leader_is_behind_for_a_moment() -> None:
    assert found(places([100, 200, 300, 400]), logs([100, 200, 280, 400])) == []
    assert found(places([1000, 1000, 1000, 1000]), logs([1000, 980, 990, 1000])) == []


def test_an_end_that_stays_before_the_position_is_another_log() -> None:
    assert found(places([1000] * 4), logs([1000, 900, 900, 900])) == [("topic_recreated", 100)]


def test_a_position_that_fell_reads_again() -> None:
    assert found(places([500, 0, 500, 600]), logs([500, 500, 600, 600])) == [
        ("restarted_without_offsets", 500)
    ]


def test_a_restart_that_goes_on_where_it_was_is_none() -> None:
    assert found(places([500, 500, 500, 700]), logs([500, 600, 700, 700])) == []


def test_positions_that_go_back_and_forth_contradict() -> None:
    assert found(places([500, 100, 520, 120, 540]), logs([600] * 5)) == [("positions_contradict", 420 - 20)]


def test_two_connectors_that_move_over_the_same_records() -> None:
    both = pl.concat([places([0, 50, 100]), places([40, 70, 120], connector="n")])
    frame = position_failures(both, logs([200] * 3), ids("x"), halted=NEVER)
    assert frame.select("failure", "records", "detail").rows() == [("mirrored_twice", 60, "m and n")]


@pytest.mark.parametrize(
    "other",
    [
        places([100, 150, 200], connector="n"),  # it goes on where the first one ended
        places([0, 50, 100], connector="n", target="c"),
        places([0, 50, 100], connector="job", tool="Flink", known_by="checkpoint", age_s=None),
        places([0, 0, 0], connector="n"),
    ],
)
def test_two_connectors_with_records_of_their_own_are_none(other: pl.DataFrame) -> None:
    assert found(pl.concat([places([0, 50, 100]), other]), logs([200] * 3)) == []


def test_two_jobs_of_flink_may_read_the_same() -> None:
    jobs = [
        places([0, 50, 100], connector=name, tool="Flink", known_by="checkpoint", age_s=None) for name in "xy"
    ]
    assert found(pl.concat(jobs), logs([200] * 3)) == []


def test_a_renamed_connector_reads_again_what_the_old_one_had_read() -> None:
    both = pl.concat([places([80, 80, 80]), places([None, 0, 100], connector="n")])
    assert found(both, logs([100] * 3)) == [("restarted_without_offsets", 80)]


def test_what_a_deleted_connector_left_behind_only_tells_what_is_read_again() -> None:
    left, gone = places([80, 80, 80]), logs([100] * 3, [0, 90, 90])
    assert found(left, gone, interval_s=10) == [("retention_overtook", 10)]
    goes_on, begins_anew = (places([None, at, 100], connector="n") for at in (80, 0))
    assert found(goes_on, logs([100] * 3), former=left) == []
    assert found(begins_anew, logs([100] * 3), former=left) == [("restarted_without_offsets", 80)]
    assert found(places([None, 90, 100], connector="n"), gone, former=left, interval_s=10) == []


@pytest.mark.parametrize(("age_s", "expected"), [(-1.0, []), (-4.0, []), (-9.0, [("clocks_apart", None)])])
def test_clocks(age_s: float, expected: list) -> None:
    assert found(places([100, 200], age_s=age_s), logs([100, 200])) == expected


def test_a_new_partition_that_is_empty_and_a_log_never_read_are_none() -> None:
    assert found(places([0, 0, 0]), logs([0, 0, 0])) == []
    assert found(places([]), logs([100, 100])) == []
    assert found(places([100, 100]), logs([1]).clear()) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_names_change_nothing_but_names(name: str) -> None:
    frame = position_failures(
        places([500, 0, 500], topic=name), logs([500] * 3, topic=name), ids("x", topic=name), halted=NEVER
    )
    assert frame.select("failure", "topic", "records").rows() == [("restarted_without_offsets", name, 500)]


growing = st.lists(st.integers(0, 500), min_size=2, max_size=12)


@given(steps=growing, late=st.integers(0, 400), kept=st.integers(1, 400))
def test_a_mirror_that_never_stands_back_behind_the_log_s_start_has_no_failure(steps, late, kept) -> None:
    ends = [sum(steps[: n + 1]) for n in range(len(steps))]
    positions = [max(end - late, 0) for end in ends]
    starts = [max(min(position, end - kept), 0) for position, end in zip(positions, ends, strict=True)]
    assert found(places(positions), logs(ends, starts)) == []


@given(
    healthy=growing,
    broken=st.sampled_from(
        [([500, 0, 500], [500] * 3), ([1000] * 4, [1000, 900, 900, 900]), ([1, 2, 3], [3, 3, 3])]
    ),
)
def test_healthy_answers_of_another_topic_add_no_failure(healthy, broken) -> None:
    positions, ends = places(broken[0]), logs(broken[1])
    more = [sum(healthy[: n + 1]) for n in range(len(healthy))]
    both = found(pl.concat([positions, places(more, topic="u")]), pl.concat([ends, logs(more, topic="u")]))
    assert both == found(positions, ends)

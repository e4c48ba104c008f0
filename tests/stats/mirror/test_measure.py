from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats import describe_commits, measure_mirrors
from kafka_analysis.stats.mirror.measure import commit_interval_s, flow_names
from kafka_analysis.stats.mirror.places import SCHEMA

T0 = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = pl.DataFrame(schema=dict.fromkeys(("cluster", "topic", "name", "value"), pl.String))


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def places(
    positions: list[int], *, every: float = 60, age_s: float | list[float | None] = 0.0, **more
) -> pl.DataFrame:
    about = {
        "tool": "MirrorMaker 2", "source": "a", "target": "b", "connector": "m", "topic": "t", "partition": 0,
        "known_by": "committed position",
    } | more  # fmt: skip
    times = [at(every * n) for n in range(len(positions))]
    rows = pl.DataFrame({"ts": times, "position": positions, "age_s": age_s, **about})
    return rows.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())


def logs(ends: list[int], *, every: float = 60, topic: str = "t", partition: int = 0) -> pl.DataFrame:
    about = {"cluster": "a", "topic": topic, "partition": partition, "log_start_offset": 0}
    times = [at(every * n) for n in range(len(ends))]
    return pl.DataFrame(
        {"ts": times, "log_end_offset": ends, **about}, schema_overrides={"partition": pl.Int32}
    )


def flow(*parts: pl.DataFrame, ends: pl.DataFrame, tolerance_s: float = 0.0) -> dict:
    mirrors = measure_mirrors(pl.concat(parts), ends, topic_configs=KEPT, tolerance_s=tolerance_s)
    return mirrors.flows.row(0, named=True)


MINUTELY = [600 * n for n in range(13)]


@pytest.mark.parametrize(
    ("positions", "condition"),
    [
        (MINUTELY, "keeps up"),
        ([max(end - 600, 0) for end in MINUTELY], "keeps up"),
        ([0] * 13, "stuck"),
        ([300 * n for n in range(13)], "slow"),
        ([0] * 5 + [800 * n for n in range(1, 9)], "catching up"),
    ],
)
def test_conditions(positions, condition) -> None:
    row = flow(places(positions), ends=logs(MINUTELY))
    assert (row["flow"], row["condition"], row["lag_records"]) == ("a → b", condition, 7200 - positions[-1])


def test_between_two_commits_a_mirror_does_not_stand_still() -> None:
    """Answers each 5 s, commits each 60 s: the position stays for twelve answers."""
    ends = [10 * n for n in range(1, 49)]
    committed = [ends[n - n % 12] for n in range(48)]
    ages = [5.0 * (n % 12) for n in range(48)]
    mirrors = measure_mirrors(places(committed, every=5, age_s=ages), logs(ends, every=5), topic_configs=KEPT)
    assert mirrors.commit_interval_s == 60.0
    assert mirrors.flows["condition"].to_list() == ["keeps up"]
    gone = places([10] * 48, every=5, age_s=[5.0 * n for n in range(48)])
    assert measure_mirrors(gone, logs(ends, every=5), topic_configs=KEPT).flows["condition"].to_list() == [
        "stuck"
    ]


def test_a_lag_of_1_at_rest_may_be_a_marker() -> None:
    at_rest = [100] * 13
    assert flow(places([99] * 13), ends=logs(at_rest))["condition"] == "keeps up"
    assert flow(places([98] * 13), ends=logs(at_rest))["condition"] == "stuck"


@pytest.mark.parametrize("known_by", ["offset sync", "record counts"])
def test_an_upper_bound_of_the_lag_is_not_judged(known_by) -> None:
    behind = flow(places([50] * 13, known_by=known_by), ends=logs([100] * 13))
    assert (behind["condition"], behind["is_at_most"], behind["known_by"]) == ("unknown", True, known_by)
    done = flow(places([100] * 13, known_by=known_by), ends=logs([100] * 13))
    assert (done["condition"], done["is_at_most"]) == ("keeps up", False)


def test_a_flow_is_as_well_known_as_its_worst_partition() -> None:
    exact, bound = places([100] * 13), places([90] * 13, partition=1, known_by="offset sync")
    ends = pl.concat([logs([100] * 13), logs([100] * 13, partition=1)])
    row = flow(exact, bound, ends=ends)
    assert (row["known_by"], row["partitions"], row["partitions_at_most"], row["condition"]) == (
        "offset sync", 2, 1, "unknown",
    )  # fmt: skip


def test_without_the_log_the_lag_is_unknown_not_0() -> None:
    row = flow(places([5] * 13, source="prod-of-others"), ends=logs(MINUTELY))
    assert (row["lag_records"], row["condition"], row["partitions_unknown"]) == (None, "unknown", 1)
    both = flow(places([7200] * 13), places([5] * 13, topic="u"), ends=logs([7200] * 13))
    assert (both["lag_records"], both["condition"], both["partitions_unknown"]) == (0, "unknown", 1)


def test_a_new_partition_that_is_empty_is_no_lag() -> None:
    row = flow(places([0] * 13, known_by="no position", age_s=[None] * 13), ends=logs([0] * 13))
    assert (row["condition"], row["lag_records"], row["lag_seconds"]) == ("keeps up", 0, 0.0)


def test_flows_have_names_of_their_own() -> None:
    rows = pl.concat([places([1]), places([1], connector="n"), places([1], target="c")])
    assert flow_names(rows)["flow"].to_list() == ["a → b (m)", "a → b (n)", "a → c"]


def test_two_flows_from_one_source_are_measured_apart() -> None:
    rows = pl.concat([places(MINUTELY), places([0] * 13, target="c")])
    mirrors = measure_mirrors(rows, logs(MINUTELY), topic_configs=KEPT)
    assert mirrors.flows.select("flow", "condition").rows() == [("a → b", "keeps up"), ("a → c", "stuck")]
    assert mirrors.over_time.group_by("flow", "target").len().sort("flow").rows() == [
        ("a → b", "b", 13), ("a → c", "c", 13),
    ]  # fmt: skip


def test_copied_is_what_the_position_moved_by() -> None:
    mirrors = measure_mirrors(places(MINUTELY), logs(MINUTELY), topic_configs=KEPT)
    assert mirrors.partitions["copied_per_s"].to_list() == [10.0]
    once = measure_mirrors(places([5]), logs([5]), topic_configs=KEPT)
    assert once.partitions["copied_per_s"].to_list() == [None]


def test_nothing_known_is_no_error() -> None:
    mirrors = measure_mirrors(places([]), logs([1]).clear(), topic_configs=KEPT)
    assert [len(frame) for frame in mirrors[:4]] == [0, 0, 0, 0]
    assert describe_commits(mirrors) == []


def commits(*seconds: float, **more) -> pl.DataFrame:
    """Return positions that were read when they were stored."""
    rows = pl.concat([places([n], **more).with_columns(ts=pl.lit(at(s))) for n, s in enumerate(seconds)])
    return rows.with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")))


def test_the_interval_between_two_commits_is_that_of_the_busiest_partition() -> None:
    busy, quiet = commits(0, 10, 20, 30), commits(0, 100, 200, partition=1)
    assert commit_interval_s(pl.concat([busy, quiet])) == 10.0
    assert commit_interval_s(quiet) == 100.0
    assert commit_interval_s(commits(0, 10)) is None


def test_of_several_mirrors_the_slowest_sets_it() -> None:
    assert commit_interval_s(pl.concat([commits(0, 5, 10), commits(0, 60, 120, target="c")])) == 60.0


def test_only_what_was_committed_tells_it() -> None:
    others = [commits(0, 5, 10, known_by=name) for name in ("record counts", "offset sync", "checkpoint")]
    assert commit_interval_s(pl.concat(others)) is None


def test_by_what_positions_are_known_is_said() -> None:
    rows = pl.concat([places([1, 2]), places([1, 2], partition=1, known_by="record counts")])
    mirrors = measure_mirrors(rows, logs([2, 2]), topic_configs=KEPT)
    texts = describe_commits(mirrors)
    assert ["60 s" in texts[0], "known only from record counts" in texts[1]] == [True, True]
    assert len(texts) == 2


numbers = st.lists(st.integers(0, 1000), min_size=1, max_size=15)


@given(positions=numbers, ends=numbers)
def test_no_lag_is_negative(positions, ends) -> None:
    mirrors = measure_mirrors(places(positions), logs(ends), topic_configs=KEPT)
    for frame in (mirrors.flows, mirrors.partitions, mirrors.over_time):
        assert (frame["lag_records"].drop_nulls() >= 0).all()
        assert (frame["lag_seconds"].drop_nulls() >= 0).all()


@given(steps=numbers, name=st.sampled_from(["a.b-c_d", "[x](y)", "größe", "x" * 249]))
def test_a_name_changes_nothing_but_names(steps, name) -> None:
    ends = [sum(steps[: n + 1]) for n in range(len(steps))]
    one, other = (
        measure_mirrors(
            places([end // 2 for end in ends], topic=topic), logs(ends, topic=topic), topic_configs=KEPT
        )
        for topic in ("t", name)
    )
    assert one.flows.equals(other.flows)
    assert one.partitions.drop("topic").equals(other.partitions.drop("topic"))

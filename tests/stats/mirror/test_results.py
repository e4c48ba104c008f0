from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Coverage, Light, Result
from kafka_analysis.stats import replication_results
from kafka_analysis.stats.mirror.failures.rows import failure_rows, no_failures

FLOW = {
    "flow": "a → b", "target": "b", "condition": "keeps up", "topics": 2, "lag_records": 0, "lag_seconds": 0.0,
    "is_at_least": False, "is_at_most": False, "seconds_to_close": None, "retention_used": 0.1, "partitions": 9,
    "partitions_at_most": 0, "partitions_unknown": 0, "known_by": "x",
}  # fmt: skip
SEEN = Coverage(expected=10, seen=10, required_ratio=0.5)
FEW = Coverage(expected=10, seen=1, required_ratio=0.5)


def flows(*changed: dict) -> pl.DataFrame:
    schema = {"seconds_to_close": pl.Float64, "lag_records": pl.Int64, "lag_seconds": pl.Float64}
    return pl.DataFrame([FLOW | row for row in changed], schema_overrides=schema)


def failed(failure: str, **columns) -> pl.DataFrame:
    return failure_rows(failure, pl.DataFrame({"source": ["a"], "target": "b"} | columns))


def results(rows: pl.DataFrame, failures=None, *, seen: Coverage = SEEN, cluster: str = "b") -> list[Result]:
    wrong = no_failures() if failures is None else failures
    return replication_results(rows, wrong, coverage={cluster: seen, "a": seen}, sources=["a"])


def light(*args, **more) -> Light:
    (result,) = results(*args, **more)
    return result.verdict.light


def test_lights() -> None:
    assert light(flows({})) is Light.GREEN
    assert light(flows({"condition": "slow", "lag_records": 5})) is Light.AMBER
    assert light(flows({"condition": "stuck", "lag_records": 5})) is Light.RED
    assert light(flows({}), failed("loop")) is Light.RED


def test_what_is_unknown_is_never_green() -> None:
    unknown = {"condition": "unknown", "lag_records": None, "lag_seconds": None, "partitions_unknown": 1}
    assert light(flows(unknown)) is Light.GREY
    assert light(flows({}, unknown)) is Light.GREY
    assert light(flows(unknown, {"condition": "slow"})) is Light.AMBER


def test_too_few_answers_are_not_judged_but_what_is_certain_is() -> None:
    assert light(flows({}), seen=FEW) is Light.GREY
    assert light(flows({"condition": "stuck"}), seen=FEW) is Light.GREY
    for failure in ("task_stopped", "old_timestamps_refused", "loop"):
        assert light(flows({}), failed(failure), seen=FEW) is Light.RED
    assert light(flows({}), failed("retention_overtook", records=3), seen=FEW) is Light.RED
    assert light(flows({}), failed("retention_close", records=3), seen=FEW) is Light.GREY


def test_a_target_that_nothing_replicates_to_is_not_judged_and_a_source_needs_no_result() -> None:
    none = flows({}).clear()
    assert light(none) is Light.GREY
    assert [result.cluster for result in results(flows({}))] == ["b"]
    assert light(none, failed("task_stopped")) is Light.RED
    assert light(none, failed("acls_not_carried")) is Light.AMBER


def test_where_there_is_nothing_else_to_say_a_source_is_told_that_nothing_replicates_to_it() -> None:
    (result,) = results(flows({}).clear(), cluster="a")
    assert (result.cluster, result.verdict.light) == ("a", Light.GREY)


def figures(*args, **more) -> dict[str, float | None]:
    (result,) = results(*args, **more)
    return {figure.name: figure.value for figure in result.figures}


def test_figures_add_up() -> None:
    lost = pl.concat([failed("retention_overtook", records=n) for n in (3, 4)])
    twice = pl.concat([failed("restarted_without_offsets", records=5), failed("mirrored_twice", records=6)])
    rows = flows({"lag_records": 5, "lag_seconds": 7.0}, {"lag_records": 6, "retention_used": 0.3})
    found = figures(rows, pl.concat([lost, twice]))
    assert found == {
        "lag_records": 11.0, "lag_seconds_max": 7.0, "seconds_to_close": 0.0, "lost_records": 7.0,
        "twice_records": 11.0,
    }  # fmt: skip


def test_what_is_unknown_is_no_figure() -> None:
    found = figures(flows({"lag_records": None, "lag_seconds": None}))
    assert (found["lag_records"], found["lag_seconds_max"]) == (None, None)
    assert figures(flows({}).clear(), failed("loop"))["lag_records"] is None


@pytest.mark.parametrize(("seconds", "expected"), [([60.0, 90.0], 90.0), ([60.0, None], None), ([], 0.0)])
def test_the_time_to_catch_up_is_that_of_the_slowest_flow(seconds, expected) -> None:
    rows = flows({}, *({"condition": "catching up", "seconds_to_close": s} for s in seconds))
    assert figures(rows)["seconds_to_close"] == expected


def test_a_bound_is_marked_as_one() -> None:
    (result,) = results(flows({"is_at_most": True, "lag_records": 5, "condition": "unknown"}))
    marked = {figure.name for figure in result.figures if figure.note == "at most"}
    assert marked == {"lag_records", "lag_seconds_max"}


def test_the_flow_farthest_behind_is_named() -> None:
    (result,) = results(flows({}, {"flow": "c → b", "lag_records": 9, "lag_seconds": 8.0}))
    assert "2 flows with 4 topics keep up" in result.verdict.sentence
    assert "c → b: 9 records" in result.verdict.sentence

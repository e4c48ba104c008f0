from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.findings import Light
from kafka_analysis.stats.mirror.failures.rows import FAILURES, failure_rows, no_failures
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS
from kafka_analysis.stats.mirror.findings import behind, bounded, replication_findings

FLOW = {
    "flow": "a → b", "condition": "keeps up", "lag_records": 5, "lag_seconds": 90.0, "is_at_least": False,
    "seconds_to_close": None, "partitions": 9, "partitions_at_most": 0, "partitions_unknown": 0, "known_by": "x",
}  # fmt: skip
NO_FLOWS = pl.DataFrame(schema={"flow": pl.String, "condition": pl.String})


def flows(*conditions: str, **changed) -> pl.DataFrame:
    return pl.DataFrame(
        [FLOW | {"flow": f"{n} → b", "condition": name} | changed for n, name in enumerate(conditions)]
    )


def failed(failure: str, **columns) -> pl.DataFrame:
    return failure_rows(failure, pl.DataFrame({"source": ["a"], "target": "b"} | columns))


@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_is_a_finding_with_its_place(failure: str) -> None:
    (finding,) = replication_findings(
        failed(failure, connector="m", topic="t", partition=3, detail="why"), NO_FLOWS
    )
    words = FAILURE_WORDS[failure]
    assert (finding.light, finding.action) == (words.light, words.action)
    assert finding.title == f"1 {words.of} {words.title} (t-3)"
    assert finding.detail == "t-3: why."


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"group": "g", "topic": "t"}, "g"),
        ({"topic": "t", "partition": 0}, "t-0"),
        ({"topic": "t"}, "t"),
        ({"connector": "m", "task": 2}, "m-2"),
        ({"connector": "m"}, "m"),
    ],
)
def test_a_place_is_named_by_what_is_concerned(columns, name: str) -> None:
    (finding,) = replication_findings(failed("task_stopped", **columns), NO_FLOWS)
    assert finding.detail == f"{name}."


def test_what_concerns_a_flow_as_a_whole_names_it() -> None:
    (finding,) = replication_findings(failed("loop", connector="m", detail="x"), NO_FLOWS)
    assert finding.detail == "a → b: x."


def test_a_place_that_fails_twice_is_counted_once() -> None:
    rows = pl.concat([failed("acls_not_carried", topic="t", detail=f"{n}") for n in range(3)])
    (finding,) = replication_findings(rows, NO_FLOWS)
    assert finding.title.startswith("1 topic ")


@pytest.mark.parametrize(
    ("condition", "light"),
    [("stuck", Light.RED), ("slow", Light.AMBER), ("catching up", Light.AMBER), ("unknown", Light.GREY)],
)
def test_conditions_are_findings(condition: str, light: Light) -> None:
    (one,) = replication_findings(no_failures(), flows(condition))
    (two,) = replication_findings(no_failures(), flows(condition, condition))
    assert [one.light, two.light] == [light, light]
    assert one.title.startswith("1 flow ")
    assert two.title.startswith("2 flows ")


def test_what_keeps_up_is_none_and_the_worst_comes_first() -> None:
    assert replication_findings(no_failures(), flows("keeps up", "keeps up")) == []
    every = replication_findings(failed("acls_not_carried", topic="t"), flows("unknown", "slow", "stuck"))
    assert [finding.light for finding in every] == [Light.RED, Light.AMBER, Light.AMBER, Light.GREY]


def test_what_is_unknown_is_said() -> None:
    assert bounded(FLOW | {"partitions_unknown": 2}) == "a → b: unknown in 2 of 9 partitions"
    both = FLOW | {"partitions_unknown": 2, "partitions_at_most": 3}
    assert (
        bounded(both)
        == "a → b: at most 5 records behind in 3 of 9 partitions, according to x and unknown in 2 of 9 partitions"
    )
    assert "no log end" in bounded(FLOW)


def test_how_far_behind_is_said_as_far_as_it_is_known() -> None:
    assert behind(FLOW) == "a → b: 5 records, 1 min 30 s behind"
    assert behind(FLOW | {"lag_seconds": None}) == "a → b: 5 records behind"


def test_records_that_were_passed_over_are_told_without_a_light() -> None:
    rows = flows("keeps up", "keeps up", partitions_at_most=2)
    (finding,) = replication_findings(no_failures(), rows)
    assert finding.light is Light.GREY
    assert "0 → b, 1 → b" in finding.title or "0 → b and 1 → b" in finding.title
    assert "at most 5 records behind in 2 of 9 partitions" in finding.detail
    assert replication_findings(no_failures(), flows("keeps up")) == []

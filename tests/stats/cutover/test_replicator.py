from __future__ import annotations

from typing import get_args

import polars as pl
import pytest

from kafka_analysis.stats.cutover.replicator import replicator_checks
from kafka_analysis.stats.mirror.failures.rows import Failure, failure_rows, no_failures
from kafka_analysis.stats.mirror.failures.words import FAILURE_WORDS
from tests.cutover_frames import ODD, moved, seen

WHERE = {"source": "a", "target": "b"}
MOVING = moved(("t", None, "b"), ("u", None, "c"), groups=[("g", "t", 0, 5)])


def failed(failure: Failure = "loop", **where: object) -> pl.DataFrame:
    return failure_rows(failure, pl.DataFrame([WHERE | where]))


@pytest.mark.parametrize("failure", get_args(Failure))
def test_every_known_failure_blocks_but_those_that_say_less(given, failure) -> None:
    expected = {"clocks_apart": "unknown", "retention_nearing": "note"}.get(failure, "blocks")
    found = replicator_checks(moved(), given(failed(failure, topic="t")))
    assert seen(found) == [(expected, FAILURE_WORDS[failure].title)]


@pytest.mark.parametrize(
    ("where", "concerned"),
    [
        ({"topic": "t"}, ["b"]),
        ({"topic": "t", "target": "c"}, []),
        ({"topic": "v"}, []),
        ({"topic": ODD}, []),
        ({"group": "g"}, ["b"]),
        ({"group": "h"}, []),
        ({"connector": "m"}, ["b"]),
        ({"connector": "m", "target": "c"}, ["c"]),
        ({"connector": "m", "target": "z"}, []),
        ({"connector": "m", "source": None}, []),
        ({"topic": "t", "group": "h"}, ["b"]),
    ],
)
def test_a_failure_concerns_what_moves(where, concerned) -> None:
    found = replicator_checks(MOVING, failed(**where))
    assert found.filter(state="blocks")["target"].to_list() == concerned
    assert set(found.filter(state="ok")["target"]) == {"b", "c"} - set(concerned)


def test_no_failure_is_said_of_each_pair() -> None:
    assert seen(replicator_checks(MOVING, no_failures()), "target", "state") == [("b", "ok"), ("c", "ok")]


def test_a_failure_says_where_and_how_many_records() -> None:
    found = replicator_checks(
        moved(), failed("mirrored_twice", topic="t", partition=3, connector="m", records=1, detail="d")
    )
    assert seen(found, "topic", "partition", "name", "value", "detail") == [("t", 3, "m", 1.0, "d; 1 record")]

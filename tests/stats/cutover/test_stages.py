from __future__ import annotations

import pytest

from kafka_analysis.model.parameters import cutover
from kafka_analysis.stats.cutover.rows import CHECKS
from kafka_analysis.stats.cutover.stages import GATES, STAGES, asked_checks


@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("prepared", {"producers", "consumers"}),
        ("producers stopped", {"consumers"}),
        ("consumers stopped", {"counts"}),
    ],
)
def test_each_gate_asks_all_but_what_cannot_be_so_yet(stage: str, missing: set[str]) -> None:
    asked = asked_checks(stage)
    assert set(CHECKS) - set(asked) == missing
    assert list(asked) == [check for check in CHECKS if check in asked]


def test_what_is_waived_is_not_asked() -> None:
    assert set(asked_checks("prepared")) - set(asked_checks("prepared", ["headroom", "counts"])) == {
        "headroom",
        "counts",
    }


def test_the_gates_are_those_of_the_parameters() -> None:
    assert tuple(GATES) == STAGES == cutover.Stage.__args__


def test_what_may_be_waived_are_checks_and_never_those_without_which_nothing_is_known() -> None:
    waivable = set(cutover.Waivable.__args__)
    assert waivable < set(CHECKS)
    assert waivable & {"clusters", "replica", "offsets", "producers", "consumers", "replicator"} == set()

"""The proof of a planted change of traffic: what it plants, and what it calls right."""

from __future__ import annotations

import pytest

from testbed.change_proof import SHARE, Compared, described, scenario


def compared(low: float | None, high: float | None, *, acknowledged: float = 0.1) -> Compared:
    return Compared("second", "more", acknowledged, 0.1, low, high, "better")


@pytest.mark.parametrize("bursts", [False, True])
def test_the_planted_topic_carries_the_stated_share_of_the_others(*, bursts: bool) -> None:
    made = scenario(seed=3, seconds=100, interval_s=5, bursts=bursts)
    rates = {topic.name: topic.bytes_per_s for topic in made.topics}
    planted = rates.pop("planted")
    assert planted / sum(rates.values()) == pytest.approx(SHARE)
    shapes = {topic.shape for topic in made.topics}
    assert shapes == {"plain", "keyed", "transactional", *(["bursty"] if bursts else [])}


@pytest.mark.parametrize(
    ("low", "high", "contained", "excludes"),
    [
        (0.05, 0.15, True, True),
        (-0.02, 0.15, True, False),
        (0.11, 0.15, False, True),
        (-0.2, -0.1, False, True),
        (0.0, 0.2, True, False),
        (None, None, False, False),
    ],
)
def test_an_interval_is_right_if_it_holds_what_happened(
    low: float | None, high: float | None, contained: bool, excludes: bool
) -> None:
    one = compared(low, high)
    assert (one.is_contained, one.excludes_no_change) == (contained, excludes)


def test_what_cannot_be_told_has_no_figures() -> None:
    (row,) = described({"run-1": [compared(None, None)]}).rows(named=True)
    assert (row["planted"], row["from"], row["to"]) == ("+10%", None, None)
    (row,) = described({"run-1": [compared(0.05, 0.15, acknowledged=0.0987)]}).rows(named=True)
    assert (row["acknowledged"], row["from"], row["to"]) == ("+9.87%", "+5.00%", "+15.00%")

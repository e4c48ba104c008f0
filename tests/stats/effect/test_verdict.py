"""Verdicts from intervals; the meaning of a direction is turned round with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.stats.effect.verdict import judge

BOUNDS = st.floats(-3, 3, allow_nan=False)


def judged(low, high, *, better="higher", margin=0.05, scale="log"):
    return judge(low, high, least=(high - low) / 2, margin=margin, better=better, scale=scale)


@pytest.mark.parametrize(
    ("low", "high", "higher", "lower"),
    [
        (0.02, 0.2, "better", "worse"),
        (-0.2, -0.02, "worse", "better"),
        (-0.04, 0.03, "same", "same"),
        (0.01, 0.04, "same", "same"),  # clear of 0, and too small to matter
        (-0.01, 0.06, "cannot tell", "cannot tell"),
        (-0.5, 0.5, "cannot tell", "cannot tell"),
    ],
)
def test_verdicts(low, high, higher, lower):
    assert judged(low, high)[0] == higher
    assert judged(low, high, better="lower")[0] == lower


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.02, 0.2, "same"),
        (-0.04, 0.2, "same"),
        (-0.2, -0.02, "worse"),
        (-0.06, 0.2, "cannot tell"),
        (-0.04, -0.01, "same"),
    ],
)
def test_traffic_that_held_is_no_better_for_being_more(low, high, verdict):
    assert judged(low, high, better="held")[0] == verdict


@given(BOUNDS, BOUNDS)
def test_same_is_never_said_of_an_interval_that_goes_beyond_what_does_not_matter(one, other):
    low, high = sorted((one, other))
    verdict, reason = judged(low, high)
    assert (verdict == "same") == (low >= -0.05 and high <= 0.05)
    assert reason


def test_reasons_have_the_figures():
    assert judged(0.04, 0.16)[1] == "it rose by 4 % to 16 %"
    assert judged(-0.16, -0.04)[1] == "it fell by 4 % to 16 %"
    assert (
        judged(-0.1, 0.2)[1]
        == "the change is between −10 % and +20 %; the smallest detectable change is 15.0 %"
    )
    assert "between −3 and +40" in judged(-3.0, 40.0, scale="additive", margin=1.0)[1]

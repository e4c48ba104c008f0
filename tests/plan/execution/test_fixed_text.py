from __future__ import annotations

import pytest

from kafka_analysis.plan.execution.fixed_text import STOPPING, THROTTLES, before
from kafka_analysis.plan.execution.limits import ExecutionLimits


@pytest.mark.parametrize(("flavour", "checks"), [(None, 3), ("msk-standard", 4), ("msk-express", 4)])
def test_checks_are_numbered(flavour, checks):
    told = before(ExecutionLimits(cpu_max=0.6), flavour)
    assert [line[:2] for line in told.splitlines() if line[:1].isdigit()] == [
        f"{n}." for n in range(1, checks + 1)
    ]
    assert "below 60 % on every broker" in told


@pytest.mark.parametrize("text", [before(ExecutionLimits(), None), THROTTLES, STOPPING])
def test_code_blocks_are_closed(text):
    assert text.count("```") % 2 == 0

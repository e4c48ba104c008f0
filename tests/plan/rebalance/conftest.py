"""A search that is short, for what holds however long it is."""

from __future__ import annotations

import pytest

from kafka_analysis.plan.rebalance import exact, search


@pytest.fixture(scope="module")
def short_search():
    """Anneal shortly and solve the smallest clusters only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_TINY", search._Effort(search._TINY.courses[:2], most_steps=2000))
        patch.setattr(exact, "PLACES", 40)
        yield

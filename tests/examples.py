"""How many examples a property is tried with: a third of them in the fast tests, all in ``make test-hostile``."""

from __future__ import annotations

import os

from hypothesis import settings

ALL = os.environ.get("KAFKA_ANALYSIS_EXAMPLES") == "all"


def examples(count: int) -> settings:
    """Return the settings of a property that is worth so many examples."""
    return settings(max_examples=count if ALL else -(-count // 3))

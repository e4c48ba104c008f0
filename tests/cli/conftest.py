from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def children_start_fast(forked_children):
    """Let recordings fork their children."""

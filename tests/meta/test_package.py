"""What the package shows to someone who looks at it for the first time."""

from __future__ import annotations

import pytest

import kafka_analysis


def test_dir_lists_what_there_is_and_nothing_else():
    assert dir(kafka_analysis) == [
        "Capture", "analyses", "plan", "plots", "read_capture", "report", "stats", "tables"
    ]  # fmt: skip
    assert all(getattr(kafka_analysis, name) is not None for name in dir(kafka_analysis))


def test_what_there_is_not_is_answered_with_what_there_is():
    with pytest.raises(AttributeError, match="read_capture"):
        kafka_analysis.open_capture  # noqa: B018

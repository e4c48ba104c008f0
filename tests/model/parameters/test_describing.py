from __future__ import annotations

import pytest

from kafka_analysis.model.errors import ParameterError, WindowError
from kafka_analysis.model.parameters.describing import (
    PartitionSkewParameters,
    ThroughputBeforeAfterParameters,
)


def test_amber_is_below_red() -> None:
    with pytest.raises(ParameterError, match=r"skew_amber .* skew_red"):
        PartitionSkewParameters(capture="c", skew_amber=2.0)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"before_start": "2026-01-02"}, "before_start and before_end"),
        ({"after_end": "2026-01-02"}, "after_start and after_end"),
        ({"after_start": "2026-01-03", "after_end": "2026-01-02"}, "after_start .* after_end"),
        (
            {
                "before_start": "2026-01-01",
                "before_end": "2026-01-04",
                "after_start": "2026-01-03",
                "after_end": "2026-01-05",
            },
            "before_end .* after_start",
        ),
    ],
)
def test_an_impossible_pair_of_windows_is_refused(values: dict[str, str], names: str) -> None:
    with pytest.raises(WindowError, match=names):
        ThroughputBeforeAfterParameters(capture="c", **values)


def test_windows_are_the_common_one_and_the_two_compared() -> None:
    model = ThroughputBeforeAfterParameters(
        capture="c",
        before_start="2026-01-01",
        before_end="2026-01-02",
        after_start="2026-01-02",
        after_end="2026-01-03",
    )
    assert [(name, start and start.day) for name, start, _ in model.windows()] == [
        ("", None),
        ("before_", 1),
        ("after_", 2),
    ]

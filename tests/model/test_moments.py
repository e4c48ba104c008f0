from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.model.moments import EARLIEST, LATEST, is_plausible

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "plausible"),
    [
        (MOMENT, True),
        (EARLIEST, True),
        (EARLIEST - timedelta(seconds=1), False),
        (LATEST, True),
        (LATEST + timedelta(seconds=1), False),
        (MOMENT.replace(tzinfo=None), False),
        (datetime.fromtimestamp(MOMENT.timestamp() / 1000, UTC), False),  # seconds taken for milliseconds
    ],
)
def test_a_moment_is_of_this_century_and_has_a_time_zone(moment, plausible):
    assert is_plausible(moment) is plausible

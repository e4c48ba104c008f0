from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.waves.options import read_options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"freezes": [("2026-02-01", "2026-01-01")]},
            "freezes: 2026-02-01 00:00:00 UTC is not before 2026-01-01",
        ),
        ({"arriving_share": 0.8}, "leave nothing for stored records"),
        ({"cutover_days": ()}, "cutover_days is empty"),
        ({"cutover_days": ("Tuesday",)}, "cutover_days.0"),
        ({"cutover_hours": (22, 23)}, "a cut-over takes 2 h 0 min, and cutover_hours hold 1 h 0 min"),
        ({"cutover_days": ("Tue",), "cutover_s": 90000}, "name more cutover_days"),
        ({"start": "soon"}, "start"),
        ({"together": ["abc"]}, "together.0"),
        ({"soak_s": -1}, "soak_s"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(InputError, match=message):
        read_options(**{"start": "2026-01-05"} | options)


def test_amounts_and_times_may_be_text():
    options = read_options(start="2026-01-05T06:00:00+01:00", replication_bytes_per_s="100 MB/s")
    assert options.start.isoformat() == "2026-01-05T05:00:00+00:00"
    assert options.backfill_bytes_per_s_low == 75e6

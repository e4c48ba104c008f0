from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.waves.options import WaveOptions


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"freezes": [("2026-02-01", "2026-01-01")]},
            "freezes: .*2026-02-01.*2026-01-01",
        ),
        ({"arriving_share": 0.8}, "arriving_share .*bandwidth_uncertainty"),
        ({"cutover_days": ()}, "cutover_days"),
        ({"cutover_days": ("Tuesday",)}, "cutover_days .*'Tue'.*got 'Tuesday'"),
        ({"cutover_hours": (22, 23)}, "2 h 0 min.*cutover_hours.*1 h 0 min"),
        ({"cutover_days": ("Tue",), "cutover_s": 90000}, "cutover_days"),
        ({"start": "soon"}, "start .*got 'soon'"),
        ({"together": ["abc"]}, "together .*got 'abc'"),
        ({"soak_s": -1}, "soak_s .*0.*got -1"),
        ({"max_backfill_s": 60}, "max_backfill_s .*replication_bytes_per_s"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(InputError, match=message):
        WaveOptions(**{"start": "2026-01-05"} | options)


def test_amounts_and_times_may_be_text():
    options = WaveOptions(start="2026-01-05T06:00:00+01:00", replication_bytes_per_s="100 MB/s")
    assert options.start.isoformat() == "2026-01-05T05:00:00+00:00"
    assert options.backfill_bytes_per_s_low == 75e6

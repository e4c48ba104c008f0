from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.waves.options import WaveOptions
from kafka_analysis.plan.waves.schedule import Amount, backfill_s, copied_at, schedule

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def options(**given):
    return WaveOptions(
        start=START, **{"replication_bytes_per_s": 2e6, "soak_s": 3600, "cutover_s": 3600} | given
    )


def hours(moment):
    return None if moment is None else (moment - START) / HOUR


def test_a_wave_is_copied_cut_over_and_watched_before_the_next_cut_over():
    first, second = schedule([Amount(3.6e9, 1e6), Amount(3.6e9, 0.0)], options(bandwidth_uncertainty=0.0))
    # 3.6 GB at 1 MB/s left is an hour; nothing arriving, half an hour.
    assert [hours(x) for x in first] == [0, 0.5, 1, 1, 1, 2, 3]
    assert [hours(x) for x in second] == [2, 2.5, 2.5, 2.5, 3, 4, 5]


def test_a_cutover_waits_for_the_copy_at_less_bandwidth():
    (slot,) = schedule([Amount(3.6e9, 1e6)], options(bandwidth_uncertainty=0.25))
    assert hours(slot.backfill_high) == 2  # 1.5 − 1 MB/s left
    assert hours(slot.cutover_start) == 2


def test_in_parallel_the_next_copy_begins_at_once_and_shares_the_bandwidth():
    given = options(bandwidth_uncertainty=0.0, replicate_in_parallel=True, soak_s=0, cutover_hours=(4, 8))
    first, second = schedule([Amount(3.6e9, 1e6), Amount(18e9, 0.0)], given)
    assert hours(first.cutover_start) == 4
    assert hours(second.replication_start) == 1
    # Until 4 o'clock 1 MB/s are left: 10.8 GB; the other 7.2 GB at 2 MB/s take an hour.
    assert hours(second.backfill_end) == pytest.approx(5)
    assert hours(second.cutover_start) == pytest.approx(5, abs=1 / 60)


def test_unknown_sizes_and_bandwidths_leave_the_copy_unknown():
    for amount, given in ((Amount(None, 1.0), {}), (Amount(5.0, 1.0), {"replication_bytes_per_s": None})):
        first, second = schedule([amount, amount], options(**given))
        assert first.backfill_end is None
        assert hours(first.cutover_start) == 0
        assert hours(second.cutover_start) == 2


def test_times_are_whole_minutes():
    (slot,) = schedule([Amount(30e6, 0.0)], options(bandwidth_uncertainty=0.0))
    assert slot.cutover_start == START + timedelta(minutes=1)


def test_a_copy_is_stored_bytes_over_what_bandwidth_is_left():
    assert backfill_s(6e12, bandwidth_bytes_per_s=80e6, arriving_bytes_per_s=20e6) == 100_000
    with pytest.raises(
        InputError,
        match="20 MB/s arrive, and 20 MB/s are copied: the copy never ends; give more than 20 MB/s",
    ):
        backfill_s(1.0, bandwidth_bytes_per_s=20e6, arriving_bytes_per_s=20e6)
    with pytest.raises(InputError, match="more than ten years; give a bandwidth of at least 3"):
        backfill_s(1e12, bandwidth_bytes_per_s=1.0, arriving_bytes_per_s=0.0)


def test_waves_that_leave_no_bandwidth_are_waited_for():
    end = copied_at(START, 7.2e9, bandwidth_bytes_per_s=2e6, arriving_bytes_per_s=0.0,
                    mirrored=[(START + HOUR, 1.5e6), (START + 2 * HOUR, 1e6)])  # fmt: skip
    assert hours(end) == pytest.approx(2.5)  # an hour with nothing left, one at 1 MB/s, half of one at 2 MB/s


def test_a_calendar_without_end_is_refused():
    with pytest.raises(InputError, match="ends after the year 9999"):
        schedule([Amount(1.0, 0.0)], options(freezes=[("2026-01-01", "9999-12-31T23:59")]))

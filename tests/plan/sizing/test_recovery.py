from __future__ import annotations

import math

import polars as pl
import pytest

from kafka_analysis.plan import hardware_shift, recovery_times, storage_growth

PROFILES = ["i3en.2xlarge", "r5.2xlarge with gp3", "kafka.m7g.large", "kafka.t3.small", "express.m7g.large"]


def recovery(disk=100e6, size=4e11):
    peaks = pl.DataFrame(
        {
            "resource": ["disk", "network", "storage"],
            "per_broker": [disk, 50e6, size],
            "unit": "B",
            "evidence": "measured",
        }
    )
    found = recovery_times(hardware_shift(peaks, profiles=PROFILES), brokers=3)
    return {row["profile"]: row for row in found.iter_rows(named=True)}


def test_only_a_disk_inside_a_host_is_copied_again():
    found = recovery()
    host = found["i3en.2xlarge"]
    assert (host["storage"], host["replace_bytes"], host["replace_s"]) == ("instance", 4e11, 4e11 / 400e6)
    for name in ("r5.2xlarge with gp3", "kafka.m7g.large"):
        assert (found[name]["storage"], found[name]["replace_bytes"], found[name]["replace_s"]) == (
            "attached",
            0,
            0,
        )


def test_an_added_broker_takes_its_share():
    assert recovery()["i3en.2xlarge"]["add_bytes"] == 3e11
    assert recovery()["i3en.2xlarge"]["add_s"] == 750


def test_no_room_beside_the_peak_is_not_unknown():
    assert recovery(disk=90e6)["kafka.m7g.large"]["add_s"] == math.inf
    assert recovery()["kafka.t3.small"]["add_s"] is None
    assert recovery()["express.m7g.large"]["replace_bytes"] is None
    assert recovery(size=None)["i3en.2xlarge"]["replace_bytes"] is None


def growth(volume, rate, brokers=3):
    rows = pl.DataFrame({"broker_type": ["t"], "brokers": [brokers], "storage_gib_per_broker": [volume]})
    return storage_growth(rows, bytes_in_per_s=rate, replication_factor=3).row(0, named=True)


@pytest.mark.parametrize(("volume", "step"), [(0.2, 10), (100, 10), (101, 10.1), (1000, 100)])
def test_a_step_is_a_tenth_and_at_least_10_gib(volume, step):
    assert growth(volume, 1.0)["step_gib"] == pytest.approx(step)


def test_the_peak_may_fill_it_too_fast():
    slow, fast = (
        growth(1000, 2**20),
        growth(1000, 8 * 2**20),
    )  # 1 and 8 MiB/s on each broker: 3.5 and 28 GiB an hour
    assert slow["fill_hours"] == pytest.approx(100 / 3.515625)
    assert (slow["keeps_up"], fast["keeps_up"]) == (True, False)
    assert growth(1000, 0.0)["fill_hours"] is None


def test_steps_to_the_largest_volume():
    found = growth(15000, 1.0)
    assert (found["steps_to_largest"], found["hours_to_largest"]) == (1, 6)
    assert growth(16384, 1.0)["steps_to_largest"] == 0


def test_other_families_are_left_out():
    rows = pl.DataFrame({"broker_type": ["e"], "brokers": [3], "storage_gib_per_broker": [None]})
    assert storage_growth(rows, bytes_in_per_s=1.0, replication_factor=3).is_empty()

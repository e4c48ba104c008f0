from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import Workload, hardware_shift, measured_peaks

WORK = Workload(
    bytes_in_per_s_avg=1, bytes_in_per_s_peak=300e6, bytes_out_per_s_avg=1, bytes_out_per_s_peak=900e6, partitions=9,
    retention_hours=1,
)  # fmt: skip


def per_broker(**more):
    peaks = measured_peaks(WORK, brokers=3, replication_factor=3, **more)
    return {row["resource"]: row["per_broker"] for row in peaks.iter_rows(named=True)}


def test_what_each_broker_carries():
    found = per_broker(size_bytes=3e12, partitions=300, connections=600)
    assert found == {
        "disk": 300e6, "network": 500e6, "storage": 1e12, "partitions": 100, "connections": 200, "ingress": 100e6,
        "egress": 300e6,
    }  # fmt: skip


def test_what_was_not_captured_is_null_and_never_0():
    found = per_broker()
    assert (found["storage"], found["partitions"], found["connections"]) == (None, None, None)
    shift = hardware_shift(
        measured_peaks(WORK, brokers=3, replication_factor=3), profiles=["kafka.m7g.large"]
    )
    assert shift.filter(resource="storage").select("limit", "used").row(0) == (16384 * 2**30, None)


def test_disks_that_were_measured_are_not_estimated():
    peaks = measured_peaks(WORK, brokers=3, replication_factor=3, disk_bytes_per_s=600e6)
    assert peaks.filter(resource="disk").select("per_broker", "evidence").row(0) == (200e6, "measured")


def test_the_first_limit_shifts_with_the_hardware():
    peaks = measured_peaks(WORK, brokers=3, replication_factor=3, size_bytes=14e12)
    shift = hardware_shift(peaks, profiles=["i3en.2xlarge", "kafka.m7g.8xlarge", "express.m7g.8xlarge"])
    first = shift.filter("first").select("profile", "resource").rows()
    assert first == [
        ("i3en.2xlarge", "storage"),
        ("kafka.m7g.8xlarge", "disk"),
        ("express.m7g.8xlarge", "network"),
    ]


def test_one_limit_is_first_where_two_are_as_tight():
    even = WORK.model_copy(update={"bytes_out_per_s_peak": 600e6})
    shift = hardware_shift(
        measured_peaks(even, brokers=3, replication_factor=3), profiles=["express.m7g.8xlarge"]
    )
    assert shift.filter("first")["resource"].to_list() == ["disk"]
    assert shift["used"].drop_nulls().to_list() == pytest.approx([0.4, 0.4])


def test_all_hosts_and_types_but_serverless():
    shift = hardware_shift(measured_peaks(WORK, brokers=3, replication_factor=3))
    assert set(shift["family"]) == {"self-managed", "standard", "express"}
    assert shift.filter("first")["profile"].is_unique().all()
    assert set(shift.filter(family="self-managed")["evidence"]) == {"unverified"}


def test_wrong_use_is_named():
    with pytest.raises(InputError, match="brokers is 0"):
        measured_peaks(WORK, brokers=0, replication_factor=3)
    with pytest.raises(InputError, match=r"unknown profile 'i3en.2xlarg'; did you mean 'i3en.2xlarge'"):
        hardware_shift(measured_peaks(WORK, brokers=3, replication_factor=3), profiles=["i3en.2xlarg"])

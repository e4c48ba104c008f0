from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import Workload
from kafka_analysis.plan.sizing.workload import MIB, demand_of

PLAIN = {
    "bytes_in_per_s_avg": 1 * MIB, "bytes_in_per_s_peak": 2 * MIB, "bytes_out_per_s_avg": 2 * MIB,
    "bytes_out_per_s_peak": 6 * MIB, "partitions": 9, "retention_hours": 1024 / 3600,
}  # fmt: skip


def test_the_plain_demand():
    demand = demand_of(Workload(**PLAIN))
    assert (demand.in_avg, demand.in_peak, demand.out_peak, demand.fanout, demand.groups) == (1, 2, 6, 3, 3)
    assert (demand.kept_gib, demand.ebs_gib) == (pytest.approx(1), pytest.approx(6))
    assert (demand.tiered, demand.tiered_gib, demand.read_back) == (False, 0, 0)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"growth": 2.0}, {"in_peak": 4, "in_avg": 2, "fanout": 3}),
        ({"compression": 0.5}, {"in_peak": 1, "out_peak": 3}),
        ({"catch_up": 0.5}, {"out_peak": 7, "fanout": 3.5, "read_back": 0.5, "groups": 3}),
        ({"replication_bytes_per_s": 2 * MIB}, {"in_peak": 4, "in_avg": 1, "out_peak": 6, "fanout": 1.5}),
        ({"consumer_groups": 5}, {"groups": 5, "fanout": 3}),
        ({"consumer_groups": 1}, {"groups": 3, "fanout": 3}),
        ({"primary_retention_hours": 256 / 3600}, {"tiered": True}),
    ],
)
def test_additions_change_the_demand(more, expected):
    demand = demand_of(Workload(**PLAIN, **more))
    assert {name: getattr(demand, name) for name in expected} == pytest.approx(expected)


def test_a_factor_scales_all_traffic():
    assert demand_of(Workload(**PLAIN), factor=3.0).in_avg == 3


def test_amounts_are_read_as_people_write_them():
    assert Workload(**(PLAIN | {"bytes_in_per_s_peak": "50 MB/s"})).bytes_in_per_s_peak == 50e6


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            {"bytes_in_per_s_avg": 0, "bytes_in_per_s_peak": 0},
            "bytes_in_per_s_peak is 0; give the peak rate",
        ),
        ({"bytes_in_per_s_avg": 3 * MIB}, "bytes_in_per_s_avg .* is above bytes_in_per_s_peak"),
        ({"bytes_out_per_s_avg": 7 * MIB}, "give a peak of at least the average"),
        ({"primary_retention_hours": 99}, "primary_retention_hours 99 is above retention_hours"),
        ({"partitions": 0}, "partitions should be greater than or equal to 1, got 0"),
        ({"growth": 0}, "growth should be greater than 0"),
        ({"tolerates": "rack"}, "tolerates should be 'nothing', 'broker' or 'az', got 'rack'"),
        ({"bytes_in_per_s_peak": -1}, "bytes_in_per_s_peak should be greater than or equal to 0"),
        ({"fanout": 2}, "unknown option 'fanout'"),
    ],
)
def test_a_wrong_value_is_one_clear_line(wrong, says):
    with pytest.raises(InputError, match=says) as caught:
        Workload(**(PLAIN | wrong))
    assert "\n" not in str(caught.value)


def test_a_missing_value_is_named():
    with pytest.raises(InputError, match="partitions is missing"):
        Workload(**{name: value for name, value in PLAIN.items() if name != "partitions"})

from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import peak_ratios, workload_of
from kafka_analysis.plan.sizing.measured import mean_retention_hours, topic_retention

RATES = pl.DataFrame({"bytes_in_per_s": [float(n) for n in range(1, 101)]}).with_columns(
    bytes_out_per_s=2 * pl.col("bytes_in_per_s")
)
BASE = {"partitions": 10, "retention_hours": 24.0}


@pytest.mark.parametrize(
    ("peak", "value", "basis"),
    [
        ("p95", 96.0, "P95 of 100 intervals"),
        ("p99", 100.0, "P99 of 100 intervals"),
        ("peak", 100.0, "highest of 100"),
    ],
)
def test_the_peak_is_the_one_chosen(peak, value, basis):
    found = workload_of(RATES, **BASE, peak=peak)
    assert (found.bytes_in_per_s_peak, found.bytes_out_per_s_peak) == (value, 2 * value)
    assert found.bytes_in_per_s_avg == 50.5
    assert found.basis.startswith(basis)
    assert found.bytes_in_per_s_peak * found.traffic_low == pytest.approx(96)
    assert found.bytes_in_per_s_peak * found.traffic_high == pytest.approx(100)


def test_partitions_get_the_target_s_copies():
    assert workload_of(RATES, **BASE).partitions == 30
    assert workload_of(RATES, **BASE, replication_factor=2).partitions == 20


def test_a_declared_peak_keeps_the_measured_fan_out():
    found = workload_of(RATES, **BASE, declared_peak_in=1000.0)
    assert (found.bytes_in_per_s_peak, found.bytes_out_per_s_peak, found.basis) == (1000, 2000, "declared")
    assert (found.traffic_low, found.traffic_high) == (1, 1)
    assert (
        workload_of(RATES, **BASE, declared_peak_in=1000.0, declared_peak_out=300.0).bytes_out_per_s_peak
        == 300
    )


def test_a_spike_that_lifts_the_mean_above_p95_is_no_contradiction():
    rates = pl.DataFrame({"bytes_in_per_s": [1.0] * 99 + [1e6], "bytes_out_per_s": [0.0] * 100})
    found = workload_of(rates, **BASE, peak="p95")
    assert found.bytes_in_per_s_peak == found.bytes_in_per_s_avg == pytest.approx(10000.99)


def test_pandas_will_do():
    assert workload_of(RATES.to_pandas(), **BASE) == workload_of(RATES, **BASE)


def test_further_fields_are_handed_on():
    assert workload_of(RATES, **BASE, growth=2.0, connections=5).growth == 2.0


@pytest.mark.parametrize(
    ("rates", "more", "says"),
    [
        (RATES, {"retention_hours": None}, "the retention of the topics is unknown; declare it in hours"),
        (RATES, {"peak": "p50"}, "unknown peak 'p50'"),
        (RATES.clear(), {}, "bytes in were not measured; declare average and peak"),
        (RATES.with_columns(bytes_out_per_s=None), {}, "bytes out were not measured"),
        (RATES * 0, {}, "bytes_in_per_s_peak is 0"),
        (RATES, {"declared_peak_in": 5.0}, "is above bytes_in_per_s_peak 5"),
        (RATES, {"fanout": 2}, "unknown option"),
    ],
)
def test_what_is_wrong_is_named(rates, more, says):
    with pytest.raises(InputError, match=says):
        workload_of(rates, **(BASE | more))


def rates(values_in, values_out=None):
    return pl.DataFrame(
        {"cluster": "c", "bytes_in_per_s": values_in, "bytes_out_per_s": values_out},
        schema={"cluster": pl.String, "bytes_in_per_s": pl.Float64, "bytes_out_per_s": pl.Float64},
    )


def test_the_peak_is_an_interval_that_few_exceed():
    rows = rates([1.0] * 98 + [10.0] * 2 + [100.0])
    mean = (98 + 20 + 100) / 101
    assert peak_ratios(rows, peak="p95") == {"c": 1.0}
    assert peak_ratios(rows, peak="p99")["c"] == pytest.approx(10 / mean)
    assert peak_ratios(rows, peak="peak")["c"] == pytest.approx(100 / mean)


def test_a_peak_is_an_interval_s_rate_never_one_between_two():
    assert peak_ratios(rates([1.0, 3.0]), peak="p95") == {"c": 1.5}


def test_the_flow_that_rises_further_counts():
    assert peak_ratios(rates([1.0, 1.0], [1.0, 3.0]), peak="peak") == {"c": 1.5}
    assert peak_ratios(rates([0.0, 0.0], [1.0, 3.0]), peak="peak") == {"c": 1.5}


def test_without_traffic_there_is_no_ratio():
    assert peak_ratios(rates([0.0, None])) == {}
    assert peak_ratios(rates([])) == {}


def test_an_unknown_peak_is_refused():
    with pytest.raises(InputError, match="unknown peak 'p50'"):
        peak_ratios(rates([1.0]), peak="p50")


TOPIC = {"topic": "t", "partitions": 2, "replication_factor": 3, "size_bytes": 2160e6, "bytes_in_per_s": 1e4}


def hours(configs, **more):
    rows = pl.DataFrame(
        [("t", name, value) for name, value in configs.items()],
        schema={"topic": pl.String, "name": pl.String, "value": pl.String}, orient="row",
    )  # fmt: skip
    return (
        topic_retention(pl.DataFrame([TOPIC | more]), configs=rows)
        .select("retention_hours", "evidence")
        .row(0)
    )


@pytest.mark.parametrize(
    ("configs", "found"),
    [
        ({"retention.ms": "86400000"}, (24.0, "declared")),
        ({"retention.ms": "86400000", "retention.bytes": "-1"}, (24.0, "declared")),
        ({"retention.ms": "86400000", "retention.bytes": "180000000"}, (10.0, "declared")),
        ({"retention.ms": "-1", "retention.bytes": "180000000"}, (10.0, "declared")),
        ({"retention.ms": "-1"}, (20.0, "estimated")),
        ({"retention.ms": "86400000", "cleanup.policy": "compact"}, (20.0, "estimated")),
        ({"retention.ms": "86400000", "cleanup.policy": "compact,delete"}, (20.0, "estimated")),
        ({}, (20.0, "estimated")),
        ({"segment.bytes": "1"}, (20.0, "estimated")),
    ],
)
def test_configs_first_then_what_is_held(configs, found):
    assert hours(configs) == pytest.approx(found)


def test_what_is_not_known_is_null():
    assert hours({}, size_bytes=None) == (None, None)
    assert hours({}, bytes_in_per_s=0.0) == (None, None)
    assert hours({"retention.ms": "3600000"}, bytes_in_per_s=None) == (1.0, "declared")


def test_the_mean_is_by_bytes_of_those_known():
    rows = pl.DataFrame({"bytes_in_per_s": [1.0, 3.0, 9.0, None], "retention_hours": [24.0, 48.0, None, 5.0]})
    assert mean_retention_hours(rows) == 42.0
    assert mean_retention_hours(rows.tail(2)) is None

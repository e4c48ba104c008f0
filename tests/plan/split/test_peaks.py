from __future__ import annotations

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan import peak_ratios


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

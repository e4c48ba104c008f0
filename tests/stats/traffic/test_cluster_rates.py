from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import cluster_rates, peak_bucket_length

T0 = datetime(2026, 1, 1)  # noqa: DTZ001 - only lengths matter
RATES = pl.DataFrame(
    {
        "cluster": ["c"] * 6 + ["d"],
        "topic": ["a", "b", None, "a", "tmp", "a", "a"],
        "metric": ["bytes_in_total"] * 5 + ["bytes_out_total"] * 2,
        "window_start": [0, 0, 0, 1, 0, 0, 0],
        "rate_per_s": [1.0, 2.0, 3.0, None, 9.0, 5.0, 7.0],
    }
)
TOPICS = pl.DataFrame({"cluster": ["c", "c", "d"], "topic": ["a", "b", "a"]})


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_chosen_topics_add_up_once(kind):
    given = RATES if kind == "polars" else RATES.to_pandas()
    found = pl.DataFrame(cluster_rates(given, topics=TOPICS))
    rows = found.with_columns(pl.col("bytes_in_per_s", "bytes_out_per_s").fill_nan(None)).rows()
    assert rows == [("c", 0, 3.0, 5.0), ("c", 1, None, None), ("d", 0, None, 7.0)]


@pytest.mark.parametrize(
    ("length", "interval_s", "seconds"),
    [
        (timedelta(minutes=5), 10, 60),
        (timedelta(minutes=5), 40, 80),
        (timedelta(days=7), 60, 660),
        (timedelta(days=14), 300, 1500),
    ],
)
def test_a_bucket_is_a_minute_two_scrapes_or_a_thousandth(length, interval_s, seconds):
    assert peak_bucket_length(T0, T0 + length, interval_s=interval_s).total_seconds() == seconds

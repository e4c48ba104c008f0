"""Counters to growth: every rule on a frame that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kafka_analysis.model.samples import SERIES
from kafka_analysis.stats.reduce import batches
from kafka_analysis.stats.reduce import samples as reduce
from tests.examples import examples
from tests.stats.rules import increase_by_rules

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def series(points: dict[float, float], topic: str | None = None, broker: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "metric": "bytes_in_total",
            "ts": [at(s) for s in points],
            "cluster": "source",
            "broker": broker,
            "topic": topic,
            "partition": None,
            "group": None,
            "entity": None,
            "stat": None,
            "value": list(points.values()),
        },
        schema={
            "metric": pl.String,
            "ts": pl.Datetime("ms", "UTC"),
            "cluster": pl.String,
            "broker": pl.Int32,
            "topic": pl.String,
            "partition": pl.Int32,
            "group": pl.String,
            "entity": pl.String,
            "stat": pl.String,
            "value": pl.Float64,
        },
    )


def one(frame: pl.DataFrame, topic: str | None = None) -> dict:
    row = frame.filter(pl.col("topic").eq_missing(pl.lit(topic, dtype=pl.String)))
    assert len(row) == 1
    return row.row(0, named=True)


def test_steady_counter_grows_by_its_difference():
    row = one(reduce.increase(series({0: 100, 10: 200, 20: 400})))
    assert (row["increase"], row["seconds"], row["rate_per_s"], row["resets"], row["uncovered_s"]) == (
        300,
        20,
        15,
        0,
        0,
    )


def test_window_edges_inside_an_interval_take_their_share():
    row = one(reduce.increase(series({0: 0, 10: 100, 20: 300}), start=at(5), end=at(15)))
    assert row["increase"] == 50 + 100
    assert row["seconds"] == 10


def test_nothing_is_extrapolated_beyond_the_samples():
    row = one(reduce.increase(series({0: 0, 10: 100}), start=at(-100), end=at(100)))
    assert (row["increase"], row["seconds"], row["rate_per_s"]) == (100, 10, 10)


def test_a_fall_is_a_reset_and_never_negative():
    row = one(reduce.increase(series({0: 500, 10: 600, 20: 30, 30: 60})))
    assert (row["increase"], row["resets"], row["uncovered_s"]) == (100 + 30 + 30, 1, 10)


def test_a_series_first_seen_after_a_good_scrape_began_at_zero():
    samples = pl.concat([series({0: 0, 10: 0, 20: 0}), series({20: 70}, "orders")])
    row = one(reduce.increase(samples), "orders")
    assert (row["increase"], row["resets"], row["uncovered_s"], row["rate_per_s"]) == (70, 0, 0, 3.5)


def test_a_series_seen_in_the_first_scrape_only_has_unknown_past():
    samples = pl.concat([series({0: 5, 10: 6}), series({0: 70}, "orders")])
    row = one(reduce.increase(samples), "orders")
    assert (row["increase"], row["resets"], row["uncovered_s"]) == (0, 1, 10)


def test_a_vanished_series_that_returns_lower_began_again_at_zero():
    samples = pl.concat(
        [series(dict.fromkeys((0, 10, 20, 30, 40), 9.0)), series({0: 100, 10: 150, 40: 120}, "orders")]
    )
    row = one(reduce.increase(samples), "orders")
    assert row["increase"] == 50 + 120
    assert (row["resets"], row["uncovered_s"]) == (1, 10)


def test_a_vanished_series_that_returns_after_a_restart_began_again_at_zero():
    samples = pl.concat([series({0: 9, 10: 9, 20: 1, 30: 2}), series({0: 100, 10: 150, 30: 200}, "orders")])
    row = one(reduce.increase(samples), "orders")
    assert (row["increase"], row["resets"], row["uncovered_s"]) == (50 + 200, 1, 10)


def test_a_series_left_out_for_a_scrape_does_not_grow_by_all_it_ever_counted():
    """One odd value of a counter of months would be months of traffic in a scrape."""
    samples = pl.concat(
        [series(dict.fromkeys(range(0, 50, 10), 9.0)), series({0: 1e12, 10: 1e12 + 5, 30: 1e12 + 25}, "t")]
    )
    row = one(reduce.increase(samples.filter(pl.col("ts") < at(31))), "t")
    assert (row["increase"], row["resets"], row["uncovered_s"]) == (25, 1, 20)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf"), -5.0, 1e308, 2.0**64])
@pytest.mark.parametrize("topic", [None, "orders"])
def test_a_value_that_cannot_be_counts_as_missing(odd, topic):
    points = {0: 1e9, 10: 1e9 + 10, 20: 1e9 + 20, 30: 1e9 + 30}
    beside = series(points, "beside")
    grown = reduce.increase(pl.concat([beside, series(points | {10: odd}, topic)]))
    assert one(grown, topic)["increase"] == one(grown, "beside")["increase"] == 30
    assert one(grown, topic)["resets"] == (topic is not None)  # no restart of a broker is made up
    assert one(grown, "beside")["resets"] == 0
    (row,) = reduce.gauge(series({0: 4, 10: odd, 20: 6})).select("mean", "min", "max", "last", "n").rows()
    assert row == (5, 4, 6, 6, 2)


def test_lag_may_be_negative_and_sizes_may_not():
    lag = series({0: -4, 10: 8}).with_columns(metric=pl.lit("group_lag_records"))
    size = series({0: -4, 10: 8}).with_columns(metric=pl.lit("log_size_bytes"))
    told = reduce.gauge(pl.concat([lag, size])).select("metric", "min", "n").rows()
    assert told == [("group_lag_records", -4, 2), ("log_size_bytes", 8, 1)]


def test_of_two_samples_at_one_time_the_last_counts():
    twice = pl.concat([series({0: 100, 10: 500}), series({10: 150}), series({20: 200})])
    assert one(reduce.increase(twice))["increase"] == 100
    assert one(reduce.increase(twice.lazy()))["increase"] == 100


def test_a_missed_scrape_is_not_a_vanished_series():
    samples = pl.concat([series({0: 0, 10: 10, 40: 40}), series({0: 100, 10: 150, 40: 300}, "orders")])
    row = one(reduce.increase(samples), "orders")
    assert (row["increase"], row["resets"], row["uncovered_s"]) == (200, 0, 0)


def test_a_host_s_page_scraped_in_between_ends_no_series_of_the_broker():
    host = series({1: 0, 11: 5, 21: 10}).with_columns(
        metric=pl.lit("net_received_bytes_total"), entity=pl.lit("eth0")
    )
    grown = reduce.increase(pl.concat([series({0: 0, 10: 100, 20: 300}), host]))
    assert grown.select("metric", "increase", "seconds", "resets").rows() == [
        ("bytes_in_total", 300.0, 20.0, 0),
        ("net_received_bytes_total", 10.0, 20.0, 0),
    ]


def test_a_restart_resets_topics_that_outgrew_their_old_value():
    samples = pl.concat([series({0: 900, 60: 100}), series({0: 10, 60: 50}, "orders")])
    row = one(reduce.increase(samples), "orders")
    assert (row["increase"], row["resets"]) == (50, 1)


def test_buckets_share_the_growth_and_sum_to_the_whole():
    frame = reduce.increase(series({0: 0, 25: 250, 60: 250}), every=timedelta(seconds=10))
    assert frame["window_start"].to_list() == [at(s) for s in range(0, 60, 10)]
    assert frame["increase"].to_list() == [100, 100, 50, 0, 0, 0]
    assert frame["seconds"].to_list() == [10] * 6


def test_pandas_in_pandas_out_with_the_same_numbers():
    samples = pl.concat([series({0: 0, 10: 100}), series({0: 5, 10: 25}, "orders")])
    from_pandas = reduce.increase(samples.to_pandas())
    assert type(from_pandas).__module__.startswith("pandas")
    assert sorted(from_pandas["increase"]) == sorted(reduce.increase(samples)["increase"].to_list())


def test_no_samples_give_no_rows():
    assert len(reduce.increase(series({}))) == 0
    assert len(reduce.increase(series({}), every=timedelta(seconds=5), start=at(0), end=at(10))) == 0


@given(
    st.lists(st.integers(0, 10_000), min_size=3, max_size=30),
    st.sets(st.integers(1, 28), max_size=5),
    st.integers(1, 50),
)
def test_growth_between_resets_is_kept_exactly(steps, restarts, every_s):
    value, truth, points = 0, 0, {0: 0.0}
    for i, step in enumerate(steps):
        value = step if i in restarts else value + step
        if i in restarts and step >= points[i * 10]:
            value = 0
        truth += value if value < points[i * 10] else value - points[i * 10]
        points[(i + 1) * 10] = float(value)
    whole = one(reduce.increase(series(points)))
    assert whole["increase"] == pytest.approx(truth)
    parts = reduce.increase(series(points), every=timedelta(seconds=every_s))
    assert parts["increase"].sum() == pytest.approx(truth)
    assert parts["increase"].min() >= 0
    assert parts["resets"].sum() == whole["resets"]


@st.composite
def recordings(draw):
    """Draw counters of two brokers: aggregates and topics, of which some miss scrapes, vanish, fall or return."""
    parts = []
    for broker in (1, 2):
        times = draw(st.lists(st.integers(0, 40), min_size=1, max_size=8, unique=True))
        for topic in (None, "a", "b"):
            seen = draw(st.lists(st.sampled_from(times), min_size=1, unique=True))
            points = {second: float(draw(st.integers(0, 20))) for second in sorted(seen)}
            parts.append(series(points, topic, broker))
    return pl.concat(parts)


def in_ms(samples: pl.DataFrame) -> list[dict]:
    return samples.with_columns(pl.col("ts").dt.timestamp("ms")).to_dicts()


@examples(100)
@given(recordings(), st.integers(-5, 45), st.integers(1, 50), st.integers(1, 60), st.randoms())
def test_growth_is_what_the_rules_say_sample_by_sample(samples, start_s, length_s, every_s, chance):
    start, end, every = at(start_s), at(start_s + length_s), timedelta(seconds=every_s)
    rows = list(range(len(samples)))
    chance.shuffle(rows)
    found = reduce.increase(samples[rows], start=start, end=end, every=every)
    low = round(start.timestamp() * 1000)
    judged = increase_by_rules(in_ms(samples), low=low, high=low + length_s * 1000, step=every_s * 1000)
    numbered = found.with_columns(
        bucket=(pl.col("window_start").dt.timestamp("ms") - low) // (every_s * 1000)
    )
    told = {
        (*row[: len(SERIES)], row[-1]): row[len(SERIES) : -1]
        for row in numbered.select(
            *SERIES, "increase", "resets", "uncovered_s", "seconds", "bucket"
        ).iter_rows()
    }
    assert told.keys() == judged.keys()
    for key, values in told.items():
        assert values == pytest.approx(judged[key]), key


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(batches, "BATCH_ROWS", 5)
    monkeypatch.setattr(batches, "CUT_ROWS", 3)


def recorded() -> pl.DataFrame:
    topics = [f"t{n}" for n in range(7)]
    points = {float(s): s * 2.0 if s < 40 else s - 40.0 for s in range(0, 100, 10)}
    return pl.concat([series(points, topic, broker) for broker in (1, 2) for topic in (None, *topics)])


@pytest.mark.parametrize("kept_rows", [1, 40, 10_000])
def test_batches_of_a_lazy_frame_give_the_same(small_batches, tmp_path, monkeypatch, kept_rows):
    monkeypatch.setattr(batches, "KEPT_ROWS", kept_rows)  # none are read again, some would, all are kept
    recorded().write_parquet(tmp_path / "samples.parquet", row_group_size=4)
    lazy = pl.scan_parquet(tmp_path / "samples.parquet")
    for every in (None, timedelta(seconds=25)):
        assert_frame_equal(reduce.increase(lazy, every=every), reduce.increase(recorded(), every=every))
    assert_frame_equal(reduce.gauge(lazy), reduce.gauge(recorded()))


def test_a_lazy_frame_whose_series_are_parted_gives_the_same(small_batches):
    shuffled = recorded().sort("ts")
    assert_frame_equal(reduce.increase(shuffled.lazy()), reduce.increase(recorded()))


def test_gauges_of_a_lazy_frame_whose_series_are_parted_are_the_same(small_batches):
    shuffled = recorded().sort("ts")
    window = {"start": at(5), "end": at(75), "every": timedelta(seconds=30)}
    assert_frame_equal(reduce.gauge(shuffled.lazy(), **window), reduce.gauge(recorded(), **window))


CHOSEN = pl.DataFrame({"cluster": "source", "topic": ["t1", "t4", "elsewhere"]})


def summed(rows: pl.DataFrame, by: list[str], *sums: pl.Expr) -> pl.DataFrame:
    """Add up rows of single series: aggregates, chosen topics and others apart."""
    is_chosen = pl.col("topic").is_in(CHOSEN["topic"].implode())
    named = pl.when(pl.col("topic").is_not_null()).then(
        pl.when(is_chosen).then(pl.lit("*")).otherwise(pl.lit("~"))
    )
    keys = ["metric", *by, "topic", "window_start"]
    return rows.with_columns(topic=named).group_by(keys).agg(*sums).sort(keys)


@pytest.mark.parametrize("by", [["cluster", "broker"], ["cluster"]], ids=str)
def test_counters_added_up_are_the_sums_of_their_series(small_batches, by):
    window = {"start": at(5), "end": at(85), "every": timedelta(seconds=25)}
    alone = reduce.increase(recorded(), **window)
    figures = [
        pl.col("increase", "rate_per_s").sum(),
        pl.col("resets").sum(),
        pl.col("seconds", "uncovered_s").max(),
    ]
    judged = summed(alone, by, *figures)
    for samples in (recorded(), recorded().lazy(), recorded().sort("ts").lazy()):
        together = reduce.increase(samples, **window, by=by, topics=CHOSEN)
        assert together.columns == alone.columns
        assert_frame_equal(together.select(judged.columns).sort(judged.columns[: len(by) + 3]), judged)
        merged = together.select(name for name in SERIES if name not in ("metric", "topic", *by))
        assert set(merged.null_count().row(0)) == {len(together)}


@pytest.mark.parametrize("by", [["cluster", "broker"], ["cluster"]], ids=str)
def test_gauges_added_up_are_the_sums_of_their_series(small_batches, by):
    window = {"start": at(5), "end": at(85), "every": timedelta(seconds=25)}
    alone = reduce.gauge(recorded(), **window)
    judged = summed(alone, by, pl.col("mean", "last").sum(), pl.col("n").sum())
    for samples in (recorded(), recorded().lazy(), recorded().sort("ts").lazy()):
        together = reduce.gauge(samples, **window, by=by, topics=CHOSEN)
        assert together.columns == alone.columns
        assert_frame_equal(together.select(judged.columns).sort(judged.columns[: len(by) + 3]), judged)
        assert together["min"].null_count() == together["max"].null_count() == len(together)


def test_topics_stay_apart_where_they_are_asked_for():
    together = reduce.increase(recorded(), by=["cluster", "topic"])
    assert together["topic"].to_list() == [None, *(f"t{n}" for n in range(7))]
    assert together["rate_per_s"].to_list() == pytest.approx([2 * 110 / 90] * 8)
    assert set(reduce.increase(recorded(), by=["cluster"])["topic"]) == {None, "*"}


def test_gauge_keeps_the_last_value_and_leaves_out_what_is_not_there():
    frame = reduce.gauge(series({0: 4, 10: 8, 20: 6}), end=at(20))
    assert frame.select("mean", "min", "max", "last", "n").rows() == [(6, 4, 8, 8, 2)]
    assert len(reduce.gauge(series({0: 4}), start=at(5))) == 0
    assert reduce.gauge(series({0: 4, 10: 8, 20: 6}), start=at(10), end=at(20))["n"].to_list() == [1]

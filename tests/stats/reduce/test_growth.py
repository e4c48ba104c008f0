"""The compiled walk on arrays that can be checked by hand; whole recordings are in test_reduce."""

from __future__ import annotations

import numpy as np

from kafka_analysis.stats.reduce.growth import (
    find_scrapes_and_resets,
    increases_between_scrapes,
    share_out_to_buckets,
)


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_news_are_scrapes_not_seen_before_and_falls_of_aggregates():
    ts, value = whole(0, 10, 20, 0, 10, 30), np.array([5.0, 3.0, 9.0, 1.0, 0.0, 2.0])
    new, fell = find_scrapes_and_resets(ts, value, whole(0, 3, 6), whole(0, 0), np.array([True, False]))
    assert new.tolist() == [True, True, True, False, False, True]
    assert fell.tolist() == [False, True, False, False, False, False]


def test_stretches_grow_fall_end_and_begin_again():
    ts, value = whole(0, 10, 30), np.array([5.0, 8.0, 2.0])
    given = (
        ts,
        value,
        whole(0, 3),
        whole(0),
        np.array([False]),
        whole(0, 10, 20, 30),
        whole(0, 4),
        np.zeros(4, np.bool_),
    )
    since, until, amount, lost, begins = increases_between_scrapes(*given)
    assert since.tolist() == [0, 10, 20]
    assert until.tolist() == [10, 20, 30]
    assert amount.tolist() == [3.0, 0.0, 2.0]
    assert lost.tolist() == [False, True, False]
    assert begins.tolist() == [0, 3]


def test_a_restart_makes_a_reset_of_a_value_that_rose():
    ts, value = whole(0, 10), np.array([5.0, 8.0])
    given = (
        ts,
        value,
        whole(0, 2),
        whole(0),
        np.array([False]),
        whole(0, 10),
        whole(0, 2),
        np.array([False, True]),
    )
    _, _, amount, lost, _ = increases_between_scrapes(*given)
    assert (amount.tolist(), lost.tolist()) == ([8.0], [True])


def test_shares_go_by_time_and_a_reset_belongs_to_the_end():
    given = (whole(0), whole(40), np.array([8.0]), np.array([True]), whole(0, 1))
    of, bucket, amount, resets, lost_ms = share_out_to_buckets(*given, 10, 45, 20)
    assert of.tolist() == [0, 0]
    assert bucket.tolist() == [0, 1]
    assert amount.tolist() == [4.0, 2.0]
    assert resets.tolist() == [0, 1]
    assert lost_ms.tolist() == [20.0, 10.0]

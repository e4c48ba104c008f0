from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kafka_analysis.stats.scope.coverage import (
    coverage_by_cluster,
    coverage_of_windows,
    scrapes_seen,
    summarise_coverage,
)
from kafka_analysis.stats.scope.windows import Window

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.fixture
def seen(frame, rows):
    """Return a function of (broker, second) scrapes that counts those of brokers 1 and 2 in a window."""

    def count(*scrapes, start=0, end=40, interval_s=10):
        samples = frame(
            {"cluster": "c", "broker": [b for b, _ in scrapes], "ts": [at(s) for _, s in scrapes]},
        )
        brokers = frame({"cluster": "c", "broker": [2, 1, 1]})
        answer = scrapes_seen(samples, brokers, start=at(start), end=at(end), interval_s=interval_s)
        return rows(answer, "broker", "expected", "seen", "ratio")

    return count


def test_scrapes_are_counted_per_broker(seen):
    assert seen((1, 0), (1, 10), (1, 20), (1, 30), (2, 0), (2, 10)) == [(1, 4, 4, 1), (2, 4, 2, 0.5)]


def test_a_broker_never_seen_was_seen_0_times(seen):
    assert seen((1, 0)) == [(1, 4, 1, 0.25), (2, 4, 0, 0)]


def test_the_window_holds_its_start_and_not_its_end(seen):
    assert seen((1, 0), (1, 10), (1, 30), start=10, end=30) == [(1, 2, 1, 0.5), (2, 2, 0, 0)]


def test_many_samples_of_one_scrape_are_one_scrape(seen):
    assert seen((1, 0), (1, 0), (1, 0))[0] == (1, 4, 1, 0.25)


def test_more_than_expected_is_no_more_than_all(seen):
    assert seen(*((1, s) for s in range(0, 40, 5)))[0] == (1, 4, 4, 1)


def test_a_window_shorter_than_the_interval_expects_one(seen):
    assert seen((1, 3), start=0, end=5)[0] == (1, 1, 1, 1)


def test_brokers_that_should_not_be_there_are_not_counted(seen):
    assert [row[0] for row in seen((1, 0), (9, 0))] == [1, 2]


def test_the_sum_names_the_worst_broker(frame):
    table = frame({"cluster": "c", "broker": [1, 2, 3], "expected": 10, "seen": [10, 7, 9]})
    coverage = summarise_coverage(table, required_ratio=0.85)
    assert (coverage.expected, coverage.seen, coverage.sufficient) == (30, 26, True)
    assert coverage.worst == "broker 2 of c: 7 of 10 scrapes"


def test_the_worst_is_the_one_that_lacks_most_of_its_own(frame):
    table = frame(
        {"cluster": ["b", "a", "a"], "broker": [1, 4, 2], "expected": [100, 10, 10], "seen": [60, 9, 9]}
    )
    assert summarise_coverage(table).worst == "broker 1 of b: 60 of 100 scrapes"


def test_of_equals_the_first_broker_is_the_worst(frame):
    table = frame({"cluster": ["b", "a", "a"], "broker": [1, 4, 2], "expected": [9, 9, 9], "seen": [5, 5, 5]})
    assert summarise_coverage(table).worst == "broker 2 of a: 5 of 9 scrapes"


def test_nothing_lacking_names_nobody(frame):
    coverage = summarise_coverage(frame({"cluster": ["c"], "broker": [1], "expected": [4], "seen": [4]}))
    assert (coverage.ratio, coverage.worst) == (1, "")


def test_without_brokers_nothing_was_expected(frame):
    coverage = summarise_coverage(frame({"cluster": [], "broker": [], "expected": [], "seen": []}))
    assert (coverage.ratio, coverage.sufficient, coverage.worst) == (None, False, "no broker is known")


def test_each_cluster_has_its_own_coverage(frame):
    samples = frame({"cluster": ["a", "a", "b"], "broker": [1, 1, 1], "ts": [at(0), at(10), at(0)]})
    brokers = frame({"cluster": ["a", "b", "silent"], "broker": [1, 1, 1]})
    found = coverage_by_cluster(
        samples,
        brokers,
        windows=dict.fromkeys(("a", "b", "silent", "never asked"), Window(at(0), at(20))),
        interval_s=10,
        required_ratio=0.5,
    )
    assert {name: (one.seen, one.expected) for name, one in found.items()} == {
        "a": (2, 2),
        "b": (1, 2),
        "silent": (0, 2),
        "never asked": (0, 0),
    }
    assert [one.sufficient for one in found.values()] == [True, True, False, False]
    assert found["never asked"].ratio is None


@pytest.fixture
def scraped(frame):
    """Return scrapes of broker 1, each 10 s from 0 to 90 s, and the broker."""
    samples = frame({"cluster": "c", "broker": [1] * 10, "ts": [at(10 * i) for i in range(10)]})
    return samples, frame({"cluster": ["c"], "broker": [1]})


def test_the_least_covered_window_counts(scraped):
    whole, half = Window(at(0), at(100)), Window(at(50), at(150))
    for windows in ([whole, half], [half, whole]):
        found = coverage_of_windows(*scraped, windows=windows, interval_s=10, required_ratio=0.9)
        assert (found.seen, found.expected, found.required_ratio) == (5, 10, 0.9)


def test_a_window_of_no_known_broker_is_the_least_covered(scraped):
    samples, brokers = scraped
    found = coverage_of_windows(samples, brokers[:0], windows=[Window(at(0), at(100))], interval_s=10)
    assert found.ratio is None

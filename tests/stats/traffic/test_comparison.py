from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.samples import SAMPLES
from kafka_analysis.stats.scope.windows import Window
from kafka_analysis.stats.traffic import comparison
from kafka_analysis.stats.traffic.kinds import FLOWS

T0 = datetime(2026, 1, 1, tzinfo=UTC)
TRAFFIC = {
    "cluster": pl.String, "topic": pl.String, "kind": pl.String, **dict.fromkeys(FLOWS, pl.Float64),
    "evidence": pl.String,
}  # fmt: skip


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def counter(metric, values, **tags):
    """Return samples of one counter, a value each 10 s."""
    row = dict.fromkeys(SAMPLES) | {"metric": metric, "cluster": "old", "broker": 1, "topic": "t"} | tags
    return [row | {"ts": at(10 * i), "value": float(v)} for i, v in enumerate(values)]


def as_samples(*counters):
    return pl.DataFrame([row for rows in counters for row in rows], schema=SAMPLES)


TOPICS = pl.DataFrame({"cluster": ["old"], "topic": ["t"]})


def test_the_traffic_of_a_window_is_what_its_counters_grew_by():
    samples = as_samples(counter("bytes_in_total", [0, 100, 300, 900]))
    answer = comparison.traffic_in(samples, Window(at(10), at(30)), topics=TOPICS)
    assert answer.select("cluster", "topic", "kind", "bytes_in_per_s").rows() == [
        ("old", "t", "business", 40.0)
    ]


def test_topics_not_chosen_are_left_out():
    samples = as_samples(counter("bytes_in_total", [0, 100]), counter("bytes_in_total", [0, 500], topic="u"))
    answer = comparison.traffic_in(samples, Window(at(0), at(10)), topics=TOPICS)
    assert answer["topic"].to_list() == ["t"]


def test_a_replicator_s_own_counters_tell_migration_apart():
    samples = as_samples(
        counter("bytes_in_total", [0, 1000]),
        counter("messages_in_total", [0, 100]),
        counter("mirror_records_total", [0, 25], broker=None, entity="older->old"),
    )
    answer = comparison.traffic_in(samples, Window(at(0), at(10)), topics=TOPICS)
    assert dict(answer.select("kind", "bytes_in_per_s").iter_rows()) == {"business": 75.0, "migration": 25.0}


@pytest.fixture
def compared(frame, rows):
    def compare(before, after, **options):
        both = [
            frame([(*row, "measured") for row in part], schema=TRAFFIC, orient="row")
            for part in (before, after)
        ]
        answer = rows(comparison.compare_topics(*both, **options))
        return {row[1]: row[2:] for row in answer if row[0] == "bytes_in_per_s"}

    return compare


def test_a_topic_that_moved_is_compared_with_itself(compared):
    before = [("old", "t", "business", 10.0, 0.0, 1.0)]
    after = [("old", "t", "business", 3.0, 0.0, 1.0), ("new", "t", "business", 9.0, 0.0, 1.0)]
    assert compared(before, after) == {"t": (10.0, 12.0, pytest.approx(0.2))}


def test_a_topic_of_one_window_is_unknown_in_the_other(compared):
    before, after = [("old", "a", "business", 1.0, 0.0, 0.0)], [("old", "b", "business", 2.0, 0.0, 0.0)]
    assert compared(before, after) == {"a": (1.0, None, None), "b": (None, 2.0, None)}


def test_from_nothing_no_change_can_be_told(compared):
    before, after = [("old", "a", "business", 0.0, 0.0, 0.0)], [("old", "a", "business", 2.0, 0.0, 0.0)]
    assert compared(before, after) == {"a": (0.0, 2.0, None)}


def test_only_one_kind_is_compared(compared):
    traffic = [("new", "a", "business", 6.0, 0.0, 0.0), ("new", "a", "migration", 4.0, 0.0, 0.0)]
    assert compared(traffic, traffic)["a"][:2] == (6.0, 6.0)
    assert compared(traffic, traffic, kind="migration")["a"][:2] == (4.0, 4.0)


def test_a_flow_nobody_counted_stays_unknown(compared):
    traffic = [("old", "a", "business", None, 1.0, 1.0)]
    assert compared(traffic, traffic) == {"a": (None, None, None)}


def test_windows_are_told_apart_below_one_another(frame, rows):
    old, new = (frame({"cluster": ["c"], "bytes_in_per_s": [v]}) for v in (1.0, 2.0))
    assert rows(comparison.both_windows(old, new)) == [("before", "c", 1.0), ("after", "c", 2.0)]


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=5))
def test_nothing_changes_between_equal_windows(values):
    rows = [("c", f"t{i}", "business", v, v, v, "measured") for i, v in enumerate(values)]
    traffic = pl.DataFrame(rows, schema=TRAFFIC, orient="row")
    changes = comparison.compare_topics(traffic, traffic)
    assert (changes["before"] == changes["after"]).all()
    assert changes["change"].drop_nulls().eq(0).all()


def test_a_topic_with_another_name_at_its_target_is_compared_with_itself(compared, frame):
    before = [("old", "t", "business", 10.0, 0.0, 1.0)]
    after = [("new", "old.t", "business", 9.0, 0.0, 1.0)]
    flows = frame({"target": ["new"], "topic": ["old.t"], "source_topic": ["t"]})
    assert compared(before, after, flows=flows) == {"t": (10.0, 9.0, pytest.approx(-0.1))}
    assert compared(before, after) == {"old.t": (None, 9.0, None), "t": (10.0, None, None)}

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.analyses import consumer_lag
from kafka_analysis.capture.read import Capture, read_capture
from kafka_analysis.model.errors import ParameterError

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def sample() -> Capture:
    return read_capture(SAMPLE)


def test_lag_at_the_end_is_what_the_generators_sent_and_did_not_read(sample: Capture) -> None:
    answer = consumer_lag(sample)
    truth = sample.table("truth")
    sent = (
        truth.filter(kind="acknowledged", cluster="monolith")
        .group_by("topic", "partition")
        .agg(sent=pl.col("records").sum())
    )
    stopped = answer.partitions.filter(cluster="monolith", group="old-report").join(
        sent, on=["topic", "partition"]
    )
    read = (
        truth.filter(kind="consumed", cluster="monolith", group="old-report")
        .group_by("topic", "partition")
        .agg(read=pl.col("records").sum())
    )
    both = stopped.join(read, on=["topic", "partition"])
    assert len(both) == 12
    plain = both.filter(
        ~pl.col("topic").str.contains("payments|ledger")
    )  # transactions: markers take offsets too
    assert len(plain) >= 6
    assert plain.filter(pl.col("lag_records") != pl.col("sent") - pl.col("read")).rows() == []


def test_what_was_read_before_the_window_dates_old_records(sample: Capture) -> None:
    middle = sample.start + (sample.end - sample.start) / 2
    whole, half = consumer_lag(sample), consumer_lag(sample, start=middle)
    keys = ["cluster", "group", "topic", "partition"]
    both = whole.partitions.join(half.partitions, on=keys)
    assert (both["lag_seconds"] == both["lag_seconds_right"]).all()


def test_the_verdict_names_who_is_behind(sample: Capture) -> None:
    lights = {
        result.cluster: (result.verdict.light.value, result.verdict.sentence)
        for result in consumer_lag(sample).results
    }
    assert lights["monolith"][0] == "amber"
    assert lights["monolith"][1].startswith(
        "2 groups have unread records and no members (old-report, data-lake)"
    )
    assert lights["cell-b"][1].startswith("2 groups fall behind (data-lake, ledger-writer)")


def test_retention_limits_decide(sample: Capture) -> None:
    answer = consumer_lag(sample, cluster="cell-b", retention_amber=0.001, retention_red=0.002)
    assert [r.verdict.light.value for r in answer.results] == ["red"]


def test_where_nothing_dates_a_migration_there_are_no_phases(sample: Capture) -> None:
    answer = consumer_lag(sample, end=sample.start + timedelta(minutes=2))
    assert (len(answer.phases), answer.shown_windows, len(answer.over_time) > 0) == (0, [], True)


def test_amber_above_red_is_refused(sample: Capture) -> None:
    with pytest.raises(ParameterError, match=r"retention_amber 0\.9 is above retention_red 0\.8"):
        consumer_lag(sample, retention_amber=0.9)

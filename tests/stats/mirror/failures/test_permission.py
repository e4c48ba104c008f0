from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from kafka_analysis.stats import permission_failures

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def found(
    latency: list[float | None], ends: list[int], *, tool: str = "MSK Replicator", cluster: str = "a"
) -> list[int]:
    times = [T0 + timedelta(minutes=n) for n in range(len(ends))]
    about = {"tool": tool, "target": "b", "connector": "r", "topic": "t"}
    reported = pl.DataFrame({"ts": times[: len(latency)], **about, "latency_s": latency})
    logs = pl.DataFrame(
        {"ts": times, "cluster": cluster, "topic": "t", "partition": 0, "log_end_offset": ends}
    )
    return permission_failures(reported, logs)["records"].to_list()


def test_a_latency_of_0_while_records_come_in() -> None:
    assert found([2.0, 0.0, 0.0, 0.0], [10, 20, 30, 50]) == [30]


@pytest.mark.parametrize(
    ("latency", "ends"),
    [
        ([2.0, 0.0, 0.0], [10, 20, 20]),  # nothing comes in any more
        ([2.0, 2.0, 0.0], [10, 20, 30]),  # what came in before the answer may have been copied
        ([2.0, 0.0, 1.0], [10, 20, 30]),
        ([0.0, 0.0, 0.0], [10, 20, 30]),  # never more: it may begin only now
        ([2.0, 1.0, 3.0], [10, 20, 30]),
        ([None, None, 0.0], [10, 20, 30]),
    ],
)
def test_a_replicator_that_may_read_is_none(latency, ends) -> None:
    assert found(latency, ends) == []


def test_records_at_the_target_and_other_tools_tell_nothing() -> None:
    assert found([2.0, 0.0, 0.0], [10, 20, 30], cluster="b") == []
    assert found([2.0, 0.0, 0.0], [10, 20, 30], tool="Cluster Linking") == []

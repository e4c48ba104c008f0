"""What real clusters showed of the cut-over check: healthy waves that were not let pass."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

import polars as pl
import pytest

from kafka_analysis import plan, stats
from kafka_analysis.live.checks import around
from kafka_analysis.model.parameters.cutover_reads import CutoverReads
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.stats.cutover.moving import Moving

PARTITION = {"partition": pl.Int32}


def moved() -> Moving:
    topics = pl.DataFrame(
        {"wave": 1, "source": ["a"], "target": "b", "topic": "t", "remote_topic": "t", "partition": 0},
        schema_overrides=PARTITION,
    )
    return Moving(topics, topics, topics)


def measured(position: int, end: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": ["a"], "target": "b", "topic": "t", "partition": 0, "condition": "keeps up",
            "lag_records": end - position, "lag_seconds": 1.0, "seconds_to_close": None, "is_at_most": False,
            "known_by": "committed position", "committed_offset": position, "log_end_offset": end,
        },
        schema_overrides=PARTITION,
    )  # fmt: skip


def reads(first: int, after: int, ended: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "cluster": ["a"], "topic": "t", "partition": 0, "purpose": "sample", "stretch": 1, "first_offset": first,
            "next_offset": after, "ended": ended,
        },
        schema_overrides=PARTITION,
    )  # fmt: skip


def checks(*offsets: int) -> pl.DataFrame:
    rows = [("a", "t", 0, 1, offset) for offset in offsets]
    schema = {"cluster": pl.String, "topic": pl.String, "partition": pl.Int32, "stretch": pl.Int64}
    return pl.DataFrame(rows, schema={**schema, "offset": pl.Int64}, orient="row")


@pytest.mark.parametrize(
    ("read", "found", "state"),
    [
        (reads(395, 401, "end of log"), checks(397, 399), "ok"),  # 400 is the marker of the last transaction
        (reads(395, 401, "end of log"), checks(397, 399, 400), "blocks"),  # a record waits
        (
            reads(395, 400, "end of log"),
            checks(397, 399),
            "blocks",
        ),  # not read up to the end that was measured
        (reads(395, 401, "enough"), checks(397, 399), "blocks"),
        (reads(401, 401, "end of log"), checks(), "blocks"),  # begun behind the position
        (reads(400, 401, "end of log"), checks(), "ok"),  # there is no record from the position on
    ],
)
def test_a_marker_at_the_end_of_a_log_at_rest_is_nothing_to_copy(
    read: pl.DataFrame, found: pl.DataFrame, state: str
) -> None:
    rows = stats.replica_checks(
        moved(), measured(400, 401), is_quiet=True, tolerance_s=0, reads=read, checks=found
    )
    assert rows["state"].to_list() == [state]


def test_without_reads_what_is_left_is_a_lag() -> None:
    rows = stats.replica_checks(moved(), measured(400, 401), is_quiet=True, tolerance_s=0)
    assert rows["finding"].to_list() == ["replica behind"]


def logs(source: tuple[int, int], target: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "cluster": ["a", "b"], "topic": "t", "partition": 0, "log_start_offset": [source[0], target[0]],
            "log_end_offset": [source[1], target[1]],
        },
        schema_overrides=PARTITION,
    )  # fmt: skip


def test_a_log_end_older_than_the_time_asked_for_is_no_answer_to_it() -> None:
    at = [datetime(2026, 1, 1, 1, 0, second, tzinfo=UTC) for second in (0, 20, 40)]
    asked = pl.DataFrame(
        {
            "ts": at[2], "cluster": ["a"] * 3 + ["b"] * 3, "topic": "t", "partition": 0, "at": at * 2,
            "offset": [0, 5, 9, 0, 5, None],
        },
        schema_overrides=PARTITION,
    )  # fmt: skip
    ends = logs((0, 12), (0, 8))
    late = ends.with_columns(ts=pl.lit(at[2]))
    stale = ends.with_columns(ts=pl.lit(at[1]))
    rows = stats.sealed_counts(moved(), asked, late).select("source_records", "target_records").rows()
    assert rows == [(5, 5), (4, 3)]
    rows = stats.sealed_counts(moved(), asked, stale).select("source_records", "target_records").rows()
    assert rows == [(5, 5)]


@pytest.mark.parametrize(("into", "is_known"), [(0.0, True), (None, False)])
def test_a_cell_to_which_nothing_is_written_has_headroom(into: float | None, is_known: bool) -> None:
    load = pl.DataFrame(
        {
            "cluster": "b", "broker": [1], "bytes_in_per_s": [into], "bytes_out_per_s": 0.0, "size_bytes": 1e9,
            "replicas": 100, "leaders": 100,
        },
        schema_overrides={"bytes_in_per_s": pl.Float64},
    )  # fmt: skip
    rows = plan.cell_headroom(load, brought={"b": 0.0}, broker_types={"b": "m7g.large"})
    flows = rows.filter(unit="B/s")
    assert len(flows)
    assert (flows["per_broker"].null_count() == 0) == is_known
    assert flows["per_broker"].drop_nulls().max() in (None, 1.0)


@pytest.mark.parametrize(
    ("least", "finding"), [("2", "producers would be refused"), ("1", None), ("none", None), (None, None)]
)
def test_a_target_that_would_refuse_producers_blocks(least: str | None, finding: str | None) -> None:
    held = pl.DataFrame(
        {
            "cluster": ["a", "b"],
            "topic": "t",
            "partition": 0,
            "leader": 1,
            "replicas": [[1], [1]],
            "isr": [[1], [1]],
        },
        schema_overrides=PARTITION,
    )
    configs = pl.DataFrame(
        {"cluster": ["a", "b"], "topic": "t", "name": "min.insync.replicas", "value": ["3", least]}
    )
    rows = stats.broker_checks(moved(), held, configs=configs)
    assert rows.select("name", "finding").rows() == [("a", None), ("b", finding)]
    assert stats.broker_checks(moved(), held)["finding"].to_list() == [None, None]


def test_a_profile_with_both_addresses_swapped_is_found_as_that() -> None:
    planned = pl.DataFrame({"topic": ["t"], "cell": "new", "wave": 1})
    copied = pl.DataFrame(
        {"source": ["new", "new"], "target": ["new", "old"], "topic": "t", "remote_topic": "t"}
    )  # the first is the mirror's own alias, read where offset syncs lie
    held = pl.DataFrame({"cluster": ["old", "new"], "topic": "t"})
    roles = pl.DataFrame({"cluster": ["old", "new"], "role": ["source", "target"]})
    topics = stats.moving_topics(planned, copied, topics=held, sources=roles)
    assert topics.select("source", "target").rows() == [("old", "new")]
    ids = pl.DataFrame({"cluster": ["old", "new"], "kafka_cluster_id": ["x", "y"]})
    rows = stats.cluster_checks(
        Moving(topics, topics, topics), ids, flows=copied, answered=ids.select("cluster")
    )
    assert rows["finding"].to_list() == ["source and target are swapped"]


def test_producers_of_topics_outside_the_wave_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    topics = {
        name: SimpleNamespace(partitions={0: SimpleNamespace(leader=1)})
        for name in ("__consumer_offsets", "in", "out")
    }
    asked: list[list[str]] = []

    def read(_: object, leaders: dict[tuple[str, int], int], **__: object) -> tuple[pl.DataFrame, None]:
        asked.append([topic for topic, _ in leaders])
        return pl.DataFrame(), None

    monkeypatch.setattr(around, "metadata", lambda *_: SimpleNamespace(topics=topics))
    monkeypatch.setattr(around, "admin_client", lambda *_, **__: nullcontext())
    monkeypatch.setattr(around, "read_active_producers", read)
    monkeypatch.setattr(around, "read_transactions", lambda *_, **__: (pl.DataFrame(), None))
    end = SimpleNamespace(name="a", admin=None, cluster=SimpleNamespace(scrub=str))
    for most in (5, 1):
        options = CutoverReads(certificates=False, partitions_at_most=most)
        around.read_around(end, ["in"], options=options, timeout_s=1, deadline=Deadline.after(5))  # type: ignore[arg-type]
    assert asked == [["in", "out"], ["in"]]

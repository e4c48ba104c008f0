from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from testbed import processes
from testbed.errors import TestbedError
from testbed.mirror_failures.announced import CLOSE, LOST, Announced
from testbed.mirror_failures.mirror_runs import DEFAULT_POLICY, IDENTITY
from testbed.mirror_failures.pair import Pair, clear
from testbed.mirror_proofs.arrivals import Look, began, caught_up
from testbed.mirror_proofs.backlogs import BACKLOGS, EVEN
from testbed.mirror_proofs.catching_up import Estimate, catch_up
from testbed.mirror_proofs.clusters import proof_clusters
from testbed.mirror_proofs.dividing import STREAMS, Division, divide, loads_of, over_mean
from testbed.mirror_proofs.healthy_run import HAPPENINGS, KINDS, healthy_run
from testbed.mirror_proofs.healthy_runs import Healthy, counted_topics, healthy_runs
from testbed.mirror_proofs.kept import keep, kept
from testbed.mirror_proofs.on_three import PatternFound, RetentionRun
from testbed.mirror_proofs.report import report
from testbed.mirror_proofs.streams import Sent, Stream, due

START = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = ("t", 0)


def looks(source: list[int], target: list[int]) -> list[Look]:
    moments = [START + timedelta(seconds=n) for n in range(len(source))]
    return [Look(at, {PLACE: s}, {PLACE: t}) for at, s, t in zip(moments, source, target, strict=True)]


def test_a_backlog_is_copied_when_what_was_there_before_has_arrived() -> None:
    seen = looks([100, 110, 120, 130, 140], [0, 0, 60, 110, 130])
    assert began(seen) == START + timedelta(seconds=2)
    assert caught_up(seen, within_s=2) == START + timedelta(seconds=3)
    assert caught_up(seen, within_s=1) == START + timedelta(seconds=4)


def test_nothing_is_known_of_a_mirror_that_never_moved() -> None:
    seen = looks([100, 110, 120], [5, 5, 5])
    assert began(seen) is caught_up(seen, within_s=1) is None
    assert began([]) is caught_up([], within_s=1) is None


def test_streams_send_what_is_due() -> None:
    assert [due(Stream("t", (4.0,)), 4.0, seconds) for seconds in (0, 0.3, 1, 2.5)] == [0, 1, 4, 10]
    bursts = Stream("t", (4.0,), in_bursts=True)
    assert [due(bursts, 4.0, seconds) for seconds in (1, 2.9, 3, 5.9, 6)] == [0, 0, 12, 12, 24]


def test_twenty_healthy_runs_have_everything_in_them() -> None:
    runs = [healthy_run(seed) for seed in range(20)]
    assert {name for run in runs for name in run.happenings} == set(HAPPENINGS)
    assert {kind for run in runs for kind in run.kinds} == set(KINDS)
    assert {run.policy for run in runs} == {IDENTITY, DEFAULT_POLICY}
    names = [stream.topic for run in runs for stream in run.streams]
    assert len(set(names)) == len(names)
    assert runs == [healthy_run(seed) for seed in range(20)]


def test_compacted_topics_are_not_counted_nor_deleted_from() -> None:
    run = replace(healthy_run(0), streams=(Stream("a", (1.0,), keys=5), Stream("b", (1.0,))))
    assert counted_topics(run, Sent(records={("a", 0): 1, ("b", 0): 2, ("new", 1): 3})) == {"b", "new"}  # type: ignore[arg-type]
    assert run.deletable == run.streams[1]
    assert replace(run, streams=run.streams[:1]).deletable is None


def test_tasks_carry_what_their_partitions_copied() -> None:
    places = {"connector": "one", "topic": ["a", "a", "b"], "partition": [0, 1, 0]}
    assigned = pl.DataFrame({**places, "task": [0, 1, 1]})
    loads = loads_of(assigned, pl.DataFrame({**places, "copied_per_s": [6.0, 1.0, 2.0]}))
    assert loads == {"one-0": 6.0, "one-1": 3.0}
    assert over_mean(loads) == pytest.approx(6 / 4.5)


HEALTHY = Healthy(
    seed=3, policy="IdentityReplicationPolicy", kinds=("paced",), happenings=(), partitions=2, records=10, arrived=10,
    recorded_s=12.0, settled_s=1.0, light="red", sentence="", false_findings=("1 flow falls behind: x",),
    grey_findings=(),
)  # fmt: skip
ESTIMATE = Estimate(
    backlog="even", of_the_way=1 / 3, at=START, lag_records=5, copied_per_s=2.0, produced_per_s=1.0, estimated_s=12.0,
    low_s=None, high_s=None, true_s=10.0, took_s=30.0,
)  # fmt: skip
PATTERN = PatternFound(
    trial="aggregation", flow="a → hub", pattern="aggregation", found="fan-out", sent=5, arrived=4, lag_records=1,
    failures=2, lights=("red", "green"),
)  # fmt: skip
LOSS = RetentionRun(run=3, retention_s=20, deleted_unread=8, rows=(
    Announced(12.0, "retention_nearing", None, 0), Announced(7.0, None, CLOSE, 0), Announced(3.0, None, None, 0),
    Announced(-1.0, LOST, LOST, 8),
))  # fmt: skip
DIVISION = Division(
    planned_before=[("one", 0, "a", 0), ("one", 1, "b", 0)], assigned_before=[("one", 0, "a", 0), ("one", 0, "b", 0)],
    planned_after=[("part-1", 0, "a", 0)], assigned_after=[("part-1", 0, "a", 0)], topics_after=[("part-1", 1, ("a",))],
    loads_before={"one-0": 3.0, "one-1": 1.0}, loads_after={"part-1-0": 2.0, "part-2-0": 2.0}, predicted_before=1.5,
    predicted_after=1.0, sent=4, arrived=4, findings_after=(),
)  # fmt: skip


def test_the_report_has_what_was_measured(tmp_path: Path) -> None:
    keep(tmp_path, "healthy", [HEALTHY])
    keep(tmp_path, "catch-up", [ESTIMATE])
    with pytest.raises(TestbedError):
        report(tmp_path)
    keep(tmp_path, "division", [DIVISION])
    with pytest.raises(TestbedError):
        report(tmp_path)
    keep(tmp_path, "patterns", [PATTERN])
    keep(tmp_path, "retention", [LOSS])
    text = report(tmp_path)
    assert "1 false red or amber findings in 1 runs" in text
    assert "- 1 flow falls behind: x" in text
    assert "| even | 30 | 33% | 5 | 12 | 10 | +20% |" in text
    assert "| one connector | 2 | 2 | 1 |" in text
    assert "| one connector | 3, 1 | 1.5 | 1.5 |" in text
    assert "| a → hub | aggregation | fan-out | 5 | 4 | 1 | 2 | green, red |" in text
    assert "1 announcements missing and 1 false alarms in 4 answers about 1 losses" in text
    assert "| 3 | 4 | 12.0 s | 7.0 s | -1.0 s | 8 | retention_overtook (8 records) |" in text
    assert kept(tmp_path, "division")[0]["sent"] == 4


@pytest.fixture(scope="module")
def pair(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Run both clusters for all proofs."""
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("mirror-proofs") / "run"
    with proof_clusters(run_dir) as clusters:
        yield clusters
    assert processes.running(run_dir) == []


@pytest.fixture
def empty(pair: Pair) -> Pair:
    clear(pair)
    return pair


def real(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.campaign(pytest.mark.timeout(400)(test))


@real
def test_nothing_is_found_in_healthy_runs(empty: Pair, tmp_path: Path) -> None:
    runs = list(healthy_runs(empty, tmp_path, range(1, 4), say=print))
    assert [(run.seed, run.false_findings) for run in runs] == [(1, ()), (2, ()), (3, ())]
    assert all(run.records == run.arrived > 0 for run in runs)


@real
def test_the_time_to_catch_up_is_what_it_takes(empty: Pair, tmp_path: Path) -> None:
    estimates = catch_up(empty, replace(EVEN, records={"orders": (900,) * 4}), tmp_path)
    assert len(estimates) == 2
    for one in estimates:
        assert one.estimated_s == pytest.approx(
            one.true_s, rel=0.25, abs=2
        )  # of 30 s, on a machine with other work


@real
def test_tasks_have_the_partitions_that_were_planned(empty: Pair, tmp_path: Path) -> None:
    done = divide(empty, tmp_path, rounds=5)
    partitions = sum(len(stream.paces) for stream in STREAMS)
    assert len(done.planned_before) == len(done.planned_after) == partitions
    assert done.assigned_before == done.planned_before
    assert done.assigned_after == done.planned_after
    before, after = done.over_mean
    assert before == pytest.approx(done.predicted_before, rel=0.15)
    assert after == pytest.approx(done.predicted_after, rel=0.15)
    assert after < before - 0.5
    assert done.sent == done.arrived  # nothing is lost by dividing, nor copied twice
    assert done.findings_after == ()


def test_backlogs_have_names_of_their_own() -> None:
    assert len({backlog.name for backlog in BACKLOGS}) == len(BACKLOGS)

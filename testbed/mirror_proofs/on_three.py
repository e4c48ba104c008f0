"""Patterns of replication, and losses by retention, on three clusters: what the analysis says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka_analysis import analyses
from kafka_analysis.capture.capture import Capture
from kafka_analysis.capture.read import read_capture
from testbed.mirror_failures.announced import TOLERANCE_S, Announced, announced
from testbed.mirror_failures.pair import Clusters, clear, running_clusters, three_clusters
from testbed.mirror_failures.patterns import TOPIC
from testbed.mirror_failures.trials import ON_THREE

PATTERNS = ("aggregation", "fan_out", "geo_locality")
RETENTION = "retention_announced"


@dataclass(frozen=True)
class PatternFound:
    """What was found of one flow: ``sent`` at its source, ``arrived`` at its target, ``lag_records`` at rest."""

    trial: str
    flow: str
    pattern: str
    found: str
    sent: int
    arrived: int
    lag_records: int
    failures: int
    lights: tuple[str, ...]


@dataclass(frozen=True)
class RetentionRun:
    """A loss by retention, as it was announced at each answer."""

    run: int
    retention_s: int
    deleted_unread: int
    rows: tuple[Announced, ...]


@contextmanager
def on_three(run_dir: Path) -> Iterator[Clusters]:
    """Run three clusters for the time of a block."""
    with running_clusters(run_dir, three_clusters()) as clusters:
        yield clusters


def patterns(clusters: Clusters, folder: Path) -> Iterator[PatternFound]:
    """Record each pattern, and say what is found of its flows."""
    for trial in PATTERNS:
        capture, judge = _recorded(clusters, trial, folder)
        answer = analyses.replication(capture, tolerance=TOLERANCE_S)
        for row in answer.flows.iter_rows(named=True):
            yield PatternFound(
                trial=trial,
                flow=row["flow"],
                pattern=judge["patterns"].get(row["flow"], "none"),
                found=row["pattern"],
                sent=judge["counts"][row["source"]],
                arrived=_ends(capture, row["target"], f"{row['source']}.{TOPIC}"),
                lag_records=row["lag_records"],
                failures=answer.failures.height,
                lights=tuple(result.verdict.light.value for result in answer.results),
            )


def retention_runs(clusters: Clusters, folder: Path, runs: int) -> Iterator[RetentionRun]:
    """Record losses by retention, and say when each was announced."""
    for run in range(1, runs + 1):
        capture, judge = _recorded(clusters, RETENTION, folder / str(run))
        counts = judge["counts"]
        rows = tuple(announced(capture, judge))
        yield RetentionRun(run, counts["retention_s"], counts["deleted_unread"], rows)


def _recorded(clusters: Clusters, trial: str, folder: Path) -> tuple[Capture, dict]:
    folder.mkdir(parents=True, exist_ok=True)
    clear(clusters)
    for name, judge in ON_THREE[trial](clusters, folder).items():
        judge.write(folder / f"{name}.json")
    written = json.loads((folder / f"{trial}.json").read_text(encoding="utf-8"))
    return read_capture(folder / trial), written


def _ends(capture: Capture, cluster: str, topic: str) -> int:
    rows = capture.table("offsets").filter(cluster=cluster, topic=topic).sort("ts")
    return int(rows.group_by("partition").last()["log_end_offset"].sum())

"""Write what the proofs measured as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from testbed.jars import kafka_version
from testbed.markdown import table
from testbed.mirror_failures.announced import CLOSE, LOST, Announced
from testbed.mirror_proofs.dividing import over_mean
from testbed.mirror_proofs.kept import kept

Row = Mapping[str, Any]
INTRODUCTION = """MirrorMaker 2 copies between two real clusters (two brokers at the source, one at the target), and
`analyses.replication` judges recordings of it by kafka_analysis's own collector. Written by
`python -m testbed.mirror_proofs report FOLDER --out docs/replication_proof.md` from what `healthy`, `catch-up`,
`division`, `patterns` and `retention` measured; tests/testbed/test_mirror_proofs.py does the same with fewer runs.
"""
HEALTHY = """Each run has a seed, which chooses topics, partitions, rates, bursts, compaction, transactions (some of
them aborted), DefaultReplicationPolicy or IdentityReplicationPolicy, and events during the run. By the target's log
ends each run is healthy: every committed record is there exactly once. So every red or amber finding is false.
`settled_s`: time from the end of the producers until the mirror had stored the position of the last record. A grey
finding names records that were not copied although nothing moves; aborted transactions leave such records.
"""
CATCH_UP = """A mirror is stopped, a backlog is sent, and the mirror is started again under a producer quota while
producers continue. `estimated_s` is the time to catch up by the analysis, for a window that ends after a third and
after two thirds of the way; `true_s` is the time until the target had every record that the source had 2 s before, by
the log ends of both clusters.
"""
DIVISION = """One MirrorSourceConnector with four tasks on a Connect cluster, then the connectors of
`plan.divide_topics`, which continue at its positions (`PATCH /connectors/<name>/offsets` while they are stopped). The
partitions of tasks are the recorded `task.assigned.partitions`; loads are the records per second of each task, from
positions.
"""
PATTERNS = """Three clusters of one broker each; one dedicated MirrorMaker 2 with DefaultReplicationPolicy mirrors a
topic of each source. In the last trial, a group on each side reads the copy there. `sent`: records that the brokers of
the source acknowledged; `at the target`: by its log ends; `lag`: by the analysis, at rest. MirrorMaker's properties
file (`mirror_properties`) is read, too: tests/testbed/test_mirror_failures.py checks that no setting in it differs from
those that MirrorMaker keeps in the cluster.
"""
RETENTION = """A mirror is stopped, records are sent to a topic with `retention.ms` of 20 s (the broker deletes expired
segments every 0.5 s), and both clusters are recorded every 2 s. Each answer is judged with a capture that ends with it.
`left`: seconds from the answer to the earliest possible deletion, which is the time just before the first unread record
was sent plus the retention. The loss must be announced (`retention_close`) when 2 intervals or less are left. With more
than 3 left it is a false alarm; between two answers the arrival of a record is not known more precisely. So the first
announcement comes 1 to 3 intervals before the loss. By the default shares, `retention_nearing` begins when half of the
retention is used; 80 % of 20 s leave 4 s, which are the two intervals.
"""
MENDED = """The first captures, of 2026-11-30, showed the defects below, which were fixed. Before, 11 of 20 healthy runs
(seeds 0 to 19) had a false red finding; the times to catch up were +85 %, +264 % and missing at a third of the way,
+18 %, +13 % and +77 % at two thirds. With the fixes, the same captures gave no false finding, and estimates from -5 %
to +10 %. The estimates above, and healthy runs with seeds from 20 on, were recorded after the fixes.

- Records of aborted transactions at the end of a log at rest made a flow red ("mirrors nothing in some partitions while
  records wait"). Now, a mirror that stored any position after they were written, and that has no other lag, counts as
  having skipped them (`stats.mirror.passed_over`): a grey finding.
- The rate included the time before the mirror ran, and each partition was estimated alone, although it gets the share
  of the others of its task when they are done. Now a task catches up as a whole, at its rate between commits since it
  started (`stats.mirror.closing`).
- A mirror that copied a backlog older than the recording was reported as falling behind or keeping up: the age of such
  records is only known to be at least that of the recording. Now it is reported as catching up, if that takes longer
  than its lag.
- A deleted connector leaves its committed offsets and the settings of its tasks behind, and was reported as a red flow
  that stands still. Now it is left out, except for records that others read again (`stats.deleted_connectors`).
- `plan.round_robin` sorted topics by name if they fall into one bucket of a Java map: in a first division, 6 of 14
  partitions were in other tasks than predicted. Now it follows the order of MirrorMaker's own maps.
"""
LIMITS = """- All servers share one machine with other work; the figures say nothing about throughput.
- Aborted records at rest look like records that one stopped task of several does not copy, if the states of the tasks
  are not recorded.
- A mirror that stored its position only once since the recording began has no known rate yet: with a backlog older than
  the recording it seems to keep up until its second commit.
- The estimate assumes that the task limits a mirror; it does not consider a quota that several tasks share.
"""


def report(folder: Path) -> str:
    """Return the report on what a folder holds.

    Raises
    ------
    TestbedError
        If one of the proofs was not run.
    """
    runs, estimates, (division,) = (kept(folder, name) for name in ("healthy", "catch-up", "division"))
    found, losses = kept(folder, "patterns"), kept(folder, "retention")
    sections = {
        "Healthy runs": f"{HEALTHY}\n{counted_findings(runs)}\n\n{table(healthy_table(runs))}",
        "Time to catch up": f"{CATCH_UP}\n{table(estimate_table(estimates))}",
        "Division among tasks": f"{DIVISION}\n{table(assigned_table(division))}\n\n{table(load_table(division))}\n\n"
        f"{table(topic_table(division))}\n\n{arrived(division)}",
        "Patterns": f"{PATTERNS}\n{table(pattern_table(found))}",
        "Losses by retention": f"{RETENTION}\n{counted_alarms(losses)}\n\n{table(loss_table(losses))}",
        "What these proofs changed": MENDED,
        "What this does not show": LIMITS,
    }
    head = f"# Proof: the analysis of replication on real servers\n\n{INTRODUCTION}\n{provenance()}\n"
    return head + "".join(f"\n## {name}\n\n{text.rstrip()}\n" for name, text in sections.items())


def provenance() -> str:
    """Say when, with which versions and on which machine."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, Kafka {kafka_version()}, Python {platform.python_version()}, Polars "
        f"{pl.__version__}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {gib:.0f} GiB, shared."
    )


def counted_findings(runs: Sequence[Row]) -> str:
    """Say how many findings were false."""
    false = [finding for run in runs for finding in run["false_findings"]]
    lines = [
        f"**{len(false)} false red or amber findings in {len(runs)} runs.**",
        *(f"- {text}" for text in false),
    ]
    return "\n".join(lines)


def healthy_table(runs: Sequence[Row]) -> pl.DataFrame:
    """Return a row per healthy run."""
    return pl.DataFrame(
        {
            "seed": run["seed"],
            "policy": run["policy"].removesuffix("ReplicationPolicy"),
            "topics": "; ".join(run["kinds"]),
            "meanwhile": "; ".join(run["happenings"]),
            "partitions": run["partitions"],
            "records": run["records"],
            "recorded_s": round(run["recorded_s"], 1),
            "settled_s": round(run["settled_s"], 1),
            "light": run["light"],
            "false": len(run["false_findings"]),
            "grey": len(run["grey_findings"]),
        }
        for run in runs
    )


def pattern_table(flows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per flow."""
    return pl.DataFrame(
        {
            "flow": one["flow"],
            "is": one["pattern"],
            "recognised as": one["found"],
            "sent": one["sent"],
            "at the target": one["arrived"],
            "lag": one["lag_records"],
            "failures": one["failures"],
            "lights": ", ".join(sorted(set(one["lights"]))),
        }
        for one in flows
    )


def counted_alarms(losses: Sequence[Row]) -> str:
    """Say how many announcements were false, and how many are missing."""
    rows = [Announced(**row) for loss in losses for row in loss["rows"]]
    missed, false = sum(row.is_missed for row in rows), sum(row.is_false for row in rows)
    of = f"in {len(rows)} answers about {len(losses)} losses"
    return f"**{missed} announcements missing and {false} false alarms {of}.**"


def loss_table(losses: Sequence[Row]) -> pl.DataFrame:
    """Return a row per loss: what was left when each kind of announcement came first, and what was said of the loss."""
    rows = []
    for loss in losses:
        answers = [Announced(**row) for row in loss["rows"]]
        last = answers[-1]
        rows.append({
            "loss": loss["run"],
            "answers": len(answers),
            "left when nearing": _first(answers, "by_default", "retention_nearing"),
            "left when close": _first(answers, "by_intervals", CLOSE),
            "left when found lost": _first(answers, "by_intervals", LOST),
            "unread records deleted": loss["deleted_unread"],
            "said at the end": f"{last.by_default} ({last.lost} records)",
        })  # fmt: skip
    return pl.DataFrame(rows)


def _first(answers: Sequence[Announced], by: str, failure: str) -> str:
    left = [row.left_s for row in answers if failure in (getattr(row, by) or "")]
    return f"{left[0]:.1f} s" if left else "never"


def estimate_table(estimates: Sequence[Row]) -> pl.DataFrame:
    """Return a row per estimate."""
    return pl.DataFrame(
        {
            "backlog": one["backlog"],
            "took_s": round(one["took_s"], 1),
            "of the way": f"{one['of_the_way']:.0%}",
            "records behind": one["lag_records"],
            "estimated_s": None if one["estimated_s"] is None else round(one["estimated_s"], 1),
            "true_s": round(one["true_s"], 1),
            "difference": "missing"
            if one["estimated_s"] is None
            else f"{one['estimated_s'] / one['true_s'] - 1:+.0%}",
        }
        for one in estimates
    )


def assigned_table(division: Row) -> pl.DataFrame:
    """Return for each division how many partitions are in the task that was predicted."""
    rows = []
    for when in ("before", "after"):
        planned, assigned = (_places(division[f"{which}_{when}"]) for which in ("planned", "assigned"))
        rows.append((WHEN[when], len(planned), len(assigned), len(planned & assigned)))
    names = ["division", "partitions predicted", "partitions assigned", "in the task that was predicted"]
    return pl.DataFrame(rows, schema=names, orient="row")


WHEN = {"before": "one connector", "after": "as planned"}


def _places(dealt: Sequence[Sequence[Any]]) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in dealt}


def load_table(division: Row) -> pl.DataFrame:
    """Return for each division what its tasks copied, and the heaviest ÷ mean."""
    return pl.DataFrame(
        {
            "division": WHEN[when],
            "records/s of each task": ", ".join(f"{load:.0f}" for load in division[f"loads_{when}"].values()),
            "heaviest ÷ mean": round(over_mean(division[f"loads_{when}"]), 2),
            "predicted": round(division[f"predicted_{when}"], 2),
        }
        for when in WHEN
    )


def topic_table(division: Row) -> pl.DataFrame:
    """Return the connectors of the plan."""
    return pl.DataFrame(
        {"connector": name, "tasks.max": tasks, "topics": ", ".join(topics)}
        for name, tasks, topics in division["topics_after"]
    )


def arrived(division: Row) -> str:
    """Say whether records were lost or copied twice by dividing, and what the analysis found afterwards."""
    found = "; ".join(division["findings_after"]) or "nothing"
    return (
        f"{division['sent']:,} records were sent and {division['arrived']:,} are at the target. "
        f"Findings afterwards: {found}."
    )

"""Write what the proofs measured as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from testbed.cutover_proofs.at_size import AtSize, size_table
from testbed.cutover_proofs.faults import Outcome
from testbed.cutover_proofs.moves import Move
from testbed.cutover_proofs.recorded_failures import Failed
from testbed.cutover_proofs.rights import Seen
from testbed.cutover_proofs.way_back import Back
from testbed.markdown import table
from testbed.mirror_proofs.kept import kept
from testbed.mirror_proofs.report import provenance

Row = Mapping[str, Any]
Proof = tuple[str, Callable[[Sequence[Row]], str] | None, Callable[[Sequence[Row]], pl.DataFrame]]
INTRODUCTION = """MirrorMaker 2 copies between two real clusters of one broker each, with the same settings;
`live.checks.cutover` and `analyses.cutover_readiness` check waves of them. Written by `python -m
testbed.cutover_proofs report FOLDER --out docs/cutover_proof.md` from the measurements of `moves`, `waves`, `faults`,
`recorded`, `rights`, `expired`, `size` and `back`; tests/testbed/test_cutover_proofs.py does the same on a smaller
scale. Each section says when it was measured.
"""
MOVES = """Groups have committed offsets of every kind at the source: at the end, far behind, in the middle, a few
records behind, on some partitions only, committed in small steps while the mirror ran, committed while records were
mirrored; two more groups read all the time, one of them at a limited rate (`live`). Topics: plain, keyed, compacted
(already cleaned), transactional with 20 records per transaction (every fifth aborted) and with one record. The check
runs; then each group moves: a consumer with its name starts at the target from its offset there (with `checkpoints
only`, the offset of its checkpoint is committed first, as a client's translation does) and reads to the end. `real`:
records with an id that the group had read at the source, by what the brokers acknowledged. `lost`: records that it read
at neither end; `skips` were predicted. A prediction for a stopped group is right within 100 records or 1 %, one for a
live group within its range. For `beyond`, an offset at the target above its position is planted. Without an offset at
the target (`offset not translated`) no group may move, and nothing is predicted for it.
"""
WAVES = """Each wave has two or three topics (plain, keyed, compacted, transactional, empty) and a group; five waves
are checked together, at three gates: producers and consumers running; producers stopped; consumers stopped. No check is
waived; the type of the target's brokers is declared (`broker_type`), and headroom comes from the brokers' metrics.
"""
FAULTS = """One wave is ready; faults are planted one after another and removed again. `wanted`: the required verdict,
and the finding that must be among those that block the wave.
"""
RECORDED = """Captures of `python -m testbed.mirror_failures`, in which known failures of MirrorMaker were provoked.
They contain neither records of both ends nor metrics, so none may be `go` unless those checks are waived; with these
waived, each failure must be named and must be a no-go.
"""
RIGHTS = """Two clusters require client certificates, with a mirror between them. The wave is ready, and is checked by
users who lack one right each. Headroom is waived, because the clusters are read without metrics. What a user may not
see must be unknown, with the verdict `not enough data`. The last user sees everything, and certificates must be valid
for 40 days, but are valid for 30.
"""
EXPIRED = """The certificate of the target's broker is valid for five minutes. The mirror continues on its existing
connections; new clients, such as the check, are refused once it has expired.
"""
SIZE = """Topics with one partition at both clusters, with three configured settings each; every hundredth has a
different retention at the target. `read`: time to read both clusters for a check (topics, configuration, brokers,
rights, quotas, users, groups, offsets twice, offsets at four ages, certificates; no records). `judged`: time of the
whole check on those tables.
"""
BACK = """Groups move, read at the target and commit there; their offsets at the source are changed, as a sync back
might do; then the output of `plan rollback` for the check's snapshot is run with `kafka-consumer-groups.sh`. `again`:
records that a group read again at the source, which must be those that it read at the target since the snapshot.
`new`: records that were only written to the target and are not at the source, as the plan says.
"""
CHANGED = """At first, not all healthy waves were `go`. Each defect below has a test in
tests/analyses/test_cutover_defects.py.
Moves, waves, faults, rights and the way back were measured again after these fixes; the other sections say their date.

- A transactional topic at rest was a no-go (`replica behind`, 1 record): the marker of the last transaction is not a
  record, and no replicator copies it. Now the check reads to the end of the log to see whether a record is left.
- An empty topic was `not enough data` (`records not compared`). Now a log that is empty at both ends needs no
  comparison.
- With producers running, a log end that was read before the requested time counted as the answer for that time: 1
  record was missing at the target. Now such a time is not compared.
- `min.insync.replicas` above the number of replicas at the target was `go`, although every producer that waits for all
  replicas would be refused. Now that is found (`producers would be refused`).
- A transaction that writes to a topic outside the wave was `go`: only the producers of the wave's topics were listed.
  Now those of all other topics are listed, too.
- Without the right to Describe groups a wave was ready (`offsets`), because no group was seen. Now that is unknown.
- Without the right to read the mirror's topics a topic was "absent at the target", and a no-go. Now the topic of the
  same name counts as its replica, and its replicator is unknown.
- A profile with swapped addresses was reported as one cluster at both ends.
- A cell without any traffic ended the check with an error (`bytes_in_per_s_peak is 0`).
- A target with an expired certificate was `not enough data`, and its certificate was not checked, because a cluster
  that does not answer has no pair of topics. Now the certificates of every cluster of the move are checked.
- A live group read 247 records again where its range ended at 214, on a busy machine with intervals of 1 s: the range
  had the mirror's intervals only. Now five seconds are added for its rounds; the ranges in the table above are without.
"""
MEASURED = {
    "Records read twice": "moves",
    "Healthy waves": "waves",
    "Planted faults": "faults",
    "Recorded failures": "recorded",
    "Missing rights": "rights",
    "A certificate that has expired": "expired",
    "Thousands of topics": "size",
    "The way back": "back",
}
LIMITS = """- All servers share one machine with other work; when it stalled for half a minute, a wave was `not enough
  data`, because there were no two answers about metrics (headroom).
- One version of Kafka and MirrorMaker 2 at both ends, one broker at each; no MSK Replicator, no Cluster Linking.
- Groups that read but have not committed are tested with captures (tests/analyses/test_cutover_readiness.py), not with
  real servers.
- A real consumer that is killed instead of closed has read more than it committed; it then reads more records twice
  than the prediction from its committed offset.
"""


def report(folder: Path, so_far: str = "") -> str:
    """Return the report on what a folder holds.

    Sections of proofs that the folder does not hold stay as they are in ``so_far``, the report as it was.

    Raises
    ------
    TestbedError
        If a proof was not run, and its section is not in the report so far.

    Examples
    --------
    >>> sections("# Title\n\nText\n\n## One\n\nfirst\n\n## Two\n\nsecond\n")
    {'One': 'first', 'Two': 'second'}
    """
    before = sections(so_far)
    measured = {heading: _measured(folder, proof, before.get(heading)) for heading, proof in MEASURED.items()}
    whole = measured | {"What these proofs changed": CHANGED, "What this does not show": LIMITS}
    head = f"# Proof: the cut-over check on real servers\n\n{INTRODUCTION}"
    return head + "".join(f"\n## {name}\n\n{text.rstrip()}\n" for name, text in whole.items())


def sections(text: str) -> dict[str, str]:
    """Return the sections of a report by their headings."""
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {heading: body.strip() for heading, _, body in parts}


def _measured(folder: Path, proof: str, so_far: str | None) -> str:
    if so_far is not None and not (folder / f"{proof}.json").exists():
        return so_far
    introduction, counted, tabulated = PROOFS[proof]
    rows = kept(folder, proof, of="cutover_proofs")
    told = [
        introduction.rstrip(),
        provenance(),
        *([counted(rows)] if counted else []),
        table(tabulated(rows)),
    ]
    return "\n\n".join(told)


def _move(row: Row) -> Move:
    return Move(**{**row, "said": tuple(row["said"])})


def counted_moves(rows: Sequence[Row]) -> str:
    """Say how many predictions were wrong, and how far off the worst was."""
    moved = [_move(row) for row in rows]
    predicted = [move for move in moved if move.is_predicted]
    stopped = [move for move in predicted if not move.is_active and move.high is not None]
    worst = max((abs((move.high or 0) - move.real) for move in stopped), default=0)
    skipping = sum(bool(move.predicted_skips) for move in predicted)
    return (
        f"**{sum(move.is_off for move in moved)} of {len(predicted)} predictions wrong; the worst of {len(stopped)} "
        f"stopped groups {worst} records off.** {len(predicted) - len(stopped)} live groups; {skipping} groups that "
        f"skip records, as planted; {len(moved) - len(predicted)} groups without an offset at the target, which the "
        "check does not let pass."
    )


def move_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per move."""
    moved = [_move(row) for row in rows]
    return pl.DataFrame(
        {
            "MirrorMaker": move.setting,
            "group": move.group + (" (live)" if move.is_active else ""),
            "predicted": _range(move),
            "real": move.real,
            "skips": "" if move.predicted_skips is None else str(move.predicted_skips),
            "lost": move.lost,
            "position known by": move.known_by,
            "start known by": move.start_by,
            "findings": ", ".join(move.said),
            "wrong": "wrong" if move.is_off else "",
        }
        for move in moved
    )


def _range(move: Move) -> str:
    if move.high is None:
        return "none"
    return str(move.high) if move.low == move.high else f"{move.low} to {move.high}"


def counted_waves(rows: Sequence[Row]) -> str:
    """Say how many verdicts on healthy waves were not go."""
    false = [row for row in rows if row["verdict"] != "go"]
    lines = [f"- wave {row['wave']}, {row['stage']}: {'; '.join(row['findings'])}" for row in false]
    waves = len({row["wave"] for row in rows})
    return "\n".join(
        [f"**{len(false)} of {len(rows)} verdicts on {waves} healthy waves are not go.**", *lines]
    )


def wave_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per wave, with its verdict at each gate."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        line = found.setdefault(row["wave"], {"wave": row["wave"], "topics": ", ".join(row["kinds"])})
        line[row["stage"]] = row["verdict"]
    return pl.DataFrame(list(found.values()))


def counted_faults(rows: Sequence[Row]) -> str:
    """Say how many planted faults were let pass, or not named."""
    outcomes = [Outcome(**{**row, "findings": tuple(row["findings"])}) for row in rows]
    wrong = [one for one in outcomes if one.is_wrong]
    lines = [f"- {one.fault}: {one.verdict}: {'; '.join(one.findings)}" for one in wrong]
    return "\n".join([f"**{len(wrong)} of {len(outcomes)} verdicts wrong.**", *lines])


def fault_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per fault."""
    return pl.DataFrame(
        {
            "planted": row["fault"],
            "gate": row["stage"],
            "wanted": row["wanted"],
            "verdict": row["verdict"],
            "findings": "; ".join(dict.fromkeys(line.partition(" (")[0] for line in row["findings"])),
        }
        for row in rows
    )


def counted_recorded(rows: Sequence[Row]) -> str:
    """Say how many recorded failures were let pass, or not named."""
    judged = [
        Failed(**{**row, **{name: tuple(row[name]) for name in ("verdicts", "without_records", "findings")}})
        for row in rows
    ]
    failures = sum(one.failure is not None for one in judged)
    wrong = [one.capture for one in judged if one.is_wrong]
    return f"**{len(wrong)} of {len(judged)} captures judged wrong ({failures} of them of failures){_list(wrong)}.**"


def _list(names: Sequence[str]) -> str:
    return f": {', '.join(names)}" if names else ""


def recorded_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per capture."""
    return pl.DataFrame(
        {
            "capture": row["capture"],
            "failure": row["failure"] or "none",
            "nothing waived": ", ".join(row["without_records"]),
            "records and metrics waived": ", ".join(row["verdicts"]),
            "named": "yes" if row["is_named"] else "" if row["failure"] is None else "no",
        }
        for row in rows
    )


def counted_rights(rows: Sequence[Row]) -> str:
    """Say how many users were told something else than they had to be."""
    wrong = [row["lacks"] for row in rows if Seen(**{**row, "findings": tuple(row["findings"])}).is_wrong]
    return f"**{len(wrong)} of {len(rows)} verdicts wrong{_list(wrong)}.**"


def rights_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per user."""
    return pl.DataFrame(
        {
            "lacks": row["lacks"],
            "wanted": row["wanted"],
            "verdict": row["verdict"],
            "findings": "; ".join(dict.fromkeys(line.partition(" (")[0] for line in row["findings"])),
        }
        for row in rows
    )


def back_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per group that went back."""
    backs = [
        Back(**{**row, **{name: tuple(row[name]) for name in ("snapshot", "before", "after")}})
        for row in rows
    ]
    return pl.DataFrame(
        {
            "group": one.group,
            "snapshot": ", ".join(map(str, one.snapshot)),
            "before": ", ".join(map(str, one.before)),
            "after": ", ".join(map(str, one.after)),
            "read at the target since": one.read_at_target,
            "again": one.again,
            "lost": one.lost,
            "new": one.new,
            "wrong": "wrong" if one.is_wrong else "",
        }
        for one in backs
    )


def sizes_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return a row per number of topics."""
    return size_table([AtSize(**row) for row in rows])


PROOFS: Mapping[str, Proof] = {  # what is said of a proof, how its outcomes are counted, its table
    "moves": (MOVES, counted_moves, move_table),
    "waves": (WAVES, counted_waves, wave_table),
    "faults": (FAULTS, counted_faults, fault_table),
    "recorded": (RECORDED, counted_recorded, recorded_table),
    "rights": (RIGHTS, counted_rights, rights_table),
    "expired": (EXPIRED, None, rights_table),
    "size": (SIZE, None, sizes_table),
    "back": (BACK, None, back_table),
}

"""Hold what a plan promised against what real brokers did, and write the result as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import polars as pl

from kafka_analysis.model.units import format_quantity
from testbed.admin import Place
from testbed.jars import kafka_version
from testbed.markdown import table
from testbed.proof import Proof, Run
from testbed.proof_cluster import Seen

COMPARED = {
    "moment": pl.String,
    "figure": pl.String,
    "subject": pl.String,
    "promised": pl.String,
    "found": pl.String,
}
AFTER, BACK = "after the plan", "after its rollback"
JUDGES = {
    "replicas, in order": ("metadata of the brokers", "test_replicas_are_those_of_the_plan"),
    "leader": ("metadata of the brokers", "test_preferred_leaders_lead"),
    "size of a broker": ("LogDirsCommand", "test_sizes_are_those_promised_to_the_byte"),
    "log end offset": ("list_offsets of the brokers", "test_no_record_is_lost_and_all_replicas_are_in_sync"),
    "all replicas in sync": (
        "metadata of the brokers",
        "test_no_record_is_lost_and_all_replicas_are_in_sync",
    ),
    "throttles left": ("describe-configs, kafka-configs", "test_no_throttle_is_left"),
}
INTRODUCTION = """A cluster of four brokers in two racks, uneven on purpose, is filled and recorded with
`kafka_analysis`'s own collector; `plan_rebalance` and `plan_execution` plan from the capture. The commands of plan.md
are then run unchanged, with Kafka's own tools, and after them the commands that undo each batch, from the last to
the first. Written by `python -m testbed proof --out docs/rebalance_proof.md`; the tests named are in
tests/testbed/test_rebalance_proof.py, which does the same with a higher throttle.
"""
GOALS = """For a rule, the number of partitions that violate it; for sizes, replicas and leaders, the fullest broker ÷
its share.
"""
BYTES = """Bytes in and out are the brokers' own counters of reassignments (`ReassignmentBytesInPerSec` and
`ReassignmentBytesOutPerSec`, through the JMX exporter). They are slightly above the plan: a fetch of 1 MiB ends within
a batch of records; the part of that batch is counted, and is sent again with the next fetch. Checked by
`test_bytes_moved_are_those_promised_and_what_fetches_repeat`.
"""
DURATIONS = """The reassignments of the cluster are listed every 0.1 s. Copying lasts from the last empty list before a
batch to the first one after it. The time of all commands includes the start of a JVM for each tool, which the pauses
between batches allow for. Checked by `test_copying_takes_as_long_as_promised`.

The low end is below bytes ÷ throttle, because Kafka applies a throttle to a mean and counts a fetch after it was sent
(`plan.execution.timing.throttle_burst_seconds`). Before the plan considered that, this proof failed: a batch that began
3 s after another took 1.4 s instead of at least 3.5 s; one whose leader sent 16.1 MB at 1.5 MB/s took 7.6 s, not 10.7.
"""
UNDONE = """The rollback has the same throttle, here without pauses; the plan gives no time for it.
"""
CONCURRENT = """The maximum number of replicas of one partition, and of copies that one broker received or sent, at the
same time. Checked by `test_one_replica_of_a_partition_moves_at_a_time_and_brokers_keep_to_their_limit`.
"""
LIMITS = """- All brokers share one machine and its disk: the influence of a network or a disk on copying is not shown.
- Producers are stopped: records that arrive while partitions move are part of the computation, but not measured here.
"""


def compared(proof: Proof) -> pl.DataFrame:
    """Return every promise that must hold exactly, with what was found: a row per subject."""
    rows = [*_of(AFTER, proof, proof.after), *_of(BACK, proof, proof.back)]
    return pl.DataFrame(rows, schema=COMPARED, orient="row")


def _of(moment: str, proof: Proof, found: Seen) -> Iterator[tuple[str, ...]]:
    replicas, sizes = _promised(proof) if moment == AFTER else (proof.start.replicas, proof.start.sizes)
    yield from _rows(moment, "replicas, in order", _named(replicas), _named(found.replicas))
    yield from _rows(moment, "leader", _named({p: r[0] for p, r in replicas.items()}), _named(found.leaders))
    yield from _rows(moment, "size of a broker", sizes, found.sizes)
    yield from _rows(moment, "log end offset", _named(proof.start.ends), _named(found.ends))
    yield from _rows(moment, "all replicas in sync", {"cluster": True}, {"cluster": found.in_sync})
    yield from _rows(moment, "throttles left", {"cluster": ()}, {"cluster": found.throttles})


def _promised(proof: Proof) -> tuple[dict[Place, list[int]], dict[int, int]]:
    rows = proof.rebalance.assignment.select("topic", "partition", "replicas").iter_rows()
    sizes = proof.rebalance.summary.brokers.select(
        "broker", pl.col("size_bytes_after").round().cast(pl.Int64)
    )
    return {(topic, partition): replicas for topic, partition, replicas in rows}, dict(sizes.iter_rows())


def _named(places: Mapping[Place, object]) -> dict[str, object]:
    return {f"{topic}-{partition}": value for (topic, partition), value in sorted(places.items())}


def _rows(moment: str, figure: str, promised: Mapping, found: Mapping) -> Iterator[tuple[str, ...]]:
    for subject in sorted({*promised, *found}, key=str):
        told = [str(values.get(subject, "nothing")) for values in (promised, found)]
        yield moment, figure, str(subject), *told


def bytes_moved(proof: Proof) -> pl.DataFrame:
    """Return each broker's bytes in and out of all batches: promised, counted by the broker, and the difference."""
    names = ("bytes_in", "bytes_out")
    promised = proof.execution.broker_batches.group_by("broker").agg(pl.col(names).sum())
    before, after = (seen.copied.sort("broker") for seen in (proof.start, proof.after))
    grown = after.select("broker", *(pl.col(name) - before[name] for name in names))
    both = grown.join(promised, on="broker", how="left", suffix="_promised").sort("broker")
    long = pl.concat(
        both.select(
            "broker",
            direction=pl.lit(name),
            promised=pl.col(f"{name}_promised").fill_null(0.0),  # a broker the plan does not touch
            counted=name,
        )
        for name in names
    )
    share = pl.when(pl.col("promised") > 0).then(pl.col("counted") / pl.col("promised") - 1)
    return long.with_columns(more=share).sort("broker", "direction")


def durations(proof: Proof) -> pl.DataFrame:
    """Return each batch's seconds: the interval promised, and what copying and all commands took."""
    rows = [(run.batch, run.watch.seconds, run.seconds) for run in proof.forward]
    schema = {"batch": pl.Int32, "copying_s": pl.Float64, "all_commands_s": pl.Float64}
    promised = proof.execution.batches.select(
        "batch",
        "kind",
        "partitions",
        "bytes_to_copy",
        low_s="seconds_low",
        expected_s="seconds",
        high_s="seconds_high",
    )
    return promised.join(pl.DataFrame(rows, schema=schema, orient="row"), on="batch")


def undone(proof: Proof) -> pl.DataFrame:
    """Return what undoing each batch took, in the order it was done."""
    rows = [(run.batch, run.watch.seconds, run.seconds) for run in proof.backward]
    schema = {"undone_batch": pl.Int32, "copying_s": pl.Float64, "all_commands_s": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def concurrent(proof: Proof) -> pl.DataFrame:
    """Return how much moved at once in each batch and each undoing: looks that saw movement, and the most at any."""
    rows = [
        *(_most(f"batch {run.batch}", run, proof) for run in proof.forward),
        *(_most(f"undoing {run.batch}", run, proof) for run in proof.backward),
    ]
    return pl.DataFrame(rows, orient="row")


def _most(name: str, run: Run, proof: Proof) -> dict[str, object]:
    return {
        "what": name,
        "looks_with_movement": run.watch.moving_looks,
        "most_of_a_partition": run.watch.most_of_a_partition,
        "most_of_a_broker": run.watch.most_of_a_broker(run.leaders),
        "limit_of_a_broker": proof.execution.limits.max_concurrent_movements,
    }


def summarised(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row per moment and figure: how many subjects were compared, and how many are as promised."""
    counted = rows.group_by("moment", "figure", maintain_order=True).agg(
        compared=pl.len(), as_promised=(pl.col("promised") == pl.col("found")).sum()
    )
    judge, test = (pl.col("figure").replace_strict({k: v[i] for k, v in JUDGES.items()}) for i in (0, 1))
    return counted.select(
        "moment",
        "figure",
        judge=judge,
        test=pl.format("`{}`", test),
        compared="compared",
        as_promised="as_promised",
    )


def report(proof: Proof) -> str:
    """Return the whole comparison as Markdown."""
    throttle = format_quantity(proof.execution.batches["throttle_bytes_per_s"].max(), "B/s")
    goals = proof.rebalance.summary.goals.select("goal", "before", "after", "status")
    moved = format_quantity(proof.rebalance.summary.bytes_to_move, "B")
    least = format_quantity(proof.rebalance.summary.lower_bound_bytes, "B")
    rows = compared(proof)
    differing = rows.filter(pl.col("promised") != pl.col("found"))
    sections = {
        "The plan": f"{moved} to move; no plan that meets every goal moves less than {least}.\n\n"
        f"{GOALS}\n{table(goals)}",
        "What must hold exactly": table(summarised(rows)),
        "What differs": table(differing) if len(differing) else "Nothing.",
        "Bytes moved": f"{BYTES}\n{table(bytes_moved(proof))}",
        "Seconds": f"{DURATIONS}\n{table(durations(proof))}\n\n{UNDONE}\n{table(undone(proof))}",
        "At once": f"{CONCURRENT}\n{table(concurrent(proof))}",
        "What this does not show": LIMITS,
    }
    made = f"Kafka {kafka_version()}, throttle {throttle}, {datetime.now(UTC):%Y-%m-%d}."
    head = ["# Proof: a rebalance plan carried out on real brokers, and undone\n", INTRODUCTION, made]
    return "\n".join([*head, *(f"\n## {name}\n\n{body.rstrip()}" for name, body in sections.items())]) + "\n"

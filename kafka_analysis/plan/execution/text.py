"""The plan as people read it, at night and in a hurry: Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from kafka_analysis.model.units import counted, format_duration, format_interval, format_quantity
from kafka_analysis.plan.execution.fixed_text import ELECT, INTERVAL, REASSIGN, STOPPING, THROTTLES, before

if TYPE_CHECKING:
    from kafka_analysis.plan.execution.plan import ExecutionPlan

_MEANING = re.compile(r"([\\`*_\[\]<>|~&$#])")
_MOST_NAMED = 20


def plan_text(plan: ExecutionPlan, files: Mapping[int, Sequence[str]]) -> str:
    """Write a plan as Markdown: what it does, what must hold before, each batch with its commands, how to stop.

    Parameters
    ----------
    plan
        Result of :func:`kafka_analysis.plan.execution.plan.plan_execution`.
    files
        Names of each batch's files.
    """
    if plan.batches.is_empty():
        nothing = ["# Execution plan", "Nothing changes: there is nothing to do."]
        return "\n\n".join([*nothing, *_listed("Look at this", plan.warnings)]) + "\n"
    parts = [
        *_summary(plan),
        *_listed("Look at this first", plan.warnings),
        before(plan.limits, plan.flavour, plan.gone),
        THROTTLES,
        "## Batches",
        *(
            part
            for row in plan.batches.iter_rows(named=True)
            for part in _batch(plan, row, files[row["batch"]])
        ),
        STOPPING,
        *_listed("What the plan takes for granted", plan.assumptions),
    ]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    r"""Return text read from a cluster without meaning to Markdown or HTML, on one line.

    Examples
    --------
    >>> print(escaped("a_b|<i>\n# x"))
    a\_b\|\<i\> \# x
    """
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return _MEANING.sub(r"\\\1", line)


def _summary(plan: ExecutionPlan) -> Iterator[str]:
    partitions, batches = plan.before.height, plan.batches.height
    size, bound = format_quantity(plan.bytes_to_copy, "B"), format_duration(plan.bound_seconds)
    times = format_interval(plan.seconds, plan.seconds_low, plan.seconds_high)
    yield "# Execution plan"
    yield (
        f"**{counted(partitions, 'partition')} change in {counted(batches, 'batch', 'batches')}; {size} are copied. "
        f"In all: {times}**, pauses of {format_duration(plan.limits.pause_s)} between batches included. "
        f"No order could copy it in less than {bound}."
    )
    yield INTERVAL
    rows = [
        f"| {row['batch']} | {_what(row)} | {format_quantity(row['bytes_to_copy'], 'B')} | {_throttle(row)} "
        f"| {_span(row)} | {format_duration(row['starts_after_s'])} |"
        for row in plan.batches.iter_rows(named=True)
    ]
    head = "| batch | what | to copy | throttle | takes | starts after |\n|--:|---|--:|--:|---|--:|"
    yield "\n".join([head, *rows])


def _batch(plan: ExecutionPlan, row: dict[str, Any], files: Sequence[str]) -> Iterator[str]:
    names = {name.rsplit("-", 1)[0]: name for name in files}
    number = names["reassignment"].split("-")[1].split(".")[0]
    yield f"### Batch {number}: {_what(row)}"
    yield f"{_expected(plan, row)}\n\n{_partitions(plan.steps.filter(batch=row['batch']), names)}"
    throttle = "" if row["throttle_bytes_per_s"] is None else f" --throttle {row['throttle_bytes_per_s']:.0f}"
    file = f"--reassignment-json-file {names['reassignment']}"
    yield f"Make the checks above. Then start it:\n\n{_command(f'{REASSIGN} {file} --execute{throttle}')}"
    ends = "it then removes the throttle" if throttle else "nothing is copied, so that is at once"
    yield f"Repeat this until every partition is complete; {ends}:\n\n{_command(f'{REASSIGN} {file} --verify')}"
    if "leader-election" in names:
        elect = _command(f"{ELECT} --path-to-json-file {names['leader-election']}")
        yield f"Then elect the preferred leader of {counted(row['elections'], 'partition')}:\n\n{elect}"
    yield _in_force(plan, row, names, throttle)


def _command(*lines: str) -> str:
    return "\n".join(["```sh", *lines, "```"])


def _expected(plan: ExecutionPlan, row: dict[str, Any]) -> str:
    if row["kind"] == "leader":
        return "Nothing is copied; it takes moments."
    there = plan.broker_batches.filter(batch=row["batch"])
    size = format_quantity(row["bytes_to_copy"], "B")
    slowest = "" if row["slowest_broker"] is None else f", by broker {row['slowest_broker']}"
    worst = [
        f"{words} at most {format_quantity(there[name].max(), '%')} used"
        for name, words in (("peak_disk_share", "disks"), ("network_use", "networks"))
        if there[name].max() is not None
    ]
    more = f" Of the brokers whose limits are known: {', '.join(worst)}." if worst else ""
    return f"{size} to copy, expected to take {_span(row)}{slowest}.{more}"


def _partitions(steps: pl.DataFrame, names: Mapping[str, str]) -> str:
    shown = [
        f"| {escaped(topic)}-{partition} | {kind} | {_brokers(before)} | {_brokers(after)} | {size} |"
        for topic, partition, kind, before, after, size in (
            (*row[:5], format_quantity(row[5], "B"))
            for row in steps.select(
                "topic", "partition", "kind", "replicas_before", "replicas_after", "size_bytes"
            ).head(_MOST_NAMED).iter_rows()
        )
    ]  # fmt: skip
    head = "| partition | change | replicas now | replicas then | to copy |\n|---|---|---|---|--:|"
    rest = len(steps) - _MOST_NAMED
    more = f"\n\nand {counted(rest, 'partition')} more: see {names['reassignment']}." if rest > 0 else ""
    return "\n".join([head, *shown]) + more


def _in_force(plan: ExecutionPlan, row: dict[str, Any], names: Mapping[str, str], throttle: str) -> str:
    last = row["batch"] == plan.batches.height
    then = (
        "the plan is done"
        if last
        else "this batch and all before it are in force; the rest is as at the start"
    )
    first = "" if last else "first undo all later batches; then "
    lines = [f"{REASSIGN} --reassignment-json-file {names['rollback']} --execute{throttle}"]
    lines.append(f"{REASSIGN} --reassignment-json-file {names['rollback']} --verify")
    if "rollback-leader-election" in names:
        lines.append(f"{ELECT} --path-to-json-file {names['rollback-leader-election']}")
    copies = " What has left a broker is copied back to it." if row["kind"] == "copy" else ""
    return (
        f"After it, {then}. To undo it, {first}run this, and repeat `--verify` until every partition is complete."
        f"{copies}\n\n{_command(*lines)}"
    )


def _listed(title: str, sentences: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {escaped(one)}" for one in sentences)] if sentences else []


def _what(row: dict[str, Any]) -> str:
    partitions = counted(row["partitions"], "partition")
    if row["kind"] == "leader":
        return f"leaders of {partitions}" if row["elections"] else f"order of replicas of {partitions}"
    return f"replicas of {partitions}"


def _throttle(row: dict[str, Any]) -> str:
    return (
        "none" if row["throttle_bytes_per_s"] is None else format_quantity(row["throttle_bytes_per_s"], "B/s")
    )


def _span(row: dict[str, Any]) -> str:
    return (
        "moments"
        if row["kind"] == "leader"
        else format_interval(row["seconds"], row["seconds_low"], row["seconds_high"])
    )


def _brokers(replicas: Sequence[int]) -> str:
    return ", ".join(map(str, replicas))

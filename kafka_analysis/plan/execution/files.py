"""The files of an execution: what Kafka's tools take, what undoes it, and what people and programs read."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from kafka_analysis.model.units import counted, format_interval, format_quantity
from kafka_analysis.plan.common.templates import filled
from kafka_analysis.plan.execution.plan import ExecutionPlan
from kafka_analysis.plan.files.reassignment import reassignment_json

PLAN_SCHEMA_VERSION = 1
_TOTALS = ("bytes_to_copy", "seconds_low", "seconds", "seconds_high", "bound_seconds")


_TO = '--bootstrap-server "$BOOTSTRAP" --command-config "$CLIENT"'
_REASSIGN = f"kafka-reassign-partitions.sh {_TO}"
_ELECT = 'kafka-leader-election.sh --bootstrap-server "$BOOTSTRAP" --admin.config "$CLIENT" --election-type preferred'
_MOST_NAMED = 20


def plan_text(plan: ExecutionPlan, files: Mapping[int, Collection[str]]) -> str:
    """Write a plan as Markdown: what it does, what must hold before, each batch with its commands, how to stop.

    Parameters
    ----------
    plan
        Result of :func:`kafka_analysis.plan.execution.plan.plan_execution`.
    files
        Names of each batch's files.
    """
    rows = [_batch(plan, row, files[row["batch"]]) for row in plan.batches.iter_rows(named=True)]
    times = format_interval(plan.seconds, plan.seconds_low, plan.seconds_high)
    return filled(
        "execution/plan.md.jinja", plan=plan, rows=rows, times=times, to=_TO, reassign=_REASSIGN, elect=_ELECT,
        most_named=_MOST_NAMED,
    )  # fmt: skip


def _batch(plan: ExecutionPlan, row: dict[str, Any], files: Collection[str]) -> dict[str, Any]:
    numbers = {name.rsplit("-", 1)[0]: name.rsplit("-", 1)[1].removesuffix(".json") for name in files}
    throttle = row["throttle_bytes_per_s"]
    takes = format_interval(row["seconds"], row["seconds_low"], row["seconds_high"])
    takes = "moments" if row["kind"] == "leader" else takes
    return row | {
        "number": numbers["reassignment"],
        "files": numbers,
        "what": _what(row),
        "takes": takes,
        "throttle": "" if throttle is None else f" --throttle {throttle:.0f}",
        "expected": _expected(plan.broker_batches.filter(batch=row["batch"]), row, takes),
        "steps": plan.steps.filter(batch=row["batch"]).to_dicts(),
    }


def _expected(brokers: pl.DataFrame, row: dict[str, Any], takes: str) -> str:
    if row["kind"] == "leader":
        return "Nothing is copied; it takes only moments."
    slowest = "" if row["slowest_broker"] is None else f", by broker {row['slowest_broker']}"
    most = {"disks": brokers["peak_disk_share"].max(), "networks": brokers["network_use"].max()}
    used = [
        f"{what} at most {format_quantity(share, '%')} used"
        for what, share in most.items()
        if share is not None
    ]
    of_known_limits = f" Of the brokers whose limits are known: {', '.join(used)}." if used else ""
    return f"{format_quantity(row['bytes_to_copy'], 'B')} to copy, expected to take {takes}{slowest}.{of_known_limits}"


def _what(row: dict[str, Any]) -> str:
    partitions = counted(row["partitions"], "partition")
    if row["kind"] == "leader":
        return f"leaders of {partitions}" if row["elections"] else f"order of replicas of {partitions}"
    return f"replicas of {partitions}"


def execution_files(plan: ExecutionPlan) -> dict[str, str]:
    """Return the files of an execution: name → text. Nothing is written.

    Parameters
    ----------
    plan
        Result of :func:`kafka_analysis.plan.execution.plan.plan_execution`.

    Returns
    -------
    dict of str to str
        For each batch NN (numbers of one length, at least two digits):

        - ``reassignment-NN.json``, as ``kafka-reassign-partitions`` takes it;
        - ``rollback-NN.json``, the same partitions as they were before the batch; rollbacks from the last batch down to
          the first restore the start;
        - ``leader-election-NN.json``, as ``kafka-leader-election --path-to-json-file`` takes it, where a preferred
          leader is not the leader once the batch is done; and ``rollback-leader-election-NN.json`` where that is so
          once the rollback is done.

        ``plan.md`` is for people. ``plan.json`` is for programs: ``schema_version`` (1), ``flavour``, ``limits``,
        ``totals`` (bytes and seconds; null: unknown), ``assumptions``, ``warnings``, ``batches`` (with the names of
        their files), ``broker_batches`` and ``steps``: rows of the plan's frames, with the same names and units.

    Examples
    --------
    >>> from kafka_analysis.plan.execution.plan import plan_execution
    >>> partitions = pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[1, 2]], "size_bytes": [9e9],
    ...     "bytes_in_per_s": [0.0], "bytes_out_per_s": [0.0]})
    >>> to = pl.DataFrame({"topic": ["t"], "partition": [0], "replicas": [[2, 1]]})
    >>> files = execution_files(plan_execution(partitions, pl.DataFrame({"broker": [1, 2]}), to))
    >>> list(files)
    ['reassignment-01.json', 'rollback-01.json', 'leader-election-01.json', 'rollback-leader-election-01.json',
     'plan.md', 'plan.json']
    >>> print(files["leader-election-01.json"], end="")
    {"partitions": [
      {"topic": "t", "partition": 0}
    ]}
    """
    width = max(len(str(plan.batches.height)), 2)
    by_batch = {
        batch: _of_batch(steps, f"{batch:0{width}}")
        for (batch,), steps in plan.steps.group_by("batch", maintain_order=True)
    }
    files = {name: text for files_of in by_batch.values() for name, text in files_of.items()}
    names = {batch: tuple(files_of) for batch, files_of in by_batch.items()}
    return files | {"plan.md": plan_text(plan, names), "plan.json": _plan_json(plan, names)}


def election_json(partitions: pl.DataFrame) -> str:
    r"""Write partitions as ``kafka-leader-election --path-to-json-file`` takes them, one a line.

    Examples
    --------
    >>> election_json(pl.DataFrame({"topic": ["t"], "partition": [3]}))
    '{"partitions": [\n  {"topic": "t", "partition": 3}\n]}\n'
    """
    rows = partitions.select("topic", "partition").sort("topic", "partition").iter_rows(named=True)
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"partitions": [\n{lines}\n]}}\n'


def _of_batch(steps: pl.DataFrame, number: str) -> dict[str, str]:
    keys = steps.select("topic", "partition")
    elect = steps.filter("needs_election")
    # Undone, the leader stays where it may, and hands over to the first replica where its own copy goes.
    undone = steps.filter(
        pl.col("replicas_before").list.contains(pl.col("leader_after"))
        & (pl.col("replicas_before").list.first() != pl.col("leader_after"))
    )
    return {
        f"reassignment-{number}.json": reassignment_json(keys.with_columns(replicas=steps["replicas_after"])),
        f"rollback-{number}.json": reassignment_json(keys.with_columns(replicas=steps["replicas_before"])),
        **({f"leader-election-{number}.json": election_json(elect)} if len(elect) else {}),
        **({f"rollback-leader-election-{number}.json": election_json(undone)} if len(undone) else {}),
    }


def _plan_json(plan: ExecutionPlan, names: Mapping[int, tuple[str, ...]]) -> str:
    """Write the plan with one row of its frames a line, so that two plans can be compared."""
    heads: dict[str, Any] = {
        "schema_version": PLAN_SCHEMA_VERSION,
        "flavour": plan.flavour,
        "limits": plan.limits.model_dump(),
        "totals": {name: getattr(plan, name) for name in _TOTALS},
        "assumptions": list(plan.assumptions),
        "warnings": list(plan.warnings),
    }
    rows = {
        "batches": [row | {"files": list(names[row["batch"]])} for row in plan.batches.to_dicts()],
        "broker_batches": plan.broker_batches.to_dicts(),
        "steps": plan.steps.to_dicts(),
    }
    parts = [f'"{name}": {_dumped(value)}' for name, value in heads.items()]
    parts += [f'"{name}": [\n  ' + ",\n  ".join(map(_dumped, some)) + "\n]" for name, some in rows.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)

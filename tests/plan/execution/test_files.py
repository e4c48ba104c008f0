"""What Kafka's tools are given: read again, it is the plan; undone from the last to the first, it is the start."""

from __future__ import annotations

import json
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.plan import plan_execution
from kafka_analysis.plan.files.reassignment import ASSIGNMENT, read_reassignment, reassignment_json
from tests.examples import examples

LOADS = {"size_bytes": 100.0, "bytes_in_per_s": 0.0, "bytes_out_per_s": 0.0}
BROKERS = pl.DataFrame({"broker": [1, 2, 3, 4, 5]})


def assigned(*replicas, topic="t"):
    return pl.DataFrame(
        [(topic, n, list(row)) for n, row in enumerate(replicas)], schema=ASSIGNMENT, orient="row"
    )


def planned(before, after, **options):
    partitions = assigned(*before).with_columns(pl.lit(value).alias(name) for name, value in LOADS.items())
    return plan_execution(partitions, BROKERS, assigned(*after), limits=ExecutionLimits(**options))


def elected(text):
    return [one["partition"] for one in json.loads(text)["partitions"]]


def test_files_of_two_batches():
    files = execution_files(planned([[1, 2], [1, 2]], [[2, 1], [3, 1]]))
    assert list(files) == [
        "reassignment-01.json", "rollback-01.json", "leader-election-01.json", "rollback-leader-election-01.json",
        "reassignment-02.json", "rollback-02.json", "leader-election-02.json", "plan.md", "plan.json",
    ]  # fmt: skip
    assert read_reassignment(files["reassignment-01.json"]).rows() == [("t", 0, [2, 1])]
    assert read_reassignment(files["rollback-01.json"]).rows() == [("t", 0, [1, 2])]
    assert files["leader-election-02.json"] == '{"partitions": [\n  {"topic": "t", "partition": 1}\n]}\n'


def test_a_rollback_elects_where_the_leader_would_stay():
    # Undone, broker 2 leads on although 1 is preferred; in the second case broker 3 goes, and 1 takes over by itself.
    assert elected(execution_files(planned([[1, 2]], [[2, 1]]))["rollback-leader-election-01.json"]) == [0]
    files = execution_files(planned([[1, 2]], [[3, 2]]))
    assert [name for name in files if "election" in name] == []


def test_numbers_of_many_batches_have_one_length():
    files = execution_files(planned([[1, 2]] * 100, [[2, 1]] * 100, max_partitions_per_batch=1))
    names = [name for name in files if name.startswith("reassignment")]
    assert (names[0], names[-1]) == ("reassignment-001.json", "reassignment-100.json")
    assert names == sorted(names)


def test_nothing_to_do_has_no_batch_files():
    files = execution_files(planned([[1, 2]], [[1, 2]]))
    assert list(files) == ["plan.md", "plan.json"]
    assert "there is nothing to do" in files["plan.md"]


def test_what_programs_read():
    plan = planned([[1, 2], [1, 2]], [[2, 1], [3, 1]], throttle_bytes_per_s=10, pause_s=5)
    told = json.loads(execution_files(plan)["plan.json"])
    assert list(told) == [
        "schema_version", "flavour", "limits", "totals", "assumptions", "warnings",
        "batches", "broker_batches", "steps",
    ]  # fmt: skip
    assert told["schema_version"] == 1
    assert told["totals"] == {
        "bytes_to_copy": 100.0, "seconds_low": 5.0, "seconds": 15.0, "seconds_high": 25.0, "bound_seconds": 10.0,
    }  # fmt: skip
    assert told["batches"][1]["files"] == [
        "reassignment-02.json",
        "rollback-02.json",
        "leader-election-02.json",
    ]
    assert told["steps"] == plan.steps.to_dicts()
    assert told["limits"]["max_partitions_per_batch"] == 1000


replicas = st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True)


@given(st.lists(st.tuples(replicas, replicas), min_size=1, max_size=6), st.integers(1, 3))
def test_batches_lead_to_the_end_and_rollbacks_to_the_start_byte_for_byte(rows, most):
    before, after = zip(*rows, strict=True)
    plan = planned(before, after, max_partitions_per_batch=most)
    files = execution_files(plan)
    now = assigned(*before)
    seen = [reassignment_json(now)]
    for name in sorted(name for name in files if name.startswith("reassignment")):
        now = now.update(read_reassignment(files[name]), on=["topic", "partition"])
        seen.append(reassignment_json(now))
        done = plan.steps.filter(pl.col("batch") < len(seen)).group_by(
            "topic", "partition", maintain_order=True
        )
        stop = done.agg(replicas=pl.col("replicas_after").last())
        assert now.update(stop, on=["topic", "partition"]).equals(now)
    assert seen[-1] == reassignment_json(assigned(*after))
    for name in sorted((name for name in files if re.match(r"rollback-\d", name)), reverse=True):
        assert seen.pop() == reassignment_json(now)
        now = now.update(read_reassignment(files[name]), on=["topic", "partition"])
    assert [reassignment_json(now)] == seen


UNEVEN_BROKERS = pl.DataFrame({"broker": [1, 2, 3, 4]})


def text(topic="t", *, after=([2, 1], [3, 1]), flavour=None, size=6e9, count=2, limits=None):
    replicas = pl.Series([[1, 2]] * count)
    partitions = pl.DataFrame({"topic": topic, "partition": range(count)}).with_columns(
        replicas=replicas,
        size_bytes=pl.lit(size, pl.Float64),
        bytes_in_per_s=pl.lit(1e6),
        bytes_out_per_s=pl.lit(1e6),
    )
    to = partitions.select("topic", "partition").with_columns(replicas=pl.Series(list(after)))
    return execution_files(plan_execution(partitions, UNEVEN_BROKERS, to, flavour=flavour, limits=limits))[
        "plan.md"
    ]


def test_it_begins_with_what_it_takes():
    told = text().splitlines()
    assert told[2].startswith(
        "**2 partitions change in 2 batches; 6 GB are copied. In all: 3 min 5 s (2 min 59 s to "
    )
    assert "No order could copy it in less than 2 min 0 s." in told[2]


def test_every_batch_has_its_commands_and_how_to_undo_it():
    parts = text().split("\n### ")
    first, second = parts[1], parts[2].split("\n## ")[0]
    assert first.startswith("Batch 01: leaders of 1 partition\n")
    assert "--reassignment-json-file reassignment-01.json --execute\n" in first
    assert "--election-type preferred --path-to-json-file leader-election-01.json\n" in first
    assert "--reassignment-json-file reassignment-02.json --execute --throttle 50000000\n" in second
    assert "--reassignment-json-file reassignment-02.json --verify\n" in second
    assert "--reassignment-json-file rollback-02.json --execute --throttle 50000000\n" in second
    assert "After it, this batch and all before it are in force" in first
    assert "After it, the plan is done." in second


def test_all_files_named_are_there_and_all_are_named():
    partitions = pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1, 2], [1, 2]]}).with_columns(
        size_bytes=pl.lit(1.0), bytes_in_per_s=pl.lit(0.0), bytes_out_per_s=pl.lit(0.0)
    )
    to = partitions.select("topic", "partition").with_columns(replicas=pl.Series([[2, 1], [3, 1]]))
    files = execution_files(plan_execution(partitions, UNEVEN_BROKERS, to))
    named = set(re.findall(r"[\w-]+-\d+\.json", files["plan.md"]))
    assert named == set(files) - {"plan.md", "plan.json"}


def test_msk_s_rules_are_written_as_checks():
    assert "`CpuUser` + `CpuSystem` (CloudWatch) is below 70 % on every broker" in text(
        flavour="msk-standard"
    )
    assert "CloudWatch" not in text()
    assert "--under-replicated-partitions" in text()


def test_the_throttle_that_is_left_set_is_warned_of():
    assert "**`--verify` removes the throttle, but only when the batch is complete.**" in text()
    assert "--cancel" in text()


def test_an_unknown_size_makes_durations_unknown():
    told = text(size=None)
    assert "unknown are copied" in told or "In all: unknown" in told
    assert "The size of partition t-1 is unknown" in told
    assert "| 2 | replicas of 1 partition | unknown | 50 MB/s | unknown | 1 min 0 s |" in told


def test_of_many_partitions_the_first_are_named():
    told = text(after=[[2, 1]] * 25, count=25)
    assert "| t-19 |" in told
    assert "| t-20 |" not in told
    assert "and 5 partitions more: see reassignment-01.json." in told


@pytest.mark.parametrize(("flavour", "checks"), [(None, 3), ("msk-standard", 4), ("msk-express", 4)])
def test_checks_before_a_batch_are_numbered(flavour, checks):
    told = text(flavour=flavour, limits=ExecutionLimits(cpu_max=0.6))
    before = told.split("## Before the start")[1].split("\n## ")[0]
    numbers = [line[:2] for line in before.splitlines() if line[:1].isdigit()]
    assert numbers == [f"{n}." for n in range(1, checks + 1)]
    assert "below 60 % on every broker" in before


@pytest.mark.parametrize("flavour", [None, "msk-standard"])
def test_code_blocks_are_closed(flavour):
    sections = re.split(r"\n###? ", text(flavour=flavour))
    assert len(sections) == 8
    assert [section for section in sections if section.count("```") % 2] == []


LINES = text().count("\n")


@examples(30)
@given(st.text(st.sampled_from("<>|`[]\n\r\t_*#&\\a\u2028"), min_size=1, max_size=12))
def test_no_name_breaks_out_of_its_line_or_cell(topic):
    told = text(topic)
    assert told.count("\n") == LINES
    bare = re.sub(r"\\.", "", told.split("\n### ")[1].split("```")[0])
    assert "<" not in bare
    assert {line.count("|") for line in bare.splitlines() if line.startswith("|")} == {6}

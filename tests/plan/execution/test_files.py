"""What Kafka's tools are given: read again, it is the plan; undone from the last to the first, it is the start."""

from __future__ import annotations

import json
import re

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.limits import ExecutionLimits
from kafka_analysis.plan.execution.plan import plan_execution
from kafka_analysis.plan.files.reassignment import ASSIGNMENT, read_reassignment, reassignment_json

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
        stop = plan.stops_after(len(seen) - 1).drop("next_replicas")
        assert now.update(stop, on=["topic", "partition"]).equals(now)
    assert seen[-1] == reassignment_json(assigned(*after))
    for name in sorted((name for name in files if re.match(r"rollback-\d", name)), reverse=True):
        assert seen.pop() == reassignment_json(now)
        now = now.update(read_reassignment(files[name]), on=["topic", "partition"])
    assert [reassignment_json(now)] == seen

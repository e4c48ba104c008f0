from __future__ import annotations

import json

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.execution.files import execution_files
from kafka_analysis.plan.execution.plan import plan_execution
from kafka_analysis.plan.files.assignment_files import read_current, read_planned
from kafka_analysis.plan.files.printed import CURRENT, PROPOSED


def block(*rows, log_dirs="any"):
    partitions = [
        {"topic": "t", "partition": number, "replicas": list(brokers), "log_dirs": [log_dirs] * len(brokers)}
        for number, *brokers in rows
    ]
    return json.dumps({"version": 1, "partitions": partitions})


NOW, THEN = block((0, 1, 2), (1, 2, 1)), block((0, 2, 1), (1, 1, 2))
GENERATED = f"{CURRENT}\n{NOW}\n\n{PROPOSED}\n{THEN}\n"
EXECUTED = f"{CURRENT}\n\n{NOW}\n\nSave this to use as the --reassignment-json-file option during rollback\n"
BEFORE, AFTER = [("t", 0, [1, 2]), ("t", 1, [2, 1])], [("t", 0, [2, 1]), ("t", 1, [1, 2])]
PLAN = execution_files(
    plan_execution(
        pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[1, 2], [1, 2]], "size_bytes": 5e9}),
        pl.DataFrame({"broker": [1, 2, 3, 4]}),
        pl.DataFrame({"topic": "t", "partition": [0, 1], "replicas": [[3, 4], [2, 1]]}),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        NOW,
        GENERATED,
        EXECUTED,
        "[2026-01-31 12:00:00,000] WARN {} something (kafka.admin)\n" + GENERATED,
        f"{PROPOSED}\n{THEN}\n{CURRENT}\n{NOW}\n",
        f"{CURRENT}\n{block((0, 1, 2))}\n{PROPOSED}\n{THEN}\n{CURRENT}\n{block((1, 2, 1))}\n",
        '{"level": "WARN"}\n' + NOW,
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_current_assignment_is_taken_and_never_the_proposed_one(text, encoding):
    assert read_current(text.replace("\n", "\r\n").encode(encoding)).rows() == BEFORE


def test_a_description_of_topics_says_who_leads_and_what_is_in_sync():
    lines = (
        "Topic: t\tTopicId: x\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: segment.bytes=1",
        "\tTopic: t\tPartition: 1\tLeader: none\tReplicas: 2,9\tIsr: 9\tElr: \tLastKnownElr: ",
        "\tTopic: t\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2",
    )
    text = "\n".join(lines)
    assert read_current(text).rows() == [("t", 0, [1, 2], 1, [1, 2]), ("t", 1, [2, 9], -1, [9])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{PROPOSED}\n{THEN}\n", "only the proposed assignment"),
        (f"{NOW}\n{THEN}\n", "has 2 assignments without the headings"),
        (PLAN["plan.json"], r"this is an execution plan \(plan.json\)"),
        (PLAN["plan.md"], r"this is a plan to read \(plan.md\)"),
        (
            '{"version":1,"brokers":[{"broker":1,"logDirs":[]}]}',
            "this is what kafka-log-dirs --describe prints",
        ),
        ('{"topics":[{"topic":"t"}],"version":1}', "this is a list of topics to move"),
        (NOW[:-9], "invalid JSON at line 1"),
        ("Error while executing", "Invalid JSON"),
        ("", "Invalid JSON"),
    ],
)
def test_what_is_no_current_assignment_is_named(text, message):
    with pytest.raises(InputError, match=message) as caught:
        read_current(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [THEN, GENERATED, f"{PROPOSED}\n{THEN}\n"])
def test_a_plan_is_what_is_proposed(text):
    assert read_planned(text).assignment.rows() == AFTER


def test_a_plan_of_this_package_is_read_where_it_ends():
    found = read_planned(PLAN["plan.json"]).assignment
    assert found.rows() == [("t", 0, [3, 4]), ("t", 1, [2, 1])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (EXECUTED, "only the current assignment"),
        (PLAN["plan.md"], "plan.md"),
        ('{"schema_version": 1, "steps": [{"batch": 1}]}', "steps of this plan.json were edited"),
        (block((0, 1, 2)).replace('["any", "any"]', '["/a"]'), "more or fewer log_dirs than replicas"),
    ],
)
def test_what_is_no_plan_is_named(text, message):
    with pytest.raises(InputError, match=message):
        read_planned(text)


def test_log_directories_that_a_plan_names_are_not_judged_and_that_is_said():
    assert read_planned(THEN).not_judged == ()
    (told,) = read_planned(block((0, 1, 2), log_dirs="/data-2")).not_judged
    assert "1 partition of the plan name" in told
    assert "not judged" in told

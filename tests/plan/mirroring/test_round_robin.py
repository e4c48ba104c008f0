from __future__ import annotations

import subprocess
from pathlib import Path

import polars as pl
import pytest

from kafka_analysis.plan.mirroring.round_robin import hash_map_order, round_robin, string_hash, task_loads

NAMES = [
    "orders",
    "orders.eu",
    "payments",
    "heavy",
    "größe",
    "a-b_c",
    "𝄞",
    "x" * 249,
    *(f"topic-{n}" for n in range(90)),
]
JAVA = """import java.util.*;
import java.util.stream.*;
public class Order {
    public static void main(String[] names) {
        Set<String> topics = Arrays.stream(names).sorted().collect(Collectors.toSet());
        Map<String, Integer> futures = new HashMap<>(topics.size());
        for (String name : topics) futures.put(name, name.hashCode());
        Map<String, Integer> answers = new HashMap<>(futures);
        Map<String, Integer> map = new HashMap<>(answers.size());
        for (var entry : answers.entrySet()) map.put(entry.getKey(), entry.getValue());
        for (var entry : map.entrySet())
            System.out.println(entry.getKey() + " " + Integer.toUnsignedLong(entry.getValue()));
    }
}
"""


def partitions(**counts: int) -> pl.DataFrame:
    rows = [{"topic": topic, "partition": n} for topic, count in counts.items() for n in range(count)]
    return pl.DataFrame(rows, schema_overrides={"partition": pl.Int32})


@pytest.mark.testbed  # where a JDK is needed anyway
@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 12, 13, 24, 25, 48, 49, len(NAMES)])
def test_hashes_and_order_are_java_s(tool, tmp_path: Path, count: int) -> None:
    program = tmp_path / "Order.java"
    program.write_text(JAVA, encoding="utf-8")
    java = [
        tool("java", hint="a JDK 17 or newer"),
        "-Dfile.encoding=UTF-8",
        "-Dstdout.encoding=UTF-8",
        str(program),
    ]
    done = subprocess.run([*java, *NAMES[:count]], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    said = [line.rsplit(" ", 1) for line in done.stdout.decode().splitlines()]
    assert [(name, int(number)) for name, number in said] == [
        (name, string_hash(name)) for name in hash_map_order(NAMES[:count])
    ]


@pytest.mark.parametrize(("text", "number"), [("", 0), ("a", 97), ("ab", 97 * 31 + 98), ("é", 233)])
def test_hashes_worked_out_by_hand(text: str, number: int) -> None:
    assert string_hash(text) == number


def test_partitions_are_dealt_out_in_turn_and_stay_in_order() -> None:
    dealt = round_robin(partitions(b=2, a=8, c=2), tasks_max=3)
    assert dealt.filter(task=0).select("topic", "partition").rows() == [
        ("a", 0),
        ("a", 3),
        ("a", 6),
        ("b", 1),
    ]
    assert dealt.group_by("task").len().sort("task").rows() == [(0, 4), (1, 4), (2, 4)]


def test_there_are_never_more_tasks_than_partitions() -> None:
    assert round_robin(partitions(a=2), tasks_max=9)["task"].to_list() == [0, 1]


def test_less_than_one_task_is_refused() -> None:
    with pytest.raises(ValueError, match="tasks_max is 0; give 1 or more"):
        round_robin(partitions(a=1), tasks_max=0)


def test_a_load_with_an_unknown_part_is_unknown() -> None:
    rows = pl.DataFrame({"task": [0, 0, 1], "records_per_s": [1.0, None, 4.0]})
    assert task_loads(rows).rows() == [(0, 2, None, None), (1, 1, 4.0, 1.0)]


def test_topics_of_one_bucket_keep_the_order_of_larger_maps() -> None:
    assert hash_map_order(["heavy", "orders", "payments"]) == [
        "orders",
        "payments",
        "heavy",
    ]  # as a real Connect does

from __future__ import annotations

import os
import subprocess

import pytest

from kafka_analysis.plan.waves.commands import (
    GROUPS,
    OFFSETS,
    TOPICS,
    at_end,
    block,
    each_end,
    each_group,
    each_topic,
    is_line,
    octal,
    quoted,
    variables,
)

# Scripts in place of Kafka's own: they write down the last word they are given, and end as Kafka's do.
TOPICS_SCRIPT = """#!/bin/sh
for word; do :; done
printf '%s\\0' "$1 $2: $word" >> calls
case $word in absent*) echo "Topic '$word' does not exist as expected" >&2; exit 1;; esac
"""
OFFSETS_SCRIPT = """#!/bin/sh
for word; do :; done
printf '%s\\0' "$1 $2: $word" >> calls
case $word in
    absent*) echo "Error occurred: Could not match any topic-partitions with the specified filters" >&2; exit 1;;
    headless*) printf '%s:1:5\\n' "$word"; echo "Skip getting offsets for topic-partition $word-0 due to error" >&2;;
    *) printf '%s:0:5\\n%s:1:0\\n' "$word" "$word";;
esac
"""
GROUPS_SCRIPT = """#!/bin/sh
while [ "$1" != --group ]; do shift; done
printf '%s\\0' "$2" >> calls
case $2 in
    absent*) printf '\\nError: Group %s not found.\\n' "$2";;
    *) printf '\\nGROUP TOPIC\\n%s t\\n' "$2";;
esac
"""


@pytest.fixture(params=["sh", "bash"])
def run(request, tool, tmp_path):
    """Return a function that gives lines to a shell, as a block with files around it, and returns calls and the end."""
    shell = tool(request.param, hint="a shell")
    scripts = {"kafka-topics.sh": TOPICS_SCRIPT, "kafka-get-offsets.sh": OFFSETS_SCRIPT,
               "kafka-consumer-groups.sh": GROUPS_SCRIPT}  # fmt: skip
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    ends = {"SOURCE": "a:1", "SOURCE_CLIENT": "a", "CELL_1": "b:1", "CELL_1_CLIENT": "b"}

    def run(*lines, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
        text = block(*lines).removeprefix("```sh\n").removesuffix("```")
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [shell, "-eu", "-c", text], cwd=tmp_path, env=os.environ | ends | {"PATH": path},
            capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        calls = tmp_path / "calls"
        said = calls.read_text(encoding="utf-8").split("\0")[:-1] if calls.exists() else []
        return said, done

    return run


def test_a_topic_is_a_pattern_that_only_it_fits(run):
    calls, done = run(*each_topic(OFFSETS, "topics.txt", ["SOURCE"]), topics="a.b_c-d\n-x\n")
    assert calls == ["--bootstrap-server a:1: a[.]b_c-d", "--bootstrap-server a:1: -x"]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_failure_is_named_though_what_follows_succeeds(run):
    calls, done = run(*each_topic(TOPICS, "topics.txt", ["SOURCE", "CELL_1"]), topics="absent.a\nb\n")
    assert len(calls) == 4  # all the rest is still looked at
    assert done.returncode == 1
    assert done.stderr.endswith("Failed: [absent.a at SOURCE] [absent.a at CELL_1]\n")


def test_a_partition_without_a_leader_is_a_failure_though_the_tool_ends_well(run):
    calls, done = run(*each_topic(OFFSETS, "topics.txt", ["SOURCE"]), topics="headless\nabsent\nb\n")
    assert len(calls) == 3
    assert done.stderr == "Failed: [headless at SOURCE] [absent at SOURCE]\n"
    assert done.stdout.splitlines()[:2] == [
        "headless:1:5",
        "Skip getting offsets for topic-partition headless-0 due to error",
    ]


def test_a_group_that_is_not_known_is_named_though_the_tool_ends_well(run):
    lines = each_group("groups.txt", ["absent", "b c"], ["SOURCE", "CELL_1"])
    calls, done = run(*lines, groups="absent\nb c\n")
    assert calls == ["absent", "absent", "b c", "b c"]
    assert done.stderr == "Failed: [absent at SOURCE] [absent at CELL_1]\n"
    assert (done.returncode, done.stdout.count("not found"), done.stdout.count("b c t\n")) == (1, 2, 2)


@pytest.mark.parametrize(
    "name", ["it's\n", "a\nb", "\n", "$(x)\t", "%s\\n\n", "-e\n", "`x`;\x1b", "ß\n7", "a\u00a0b", "\x1b[2J"]
)
def test_a_group_that_is_no_line_is_given_as_it_is(run, name):
    assert not is_line(name)
    lines = list(each_group("groups.txt", [name], ["SOURCE"]))
    calls, done = run(*lines)
    assert calls == [name]
    assert done.returncode == 0
    assert all(line.isprintable() for line in lines)


def test_a_tool_that_is_missing_is_a_failure(run):
    calls, done = run("absent-tool.sh || failed=tool", *each_end("absent-tool.sh --list", ["SOURCE"]))
    assert calls == []
    assert done.stderr.endswith("Failed:tool [SOURCE]\n")


def test_a_list_that_is_missing_is_a_failure(run):
    _, done = run(
        *each_topic(TOPICS, "away.txt", ["SOURCE"]), *each_group("gone.txt", ["a"], ["SOURCE"]), "echo on"
    )
    assert done.stderr.endswith("Failed: [away.txt] [gone.txt]\n")
    assert (done.returncode, done.stdout) == (1, "on\n")


def test_no_group_is_no_command():
    assert list(each_group("groups.txt", [], ["SOURCE"])) == []


def test_no_name_ends_a_block():
    assert block("echo ````").splitlines()[0] == "`````sh"


def test_commands_name_the_end_they_ask():
    assert at_end(GROUPS, "CELL_1").startswith(
        'kafka-consumer-groups.sh --bootstrap-server "$CELL_1" --command-config "$CELL_1_CLIENT" --describe '
    )


def test_octal_leaves_what_can_be_read():
    assert octal("shop orders_1.v2") == "shop orders_1.v2"


@pytest.mark.parametrize(
    "name",
    [
        "it's",
        "-x",
        '$(id) `id` \\ "q" [a] *',
        "two\nlines",
        "end\n\n",
        "\n",
        "\x1b[2J\x7f",
        "%s \\n",
        "\u200bü\u202e",
    ],
)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_quoted_name_is_one_word_of_a_shell_and_itself(shell, name):
    command = f"printf '%s|' {quoted(name)}"
    done = subprocess.run([shell, "-eu", "-c", command], capture_output=True, check=True)
    assert done.stdout.decode() == f"{name}|"
    assert quoted(name).rstrip("'\n").isprintable()


def test_two_cells_never_share_a_variable():
    assert sorted(variables(["a b", "a-b", "a_b"]).values()) == ["CELL_A_B", "CELL_A_B_2", "CELL_A_B_3"]

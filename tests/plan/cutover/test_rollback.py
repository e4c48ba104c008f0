from __future__ import annotations

import csv
import io
import re
import subprocess

import polars as pl
import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.cutover.rollback import rollback_files
from kafka_analysis.plan.cutover.snapshot import SNAPSHOT
from tests.cutover_frames import ODD

# In place of Kafka's own tool: it writes down what it is given, and ends with 0 whatever happened, as Kafka's does.
SCRIPT = """#!/bin/sh
case "$*" in *absent*) printf '\\nError: no such group\\n'; exit 0;; esac
for word; do printf '%s\\0' "$word" >> calls; done
printf '\\n\\0' >> calls
printf '\\nGROUP TOPIC PARTITION NEW-OFFSET\\n'
"""
ENDS = {"CLUSTER": "a:1", "CLUSTER_CLIENT": "a"}


def snapshot(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SNAPSHOT, orient="row")


ROWS = snapshot(
    ("a", "g", "t", 1, 5), ("a", "g", "t", 0, 4), ("a", ODD, f"a.{ODD}", 0, 9), ("b", "g", "t", 0, 1)
)  # fmt: skip


def files(rows: pl.DataFrame = ROWS, cluster: str = "a") -> dict[str, str]:
    return rollback_files(rows, cluster=cluster)


def test_each_group_has_a_file_of_its_own_offsets_and_of_no_other_cluster() -> None:
    made = files()
    assert sorted(made) == ["group-1.csv", "group-2.csv", "rollback.md"]
    read = {name: list(csv.reader(io.StringIO(made[name]))) for name in made if name.endswith("csv")}
    assert read["group-2.csv"] == [["t", "0", "4"], ["t", "1", "5"]]
    assert read["group-1.csv"] == [[f"a.{ODD}", "0", "9"]]
    assert files(ROWS.reverse()) == made
    assert files(ROWS.to_pandas()) == made


def test_a_cluster_without_offsets_is_refused() -> None:
    with pytest.raises(InputError, match="z"):
        files(cluster="z")
    with pytest.raises(InputError):
        files(ROWS.clear())


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_commands_name_each_group_and_its_file_and_nothing_of_a_name_is_run(
    tool, tmp_path, shell
) -> None:
    path = tool(shell, hint="a shell")
    (tmp_path / "kafka-consumer-groups.sh").write_text(SCRIPT)
    (tmp_path / "kafka-consumer-groups.sh").chmod(0o755)
    text = files()["rollback.md"]
    blocks = re.findall(r"```(?:sh|bash)?\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 3
    for script, what in zip(blocks, ("--describe", "--dry-run", "--execute"), strict=True):
        (tmp_path / "calls").unlink(missing_ok=True)
        done = subprocess.run(
            [path, "-c", script], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"} | ENDS, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Failed:" not in done.stdout
        calls = [call.split("\0") for call in (tmp_path / "calls").read_text().split("\0\n\0") if call]
        assert [call[call.index("--group") + 1] for call in calls] == [ODD, "g"]
        assert all(what in call for call in calls)


def test_a_group_that_could_not_be_set_fails_the_block(tool, tmp_path) -> None:
    (tmp_path / "kafka-consumer-groups.sh").write_text(SCRIPT)
    (tmp_path / "kafka-consumer-groups.sh").chmod(0o755)
    text = files(snapshot(("a", "absent", "t", 0, 1), ("a", "g", "t", 0, 1)))["rollback.md"]
    script = re.findall(r"```(?:sh|bash)?\n(.*?)```", text, re.DOTALL)[-1]
    done = subprocess.run(
        [tool("sh", hint="a shell"), "-c", script], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"} | ENDS,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Failed: [group-1.csv at CLUSTER]" in done.stdout + done.stderr


def test_names_are_no_markup_in_the_page() -> None:
    odd = "a|b<script>`x`\nc"
    text = files(snapshot(("a", odd, "t", 0, 1)))["rollback.md"]
    assert "<script>" not in text
    assert all(
        line.count("|") == 4 for line in re.sub(r"\\\|", "", text).splitlines() if line.startswith("|")
    )


def test_of_many_groups_the_page_lists_some_and_the_commands_all() -> None:
    made = files(snapshot(*(("a", f"g{n}", "t", 0, n) for n in range(203))))
    assert len(made) == 204
    assert "and 3 groups more." in made["rollback.md"]
    assert made["rollback.md"].count("--execute") == 203

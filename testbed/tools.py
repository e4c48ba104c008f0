"""Run Kafka's own command-line tools from the same jars."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from testbed.brokers import jvm
from testbed.clusters import State
from testbed.errors import TestbedError

TIMEOUT_S = 120
QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
LOG_DIRS = "org.apache.kafka.tools.LogDirsCommand"
OFFSETS = "org.apache.kafka.tools.GetOffsetShell"
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
REASSIGN = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"
ELECTION = "org.apache.kafka.tools.LeaderElectionCommand"
TOPICS = "org.apache.kafka.tools.TopicCommand"
CONFIGS = "kafka.admin.ConfigCommand"
ACLS = "org.apache.kafka.tools.AclCommand"


def command_of(state: State, tool: str, *options: str) -> list[str]:
    """Return the start of the command of one of Kafka's tools, its arguments to follow."""
    return [*jvm(state, heap_mb=128), *options, QUIET, tool]


def run_tool(
    state: State, tool: str, arguments: Sequence[str], *, tolerate: bool = False, folder: Path | None = None
) -> str:
    """Run one of Kafka's tools, in `folder` if one is given, and return what it printed.

    Raises
    ------
    TestbedError
        If it failed, unless `tolerate`.
    """
    command = [*command_of(state, tool, "-Dfile.encoding=UTF-8"), *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
        cwd=folder,
    )
    if done.returncode != 0 and not tolerate:
        message = f"{tool.rpartition('.')[2]} failed: {(done.stderr or done.stdout).strip()[-300:]}"
        raise TestbedError(message)
    return done.stdout

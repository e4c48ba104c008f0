"""Read the commands of a plan.md, and run them as they stand there, with Kafka's own tools."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testbed.clusters import State
from testbed.errors import TestbedError
from testbed.tools import ACLS, CONFIGS, ELECTION, GROUPS, OFFSETS, REASSIGN, TOPICS, run_tool

SCRIPTS = {
    "kafka-reassign-partitions.sh": REASSIGN,
    "kafka-leader-election.sh": ELECTION,
    "kafka-topics.sh": TOPICS,
    "kafka-configs.sh": CONFIGS,
    "kafka-acls.sh": ACLS,
    "kafka-get-offsets.sh": OFFSETS,
    "kafka-consumer-groups.sh": GROUPS,
}
CLIENT = "client.properties"
_BLOCK = re.compile(r"^ *(?P<fence>`{3,})sh\n(?P<text>.*?)^ *(?P=fence)$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^##+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """A line of a plan: one of Kafka's scripts and what it is told."""

    script: str
    arguments: tuple[str, ...]

    def has(self, option: str) -> bool:
        """Tell whether an option is among the arguments."""
        return option in self.arguments

    @property
    def file(self) -> str:
        """The JSON file it is given, or nothing."""
        return next((word for word in self.arguments if word.endswith(".json")), "")


def sections(text: str) -> dict[str, list[Command]]:
    """Return the commands of each section of a plan, by its title.

    Examples
    --------
    >>> text = '''## The throttle
    ...
    ... ```sh
    ... kafka-configs.sh --bootstrap-server "$BOOTSTRAP" --describe
    ... ```
    ... '''
    >>> sections(text)["The throttle"][0].arguments
    ('--bootstrap-server', '$BOOTSTRAP', '--describe')
    """
    return {
        title: [Command(words[0], tuple(words[1:])) for block in blocks for words in _lines(block)]
        for title, blocks in shell_blocks(text).items()
    }


def shell_blocks(text: str) -> dict[str, list[str]]:
    """Return the blocks of commands of each section of a text, by its title.

    Examples
    --------
    >>> shell_blocks("# All\\n\\n## 1. List\\n\\n```sh\\nls\\n```\\n")
    {'1. List': ['ls\\n']}
    """
    parts = _SECTION.split(text)
    return {
        title: [found["text"] for found in _BLOCK.finditer(body)]
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def _lines(block: str) -> Iterator[list[str]]:
    yield from (shlex.split(line) for line in block.splitlines() if line.strip())


def of_batch(commands: Iterable[Command], *, undo: bool) -> list[Command]:
    """Return the commands of a batch's section that carry it out, or those that undo it."""
    return [one for one in commands if any(word.startswith("rollback-") for word in one.arguments) == undo]


@dataclass(frozen=True)
class Shell:
    """Where a plan's commands are run: the folder of its files, and what its variables stand for."""

    state: State
    folder: Path

    def __call__(self, command: Command, *, tolerate: bool = False) -> str:
        """Run a command and return what it printed.

        Raises
        ------
        TestbedError
            If it is none of Kafka's tools, or it failed, unless `tolerate`.
        """
        if command.script not in SCRIPTS:
            message = f"{command.script} is none of {', '.join(SCRIPTS)}: a plan runs Kafka's own tools only"
            raise TestbedError(message)
        variables = {"BOOTSTRAP": self.state.source.bootstrap, "CLIENT": CLIENT}
        words = _expanded(command.arguments, variables)
        tool = SCRIPTS[command.script]
        return run_tool(self.state, tool, words, tolerate=tolerate, folder=self.folder)


def _expanded(arguments: Sequence[str], variables: Mapping[str, str]) -> list[str]:
    return [variables[word[1:]] if word.startswith("$") else word for word in _without_files(arguments)]


def _without_files(arguments: Sequence[str]) -> list[str]:
    """Leave out where a shell would write the output."""
    words = list(arguments)
    return words[: words.index(">")] if ">" in words else words

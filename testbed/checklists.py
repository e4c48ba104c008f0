"""Carry out the checklists of waves as they stand: their blocks, given to a shell with Kafka's own tools."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from testbed.clusters import State
from testbed.plan_commands import CLIENT, SCRIPTS
from testbed.tools import TIMEOUT_S, command_of

SHELL = ("sh", "-eu", "-c")
UTF_8 = {"LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Ran:
    """How a block ended, and what it printed: answers, and complaints."""

    code: int
    said: str
    complained: str


@dataclass(frozen=True)
class Desk:
    """Where a checklist is carried out: the folder of its files, that of Kafka's scripts, and its variables."""

    folder: Path
    scripts: Path
    variables: Mapping[str, str]

    def __call__(self, block: str) -> Ran:
        """Give a block to a shell, letter by letter."""
        path = f"{self.scripts}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [*SHELL, block],
            cwd=self.folder,
            env={**os.environ, **UTF_8, **self.variables, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=5 * TIMEOUT_S,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def all(self, blocks: Iterable[str]) -> dict[str, Ran]:
        """Give each of several blocks to a shell, two at a time, one that comes again only once."""
        different = list(dict.fromkeys(blocks))
        with ThreadPoolExecutor(max_workers=2) as pool:
            return dict(zip(different, pool.map(self, different), strict=True))


def write_scripts(state: State, folder: Path) -> None:
    """Write Kafka's scripts, which the jars come without: each starts its class as the distribution's own does."""
    folder.mkdir()
    for name, tool in SCRIPTS.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command_of(state, tool))} "$@"\n', encoding="utf-8")
        script.chmod(0o755)


def write_client(folder: Path) -> Path:
    """Write the properties of a user of clusters without security, and return the file's path."""
    path = folder / CLIENT
    path.write_text("security.protocol=PLAINTEXT\nrequest.timeout.ms=20000\n", encoding="utf-8")
    return path

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
from testbed.plan_commands import SCRIPTS
from testbed.tools import GROUPS, TIMEOUT_S, command_of

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
    """Write Kafka's scripts, which the jars come without: each starts its class as the distribution's own does.

    Classes are kept in an archive, so that each start takes half as long.
    """
    folder.mkdir()
    archive = folder / "classes.jsa"
    dump = command_of(state, GROUPS, f"-XX:ArchiveClassesAtExit={archive}")
    asked = ["--bootstrap-server", state.source.bootstrap, "--list"]
    subprocess.run([*dump, *asked], capture_output=True, timeout=TIMEOUT_S, check=True)
    for name, tool in SCRIPTS.items():
        script, command = folder / name, command_of(state, tool, f"-XX:SharedArchiveFile={archive}")
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)


def write_client(path: Path, *, patience_ms: int = 60_000) -> str:
    """Write the properties of a user of clusters without security, who waits so long, and return the file's path."""
    lines = {
        "security.protocol": "PLAINTEXT",
        "request.timeout.ms": patience_ms // 2,
        "default.api.timeout.ms": patience_ms,
    }
    path.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    return str(path)

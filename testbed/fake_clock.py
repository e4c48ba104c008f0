"""Processes whose clock is set ahead, by libfaketime (Debian's package `faketime`)."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

from testbed.errors import TestbedError

PRELOADED = "LD_PRELOAD"


def clock_ahead(seconds: float) -> dict[str, str]:
    """Return the environment of a process whose clock is ahead of the machine's by so many seconds.

    What it waits for is not changed: only the time of day is ahead.

    Raises
    ------
    TestbedError
        If libfaketime is not installed.
    """
    more = {PRELOADED: _library(), "FAKETIME": f"{seconds:+g}s", "DONT_FAKE_MONOTONIC": "1"}
    return {**os.environ, **more}


@cache
def _library() -> str:
    command = shutil.which("faketime")
    if command is None:
        message = (
            "faketime is missing: install Debian's package `faketime` to start a process whose clock is ahead"
        )
        raise TestbedError(message)
    # Where the library is differs between machines; the command tells what it starts with it.
    told = subprocess.run(
        [command, "-m", "-f", "+0s", "env"], capture_output=True, text=True, check=True, timeout=30
    )
    lines = dict(line.partition("=")[::2] for line in told.stdout.splitlines())
    return lines[PRELOADED]

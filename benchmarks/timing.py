"""What the benchmarks share: the shortest of a few runs, and the peak memory of a process of its own."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

REPEATS = 3


def fastest(function: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """Return the shortest of a few runs in seconds."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times)


def peak_bytes() -> int:
    """Return this process's own peak memory; what getrusage says may be that of the process it was started by."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def told_by(*command: str) -> str:
    """Run a Python file in a process of its own and return what it prints."""
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True).stdout

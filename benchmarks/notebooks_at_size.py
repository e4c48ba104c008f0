"""Measure what each notebook takes of a capture by `kafka-analysis report --only`: peak memory, CPU time and seconds.

Memory is the highest sum over the notebook's processes (the worker that runs papermill, and its kernel) of what each
holds resident; pages they share count twice. CPU time is that of all processes, the command's own included.

    kafka-analysis simulate --brokers 60 --partitions 20000 --topics 1500 --groups 300 --cells 4 --duration 3h \
        --interval 60s --out CAPTURE
    python benchmarks/notebooks_at_size.py CAPTURE [NOTEBOOK ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("kafka-analysis")
EVERY_S = 0.05


def resident_bytes(parent: psutil.Process) -> int:
    """Return the memory that all processes below another hold resident."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        for process in parent.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
    return total


def cpu_s() -> float:
    """Return the CPU seconds of all processes that have ended below this one."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(capture: str, notebook: str, out: str) -> tuple[int, float, float, int]:
    """Run one notebook; return its peak memory in bytes, CPU seconds, seconds and exit code."""
    began, used = time.perf_counter(), cpu_s()
    command = [str(PROGRAM), "report", capture, "--only", notebook, "--out", out]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as report:
        family, peak = psutil.Process(report.pid), 0
        while report.poll() is None:
            peak = max(peak, resident_bytes(family))
            time.sleep(EVERY_S)
    return peak, cpu_s() - used, time.perf_counter() - began, report.returncode


def main() -> int:
    """Print a row per notebook."""
    capture = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "data" / "sample")
    print("| notebook | peak memory | CPU s | seconds |\n|---|---|---|---|")
    worst = 0
    with tempfile.TemporaryDirectory() as out:
        for notebook in sys.argv[2:] or sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb")):
            peak, used, seconds, code = measure(capture, notebook, out)
            failed = f" (exit code {code})" if code else ""
            print(f"| {notebook}{failed} | {peak / 1e9:.2f} GB | {used:.0f} | {seconds:.0f} |", flush=True)
            worst = max(worst, code)
    return worst


if __name__ == "__main__":
    sys.exit(main())

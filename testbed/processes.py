"""Start processes, remember them in the run folder, and stop only those.

A pid alone is no identity: the system gives it away again. So each entry of the ledger keeps the pid and
the time the process started, and nothing is signalled unless both agree.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from testbed.errors import TestbedError
from testbed.waiting import wait_for

LEDGER = "processes.jsonl"
NICE = 10  # of brokers: on a machine of their own they would not hold up who watches them


@dataclass(frozen=True)
class Child:
    """A process the testbed started: its name, its pid, and when it started (as the system tells it)."""

    name: str
    pid: int
    started: str

    def alive(self) -> bool:
        """Tell whether this very process still runs (a zombie does not)."""
        return self.started != "" and start_time(self.pid) == self.started


def start_time(pid: int) -> str:
    """Return the system's word for when `pid` started, or "" if it does not run.

    Examples
    --------
    >>> start_time(os.getpid()) != "" and start_time(2**30) == ""
    True
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        return _from_proc(stat)
    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = shown.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()


def _from_proc(stat: Path) -> str:
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def start(
    name: str,
    command: Sequence[str],
    *,
    run_dir: Path,
    log: Path,
    env: Mapping[str, str] | None = None,
    nice: int = 0,
) -> Child:
    """Start `command` in a process group of its own, output in `log`, and enter it in the ledger.

    The group is its own so that Ctrl-C reaches only us, and we stop what we started in order. `nice` above 0 lets
    others of this machine go first.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    polite = ["nice", "-n", str(nice), *command] if nice else list(command)
    pid = os.posix_spawnp(
        polite[0], polite, os.environ if env is None else env, file_actions=files, setpgroup=0
    )
    return enter(name, pid, run_dir=run_dir)


def enter(name: str, pid: int, *, run_dir: Path) -> Child:
    """Enter a process that was just started in the ledger."""
    child = Child(name, pid, start_time(pid))
    with (run_dir / LEDGER).open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(asdict(child)) + "\n")
    return child


def entered(run_dir: Path) -> list[Child]:
    """Return every process ever entered in the ledger, oldest first."""
    ledger = run_dir / LEDGER
    if not ledger.exists():
        return []
    return [Child(**json.loads(line)) for line in ledger.read_text(encoding="utf-8").splitlines()]


def running(run_dir: Path) -> list[Child]:
    """Return the processes of the ledger that still run."""
    return [child for child in entered(run_dir) if child.alive()]


def find(run_dir: Path, name: str) -> Child | None:
    """Return the running process called `name`, if there is one."""
    return next((child for child in running(run_dir) if child.name == name), None)


def kill(child: Child, number: signal.Signals) -> None:
    """Send a signal to the process, if it is still the one that was started."""
    if child.alive():
        os.kill(child.pid, number)


def stop(children: Sequence[Child], *, patience_s: float = 20) -> None:
    """End the processes: ask first, and after `patience_s` insist.

    Raises
    ------
    TestbedError
        If one still runs after that.
    """
    for number, within_s in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 10.0)):
        for child in children:
            kill(child, number)
        try:
            wait_for(
                lambda: not _any_left(children), "the end of all processes", within_s=within_s, every_s=0.1
            )
        except TestbedError:
            continue
        return
    names = ", ".join(f"{child.name} (pid {child.pid})" for child in children if child.alive())
    message = f"these processes did not end: {names}"
    raise TestbedError(message)


def _any_left(children: Sequence[Child]) -> bool:
    for child in children:
        reap(child.pid)
    return any(child.alive() for child in children)


def reap(pid: int) -> None:
    """Collect the end of our own child, so that it does not linger as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # started by an earlier call of the command line: not ours to collect

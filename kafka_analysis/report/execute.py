"""Execute notebooks in processes of their own, and trust nothing but notebook cells that really ran."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
import psutil

from kafka_analysis.capture.read import VERIFIED
from kafka_analysis.model.compile_notice import COMPILING
from kafka_analysis.model.places import writing
from kafka_analysis.report import worker
from kafka_analysis.report.check import Job
from kafka_analysis.report.summary import SUMMARY_DIR
from kafka_analysis.report.worker import DISK_EXIT

Kind = Literal["", "error", "dead", "timeout", "stopped", "unfinished", "crashed"]
_POLL_S = 0.1


@dataclass(frozen=True)
class Execution:
    """What became of one notebook; ``kind`` is empty when every notebook cell was executed."""

    kind: Kind
    reason: str
    traceback: str
    seconds: float
    notebook: nbformat.NotebookNode

    @property
    def ok(self) -> bool:
        """Return whether every notebook cell was executed without an error."""
        return not self.kind


def execute(
    job: Job,
    *,
    scratch: Path,
    summaries: Path | None,
    cwd: Path,
    timeout_s: float,
    stop: threading.Event,
    inject: bool = True,
    verified: str = "",
    on_notice: Callable[[str], None] | None = None,
) -> Execution:
    """Execute one notebook in a process of its own.

    Parameters
    ----------
    job
        Notebook and injected parameters.
    scratch
        An absolute folder for the process; kept by the caller until it is done with it.
    summaries
        Where ``record_summary`` writes; None to write nothing.
    cwd
        Working folder of the kernel, from which relative paths in parameters start.
    timeout_s
        Seconds until kernel and process are killed, start of the kernel included.
    stop
        When set, kernel and process are killed at once.
    inject
        Whether the parameters are written into the notebook; otherwise it runs with its own.
    verified
        sha256 of the manifest of a capture that the notebook need not verify again.
    on_notice
        Called with what the kernel says beside its notebook while it runs: that it compiles, and for how long.

    Returns
    -------
    Execution
        With the notebook as far as it got. A dead kernel, a lack of time and a notebook cell that was never
        executed are failures, whatever papermill noted.

    Raises
    ------
    PlaceError
        The process could not write: the disk is full, say.
    """
    started = time.monotonic()
    with writing(f"{scratch.parent} (TMPDIR)"):
        scratch.mkdir(parents=True)
        shutil.copyfile(job.notebook.path, scratch / "in.ipynb")
        spec = {"parameters": job.injected if inject else {}, "cwd": str(cwd)}
        (scratch / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        environment = _environment(scratch, summaries, verified)
        kind = _run_worker(scratch, environment, timeout_s=timeout_s, stop=stop, on_notice=on_notice)
    seconds = time.monotonic() - started
    return _judge(scratch, kind, seconds=seconds, timeout_s=timeout_s)


def unfinished_cells(notebook: nbformat.NotebookNode) -> list[int]:
    """Return the positions (from 1) of code cells that were not executed to their end."""
    return [
        position
        for position, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
        and cell.source.strip()
        and "skip-execution" not in cell.metadata.get("tags", [])
        and _unfinished(cell)
    ]


def _unfinished(cell: nbformat.NotebookNode) -> bool:
    status = cell.metadata.get("papermill", {}).get("status", "completed")
    failed = any(output.output_type == "error" for output in cell.outputs)
    return cell.execution_count is None or failed or status != "completed"


def _run_worker(
    scratch: Path,
    environment: dict[str, str],
    *,
    timeout_s: float,
    stop: threading.Event,
    on_notice: Callable[[str], None] | None,
) -> Kind:
    notices = _Notices(scratch / "log", on_notice)
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", worker.__file__],  # not -m: that imports all of report
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            return _wait(process, deadline=time.monotonic() + timeout_s, stop=stop, notices=notices)
        finally:
            _kill_tree(process)


class _Notices:
    """Passes on, once, what a kernel says of compiling in the log of its process."""

    def __init__(self, log: Path, pass_on: Callable[[str], None] | None) -> None:
        self._log, self._pass_on, self._read = log, pass_on, 0

    def look(self) -> None:
        if self._pass_on is None or self._log.stat().st_size == self._read:
            return
        text = self._log.read_bytes()
        self._read = len(text)
        lines = text.decode("utf-8", "replace").rpartition("\n")[0].splitlines()
        for notice in (line for line in lines if line.startswith(COMPILING)):
            self._pass_on(notice)
            self._pass_on = None
            return


def _wait(
    process: subprocess.Popen[bytes], *, deadline: float, stop: threading.Event, notices: _Notices
) -> Kind:
    while process.poll() is None:
        notices.look()
        if stop.is_set():
            return "stopped"
        if time.monotonic() >= deadline:
            return "timeout"
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_POLL_S)
    if process.returncode > DISK_EXIT:
        number = process.returncode - DISK_EXIT
        raise OSError(number, os.strerror(number))
    return "" if process.returncode == 0 else "crashed"


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill the worker and its kernel, which lives in a session of its own."""
    if process.poll() is not None:
        return
    with suppress(psutil.NoSuchProcess):
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
    process.wait()


def _environment(scratch: Path, summaries: Path | None, verified: str) -> dict[str, str]:
    # JPY_SESSION_NAME says that somebody looks at the notebook, in whose session this was started.
    unfit = (SUMMARY_DIR, "JPY_SESSION_NAME")
    kept = {name: value for name, value in os.environ.items() if name not in unfit}
    added = {
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "TZ": "UTC",
        VERIFIED: verified,
    }
    return kept | added | ({SUMMARY_DIR: str(summaries)} if summaries else {})


def _judge(scratch: Path, kind: Kind, *, seconds: float, timeout_s: float) -> Execution:
    notebook = _read_notebook(scratch)
    result = _read_result(scratch)
    unfinished = unfinished_cells(notebook)
    if not kind:
        kind = result.get("kind", "") or ("unfinished" if unfinished else "")
    log = (scratch / "log").read_text("utf-8", "replace")[-4000:] if kind == "crashed" else ""
    last = log.strip().rpartition("\n")[2] or result.get("reason", "")
    reason = _reason(kind, last, _last_started(notebook), timeout_s)
    traceback = result.get("traceback", "") or log
    return Execution(kind, reason, traceback, seconds, notebook)


def _read_notebook(scratch: Path) -> nbformat.NotebookNode:
    """Read the notebook as far as it got; as it was where the worker was killed while it wrote it."""
    for name in ("out.ipynb", "in.ipynb"):
        with suppress(FileNotFoundError, nbformat.reader.NotJSONError):
            return nbformat.read(scratch / name, as_version=4)
    raise AssertionError  # in.ipynb was copied whole


def _last_started(notebook: nbformat.NotebookNode) -> int | None:
    """Return the position (from 1) of the notebook cell that ran last, finished or not."""
    started = [
        position
        for position, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
        and cell.metadata.get("papermill", {}).get("status", "pending") != "pending"
    ]
    return started[-1] if started else None


def _reason(kind: Kind, said: str, cell: int | None, timeout_s: float) -> str:
    at = "" if cell is None else f" in notebook cell {cell}"
    return {
        "": "",
        "error": " ".join(said.split()),
        "dead": f"the kernel died{at}: it was killed, most often because memory ran out, or it crashed",
        "timeout": f"ran out of time{at}: not done after {timeout_s:g} s",
        "stopped": f"stopped{at} before it was done",
        "unfinished": f"not every notebook cell was executed; it ended{at}",
        "crashed": f"the process that executes the notebook crashed: {said or 'it was killed'}",
    }[kind]


def _read_result(scratch: Path) -> dict[str, Any]:
    path = scratch / "result.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

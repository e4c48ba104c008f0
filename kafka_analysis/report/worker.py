"""The process that executes one notebook with papermill: ``python -m kafka_analysis.report.worker``.

It works in its own scratch folder: reads ``spec.json`` and ``in.ipynb``, writes ``out.ipynb`` after every
notebook cell and ``result.json`` at the end. What it says is checked by the parent, which also ends it when
time is up; when the parent is gone it ends itself, and the kernel with it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from kafka_analysis.model.places import disk_errno

KERNEL = "python3"
DISK_EXIT = 100  # and the number of the system's error: what was written to could not be


def main() -> None:
    """Execute ``in.ipynb`` of the current folder as ``spec.json`` says; write the end to ``result.json``."""
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    try:
        spec = json.loads(Path("spec.json").read_text(encoding="utf-8"))
        _use_this_python()
        result = _execute(spec)
        Path("result.json").write_text(json.dumps(result), encoding="utf-8")
    except OSError as error:
        number = disk_errno(error)
        if number is None:
            raise
        os._exit(DISK_EXIT + number)  # nothing else may be writable; threads of the kernel may wait for ever


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _use_this_python() -> None:
    """Let the kernel named python3 be this interpreter, whatever kernels the user has registered."""
    folder = Path("jupyter/kernels", KERNEL).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder.parents[1])


def _execute(spec: dict[str, Any]) -> dict[str, Any]:
    # jsonschema would compile the grammars of IRIs for a second; no schema of a notebook has any.
    sys.modules["rfc3987_syntax"] = None
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            "in.ipynb",
            "out.ipynb",
            parameters=spec["parameters"],
            kernel_name=KERNEL,
            language="python",
            cwd=spec["cwd"].replace("{", "{{").replace("}", "}}"),  # papermill would fill in parameters
            progress_bar=False,
            log_output=False,
        )
    except PapermillExecutionError as error:
        number = disk_errno(OSError(error.evalue))
        if number is not None:
            raise OSError(number, os.strerror(number)) from None
        reason = f"{error.ename}: {error.evalue}"
        return {"ok": False, "kind": "error", "reason": reason, "traceback": "\n".join(error.traceback)}
    except DeadKernelError as error:
        return {"ok": False, "kind": "dead", "reason": str(error), "traceback": ""}
    return {"ok": True}


if __name__ == "__main__":
    main()

"""Notebooks executed in the process of the tests, where a kernel of their own is not what is tested.

A kernel takes seconds to start. The small notebooks of ``tests/report`` run in kernels; all do in
``make test-notebooks``.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_output
from traitlets.config import Config

from kafka_analysis.plots.drawing import Drawing
from kafka_analysis.report.execute import Execution
from kafka_analysis.report.summary import SUMMARY_DIR

WITHOUT_HISTORY = Config({"HistoryManager": {"enabled": False}})
ONE_AT_A_TIME = Lock()


def execute_in_process(patch: pytest.MonkeyPatch) -> None:
    """Let reports execute notebooks here; figures are made and not drawn."""
    patch.setattr("kafka_analysis.report.pool.execute", execute_here)
    patch.setattr(Drawing, "webp", lambda _: b"")


def execute_here(job: Any, *, summaries: Path, cwd: Path, **_: Any) -> Execution:
    """Execute the notebook of a job cell by cell, as ``report.execute.execute`` does with a kernel."""
    notebook = with_parameters(nbformat.read(job.notebook.path, as_version=4), job.injected)
    with ONE_AT_A_TIME, pytest.MonkeyPatch.context() as patch:
        patch.setenv(SUMMARY_DIR, str(summaries))
        patch.chdir(cwd)
        error = run_cells(notebook)
    kind, reason = ("", "") if error is None else ("error", f"{type(error).__name__}: {error}")
    return Execution(kind, reason, traceback=reason, seconds=0.0, notebook=notebook)


def with_parameters(notebook: nbformat.NotebookNode, parameters: dict[str, Any]) -> nbformat.NotebookNode:
    """Insert parameters below the parameters cell, as papermill does."""
    (position,) = (
        number for number, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])
    )
    lines = ["# Parameters", *(f"{name} = {value!r}" for name, value in parameters.items())]
    cell = new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(position + 1, cell)
    return notebook


def run_cells(notebook: nbformat.NotebookNode) -> BaseException | None:
    """Run the code cells in turn and keep their outputs; return what the first that fails raised."""
    shell, results = InteractiveShell.instance(config=WITHOUT_HISTORY), []
    shell.display_trap.hook = results.append  # what an expression comes to
    try:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for count, cell in enumerate(cells, start=1):
            results.clear()
            with capture_output() as captured:
                done = shell.run_cell(cell.source, store_history=True)
            if done.error_in_exec or done.error_before_exec:
                return done.error_in_exec or done.error_before_exec
            cell.execution_count = count
            texts = {"stdout": captured.stdout, "stderr": captured.stderr}
            cell.outputs = [
                new_output("stream", name=name, text=text) for name, text in texts.items() if text
            ]
            cell.outputs += [new_output("display_data", data=output.data) for output in captured.outputs]
            cell.outputs += [shown(shell, result, count) for result in results if result is not None]
        return None
    finally:
        InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, result: Any, count: int) -> nbformat.NotebookNode:
    data, metadata = shell.display_formatter.format(result)
    return new_output("execute_result", data=data, metadata=metadata, execution_count=count)

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from kafka_analysis.model.compile_notice import KEPT
from kafka_analysis.model.parameters import NotebookParameters
from kafka_analysis.report.check import Job
from kafka_analysis.report.execute import Execution, _judge, execute, unfinished_cells
from kafka_analysis.report.notebooks import find_notebooks


def test_only_cells_that_really_ran_count() -> None:
    done = new_code_cell("x", execution_count=1)
    blank, text = new_code_cell("  "), new_markdown_cell("t")
    skipped = new_code_cell("x", metadata={"tags": ["skip-execution"]})
    never = new_code_cell("x")
    failed = new_code_cell(
        "x", execution_count=2, outputs=[new_output("error", ename="E", evalue="", traceback=[])]
    )
    running = new_code_cell("x", execution_count=3, metadata={"papermill": {"status": "running"}})
    notebook = new_notebook(cells=[done, blank, text, skipped, never, failed, running])
    notebook.metadata["papermill"] = {"exception": None, "end_time": "whatever papermill says"}
    assert unfinished_cells(notebook) == [5, 6, 7]


@pytest.fixture
def run(books: Callable[..., Path], tmp_path: Path) -> Callable[..., Execution]:
    def execute_code(
        code: str,
        *,
        timeout_s: float = 120,
        stop: threading.Event | None = None,
        verified: str = "",
        on_notice: Callable[[str], None] | None = None,
    ) -> Execution:
        [book] = find_notebooks(books("nb", code, record=False)).values()
        job = Job(book, NotebookParameters(capture="cap"))
        return execute(
            job,
            scratch=tmp_path / "scratch",
            summaries=None,
            cwd=tmp_path,
            timeout_s=timeout_s,
            stop=stop or threading.Event(),
            verified=verified,
            on_notice=on_notice,
        )

    return execute_code


def test_a_killed_kernel_is_a_failure(run: Callable[..., Execution]) -> None:
    execution = run("import os\nos.kill(os.getpid(), 9)")
    assert execution.kind == "dead"
    assert "the kernel died in notebook cell 5" in execution.reason  # the injected parameters are cell 3


def test_a_notebook_may_be_told_that_its_capture_was_verified(run: Callable[..., Execution]) -> None:
    execution = run("import os\nprint(os.environ['KAFKA_ANALYSIS_VERIFIED'])", verified="a" * 64)
    assert execution.notebook.cells[-1].outputs[0].text.strip() == "a" * 64


def test_that_a_kernel_compiles_is_said_at_once_and_not_on_the_page(
    run: Callable[..., Execution], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "a notebook that runs this report")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it, kernels do not watch their descriptors
    notices: list[tuple[float, str]] = []
    execution = run(
        f"import time\nfrom kafka_analysis.model.compile_notice import *\nsay_beside({KEPT!r})\n"
        f"say_beside({KEPT!r})\ntime.sleep(1)\nprint(time.time())",
        on_notice=lambda text: notices.append((time.time(), text)),
    )
    [output] = execution.notebook.cells[-1].outputs
    assert [text for _, text in notices] == [KEPT]
    assert notices[0][0] < float(output.text)


def test_the_process_does_not_load_what_it_does_not_need() -> None:
    code = "from kafka_analysis.report.worker import *\nwithout_slow_grammars()\nimport sys, papermill"
    loaded = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint('rfc3987_syntax.syntax_helpers' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert loaded.stdout.strip() == "False"


def test_a_notebook_that_takes_too_long_is_ended_with_its_kernel(
    run: Callable[..., Execution], tmp_path: Path
) -> None:
    execution = run("import time\ntime.sleep(600)", timeout_s=8)
    assert execution.kind == "timeout"
    assert "not done after 8 s" in execution.reason
    assert execution.seconds < 30
    assert not _processes_of(tmp_path)


def test_a_stop_ends_the_kernel_at_once(run: Callable[..., Execution], tmp_path: Path) -> None:
    stop = threading.Event()
    threading.Timer(2, stop.set).start()
    assert run("import time\ntime.sleep(600)", stop=stop).kind == "stopped"
    assert not _processes_of(tmp_path)


def test_a_notebook_cut_off_while_it_was_written_counts_as_not_begun(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell("1")])
    nbformat.write(notebook, tmp_path / "in.ipynb")
    text = (tmp_path / "in.ipynb").read_text(encoding="utf-8")
    (tmp_path / "out.ipynb").write_text(text[: len(text) // 2], encoding="utf-8")
    found = _judge(tmp_path, "stopped", seconds=1.0, timeout_s=9.0)
    assert (found.kind, found.reason) == ("stopped", "stopped before it was done")


def _processes_of(folder: Path) -> list[psutil.Process]:
    time.sleep(0.2)
    return [
        one
        for one in psutil.process_iter(["environ"])
        if str(folder) in str((one.info["environ"] or {}).get("IPYTHONDIR"))
    ]

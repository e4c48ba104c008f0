from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kafka_analysis.report.clean import cleaned


def test_times_and_paths_go_and_answers_stay() -> None:
    told = {"tags": ["parameters"], "papermill": {"start_time": "now"}, "execution": {"shell": "now"}}
    output = new_output("execute_result", data={"text/plain": "2"}, execution_count=1)
    cell = new_code_cell("1 + 1", execution_count=1, metadata=told, outputs=[output])
    before = new_notebook(cells=[cell], metadata={"papermill": {"input_path": "/home/someone"}})
    after = cleaned(before)
    nbformat.validate(after)
    assert dict(after.cells[0].metadata) == {"tags": ["parameters"]}
    assert (after.cells[0].id, after.cells[0].execution_count) == ("cell-00", 1)
    assert after.cells[0].outputs == [output]
    assert set(after.metadata) == {"kernelspec", "language_info"}
    assert "papermill" in before.metadata
    assert cleaned(after) == after

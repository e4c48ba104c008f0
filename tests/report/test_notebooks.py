from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kafka_analysis.model.errors import InputError
from kafka_analysis.report.notebooks import cleaned, find_notebooks, title_and_question


def test_title_question_and_parameters_are_read(books: Callable[..., Path]) -> None:
    [book] = find_notebooks(books("a_book", "x = 1")).values()
    assert (book.name, book.title, book.question) == ("a_book", "Even or not", "Is the load even?")
    assert book.parameters == ("capture", "cluster", "start", "end", "light", "skew")


def test_a_folder_without_notebooks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no notebooks in"):
        find_notebooks(tmp_path)


def test_a_notebook_without_a_heading_has_only_a_question() -> None:
    assert title_and_question("Just text.\n\nMore.") == ("", "Just text.")
    assert title_and_question("") == ("", "")


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

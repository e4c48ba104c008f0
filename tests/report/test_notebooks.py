from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kafka_analysis.model.errors import InputError
from kafka_analysis.report.notebooks import cleaned, find_notebooks, left_out, title_and_question


def test_title_question_and_parameters_are_read(books: Callable[..., Path]) -> None:
    [book] = find_notebooks(books("a_book", "x = 1")).values()
    assert (book.name, book.title, book.question) == ("a_book", "Even or not", "Is the load even?")
    assert book.parameters == ("capture", "cluster", "start", "end", "light", "skew")


def test_a_folder_without_notebooks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no notebooks in"):
        find_notebooks(tmp_path)


@pytest.mark.parametrize(
    "name", ["Untitled", "Untitled1", "Untitled23", "a_book-checkpoint", ".~a_book", ".hidden"]
)
def test_what_jupyterlab_makes_by_itself_is_left_out_unread(books: Callable[..., Path], name: str) -> None:
    folder = books("a_book", "x = 1")
    (folder / f"{name}.ipynb").write_text("no notebook")
    assert list(find_notebooks(folder)) == ["a_book"]
    assert left_out(folder) == (f"{name}.ipynb",)


def test_checkpoints_and_other_folders_are_not_even_named(books: Callable[..., Path]) -> None:
    folder = books("a_book", "x = 1")
    for name in (".ipynb_checkpoints", "b_book.ipynb"):
        (folder / name).mkdir()
        (folder / name / "a_book-checkpoint.ipynb").write_text("no notebook")
    assert list(find_notebooks(folder)) == ["a_book"]
    assert left_out(folder) == ()


@pytest.mark.parametrize("name", ["Untitled_topics", "untitled", "99_Untitled", "a_book-Copy1", "checkpoint"])
def test_names_that_people_give_stay(books: Callable[..., Path], name: str) -> None:
    folder = books(name, "x = 1")
    assert (list(find_notebooks(folder)), left_out(folder)) == ([name], ())


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

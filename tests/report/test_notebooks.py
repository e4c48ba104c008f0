from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.report.notebooks import find_notebooks, title_and_question


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

from __future__ import annotations

import pytest

from kafka_analysis.capture.cells import cells_of, read_cells
from kafka_analysis.model.errors import InputError


def test_names_are_text_and_other_columns_are_passed_over(tmp_path):
    (tmp_path / "cells.csv").write_text("topic,team,cell\n007,x,cell-1\n", encoding="utf-8")
    assert read_cells(tmp_path / "cells.csv").rows() == [("007", "cell-1")]


def test_the_file_beside_the_capture_is_taken_unless_another_is_named(tmp_path):
    (tmp_path / "c.cells.csv").write_text("topic,cell\na,cell-1\n", encoding="utf-8")
    (tmp_path / "mine.csv").write_text("topic,cell\nb,cell-2\n", encoding="utf-8")
    assert cells_of(tmp_path / "c")["topic"].to_list() == ["a"]
    assert cells_of(tmp_path / "c", tmp_path / "mine.csv")["topic"].to_list() == ["b"]
    assert cells_of(tmp_path / "other").is_empty()


@pytest.mark.parametrize(
    ("text", "message"), [("topic\na\n", "cannot be read .*cell"), ("", "cannot be read")]
)
def test_other_files_are_refused(tmp_path, text, message):
    (tmp_path / "cells.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_cells(tmp_path / "cells.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_cells(tmp_path / "absent.csv")

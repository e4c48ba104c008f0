from __future__ import annotations

import pytest

from kafka_analysis.capture.cells import WAVES, cells_of, read_cells, read_waves, waves_of
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


WAVES_HEAD = "topic,cell,wave\n"


def written(tmp_path, text, name="waves.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_waves_are_numbers_and_names_are_text(tmp_path):
    path = written(tmp_path, 'wave,topic,team,cell\n2,007,x,cell-1\n1,"a,""b""\n<i>",y,cell-2\n')
    rows = read_waves(path)
    assert rows.rows() == [("007", "cell-1", 2), ('a,"b"\n<i>', "cell-2", 1)]
    assert dict(rows.schema) == WAVES


def test_the_plan_beside_the_capture_is_taken_unless_another_is_named(tmp_path):
    assert waves_of(tmp_path / "c") is None
    written(tmp_path, WAVES_HEAD + "a,cell-1,1\n", "c.waves.csv")
    mine = written(tmp_path, WAVES_HEAD + "b,cell-2,1\n", "mine.csv")
    assert waves_of(tmp_path / "c")["topic"].to_list() == ["a"]
    assert waves_of(tmp_path / "c", mine)["topic"].to_list() == ["b"]
    with pytest.raises(InputError, match="cannot be read"):
        waves_of(tmp_path / "c", tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("topic,cell\na,b\n", "topic, cell, wave"),
        (WAVES_HEAD + "a,b,0\n", "'0' of topic 'a' is not a whole number from 1"),
        (WAVES_HEAD + "a,b,-1\n", "is not a whole number from 1"),
        (WAVES_HEAD + "a,b,1.5\n", "is not a whole number from 1"),
        (WAVES_HEAD + "a,b,one\n", "is not a whole number from 1"),
        (WAVES_HEAD + "a,b,\n", "is not a whole number from 1"),
        (WAVES_HEAD + "a,b,99999999999\n", "is not a whole number from 1"),
        (WAVES_HEAD + "a,b,1\na,c,2\n", "'a' is listed twice"),
        (WAVES_HEAD + "a,b,1\na,b,1\n", "'a' is listed twice"),
        (WAVES_HEAD + ",b,1\n", "without a topic or cell"),
        (WAVES_HEAD + "a,,1\n", "without a topic or cell"),
    ],
)
def test_plans_of_waves_that_say_nothing_or_two_things_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        read_waves(written(tmp_path, text))
    assert "\n" not in str(error.value)

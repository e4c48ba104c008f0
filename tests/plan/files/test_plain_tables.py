from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.plain_tables import read_table


def test_names_stay_text_and_empty_amounts_are_unknown():
    table = read_table("topics", b"topic,bytes_in_per_s,bytes_out_per_s,size_bytes,team\n12,1e6,,5,007\n")
    assert table.rows() == [("12", 1e6, None, 5.0, "007")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("topic\na\n", "cells: the column 'cell' is missing; it must be CSV with topic, cell"),
        ("", "cells: empty CSV; it must be CSV with topic, cell"),
    ],
)
def test_other_files_are_refused(text, message):
    with pytest.raises(InputError) as caught:
        read_table("cells", text)
    assert str(caught.value) == message


def test_an_amount_that_is_none_is_named():
    with pytest.raises(InputError, match="flows: bytes_per_s is 'much'; give a number, or leave it empty"):
        read_table("flows", "client,kind,topic,bytes_per_s\nx,group,a,much\n")


def test_a_file_of_another_kind_is_named():
    with pytest.raises(
        InputError, match=r"cells: this is a plan to read \(plan.md\); it must be CSV with topic, cell"
    ):
        read_table("cells", "# Execution plan\n")


def test_files_of_windows_are_read():
    assert read_table("cells", "topic,cell\r\na,b\r\n".encode("utf-16")).rows() == [("a", "b")]

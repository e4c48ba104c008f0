from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.files.printed import CURRENT, PROPOSED, decoded, documents, kind_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_the_encodings_that_shells_write(encoding):
    assert decoded("file", "a\r\né\n".encode(encoding)) == "a\né\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"\x1f\x8b\x08", "unpack it"), (b"PK\x03\x04", "unpack it"), (b"\xff\x00\xfe", "save it as UTF-8")],
)
def test_what_is_no_text_is_told(data, message):
    with pytest.raises(InputError, match=f"file: .*{message}"):
        decoded("file", data)


def test_the_nearest_heading_counts_and_only_between_two_objects():
    text = f'{CURRENT}\n\n{{"a": 1}}\n{{"b": 2}}\n{CURRENT}\n{PROPOSED}\nWARN x\n  {{ "c":\n 3}}\n'
    assert [(one.heading, *one.content) for one in documents("file", text)] == [
        (CURRENT, "a"), ("", "b"), (PROPOSED, "c"),
    ]  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_gives_objects_or_one_line(text):
    message = ""
    try:
        documents("file", decoded("file", text.encode()))
    except InputError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize("value", ["1" * 5000, "[" * 100_000])
def test_json_that_nobody_writes_is_one_line(value):
    with pytest.raises(InputError, match="file: invalid JSON at line 2") as caught:
        documents("file", f'x\n{{"version": {value}}}')
    assert "\n" not in str(caught.value)


def test_json_that_was_cut_names_its_line():
    with pytest.raises(InputError, match="file: invalid JSON at line 3"):
        documents("file", 'x\n{"version": 1,\n "partitions": [')


def test_kinds_are_told():
    assert "kafka-leader-election" in kind_of("", {"partitions": [{"topic": "t", "partition": 0}]})
    assert "plan.json" in kind_of("", {"schema_version": 1, "steps": []})
    assert "HTML" in kind_of("<html>")
    assert kind_of("", {"x": 1}) == kind_of("text") == ""

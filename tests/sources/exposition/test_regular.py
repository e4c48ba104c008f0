"""Stretches of pages; what they say is held against reading line by line in test_exposition."""

from __future__ import annotations

import pytest

from kafka_analysis.sources.exposition.regular import Line, Stretch, read_regular
from kafka_analysis.sources.exposition.scan import MARGIN, MOST_KEYS

END = b"#" * MARGIN


def read(*lines: bytes, seconds: bool = False):
    page = b"".join(line + b"\n" for line in lines)
    return read_regular(page + END, Stretch(0, len(page), 1, len(lines)), seconds=seconds)


def test_short_long_and_escaped_texts_come_out_as_they_are():
    long = "größer als zwölf Bytes"
    found = read(
        b'm{a="",b="123456789012",c="1234567890123"} 1',
        rb'm{a="\"",b="a\\b\nc",c="and some more \"text\" than twelve"} 2',
        f'm{{a="{long}"}} 3'.encode(),
    )
    assert found.samples.select("label_a", "label_b", "label_c").rows() == [
        ("", "123456789012", "1234567890123"),
        ('"', "a\\b\nc", 'and some more "text" than twelve'),
        (long, None, None),
    ]
    assert found.aside == []


def test_columns_outlive_their_page():
    samples = read(b'm{a="some text of more than twelve bytes"} 1').samples
    assert samples["label_a"].str.to_uppercase().to_list() == ["SOME TEXT OF MORE THAN TWELVE BYTES"]


@pytest.mark.parametrize(
    "line",
    [
        b'm{a="x"', b'm{a="x"}', b'm{a="x"} ', b'm{a="x" 1', b'm{"a"="x"} 1', b'm{a="x",a="y"} 1', b'm{a="x";b="y"} 1',
        b'm{,a="x"} 1', b'm{a="x",,} 1', b"1m 1", b'm{1a="x"} 1', b'm{a="x"}1', b'm{a="x"} 1 2 3', b'm{a="x"}\t1',
        b'm{a="\xff"} 1', b'm{a="\xff\\n"} 1', rb'm{a="\q"} 1', b'm{a="\\', b"m one", b"m 1 soon", b" m 1", b"{} 1",
    ],
)  # fmt: skip
def test_what_is_not_regular_is_left_aside_and_leaves_no_trace(line):
    found = read(b'm{b="x"} 1', line, b'm{b="y"} 2')
    assert found.samples.select("metric", "label_b", "value", "line").rows() == [
        ("m", "x", 1.0, 1),
        ("m", "y", 2.0, 3),
    ]
    assert found.aside == [Line(11, 11 + len(line), 2)]
    assert found.samples.drop("metric", "label_b", "value", "line").null_count().row(0) == (2,) * (
        found.samples.width - 4
    )


def test_as_many_keys_as_there_is_room_for_become_columns():
    lines = [f'm{{k{n}="v"}} {n}'.encode() for n in range(MOST_KEYS + 3)]
    found = read(*lines)
    assert found.samples["value"].to_list() == list(range(MOST_KEYS))
    assert [line.number for line in found.aside] == [MOST_KEYS + 1, MOST_KEYS + 2, MOST_KEYS + 3]


@pytest.mark.parametrize(("text", "stamp"), [(b"5", 5000), (b"5.25", 5250), (b"1.7e9", None), (b"x", None)])
def test_seconds_become_milliseconds(text, stamp):
    found = read(b"m 1 " + text, seconds=True)
    assert found.samples["timestamp_ms"].to_list() == ([stamp] if stamp else [])
    assert len(found.aside) == (stamp is None)

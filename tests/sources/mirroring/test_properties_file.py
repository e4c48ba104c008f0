from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.sources.mirroring.properties_file import (
    MOST_BYTES,
    Flow,
    parse_properties,
    read_mirror_file,
)

FILE = rb"""
# a comment \
! another
clusters = old, new \
         , far
old.bootstrap.servers=h1:9092
new.sasl.jaas.config = secret
old->new.enabled = True
old->new.topics = orders\\.created, clicks
topics : .*
new->old.enabled=false
groups=g.*
"""


def test_flows_and_settings_are_read():
    read = read_mirror_file(FILE)
    assert read.clusters == ("old", "new", "far")
    assert len(read.flows) == 6
    assert read.flows[0] == Flow(
        "old", "new", is_enabled=True, topics=r"orders\.created, clicks", groups="g.*"
    )
    assert [flow for flow in read.flows if flow.is_enabled] == [read.flows[0]]
    assert read.flows[1].topics == ".*"
    assert (read.settings["old.bootstrap.servers"], read.settings["new.sasl.jaas.config"]) == (
        "h1:9092",
        None,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a=b", {"a": "b"}),
        (b"  a  b c ", {"a": "b c "}),
        (b"a:b=c", {"a": "b=c"}),
        (b"a\\=b = c", {"a=b": "c"}),
        (b"a = \\tb\\\\", {"a": "\tb\\"}),
        (b"a = b\\\r\n   c\rd = e", {"a": "bc", "d": "e"}),
        (b"a = b\\\\\nc = d", {"a": "b\\", "c": "d"}),
        (b"a = b\\", {"a": "b"}),
        (b"a", {"a": ""}),
        (b"a = \\u00fc\\ud83d\\ude00", {"a": "ü😀"}),
        (b"a = \xfc", {"a": "ü"}),
        (b"a = 1\na = 2", {"a": "2"}),
        (b"a = b\\\n# no comment", {"a": "b# no comment"}),
    ],
)
def test_lines_mean_what_java_says_they_mean(text, expected):
    assert parse_properties(text) == expected


@pytest.mark.parametrize("text", [b"a = \\u12", b"a = \\ud800"])
def test_an_escape_that_is_none_is_told_with_its_line(text):
    with pytest.raises(InputError, match="line 2: an escape is none"):
        parse_properties(b"\n" + text)


@pytest.mark.parametrize(
    "text", [b"", b"clusters =", b"clusters = " + b",".join(b"c%d" % n for n in range(101))]
)
def test_a_file_without_clusters_or_with_too_many_is_refused(text):
    with pytest.raises(InputError, match="clusters; give clusters = "):
        read_mirror_file(text)


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(InputError, match="has at most"):
        parse_properties(b" " * (MOST_BYTES + 1))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data):
    try:
        settings = parse_properties(data)
    except InputError:
        settings = {}
    assert all(isinstance(value, str) for value in settings.values())

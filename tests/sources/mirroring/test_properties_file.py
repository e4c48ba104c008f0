from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.errors import InputError
from kafka_analysis.sources.mirroring.properties_file import (
    MOST_BYTES,
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


def test_flows_that_are_enabled_are_read_with_the_settings_of_their_connectors():
    read = read_mirror_file(FILE)
    assert read.clusters == {"old": frozenset({"h1:9092"}), "new": frozenset(), "far": frozenset()}
    (flow,) = read.flows
    assert (flow.source, flow.target) == ("old", "new")
    assert flow.settings == {
        "topics": r"orders\.created, clicks",
        "groups": "g.*",
        "source.cluster.bootstrap.servers": "h1:9092",
        "target.cluster.sasl.jaas.config": None,
        "enabled": "True",
    }


def test_settings_of_workers_are_none_of_the_connectors_and_a_flow_s_own_win():
    text = (
        b"clusters = old,new\nold->new.enabled = true\ntasks.max = 2\nold->new.tasks.max = 7\n"
        b"offset.storage.partitions = 3\nold.consumer.auto.offset.reset = latest\nnew.offset.flush.interval.ms = 9\n"
    )
    (flow,) = read_mirror_file(text).flows
    assert flow.settings == {
        "tasks.max": "7",
        "enabled": "true",
        "source.consumer.auto.offset.reset": "latest",
        "target.cluster.offset.flush.interval.ms": "9",
    }


def test_an_alias_that_sounds_like_a_secret_hides_nothing_and_shows_no_secret():
    text = b"clusters = key,b\nkey->b.enabled = true\nkey->b.topics = t\nkey.ssl.key.password = x\nkey.ssl.protocol = y"
    (flow,) = read_mirror_file(text).flows
    assert flow.settings == {
        "enabled": "true",
        "topics": "t",
        "source.cluster.ssl.key.password": None,
        "source.cluster.ssl.protocol": "y",
    }


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
    with pytest.raises(InputError, match="line 2: invalid escape"):
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

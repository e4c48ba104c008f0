from __future__ import annotations

import math

import pytest

from kafka_analysis.sources.exposition.line import read_line, read_series, unescaped


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        (r'm{a="x",} 1', {"a": "x"}),
        (r'm{ a = "x" , b="y" } 1', {"a": "x", "b": "y"}),
        (r'm{a="}"} 1', {"a": "}"}),
        (r'm{a="x,y=z"} 1', {"a": "x,y=z"}),
        (r'm{a="\"\\\n"} 1', {"a": '"\\\n'}),
        (r'm{a="#"} 1 # {trace="x"} 0.5', {"a": "#"}),
        (r'm{a="#"} 1 1700000000000 # {trace="}"} 0.5 1700000000', {"a": "#"}),
        ("m{} 1", {}),
        ("m 1", {}),
        ("m\t1", {}),
        ("  m   1  ", {}),
        ('m{a=""} 1', {"a": ""}),
        ('m{a="größe ☃"} 1', {"a": "größe ☃"}),
        ('m {a="x"} 1', {"a": "x"}),
        ('m{a="x"}1', {"a": "x"}),
        ('{"m"} 1', {}),
        ('{ "m" , "a key"="x", b="y",} 1', {"a key": "x", "b": "y"}),
    ],
)
def test_labels_are_read_as_they_stand(line, labels):
    metric, found, value, _ = read_line(line)
    assert (metric, dict(found), value) == ("m", labels, 1.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.96E-314", 2.96e-314),
        ("+Inf", math.inf),
        ("-Inf", -math.inf),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-0", -0.0),
    ],
)
def test_values_are_floats(text, value):
    assert read_line(f"m {text}")[2] == value


def test_nan_is_a_value_here():
    assert math.isnan(read_line("m NaN")[2])


@pytest.mark.parametrize(
    ("text", "seconds", "stamp"),
    [
        ("m 1 1700000000000", False, 1700000000000),
        ("m 1 -5", False, -5),
        ("m 1", False, None),
        ("m 1 1700000000.123", True, 1700000000123),
        ("m 1 1.7e9", True, 1700000000000),
    ],
)
def test_times_are_milliseconds_and_in_openmetrics_seconds(text, seconds, stamp):
    assert read_line(text, seconds=seconds)[3] == stamp


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("m{a=x} 1", "labels are not"),
        ('m{a="x" b="y"} 1', "labels are not"),
        ('m{a="x",a="y"} 1', "label 'a' is repeated"),
        ('{"m","a"="x",a="y"} 1', "label 'a' is repeated"),
        ('m{a="x"', "not <name>"),
        ("m", "not <name>"),
        ("m one", "is not a number"),
        ("m 1_000", "is not a number"),
        ("m ١", "is not a number"),
        ("m 0x1p3", "is not a number"),
        ("m 1 soon", "not a whole number of milliseconds"),
        ("m 1 1.5", "not a whole number of milliseconds"),
        ("m 1 2 3", "not <name>"),
        ("m 1 # no exemplar", "not <name>"),
        ("m-n 1", "not a metric name"),
        ("<html>", "not <name>"),
        ('{a="x"} 1', "no metric name"),
        ("{} 1", "no metric name"),
        ('{""} 1', "quoted metric name is empty"),
        (r'm{a="\q"} 1', r"unknown escape \q"),
        (r'm{a="\t"} 1', r"unknown escape \t"),
    ],
)
def test_what_breaks_the_format_is_told(line, reason):
    with pytest.raises(ValueError, match=r".") as caught:
        read_line(line)
    assert reason in str(caught.value)


def test_times_that_are_no_seconds_are_told():
    with pytest.raises(ValueError, match="not a number of seconds"):
        read_line("m 1 soon", seconds=True)


def test_the_same_series_is_split_once():
    before = read_series.cache_info().hits
    assert read_series('m{a="again"}') is read_series('m{a="again"}')
    assert read_series.cache_info().hits > before


def test_text_without_escapes_stays_the_same_object():
    text = "plain"
    assert unescaped(text) is text

"""Files that cost more to read than they are worth: each is one short line, at once."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.model.strict_files import check_numbers, load_toml, load_yaml, one_line

ALIASES = "a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]"
HOSTILE_YAML = {
    "[" * 100_000: "nested deeper than 20",
    "{a: " * 100_000: "nested deeper than 20",
    "- " * 100_000: "nested deeper than 20",
    "\n".join(" " * level + "a:" for level in range(500)): "nested deeper than 20",
    ALIASES: "it has an alias",
    "1" * 5000: "more than 64 bits",
    "-0x" + "f" * 5000: "more than 64 bits",
    "1" + ":59" * 3000: "more than 64 bits",
    "? [1]\n: 1": "unhashable key in line 1",
    "2026-13-45": "month must be in",
    "!!timestamp x": "does not fit its tag",
    "!!bool x": "does not fit its tag",
    "!!int x": "invalid literal",
    "!!python/object:os.system x": "could not determine a constructor",
    "x" * 3_000_000: "more than 2,000,000",
    "a: [": "in line ",
    "\0": "unacceptable character",
}


@pytest.mark.parametrize(("text", "said"), HOSTILE_YAML.items(), ids=range(len(HOSTILE_YAML)))
def test_yaml_that_nobody_writes_is_one_short_line(text, said):
    with pytest.raises(ValueError, match=said) as refused:
        load_yaml(text)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) <= 230


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 100_000, "nested deeper than 20"),
        ("n = " + "1" * 5000, "more than 64 bits"),
        ("n = 0x" + "f" * 5000, "more than 64 bits"),
        ("d = 2026-13-45", "Expected newline|month|Invalid"),
        ("a = [", "Invalid value|Unclosed"),
        ("a" * 3_000_000, "more than 2,000,000"),
    ],
)
def test_toml_that_nobody_writes_is_one_short_line(text, said):
    with pytest.raises(ValueError, match=said) as refused:
        load_toml(text)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) <= 230


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(PLAIN)
def test_what_a_person_could_write_is_read_as_any_reader_does(value):
    text = yaml.safe_dump(value)
    if "&id" not in text:
        assert load_yaml(text) == yaml.safe_load(text)


def test_twenty_levels_are_enough_for_everybody():
    assert load_yaml("[" * 20 + "]" * 20) == yaml.safe_load("[" * 20 + "]" * 20)
    with pytest.raises(ValueError, match="deeper"):
        load_yaml("[" * 21 + "]" * 21)


def test_numbers_of_64_bits_are_numbers():
    assert check_numbers({"a": [2**64 - 1, -(2**63), True, 1.5, {2: (3,)}]}) is None
    for wrong in (2**64, {2**64: 1}, [[{"a": -(2**64)}]]):
        with pytest.raises(ValueError, match="64 bits"):
            check_numbers(wrong)


def test_a_line_is_short():
    assert one_line(" a\n b ") == "a b"
    assert len(one_line("ab " * 100_000)) <= 201

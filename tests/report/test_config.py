from __future__ import annotations

from pathlib import Path

import pytest

from kafka_analysis.model.errors import InputError, ParameterError
from kafka_analysis.report.config import merge_parameters, parse_options, read_config


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "reports.yaml"
    path.write_text(text)
    return path


def test_a_configuration_is_read(tmp_path: Path) -> None:
    read = read_config(
        config(tmp_path, "only: [10_inventory]\nparameters: {all: {cluster: a}}\nfail_on: red\n")
    )
    assert (read.only, read.parameters, read.fail_on) == (["10_inventory"], {"all": {"cluster": "a"}}, "red")
    assert read_config(config(tmp_path, "")).only == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("onyl: []", "did you mean 'only'"),
        ("only: 10_inventory", "reports.yaml: only: Input should be a valid list"),
        ("- a", "must hold keys"),
        ("a: [", "cannot be read as YAML"),
        ("fail_on: blue", "fail_on"),
        ("workers: 0", "workers"),
        ("wait_s: -1", "wait_s"),
        ("wait_s: .inf", "wait_s"),
    ],
)
def test_a_wrong_configuration_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_config(config(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_config(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("option", "value"),
    [("nb:x=5", 5), ("nb:x=1.5", 1.5), ("nb:x=a=b", "a=b"), ("nb:x=", None), ("nb:x=[a, b]", ["a", "b"])],
)
def test_values_are_yaml(option: str, value: object) -> None:
    assert parse_options([option]) == {"nb": {"x": value}}


@pytest.mark.parametrize("option", ["nb", "nb:x", "x=1", ":x=1", "nb:=1", "nb:x=[a"])
def test_a_wrong_option_says_how_to_write_it(option: str) -> None:
    with pytest.raises(ParameterError, match="cannot read"):
        parse_options([option])


def test_the_last_layer_wins() -> None:
    merged = merge_parameters({"a": {"x": 1, "y": 1}, "b": {"x": 1}}, {"a": {"x": 2}})
    assert merged == {"a": {"x": 2, "y": 1}, "b": {"x": 1}}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("[" * 5000, "nested deeper than 20"),
        ("[&a [1, 1], &b [*a, *a], *b]", "it has an alias"),
        ("1" * 5000, "more than 64 bits"),
        ("0x" + "f" * 5000, "more than 64 bits"),
        ("2026-13-45", "month must be in"),
        ("!!timestamp x", "does not fit its tag"),
        ("!" + "x" * 5000 + " 1", "could not determine a constructor"),
    ],
)
def test_yaml_that_takes_for_ever_is_refused_at_once(tmp_path, value, reason):
    place = tmp_path / "reports.yaml"
    place.write_text(f"parameters: {value}\n")
    with pytest.raises(InputError, match=reason):
        read_config(place)
    with pytest.raises(ParameterError, match=reason) as caught:
        parse_options([f"20_partition_skew:top_n={value}"])
    assert len(str(caught.value)) < 400

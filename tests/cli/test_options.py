"""The options of a command are those of its model: names, defaults, units."""

from __future__ import annotations

import inspect
import re

import click
import pytest
import typer

from kafka_analysis import analyses
from kafka_analysis.cli import app
from kafka_analysis.cli.options import help_of, options_of, pair_of, read_options
from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters import PARAMETERS, validate_parameters
from kafka_analysis.model.parameters.planning import (
    ClusterSplitParameters,
    JudgementParameters,
    MigrationWavesParameters,
    MskSizingParameters,
    RebalanceParameters,
)
from kafka_analysis.model.parameters.values import option

OF_ITS_OWN = {"capture", "out", "as_json"}  # what a command has besides the options of its model
COMMANDS = {
    "rebalance": (RebalanceParameters, analyses.rebalance),
    "split": (ClusterSplitParameters, analyses.cluster_split),
    "size": (MskSizingParameters, analyses.msk_sizing),
    "waves": (MigrationWavesParameters, analyses.migration_waves),
    "judge": (JudgementParameters, analyses.judgement),
}
each = pytest.mark.parametrize("name", COMMANDS)


def command(name: str) -> click.Command:
    return typer.main.get_command(app).commands["plan"].commands[name]


@each
def test_a_command_has_the_options_of_its_model_and_no_other(name):
    model, _ = COMMANDS[name]
    flags = {parameter.name for parameter in command(name).params} - OF_ITS_OWN
    assert flags == set(model.model_fields) - {"capture", "top_n"}


@each
def test_flags_are_the_names_and_what_the_model_adds(name):
    model, _ = COMMANDS[name]
    for parameter in command(name).params:
        if isinstance(parameter, click.Option) and parameter.name not in OF_ITS_OWN:
            field = model.model_fields[parameter.name]
            flags = [f"--{parameter.name.replace('_', '-')}", *field.json_schema_extra["flags"]]
            assert parameter.opts == flags
            assert parameter.help == help_of(field).replace("[", r"\[")


@each
def test_without_an_option_the_model_decides(name):
    """No default stands on the command line, so that none can differ from the notebook's."""
    for parameter in command(name).params:
        assert parameter.name in {"out", "as_json"} or parameter.default in (None, ()), parameter.name


@each
def test_the_default_in_the_help_is_the_one_of_the_model_as_it_would_be_given(name):
    model, _ = COMMANDS[name]
    needed = {field: "x" for field in ("capture", "reassignment") if field in model.model_fields}
    for parameter in command(name).params:
        field = model.model_fields.get(parameter.name)
        if field is None or parameter.name in needed:
            continue
        default = field.get_default(call_default_factory=True)
        shown = re.search(r"\\\[default: (.+)\]$", parameter.help)[1]
        if isinstance(default, bool):
            assert shown == ("yes" if default else "no"), parameter.name
        elif default in (None, [], {}):
            assert shown not in ("None", "[]", "{}"), parameter.name
        else:
            read = read_options(model, {parameter.name: [shown] if isinstance(default, list) else shown})
            parameters = validate_parameters(model.notebook, {**needed, **read}, model=model)
            assert getattr(parameters, parameter.name) == default, parameter.name


@pytest.mark.parametrize(
    ("default", "description", "shown"),
    [
        (None, "cluster name; None = all clusters", "Cluster name. [default: all clusters]"),
        (["a"], "levels; [] = none", "Levels. [default: a]"),
        (None, 'a rate, such as "5 MB/s"', 'A rate, such as "5 MB/s". [default: none]'),
        (True, "also these", "Also these. [default: yes]"),
        (0.25, "a share", "A share. [default: 0.25]"),
    ],
)
def test_a_description_becomes_the_help_of_a_shell(default, description, shown):
    assert help_of(option(default, description)) == shown


def test_examples_are_written_as_they_are_given():
    fields = RebalanceParameters.model_fields | ClusterSplitParameters.model_fields
    helps = {name: help_of(field) for name, field in fields.items()}
    assert "such as orders=3; may be repeated." in helps["replication_factor"]
    assert "such as 7; needs cluster." in helps["remove_brokers"]
    assert "such as orders,payments; may be repeated." in helps["together"]
    assert "such as tmp-*" in helps["topics_exclude"]


@each
def test_the_call_has_the_options_and_defaults_of_the_model(name):
    model, analysis = COMMANDS[name]
    signature = inspect.signature(analysis)
    assert list(signature.parameters) == list(model.model_fields)
    for field_name, field in model.model_fields.items():
        if field_name != "capture" and not field.is_required():
            default = field.get_default(call_default_factory=True)
            assert signature.parameters[field_name].default == default, field_name


@pytest.mark.parametrize(
    ("notebook", "given", "values"),
    [
        ("30_rebalance_plan", {"max_moved_bytes": "10MB"}, {"max_moved_bytes": 1e7}),
        ("30_rebalance_plan", {"throttle_bytes_per_s": "100MB/s"}, {"throttle_bytes_per_s": 1e8}),
        ("30_rebalance_plan", {"time_limit": "30s"}, {"time_limit": 30.0}),
        ("30_rebalance_plan", {"tolerance": "5%"}, {"tolerance": 0.05}),
        ("30_rebalance_plan", {"tolerance": "0.05"}, {"tolerance": 0.05}),
        (
            "30_rebalance_plan",
            {"remove_brokers": ["7,8", "9"], "cluster": "c"},
            {"remove_brokers": [7, 8, 9]},
        ),
        ("30_rebalance_plan", {"leaders_only": True}, {"leaders_only": True}),
        ("30_rebalance_plan", {"replication_factor": ["a=b=3"]}, {"replication_factor": {"a=b": 3}}),
        ("30_rebalance_plan", {"pinned": ["orders:3", "a,b:1"]}, {"pinned": ["orders:3", "a,b:1"]}),
        ("40_cluster_split", {"together": ["a,b", "c,d"]}, {"together": [["a", "b"], ["c", "d"]]}),
        ("40_cluster_split", {"curve": ["1,2", "5"]}, {"curve": [1, 2, 5]}),
        ("40_cluster_split", {"cells": "3"}, {"cells": 3}),
        ("40_cluster_split", {"max_client_share": "5%"}, {"max_client_share": 0.05}),
        ("40_cluster_split", {"max_size_bytes": "20 TB"}, {"max_size_bytes": 2e13}),
        ("40_cluster_split", {"cluster": "7"}, {"cluster": "7"}),
        ("45_msk_sizing", {"declared_retention_hours": "2d"}, {"declared_retention_hours": 48.0}),
        ("45_msk_sizing", {"growth": "1.5"}, {"growth": 1.5}),
        ("48_migration_waves", {"cutover_hours": ["22-4"]}, {"cutover_hours": [22.0, 4.0]}),
        ("48_migration_waves", {"cutover_hours": ["22,4"]}, {"cutover_hours": [22.0, 4.0]}),
        ("48_migration_waves", {"cutover_length_hours": "90m"}, {"cutover_length_hours": 1.5}),
        ("48_migration_waves", {"move_last": ["high", "critical"]}, {"move_last": ["high", "critical"]}),
        ("48_migration_waves", {"replication_bytes_per_s": "100MB/s"}, {"replication_bytes_per_s": 1e8}),
        ("48_migration_waves", {"first_copy": "2026-01-05"}, {}),
    ],
)
def test_words_become_what_the_model_takes(notebook, given, values):
    model = PARAMETERS[notebook]
    parameters = validate_parameters(notebook, {"capture": "c", **read_options(model, given)})
    assert {name: getattr(parameters, name) for name in values} == values


def test_options_that_are_not_given_are_left_to_the_model():
    assert read_options(RebalanceParameters, {"cluster": None, "leaders_only": None}) == {}


@pytest.mark.parametrize(
    ("notebook", "given"),
    [
        ("30_rebalance_plan", {"remove_brokers": ["x"], "cluster": "c"}),
        ("30_rebalance_plan", {"remove_brokers": ["1.5"], "cluster": "c"}),
        ("30_rebalance_plan", {"max_movements": "many"}),
        ("30_rebalance_plan", {"replication_factor": ["a=three"]}),
        ("40_cluster_split", {"cells": "2.5"}),
        ("40_cluster_split", {"curve": ["1,two"]}),
    ],
)
def test_words_that_are_no_value_are_refused(notebook, given):
    with pytest.raises(ParameterError, match=next(iter(given))):
        validate_parameters(notebook, {"capture": "c", **read_options(PARAMETERS[notebook], given)})


def test_what_a_notebook_alone_needs_can_be_left_out():
    named = [option.name for option in options_of(RebalanceParameters, leave_out=("top_n", "seed"))]
    assert set(RebalanceParameters.model_fields) - set(named) == {"capture", "top_n", "seed"}


@pytest.mark.parametrize("text", ["a", "=b", "a=", "="])
def test_a_pair_that_is_none_is_named(text):
    with pytest.raises(ParameterError, match=f"--pin {text!r}"):
        pair_of("--pin", text)

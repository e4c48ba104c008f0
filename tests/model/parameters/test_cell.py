from __future__ import annotations

import ast

import pytest

from kafka_analysis.model.parameters import MODELS
from kafka_analysis.model.parameters.cell import SAMPLE, parameters_cell


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.notebook)
def test_the_cell_is_flat_literals_that_make_the_defaults(model) -> None:
    source = parameters_cell(model)
    values = {}
    for line, statement in zip(source.splitlines(), ast.parse(source).body, strict=True):
        (name,) = statement.targets
        values[name.id] = ast.literal_eval(statement.value)
        described = model.model_fields[name.id].description.replace(" = ", ": ")
        if "=" not in described:  # an example with an equals sign is left out
            assert line.endswith(f"  # {described}")
        assert line.count("=") == 1, f"papermill cannot read {line!r}"
    assert values.pop("capture") == SAMPLE
    assert model(capture="c", **values) == model(capture="c")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.notebook)
def test_the_cell_has_every_option_but_files_in_place_of_a_capture(model) -> None:
    named = [line.split(" = ")[0] for line in parameters_cell(model).splitlines()]
    inputs = {
        name for name, field in model.model_fields.items() if (field.json_schema_extra or {}).get("is_input")
    }
    assert named == [name for name in model.model_fields if name not in inputs]
    of_the_others = {
        "start",
        "end",
        "topics_exclude",
        "include_internal",
    }  # 90 has them so that all can be given them
    files = {"assignment", "loads", "brokers", "topics", "partitions"}
    assert inputs <= (of_the_others if model.notebook == "90_executive_summary" else files)

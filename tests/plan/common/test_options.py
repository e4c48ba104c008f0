from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field, model_validator

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.common.options import Options


class Limits(Options):
    most: Annotated[int, Field(ge=1)] = 9
    shares: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self):
        if self.most == 7 and self.shares:
            raise InputError("most is 7 and shares are given; leave one of the two out")
        return self


class Outer(Options):
    limits: Limits
    start: float = 0.0


@pytest.mark.parametrize(
    ("model", "given", "named"),
    [
        (Limits, {"most": 0}, ["most", "1", "got 0"]),
        (Limits, {"most": "many"}, ["most", "integer", "got 'many'"]),
        (Limits, {"shares": {"a": "half"}}, ["shares", "number", "got 'half'"]),
        (Limits, {"moist": 1}, ["unknown option 'moist'", "did you mean 'most'", "shares"]),
        (Limits, {"most": 7, "shares": {"a": 1}}, ["most is 7"]),
        (Outer, {}, ["limits", "missing"]),
        (Outer, {"limits": {"most": -1}}, ["most", "got -1"]),
    ],
)
def test_a_mistake_is_one_line_with_the_option_its_value_and_what_is_allowed(model, given, named):
    with pytest.raises(InputError) as caught:
        model(**given)
    assert "\n" not in str(caught.value)
    assert [words for words in named if words not in str(caught.value)] == []


def test_a_long_value_is_cut():
    with pytest.raises(InputError) as caught:
        Limits(most="x" * 500)
    assert len(str(caught.value)) < 200


def test_options_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Limits().most = 3

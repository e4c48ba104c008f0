from __future__ import annotations

from typing import Any

import pytest

from kafka_analysis.model.errors import ParameterError
from kafka_analysis.model.parameters import validate_parameters
from kafka_analysis.model.parameters.cutover import CutoverReadinessParameters


def checked(**given: Any) -> CutoverReadinessParameters:
    return validate_parameters("60_cutover_readiness", {"capture": "c", **given})


def test_by_default_everything_is_asked_of_all_waves_before_producers_stop() -> None:
    found = checked()
    assert (found.stage, found.waive, found.wave, found.waves) == ("prepared", [], None, None)
    assert (found.may_lag, found.needs_way_back, found.most_read_twice) == (False, False, None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"stage": "over"}, "stage"),
        ({"waive": ["replica"]}, "waive"),
        ({"waive": ["clusters"]}, "waive"),
        ({"wave": 0}, "wave"),
        ({"most_read_twice": -1}, "most_read_twice"),
        ({"headroom": 1.5}, "headroom"),
        ({"move_s": "soon"}, "move_s"),
        ({"tied_topics": [["orders"]]}, "tied_topics takes lists of two topics or more"),
        ({"tied_topics": [["orders", "orders"]]}, "tied_topics"),
        ({"stag": "prepared"}, "stag"),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(given, message) -> None:
    with pytest.raises(ParameterError, match=message) as error:
        checked(**given)
    assert "\n" not in str(error.value)


def test_durations_are_read_as_words() -> None:
    found = checked(move_s="2h", certificate_s="90m", tied_topics=[["a", "b"]], most_read_twice=0)
    assert (found.move_s, found.certificate_s, found.most_read_twice) == (7200.0, 5400.0, 0)

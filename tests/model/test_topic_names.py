from __future__ import annotations

import pytest

from kafka_analysis.model.errors import InputError
from kafka_analysis.model.topic_names import check_topic_names


@pytest.mark.parametrize("pattern", ["order", "orders "])
def test_a_name_that_is_none_is_refused(pattern) -> None:
    with pytest.raises(InputError, match=repr(pattern)):
        check_topic_names([pattern], ["orders"])


@pytest.mark.parametrize("pattern", ["order?", "x*", "[o]rders", "orders"])
def test_a_pattern_may_match_nothing(pattern) -> None:
    assert check_topic_names([pattern], ["orders"]) is None
